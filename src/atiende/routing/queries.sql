-- Routing: the only writer of work items (after their birth), offers, assignments and presence.
-- Every statement that changes something raises the versions and logs the events itself, and returns
-- the changes as (topic, id, version, kind).

-- name: take_epoch
insert into router_epochs (domain, epoch, led_by, since) values ($1, 1, $2, $3)
on conflict (domain) do update set epoch = router_epochs.epoch + 1, led_by = $2, since = $3
returning epoch;

-- name: fence
select 1 as mine from router_epochs where domain = $1 and epoch = $2 for update;

-- name: asked_before
-- The arguments of a command about a case that this agent has asked with this very client id.
select c.args from commands c join work_items w on w.id = (c.args->>'work_id')::uuid
where c.client_id = $1 and c.agent_id = $2 and c.kind = $3 and w.case_id = $4;

-- name: waiting_commands
select id, agent_id, kind, args, client_id from commands where result is null order by id limit $1;

-- name: answer_commands
update commands c set result = x.result
from unnest($1::bigint[], $2::jsonb[]) as x(id, result) where c.id = x.id;

-- name: queues
select id, priority, boost_s, offer_timeout_s, max_wait_s, overflow_queue_id, wrapup_mode, wrapup_s, steps
from queues where archived_at is null and ($1::uuid is null or id = $1);

-- name: agents
select a.user_id as id, a.presence, a.pause_code, a.pending, a.pending_code, a.idle_since,
  p.slots, p.messages_during_call,
  array(select q.queue_id from queue_agents q join queues x on x.id = q.queue_id and x.archived_at is null
        where q.user_id = a.user_id order by q.queue_id) as queues,
  coalesce((select jsonb_object_agg(s.skill_id, s.level) from agent_skills s where s.user_id = a.user_id), '{}') as skills
from agents a join users u on u.id = a.user_id join routing_profiles p on p.id = a.routing_profile_id
where u.state = 'active' and ($1::uuid is null or a.user_id = $1);

-- name: agents_of_profile
select user_id as id from agents where routing_profile_id = $1;

-- name: work
select w.id, w.queue_id, w.case_id, w.media, w.priority, w.virtual_start, w.entered_at, w.due_at, w.expires_at, w.steps, w.step,
  w.preferred_agent_id, w.preferred_until, w.direct, w.state,
  o.agent_id as offered_to, o.expires_at as offer_expires_at,
  s.agent_id as assigned_to, i.state as interaction, s.state as assignment, s.wrap_until, s.waiting_since
from work_items w
left join interactions i on i.id = w.interaction_id
left join offers o on o.work_item_id = w.id and o.state = 'pending'
left join assignments s on s.work_item_id = w.id and s.role = 'primary' and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
where w.state in ('scheduled', 'queued', 'offered', 'assigned') and ($1::uuid[] is null or w.id = any($1))
order by w.id;

-- name: make_offer
with offer as (
    insert into offers (work_item_id, agent_id, why, offered_at, expires_at) values ($1, $2, $3, $4, $5)
), work as (
    update work_items set state = 'offered', version = version + 1 where id = $1 returning id, version, queue_id
), agent as (
    update agents set version = version + 1 where user_id = $2 returning user_id as id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.offered', 'router', jsonb_build_object('agent_id', $2::uuid, 'queue_id', queue_id) from work
    union all
    select 'agent', id, version, 'agent.offered', 'router', jsonb_build_object('work_id', $1::uuid) from agent
)
select 'work' as topic, id, version, 'work.offered' as kind from work
union all select 'agent', id, version, 'agent.offered' from agent;

-- name: close_offer
with offer as (
    update offers set state = $3, answered_at = $5, reason = $4 where work_item_id = $1 and agent_id = $2 and state = 'pending'
), agent as (
    update agents set version = version + 1 where user_id = $2 returning user_id as id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'agent', id, version, 'agent.offer_' || $3, 'router', jsonb_build_object('work_id', $1::uuid, 'reason', $4::text) from agent
)
select 'agent' as topic, id, version, 'agent.offer_' || $3 as kind from agent;

-- name: assign
with assignment as (
    insert into assignments (work_item_id, offer_id, agent_id, case_id, via, state, started_at)
    select w.id, (select o.id from offers o where o.work_item_id = w.id and o.agent_id = $2 and o.state = 'accepted' order by o.answered_at desc limit 1),
        $2, w.case_id, $3, case when w.media = 'voice' then 'connecting' else 'active' end, $4
    from work_items w where w.id = $1
), work as (
    update work_items set state = 'assigned', version = version + 1, preferred_agent_id = null, preferred_until = null, direct = false
    where id = $1 returning id, version, queue_id, virtual_start
), agent as (
    update agents set version = version + 1, idle_since = $4 where user_id = $2 returning user_id as id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.assigned', 'router',
        jsonb_build_object('agent_id', $2::uuid, 'queue_id', queue_id, 'via', $3::text, 'waited_s', extract(epoch from $4 - virtual_start)) from work
    union all
    select 'agent', id, version, 'agent.assigned', 'router', jsonb_build_object('work_id', $1::uuid) from agent
)
select 'work' as topic, id, version, 'work.assigned' as kind from work
union all select 'agent', id, version, 'agent.assigned' from agent;

-- name: sound
-- Whether a call in an agent's hands has sound: then it is active; without, it is still connecting, or lost.
with assignment as (
    update assignments s set state = case when $3 then 'active' else 'lost' end
    from work_items w where w.id = s.work_item_id and w.interaction_id = $1 and s.agent_id = $2 and s.role = 'primary'
      and s.state = any(case when $3 then array['connecting', 'lost'] else array['active'] end) returning s.agent_id
), agent as (
    update agents a set version = version + 1 from assignment s where a.user_id = s.agent_id returning a.user_id as id, a.version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'agent', id, version, 'agent.sound', 'call', jsonb_build_object('on', $3::boolean) from agent
)
select 'agent' as topic, id, version, 'agent.sound' as kind from agent;

-- name: requeue
with work as (
    update work_items set state = 'queued', queue_id = $2, version = version + 1,
      entered_at = case when $3 in ('due', 'resumed') then $4 else entered_at end,
      step = case when $3 in ('due', 'resumed') then 0 else step end
    where id = $1 returning id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.requeued', 'router', jsonb_build_object('queue_id', $2::uuid, 'reason', $3::text) from work
)
select 'work' as topic, id, version, 'work.requeued' as kind from work;

-- name: schedule
with work as (
    update work_items set state = 'scheduled', due_at = $2, version = version + 1 where id = $1 returning id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.scheduled', 'router', jsonb_build_object('reason', $3::text) from work
)
select 'work' as topic, id, version, 'work.scheduled' as kind from work;

-- name: move_queue
with old as (
    select id, queue_id from work_items where id = $1
), work as (
    update work_items w set queue_id = $2, entered_at = $3, step = 0, overflowed_from = case when $4 like '%overflow%' then old.queue_id else w.overflowed_from end,
      version = w.version + 1 from old where w.id = old.id returning w.id, w.version, old.queue_id as left_queue
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.moved', 'router', jsonb_build_object('queue_id', $2::uuid, 'from', left_queue, 'reason', $4::text) from work
)
select 'work' as topic, id, version, 'work.moved' as kind from work;

-- name: prefer
with work as (
    update work_items set preferred_agent_id = $2, preferred_until = $3, direct = $4, version = version + 1 where id = $1 returning id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.preferred', 'router', jsonb_build_object('agent_id', $2::uuid) from work
)
select 'work' as topic, id, version, 'work.preferred' as kind from work;

-- name: raise_step
with work as (
    update work_items set step = $2, version = version + 1 where id = $1 returning id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.relaxed', 'router', jsonb_build_object('step', $2::int) from work
)
select 'work' as topic, id, version, 'work.relaxed' as kind from work;

-- name: close_work
with work as (
    update work_items set state = $3, close_reason = $2, version = version + 1 where id = $1 returning id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.' || $3, 'router', jsonb_build_object('reason', $2::text) from work
)
select 'work' as topic, id, version, 'work.' || $3 as kind from work;

-- name: set_presence
with agent as (
    update agents set presence = $2, pause_code = $3, pending = $4, pending_code = $5,
      since = case when presence <> $2 or pause_code is distinct from $3 then $6 else since end,
      idle_since = case when presence <> $2 and $2 = 'available' then $6 else idle_since end,
      version = version + 1
    where user_id = $1 returning user_id as id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'agent', id, version, 'agent.presence', 'router', jsonb_build_object('presence', $2::text, 'code', $3::text) from agent
)
select 'agent' as topic, id, version, 'agent.presence' as kind from agent;

-- name: start_wrap
with assignment as (
    update assignments set state = 'wrapping', wrap_started_at = coalesce(wrap_started_at, $4), wrap_until = $3
    where work_item_id = $1 and agent_id = $2 and state in ('connecting', 'active', 'held', 'lost', 'wrapping')
), agent as (
    update agents set version = version + 1 where user_id = $2 returning user_id as id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'agent', id, version, 'agent.wrapping', 'router', jsonb_build_object('work_id', $1::uuid) from agent
)
select 'agent' as topic, id, version, 'agent.wrapping' as kind from agent;

-- name: finish_assignment
with assignment as (
    update assignments set state = 'done', done_at = $4, exit_reason = $3
    where work_item_id = $1 and agent_id = $2 and state in ('connecting', 'active', 'held', 'lost', 'wrapping')
), agent as (
    update agents set version = version + 1, idle_since = $4 where user_id = $2 returning user_id as id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'agent', id, version, 'agent.finished', 'router', jsonb_build_object('work_id', $1::uuid, 'reason', $3::text) from agent
)
select 'agent' as topic, id, version, 'agent.finished' as kind from agent;

-- name: set_waiting
with assignment as (
    update assignments set waiting_since = $2 where work_item_id = $1 and state in ('active', 'held') returning agent_id
), agent as (
    update agents a set version = version + 1 from assignment s where a.user_id = s.agent_id returning a.user_id as id, a.version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'agent', id, version, 'agent.slots', 'router', jsonb_build_object('work_id', $1::uuid) from agent
)
select 'agent' as topic, id, version, 'agent.slots' as kind from agent;

-- name: answered_long_ago
select w.id, max(v.last_out_at) as since
from assignments s join work_items w on w.id = s.work_item_id join interactions i on i.id = w.interaction_id
join conversations v on v.id = i.conversation_id
where s.state in ('active', 'held') and s.waiting_since is null and v.last_out_at > coalesce(v.last_in_at, '-infinity')
  and v.last_out_at < $1 group by w.id;

-- name: reports
select at, heard from web_reports where at > $1;

-- name: report
insert into web_reports (process, at, heard) values ($1, $2, $3)
on conflict (process) do update set at = $2, heard = $3;

-- name: forget_reports
delete from web_reports where at < $1;

-- name: work_place
select l.id, l.version, l.agents, l.queue_id, l.campaign_id, l.teams from work_items w join live_cases l on l.id = w.case_id where w.id = $1;

-- name: held_work
select w.id, w.queue_id from work_items w join assignments s on s.work_item_id = w.id
where w.case_id = $1 and s.agent_id = $2 and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping') order by w.id;

-- name: live_work
select w.id, s.agent_id from work_items w
left join assignments s on s.work_item_id = w.id and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
where w.case_id = $1 and w.state in ('queued', 'offered', 'assigned') order by w.id;

-- name: agent_place
select id, version, agents, queue_id, campaign_id, teams from live_agents where id = $1;

-- name: waiting_work
select state, agents, queue_id, campaign_id, teams from live_work where ($1::uuid is null or queue_id = $1)
order by state->>'virtual_start', id limit 500;

-- name: queue_counters
-- Counters of every queue now and today; the day is that of the company's first site. An agent in
-- service (available, no pause asked for) is free while one conversation more fits, else busy.
with room as (
    select a.user_id, count(distinct s.case_id) < (p.slots->>'messages')::int as has_room
    from agents a join routing_profiles p on p.id = a.routing_profile_id
    left join assignments s on s.agent_id = a.user_id and s.state in ('connecting', 'active', 'held', 'lost') and s.waiting_since is null
    where a.presence = 'available' and a.pending is null group by a.user_id, p.slots
), place as (
    select coalesce((select tz from sites where archived_at is null order by created_at, id limit 1), 'UTC') as tz
), today as (
    select date_trunc('day', $1::timestamptz at time zone tz) at time zone tz as start from place
)
select q.id, q.name, q.sl_goal_pct, q.sl_target_s, q.campaign_id, q.id as queue_id, '{}'::uuid[] as agents, array(select teams_of_queue(q.id)) as teams,
  coalesce(w.waiting, 0) as waiting, iso(w.oldest) as oldest, coalesce(w.attending, 0) as attending,
  coalesce(p.available, 0) as available, coalesce(p.busy, 0) as busy,
  coalesce(t.offered, 0) as offered_today, coalesce(t.answered, 0) as answered_today,
  coalesce(t.abandoned, 0) as abandoned_today, coalesce(t.in_target, 0) as in_target, coalesce(t.late_abandons, 0) as late_abandons,
  coalesce(t.wait_s, 0) as wait_s
from queues q
left join (
    select queue_id, count(*) filter (where state in ('queued', 'offered')) as waiting,
      min(virtual_start) filter (where state in ('queued', 'offered')) as oldest, count(*) filter (where state = 'assigned') as attending
    from work_items where state in ('queued', 'offered', 'assigned') group by queue_id) w on w.queue_id = q.id
left join (
    select m.queue_id, count(*) filter (where r.has_room) as available, count(*) filter (where not r.has_room) as busy
    from queue_agents m join room r on r.user_id = m.user_id group by m.queue_id) p on p.queue_id = q.id
left join (
    select i.queue_id, count(*) filter (where i.outcome is distinct from 'short_abandon') as offered,
      count(*) filter (where i.answered_at is not null) as answered,
      count(*) filter (where i.outcome = 'abandoned_queue') as abandoned,
      count(*) filter (where i.answered_at <= i.started_at + make_interval(secs => x.sl_target_s)) as in_target,
      count(*) filter (where i.outcome = 'abandoned_queue' and i.ended_at > i.started_at + make_interval(secs => x.sl_target_s)) as late_abandons,
      sum(extract(epoch from i.answered_at - i.started_at)) filter (where i.answered_at is not null) as wait_s
    from interactions i join queues x on x.id = i.queue_id
    where i.direction = 'in' and i.started_at >= (select start from today) group by i.queue_id) t on t.queue_id = q.id
where q.archived_at is null order by q.name;
