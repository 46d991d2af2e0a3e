-- What a screen may hold of each entity. Every live view has the same columns, so that one query serves
-- the push, the snapshot and the resume: (id, version, state, agents, queue_id, campaign_id, teams).
-- agents, queue_id, campaign_id and teams say who may see it (core.permissions scopes); they are never sent.

create function iso(at timestamptz) returns text language sql stable parallel safe as
$$ select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

create function disposition_path(leaf uuid) returns text language sql stable as $$
    with recursive up as (
        select id, parent_id, name, 1 as depth from dispositions where id = leaf
        union all
        select d.id, d.parent_id, d.name, up.depth + 1
        from dispositions d join up on d.id = up.parent_id
    )
    select string_agg(name, ' › ' order by depth desc) from up
$$;

create function teams_of_queue(queue uuid) returns setof uuid language sql stable as $$
    select distinct u.team_id from queue_agents m join users u on u.id = m.user_id
    where m.queue_id = queue and u.team_id is not null
$$;

create view live_messages as
select m.id, m.case_id, m.conversation_id, m.rev, m.case_rev, m.direction, jsonb_build_object(
    'id', m.id, 'case_id', m.case_id, 'conversation_id', m.conversation_id, 'interaction_id', m.interaction_id,
    'rev', m.rev, 'case_rev', m.case_rev, 'direction', m.direction, 'kind', m.kind,
    'author_kind', m.author_kind, 'author_id', m.author_id, 'author_name', u.name,
    'body', case when m.deleted_at is null then m.body else '' end,
    'data', m.data, 'client_id', m.client_id, 'state', m.state, 'error', m.error,
    'at', iso(m.at), 'deleted', m.deleted_at is not null,
    'channel', coalesce(a.channel, ''),
    'attachments', coalesce((
        select jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name, 'media_type', t.media_type, 'size', t.size) order by t.id)
        from attachments t where t.message_id = m.id), '[]')
) as state
from messages m
left join users u on u.id = m.author_id and m.author_kind = 'agent'
left join channel_accounts a on a.id = m.account_id;

create view live_cases as
select c.id, c.version, jsonb_build_object(
    'id', c.id, 'number', c.number, 'topic', c.topic, 'state', c.state,
    'campaign', jsonb_build_object('id', k.id, 'name', k.name,
        'disposition_set_id', k.disposition_set_id, 'disposition_required', k.disposition_required),
    'queue', case when q.id is null then null else jsonb_build_object('id', q.id, 'name', q.name) end,
    'customer', jsonb_build_object('id', p.id, 'name', p.name, 'kind', p.kind, 'tier', p.tier),
    'owner', case when o.id is null then null else jsonb_build_object('id', o.id, 'name', o.name) end,
    'opened_at', iso(c.opened_at), 'resolved_at', iso(c.resolved_at), 'closed_at', iso(c.closed_at),
    'reopened_count', c.reopened_count,
    'disposition', case when c.disposition_id is null then null else jsonb_build_object(
        'id', c.disposition_id, 'path', disposition_path(c.disposition_id), 'note', c.disposition_note,
        'data', c.disposition_data, 'at', iso(c.disposed_at)) end,
    'interactions', coalesce((
        select jsonb_agg(jsonb_build_object(
            'id', i.id, 'channel', i.channel, 'state', i.state, 'outcome', i.outcome,
            'conversation_id', i.conversation_id, 'account_id', i.account_id, 'queue_id', i.queue_id,
            'started_at', iso(i.started_at), 'answered_at', iso(i.answered_at), 'ended_at', iso(i.ended_at),
            'ended_by', i.ended_by) order by i.started_at, i.id)
        from interactions i where i.case_id = c.id), '[]'),
    'assignments', coalesce((
        select jsonb_agg(jsonb_build_object(
            'id', s.id, 'work_id', s.work_item_id, 'agent_id', s.agent_id, 'agent_name', g.name, 'state', s.state,
            'started_at', iso(s.started_at), 'waiting_since', iso(s.waiting_since),
            'wrap_started_at', iso(s.wrap_started_at), 'wrap_until', iso(s.wrap_until)) order by s.id)
        from assignments s join users g on g.id = s.agent_id
        where s.case_id = c.id and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')), '[]'),
    'work', coalesce((
        select jsonb_agg(jsonb_build_object(
            -- an offer is the work's and the agent's own matter: the case waits all the same
            'id', w.id, 'state', case when w.state = 'offered' then 'queued' else w.state end,
            'queue_id', w.queue_id, 'interaction_id', w.interaction_id,
            'virtual_start', iso(w.virtual_start)) order by w.id)
        from work_items w where w.case_id = c.id and w.state in ('scheduled', 'queued', 'offered', 'assigned')), '[]'),
    'conversations', coalesce((
        select jsonb_agg(jsonb_build_object(
            'id', v.id, 'version', v.version, 'account_id', v.account_id, 'channel', a.channel, 'state', v.state,
            'live', v.interaction_id is not null and v.case_id = c.id,
            'last_in_at', iso(v.last_in_at), 'last_out_at', iso(v.last_out_at),
            'read_by_customer', v.read_by_customer, 'visitor', v.visitor,
            'unread', (select count(*) from messages m
                       where m.conversation_id = v.id and m.direction = 'in' and m.rev > v.read_by_agent)) order by v.id)
        from conversations v join channel_accounts a on a.id = v.account_id where v.case_id = c.id), '[]'),
    'last', (select jsonb_build_object('body', left(m.body, 140), 'kind', m.kind, 'direction', m.direction,
                'author_kind', m.author_kind, 'at', iso(m.at))
             from messages m where m.case_id = c.id and m.direction in ('in', 'out') and m.deleted_at is null
             order by m.at desc, m.id desc limit 1)
) as state,
array(select s.agent_id from assignments s
      where s.case_id = c.id and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
      union
      select c.owner_id where c.owner_id is not null and c.state = 'resolved' and c.disposition_id is null) as agents,
c.queue_id, c.campaign_id,
array(select distinct g.team_id from users g where g.team_id is not null and (g.id = c.owner_id or g.id in (
      select s.agent_id from assignments s where s.case_id = c.id
      and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')))
      union select teams_of_queue(c.queue_id) where c.owner_id is null
          or exists (select 1 from work_items w where w.case_id = c.id and w.state in ('queued', 'offered'))) as teams
from cases c
join campaigns k on k.id = c.campaign_id
join customers p on p.id = c.customer_id
left join queues q on q.id = c.queue_id
left join users o on o.id = c.owner_id;

create view live_agents as
select a.user_id as id, a.version, jsonb_build_object(
    'id', a.user_id, 'name', u.name, 'team_id', u.team_id, 'presence', a.presence, 'pause_code', a.pause_code,
    'pending', a.pending, 'pending_code', a.pending_code, 'since', iso(a.since),
    'slots', p.slots,
    'used', coalesce((
        select jsonb_object_agg(x.media, x.n) from (
            select w.media, count(distinct w.case_id) as n
            from assignments s join work_items w on w.id = s.work_item_id
            where s.agent_id = a.user_id and s.state in ('connecting', 'active', 'held', 'lost') and s.waiting_since is null
            group by w.media) x), '{}'),
    'active', (select count(*) from assignments s where s.agent_id = a.user_id and s.state in ('connecting', 'active', 'held')),
    'wrapping', (select count(*) from assignments s where s.agent_id = a.user_id and s.state = 'wrapping'),
    'lost', (select count(*) from assignments s where s.agent_id = a.user_id and s.state = 'lost'),
    'wrap_since', (select iso(min(s.wrap_started_at)) from assignments s where s.agent_id = a.user_id and s.state = 'wrapping'),
    'busy_since', (select iso(min(s.started_at)) from assignments s where s.agent_id = a.user_id and s.state in ('connecting', 'active', 'held')),
    'offer', (select jsonb_build_object(
            'id', f.id, 'work_id', w.id, 'case_id', w.case_id, 'case_number', c.number, 'media', w.media,
            'channel', i.channel, 'queue', q.name, 'queue_id', q.id, 'customer', cu.name, 'tier', cu.tier,
            'topic', c.topic, 'waiting_since', iso(w.virtual_start), 'offered_at', iso(f.offered_at),
            'expires_at', iso(f.expires_at), 'reject_needs_reason', q.reject_needs_reason, 'why', f.why,
            'preview', (select left(m.body, 140) from messages m where m.case_id = c.id and m.direction = 'in'
                        order by m.at desc, m.id desc limit 1))
        from offers f join work_items w on w.id = f.work_item_id join queues q on q.id = w.queue_id
        join cases c on c.id = w.case_id join customers cu on cu.id = w.customer_id
        left join interactions i on i.id = w.interaction_id
        where f.agent_id = a.user_id and f.state = 'pending')
) as state,
array[a.user_id] as agents,
null::uuid as queue_id, null::uuid as campaign_id,
case when u.team_id is null then '{}'::uuid[] else array[u.team_id] end as teams,
array(select m.queue_id from queue_agents m where m.user_id = a.user_id) as queues
from agents a join users u on u.id = a.user_id join routing_profiles p on p.id = a.routing_profile_id
where u.state = 'active';

create view live_work as
select w.id, w.version, jsonb_build_object(
    'id', w.id, 'case_id', w.case_id, 'case_number', c.number, 'media', w.media, 'state', w.state, 'step', w.step,
    'queue_id', w.queue_id, 'priority', w.priority, 'virtual_start', iso(w.virtual_start),
    'customer', p.name, 'tier', p.tier, 'topic', c.topic, 'channel', i.channel,
    'preferred_agent_id', w.preferred_agent_id,
    'agent_id', coalesce(
        (select f.agent_id from offers f where f.work_item_id = w.id and f.state = 'pending'),
        (select s.agent_id from assignments s where s.work_item_id = w.id
         and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping') limit 1))
) as state,
'{}'::uuid[] as agents, w.queue_id, c.campaign_id, array(select teams_of_queue(w.queue_id)) as teams
from work_items w join cases c on c.id = w.case_id join customers p on p.id = w.customer_id
left join interactions i on i.id = w.interaction_id
where w.state in ('queued', 'offered');

create view live_customers as
select p.id, p.version, jsonb_build_object(
    'id', p.id, 'kind', p.kind, 'name', p.name, 'document', p.document, 'tier', p.tier, 'language', p.language,
    'tz', p.tz, 'address', p.address, 'notes', p.notes, 'fields', p.fields, 'since', iso(p.created_at),
    'identities', coalesce((
        select jsonb_agg(jsonb_build_object('id', i.id, 'kind', i.kind, 'value', i.value, 'label', i.label,
            'verified', i.verified_at is not null, 'primary', i.is_primary) order by i.id)
        from identities i where i.customer_id = p.id and i.kind <> 'visitor'), '[]')
) as state,
array(select s.agent_id from assignments s join cases c on c.id = s.case_id where c.customer_id = p.id
      and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
      union
      select c.owner_id from cases c where c.customer_id = p.id and c.state = 'resolved'
      and c.disposition_id is null and c.owner_id is not null) as agents,
null::uuid as queue_id, null::uuid as campaign_id, '{}'::uuid[] as teams
from customers p;

create view live_queues as
select q.id, q.version, jsonb_build_object(
    'id', q.id, 'name', q.name, 'campaign_id', q.campaign_id, 'priority', q.priority, 'hours_id', q.hours_id,
    'sl_target_s', q.sl_target_s, 'sl_goal_pct', q.sl_goal_pct, 'wrapup_mode', q.wrapup_mode,
    'wrapup_s', q.wrapup_s, 'overflow_queue_id', q.overflow_queue_id, 'max_wait_s', q.max_wait_s
) as state,
array(select m.user_id from queue_agents m where m.queue_id = q.id) as agents,
q.id as queue_id, q.campaign_id, array(select teams_of_queue(q.id)) as teams
from queues q where q.archived_at is null;
