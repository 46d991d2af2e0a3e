-- What the sockets read: live rows for the push, the snapshot and the resume.

-- name: live_case
select id, version, state, agents, queue_id, campaign_id, teams from live_cases where id = any($1::uuid[]);

-- name: live_agent
select id, version, state, agents, queue_id, campaign_id, teams from live_agents where id = any($1::uuid[]);

-- name: live_work
select id, version, state, agents, queue_id, campaign_id, teams from live_work where id = any($1::uuid[]);

-- name: live_customer
select id, version, state, agents, queue_id, campaign_id, teams from live_customers where id = any($1::uuid[]);

-- name: live_queue
select id, version, state, agents, queue_id, campaign_id, teams from live_queues where id = any($1::uuid[]);

-- name: messages_from
-- Messages of several cases touched from a version of each on.
select m.case_id, m.case_rev, m.state from live_messages m
join unnest($1::uuid[], $2::bigint[]) as x(case_id, since) on x.case_id = m.case_id and m.case_rev >= x.since
order by m.case_rev, m.id;

-- name: cases_in_view
-- One's own live cases; with $2 everybody's that are not over.
select c.id from cases c where c.id in (
    select s.case_id from assignments s where s.agent_id = $1 and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
    union all
    select o.id from cases o where o.owner_id = $1 and o.state = 'resolved' and o.disposition_id is null
    union all
    (select x.id from cases x where $2 and x.state not in ('resolved', 'closed') order by x.opened_at desc limit 2000)
);

-- name: agents_in_view
select user_id as id from agents a where a.user_id = $1 or $2;

-- name: work_in_view
select id from work_items where $1 and state in ('queued', 'offered') order by virtual_start limit 1000;

-- name: customers_in_view
select distinct c.customer_id as id from cases c where c.id = any($1::uuid[]);

-- name: queues_in_view
select id from queues where archived_at is null and ($2 or id in (select queue_id from queue_agents where user_id = $1));

-- name: log_head
select coalesce(max(id), 0) from events;

-- name: log_after
-- The safety net: what the log holds after an id, newest version of each entity.
select topic, entity as id, max(version) as version, min(version) as base, max(id) as last, 'log' as kind
from events where id > $1 and at > $2 group by topic, entity;

-- name: touch_sessions
update sessions set seen_at = $2 where id = any($1::uuid[]) and ended_at is null;

-- name: reference
select jsonb_build_object(
  'queues', coalesce((select jsonb_agg(jsonb_build_object('id', q.id, 'name', q.name, 'campaign_id', q.campaign_id, 'waiting', (
        select count(*) from work_items w where w.queue_id = q.id and w.state in ('queued', 'offered'))) order by q.name)
      from queues q where q.archived_at is null), '[]'),
  'agents', coalesce((select jsonb_agg(jsonb_build_object('id', a.user_id, 'name', u.name, 'presence', a.presence, 'team_id', u.team_id) order by u.name)
      from agents a join users u on u.id = a.user_id where u.state = 'active'), '[]'),
  'teams', coalesce((select jsonb_agg(jsonb_build_object('id', id, 'name', name) order by name) from teams where archived_at is null), '[]'),
  'pause_reasons', coalesce((select jsonb_agg(jsonb_build_object('code', code, 'name', name, 'productive', productive, 'builtin', builtin) order by position, name)
      from pause_reasons where archived_at is null), '[]'),
  'campaigns', coalesce((select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'disposition_set_id', disposition_set_id) order by name)
      from campaigns where archived_at is null), '[]'),
  'skills', coalesce((select jsonb_agg(jsonb_build_object('id', id, 'name', name) order by name) from skills where archived_at is null), '[]'),
  'disposition_sets', coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'nodes', coalesce((
        select jsonb_agg(jsonb_build_object('id', d.id, 'parent_id', d.parent_id, 'name', d.name, 'flags', d.flags, 'requires', d.requires,
            'used', (select count(*) from cases c where c.disposition_id = d.id and c.disposed_at > $1::timestamptz - interval '30 days')) order by d.position, d.id)
        from dispositions d where d.set_id = s.id and d.archived_at is null and not d.system), '[]')) order by s.name)
      from disposition_sets s where s.archived_at is null), '[]'),
  'quick_replies', coalesce((select jsonb_agg(jsonb_build_object('id', id, 'shortcut', shortcut, 'title', title, 'body', body) order by shortcut)
      from quick_replies where archived_at is null), '[]'),
  'channels', coalesce((select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'channel', channel) order by name)
      from channel_accounts where archived_at is null), '[]')
) as reference;

-- name: trial_places
select id, channel, name, public_key as key from channel_accounts where active and archived_at is null order by channel, name

-- name: trial_place
select id, channel, name, public_key as key from channel_accounts where id = $1 and active and archived_at is null
