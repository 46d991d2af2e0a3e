-- routing.admin: queues, routing profiles, agents' profiles, setup, reference lists.

-- name: queue_list
select id, version, campaign_id, name, priority, boost_s, tier_boost, hours_id, offer_timeout_s, max_wait_s,
    max_len, overflow_queue_id, sl_target_s, sl_goal_pct, wrapup_mode, wrapup_s, reject_needs_reason,
    preferred_agent_s, steps, announce_s, max_estimate_s,
    array(select m.user_id from queue_agents m where m.queue_id = queues.id order by m.user_id) as agents
from queues where archived_at is null order by name

-- name: queue_get
select id, version, campaign_id, name, priority, boost_s, tier_boost, hours_id, offer_timeout_s, max_wait_s,
    max_len, overflow_queue_id, sl_target_s, sl_goal_pct, wrapup_mode, wrapup_s, reject_needs_reason,
    preferred_agent_s, steps, announce_s, max_estimate_s,
    array(select m.user_id from queue_agents m where m.queue_id = queues.id order by m.user_id) as agents
from queues where id = $1 and archived_at is null for update

-- name: queue_insert
insert into queues (campaign_id, name, priority, boost_s, tier_boost, hours_id, offer_timeout_s, max_wait_s,
    max_len, overflow_queue_id, sl_target_s, sl_goal_pct, wrapup_mode, wrapup_s, reject_needs_reason,
    preferred_agent_s, steps, announce_s, max_estimate_s)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
returning id, version

-- name: queue_update
update queues set campaign_id = $2, name = $3, priority = $4, boost_s = $5, tier_boost = $6, hours_id = $7,
    offer_timeout_s = $8, max_wait_s = $9, max_len = $10, overflow_queue_id = $11, sl_target_s = $12,
    sl_goal_pct = $13, wrapup_mode = $14, wrapup_s = $15, reject_needs_reason = $16,
    preferred_agent_s = $17, steps = $18, announce_s = $19, max_estimate_s = $20, version = version + 1
where id = $1
returning id, version

-- name: queue_archive
update queues set archived_at = $2, version = version + 1 where id = $1
returning id, version

-- name: queue_in_use
select 'accounts' as what, count(*) as n, min(name) as name from channel_accounts
where queue_id = $1 and active and archived_at is null
union all
select 'work', count(*), null from work_items
where queue_id = $1 and state in ('scheduled', 'queued', 'offered', 'assigned')
union all
select 'queues', count(*), min(name) from queues where overflow_queue_id = $1 and archived_at is null

-- name: queue_touch
update queues set version = version + 1 where id = $1 returning version

-- name: queue_overflows_to
with recursive next as (
    select id, overflow_queue_id from queues where id = $1
    union
    select q.id, q.overflow_queue_id from queues q join next n on q.id = n.overflow_queue_id
)
select exists (select 1 from next where id = $2)

-- Screens show the queue's name inside each live case: those cases reach a new version with it.
-- name: queue_touch_cases
with touched as (
    update cases set version = version + 1
    where queue_id = $1 and (state not in ('resolved', 'closed') or disposition_id is null)
    returning id, version
), logged as (
    insert into events (topic, entity, version, kind, cause)
    select 'case', id, version, 'case.queue_renamed', 'queue' from touched
)
select 'case' as topic, id, version, 'case.queue_renamed' as kind from touched

-- name: queue_agent_add
insert into queue_agents (queue_id, user_id) values ($1, $2) on conflict do nothing

-- name: queue_agent_remove
delete from queue_agents where queue_id = $1 and user_id = $2

-- name: queues_of_agent
select m.queue_id from queue_agents m join queues q on q.id = m.queue_id and q.archived_at is null
where m.user_id = $1 order by m.queue_id

-- name: queues_open
select id from queues where id = any($1::uuid[]) and archived_at is null

-- name: agents_known
select user_id as id from agents where user_id = any($1::uuid[])

-- name: routing_profile_list
select id, version, name, slots, messages_during_call from routing_profiles where archived_at is null order by name

-- name: routing_profile_get
select id, version, name, slots, messages_during_call from routing_profiles
where id = $1 and archived_at is null for update

-- name: routing_profile_insert
insert into routing_profiles (name, slots, messages_during_call) values ($1, $2, $3)
returning id, version, name, slots, messages_during_call

-- name: routing_profile_update
update routing_profiles set name = $2, slots = $3, messages_during_call = $4, version = version + 1
where id = $1 returning id, version, name, slots, messages_during_call

-- name: routing_profile_archive
update routing_profiles set archived_at = $2, version = version + 1 where id = $1
returning id, version, name, slots, messages_during_call

-- name: routing_profile_in_use
select 'people' as what, count(*) as n, min(u.name) as name
from agents a join users u on u.id = a.user_id where a.routing_profile_id = $1

-- name: routing_profile_open
select id from routing_profiles where id = $1 and archived_at is null

-- name: routing_profile_first
select id from routing_profiles where archived_at is null order by id limit 1

-- name: profile_touch_agents
with touched as (
    update agents set version = version + 1 where routing_profile_id = $1 returning user_id as id, version
), logged as (
    insert into events (topic, entity, version, kind, cause)
    select 'agent', id, version, 'agent.configured', 'profile' from touched
)
select 'agent' as topic, id, version, 'agent.configured' as kind from touched

-- name: agent_get
select user_id, routing_profile_id, presence, version,
    exists (select 1 from assignments s where s.agent_id = $1
            and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')) as busy
from agents where user_id = $1 for update

-- name: agent_insert
insert into agents (user_id, routing_profile_id, since, idle_since) values ($1, $2, $3, $3)

-- name: agent_profile
update agents set routing_profile_id = $2 where user_id = $1

-- name: agent_touch
update agents set version = version + 1 where user_id = $1 returning version

-- name: agent_delete
with queue as (delete from queue_agents where user_id = $1),
    skill as (delete from agent_skills where user_id = $1)
delete from agents where user_id = $1

-- name: agent_skills_clear
delete from agent_skills where user_id = $1

-- name: agent_skill_add
insert into agent_skills (user_id, skill_id, level) values ($1, $2, $3)

-- name: skills_open
select id from skills where id = any($1::uuid[]) and archived_at is null

-- name: role_by_code
select id from roles where code = $1

-- name: setup_people
select u.id, u.name, u.email, u.state from users u where u.state <> 'disabled' order by u.id

-- name: setup_team
select id from teams where archived_at is null order by id limit 1

-- name: setup_agents
select a.user_id as id from agents a join users u on u.id = a.user_id where u.state <> 'disabled' order by a.user_id

-- name: setup_first
select exists (select 1 from interactions where conversation_id is not null) as arrived,
    exists (select 1 from interactions where answered_at is not null) as attended

-- name: setup_organisation
select name, country, locale, public_url, setup, version,
    coalesce((select tz from sites where archived_at is null order by id limit 1), 'America/Lima') as tz
from organisation for update of organisation

-- name: setup_write
update organisation set setup = $1, version = version + 1

-- name: setup_company
update organisation set name = $1, country = $2, locale = $3, version = version + 1

-- name: setup_zone
with site as (update sites set tz = $1, version = version + 1
              where id = (select id from sites where archived_at is null order by id limit 1))
update hours set tz = $1, version = version + 1
where id = (select id from hours where archived_at is null order by id limit 1)

-- name: setup_hours_get
select id, name, tz, weekly from hours where archived_at is null order by id limit 1

-- name: setup_hours
update hours set weekly = $2, tz = $3, version = version + 1 where id = $1

-- name: setup_tree
select name from disposition_sets where id = $1

-- name: setup_queue
select id, name from queues where id = $1 and archived_at is null

-- name: setup_queue_rename
update queues set name = $2, version = version + 1 where id = $1 returning version

-- name: setup_account
select id, version, channel, name, public_key, config from channel_accounts where id = $1 and archived_at is null

-- name: queue_archived
select id, name, archived_at from queues where archived_at is not null order by archived_at desc, id

-- name: queue_restore
update queues set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *

-- name: queue_stands_on
select c.name from queues q join campaigns c on c.id = q.campaign_id where q.id = $1 and c.archived_at is not null
union all
select h.name from queues q join hours h on h.id = q.hours_id where q.id = $1 and h.archived_at is not null
union all
select o.name from queues q join queues o on o.id = q.overflow_queue_id where q.id = $1 and o.archived_at is not null
union all
select k.name from queues q, jsonb_array_elements(q.steps) as step, jsonb_array_elements(step -> 'skills') as pair
join skills k on k.id::text = pair ->> 0 where q.id = $1 and k.archived_at is not null

-- name: routing_profile_archived
select id, name, archived_at from routing_profiles where archived_at is not null order by archived_at desc, id

-- name: routing_profile_restore
update routing_profiles set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *
