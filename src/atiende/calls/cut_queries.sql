-- Calls that the platform cut.

-- name: cut_calls
-- Calls that our own failure ended in the last days, the newest first; not those who were heard again since,
-- whoever called whom.
select l.id, l.version, l.agents, l.queue_id, l.campaign_id, l.teams, jsonb_build_object(
    'interaction_id', k.interaction_id, 'case_id', l.id, 'case_number', l.state->'number', 'customer', l.state->'customer'->'name',
    'queue', l.state->'queue'->'name', 'number', case k.direction when 'in' then k.from_number else k.to_number end,
    'ended_at', iso(k.ended_at), 'agent', g.name, 'was_attended', k.connected_at is not null) as cut
from calls k join interactions i on i.id = k.interaction_id join live_cases l on l.id = i.case_id
left join users g on g.id = k.agent_id
where k.cause = 'platform' and k.ended_at > $1
  and not exists (select 1 from calls x where x.created_at > k.ended_at and x.connected_at is not null
      and case x.direction when 'in' then x.from_number else x.to_number end = case k.direction when 'in' then k.from_number else k.to_number end
      and case k.direction when 'in' then k.from_number else k.to_number end <> '')
order by k.ended_at desc, k.interaction_id limit 200;
