-- Calls: what each is at, its legs, the phones and carriers that Asterisk is told of, and what is asked.

-- name: number
-- The number called, in the forms that it may come in, with the queue it leads to and its hours.
select a.id, a.public_key, a.config, a.queue_id, a.channel, q.campaign_id, coalesce(h.tz, 'UTC') as tz, h.weekly, h.exceptions
from channel_accounts a join queues q on q.id = a.queue_id
left join hours h on h.id = coalesce(a.hours_id, q.hours_id)
where a.channel = $1 and a.public_key = any($2::text[]) and a.active and a.archived_at is null limit 1;

-- name: company
select country, locale from organisation;

-- name: conversation_lives
select 1 as lives from conversations where account_id = $1 and identity_id = $2 and thread_key = '' and interaction_id is not null;

-- name: interaction_of_conversation
select interaction_id from conversations where id = $1;

-- name: known_call
select interaction_id, ended_at is not null as ended from calls where channel_id = $1;

-- name: limited_trunk
-- A carrier's line with a limit: its calls are counted one after another.
select max_calls from trunks where id = $1 and max_calls is not null for no key update;

-- name: trunk_full
select 1 as full from trunks t where t.id = $1 and t.max_calls <= (
    select count(*) from calls k where k.trunk_id = t.id and k.ended_at is null);

-- name: open_call
insert into calls (interaction_id, channel_id, from_number, to_number, trunk_id, state, since, machine, answered_at, queued_at)
values ($1, $2, $3, $4, (select id from trunks where id = $5), 'arriving', $6, $7, $6, $8);

-- name: keep_call
-- The machine's state, and what a screen shows of it: then the case has a new version.
with old as (
    select interaction_id, state, agent_id, muted, since, machine->'signal' as signal from calls where interaction_id = $1
), call as (
    update calls k set machine = $2, state = $3, agent_id = $4, muted = $5, bridge_id = $1::text,
      since = case when k.state <> $3 then $6 else k.since end,
      hold_s = k.hold_s + case when k.state = 'held' and $3 <> 'held' then extract(epoch from $6 - k.since)::int else 0 end,
      connected_at = case when $3 = 'connected' then coalesce(k.connected_at, $6) else k.connected_at end,
      ended_at = case when $3 = 'ended' then coalesce(k.ended_at, $6) end,
      result = nullif($2::jsonb->>'result', ''),
      cause = coalesce(k.cause, $7, (select i.ended_by from interactions i where i.id = $1 and $3 = 'ended'))
    where k.interaction_id = $1 returning k.interaction_id
), gestion as (
    update cases c set version = c.version + 1 from interactions i, old, call
    where i.id = call.interaction_id and c.id = i.case_id and i.state <> 'ended'
      and (old.state <> $3 or old.agent_id is distinct from $4 or old.muted <> $5
        or old.signal is distinct from $2::jsonb->'signal') returning c.id, c.version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'case', id, version, 'case.call', 'call', jsonb_build_object('state', $3::text, 'interaction_id', $1::uuid) from gestion
)
select 'case' as topic, id, version, 'case.call' as kind from gestion;

-- name: open_call_out
insert into calls (interaction_id, channel_id, direction, from_number, to_number, trunk_id, state, since, machine, answered_at, agent_id)
values ($1, $2, 'out', $3, $4, $5, 'arriving', $6, $7, $6, $8);

-- name: begun_calls
-- Calls out that no loop has yet.
select interaction_id, machine, answered_at from calls where direction = 'out' and ended_at is null and state = 'arriving';

-- name: calling_from
-- The number that an agent ($4) calls from, in the matter of a queue ($2) and its campaign ($3): of
-- those that have a carrier's line, the nearest.
select a.id, a.public_key as number, a.queue_id, t.id as trunk_id, t.caller_id, t.max_calls, t.max_minute, t.max_day
from channel_accounts a join queues q on q.id = a.queue_id
left join lateral (
    select * from trunks t where t.active and t.archived_at is null
      and coalesce(nullif(a.config->>'trunk_id', ''), t.id::text) = t.id::text
    order by t.created_at, t.id limit 1) t on true
where a.channel = $1 and a.active and a.archived_at is null
order by t.id is null, a.queue_id is not distinct from $2 desc, q.campaign_id is not distinct from $3 desc,
  exists (select 1 from queue_agents m where m.queue_id = a.queue_id and m.user_id = $4) desc, a.created_at, a.id limit 1;

-- name: lock_trunk
-- Whoever decides next over this line counts this call too.
select id from trunks where id = $1 for update;

-- name: calling_rules
-- Whom this agent may call: of his site, of the company; and what day it is where he works.
select o.country, o.locale, coalesce(nullif(s.call_prefixes, '{}'), o.call_prefixes) as allowed, o.call_blocked as blocked,
  o.calls_minute, o.calls_day,
  date_trunc('day', $2::timestamptz at time zone z.tz) at time zone z.tz as day
from organisation o
left join users u on u.id = $1 left join sites s on s.id = u.site_id
cross join lateral (select coalesce(s.tz, (select tz from sites where archived_at is null order by created_at, id limit 1), 'UTC') as tz) z;

-- name: calling_counts
-- Calls of an agent ($1) and over a line ($2): now, since a minute ($3), today ($4).
select
  (select count(*) from assignments s join work_items w on w.id = s.work_item_id
   where s.agent_id = $1 and w.media = 'voice' and s.state in ('connecting', 'active', 'held', 'lost')) as agent_now,
  (select count(*) from call_decisions d where d.agent_id = $1 and d.allowed and d.at > $3) as agent_minute,
  (select count(*) from call_decisions d where d.agent_id = $1 and d.allowed and d.at >= $4) as agent_day,
  (select count(*) from calls k where k.trunk_id = $2 and k.ended_at is null) as trunk_now,
  (select count(*) from call_decisions d where d.trunk_id = $2 and d.allowed and d.at > $3) as trunk_minute,
  (select count(*) from call_decisions d where d.trunk_id = $2 and d.allowed and d.at >= $4) as trunk_day;

-- name: keep_decision
insert into call_decisions (client_id, agent_id, at, number, purpose, account_id, trunk_id, allowed, reasons, alarms, counts, case_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id;

-- name: decided_before
select d.agent_id, d.number, d.allowed, d.reasons, d.interaction_id, i.case_id from call_decisions d
left join interactions i on i.id = d.interaction_id where d.client_id = $1;

-- name: decision_begun
update call_decisions set interaction_id = $2 where id = $1;

-- name: alarm_told
-- Whether somebody has been told of this lately.
select 1 as told from call_decisions where at > $3 and $2 = any(alarms)
  and (agent_id = $1 or $2 like 'trunk%') limit 1;

-- name: has_phone
select 1 as has from phones where agent_id = $1 and pushed_at is not null;

-- name: case_called
-- A case that somebody is to be called in, with its last caller and the customer's own number.
select c.id, c.customer_id, c.queue_id, c.campaign_id, c.state,
  (select case k.direction when 'in' then k.from_number else k.to_number end
   from calls k join interactions i on i.id = k.interaction_id
   where i.case_id = c.id and (k.direction = 'out' or k.from_number <> '') order by k.answered_at desc limit 1) as last_number,
  (select i.value from identities i where i.customer_id = c.customer_id and i.kind = 'phone'
   order by i.is_primary desc, i.id limit 1) as own_number
from cases c where c.id = $1;

-- name: owner_of_number
select i.customer_id from identities i where i.kind = 'phone' and i.scope = '' and i.value = $1;

-- name: serves_queue
select 1 as serves from queue_agents where queue_id = $1 and user_id = $2;

-- name: ended_call
-- What the end of a call is told by: how long they talked, and whether anybody did.
select k.connected_at, k.created_at, k.answered_at, k.direction, i.answered_at as attended_at, i.started_at
from calls k join interactions i on i.id = k.interaction_id where k.interaction_id = $1;

-- name: live_calls
select k.interaction_id, k.machine, k.answered_at from calls k where k.ended_at is null order by k.answered_at;

-- name: open_leg
insert into call_legs (interaction_id, role, agent_id, channel_id, state, dialed_at) values ($1, $2, $3, $4, $5, $6)
on conflict (channel_id) do nothing;

-- name: move_leg
update call_legs set state = $2,
  ringing_at = case when $2 = 'ringing' then coalesce(ringing_at, $3) else ringing_at end,
  answered_at = case when $2 = 'answered' then coalesce(answered_at, $3) else answered_at end,
  ended_at = case when $2 = 'ended' then coalesce(ended_at, $3) else ended_at end,
  cause = coalesce($4, cause), sip_code = coalesce($5, sip_code)
where channel_id = $1 and state <> 'ended';

-- name: end_legs
-- With the call, every leg of it: their own ends may be told when nobody listens any more.
update call_legs set state = 'ended', ended_at = $2 where interaction_id = $1 and state <> 'ended';

-- name: wanted
-- Who has each live call by the router's rows: an offer, or an assignment that is no wrap-up.
select k.interaction_id, i.state as interaction, coalesce(o.agent_id, s.agent_id) as agent_id, s.agent_id is not null as assigned,
  coalesce(p.endpoint, '') as endpoint, p.kind is distinct from 'browser' or p.socket_at > $1 as signal, q.offer_timeout_s,
  i.outcome, a.config
from calls k join interactions i on i.id = k.interaction_id
left join channel_accounts a on a.id = i.account_id
left join work_items w on w.interaction_id = i.id and w.state in ('queued', 'offered', 'assigned')
left join queues q on q.id = w.queue_id
left join offers o on o.work_item_id = w.id and o.state = 'pending'
left join assignments s on s.work_item_id = w.id and s.role = 'primary' and s.state in ('connecting', 'active', 'held', 'lost')
left join phones p on p.agent_id = coalesce(o.agent_id, s.agent_id)
where k.ended_at is null;

-- name: work_of_call
select id from work_items where interaction_id = $1 and state in ('scheduled', 'queued', 'offered', 'assigned');

-- name: mint_phone
insert into phones (agent_id, session_id, endpoint, sealed, minted_at, expires_at) values ($1, $2, $3, $4, $5, $6)
on conflict (agent_id) do update
  set session_id = $2, endpoint = $3, sealed = $4, kind = excluded.kind, minted_at = $5, expires_at = $6, pushed_at = null;

-- name: phones
select agent_id, endpoint, sealed, kind from phones where ($1 or pushed_at is null) order by minted_at;

-- name: phone_heard
-- The sockets of these agents' phones live.
update phones set socket_at = $2 where agent_id = any($1::uuid[]);

-- name: phone_unheard
-- The socket of an agent's phone is gone.
update phones set socket_at = null where agent_id = $1;

-- name: is_pushed
select pushed_at is not null as pushed from phones where endpoint = $1;

-- name: phone_pushed
update phones set pushed_at = $2 where endpoint = $1;

-- name: endpoints
select endpoint from phones;

-- name: drop_phones
-- A phone goes with the session that minted it.
delete from phones p where p.expires_at < $1 or exists (
    select 1 from sessions s where s.id = p.session_id and (s.ended_at is not null or s.expires_at < $1))
returning endpoint;

-- name: trunks
select id, host, port, transport, username, register, version from trunks where active and archived_at is null order by id;

-- name: call_of
select k.interaction_id, k.agent_id, k.state, k.ended_at from calls k where k.interaction_id = $1;

-- name: ask_call
insert into call_commands (interaction_id, agent_id, kind, client_id, at) values ($1, $2, $3, $4, $5)
on conflict (client_id) do nothing returning id;

-- name: asked_call
select id, interaction_id, agent_id, kind, result from call_commands where client_id = $1;

-- name: waiting_asks
select id, interaction_id, agent_id, kind from call_commands where result is null order by id limit 200;

-- name: answer_ask
update call_commands set result = $2 where id = $1;

-- name: ask_result
select result from call_commands where id = $1;

-- name: trunk_list
select id, version, name, host, port, transport, username, register, max_calls, caller_id, active, max_minute, max_day, state, state_since,
    exists (select 1 from secrets s where s.name = 'trunk/' || trunks.id) as has_password
from trunks where archived_at is null order by name

-- name: trunk_get
select id, version, name, host, port, transport, username, register, max_calls, caller_id, active, max_minute, max_day, state, state_since,
    exists (select 1 from secrets s where s.name = 'trunk/' || trunks.id) as has_password
from trunks where id = $1 and archived_at is null for update

-- name: trunk_insert
insert into trunks (name, host, port, transport, username, register, max_calls, caller_id, active, max_minute, max_day)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
returning id, version, name, host, port, transport, username, register, max_calls, caller_id, active, max_minute, max_day, state, state_since,
    false as has_password

-- name: trunk_update
-- What was seen of the line as it was says nothing of the line as it is now.
update trunks set name = $2, host = $3, port = $4, transport = $5, username = $6, register = $7, max_calls = $8,
    caller_id = $9, active = $10, max_minute = $11, max_day = $12, version = version + 1, state = 'unknown', state_since = null
where id = $1
returning id, version, name, host, port, transport, username, register, max_calls, caller_id, active, max_minute, max_day, state, state_since,
    exists (select 1 from secrets s where s.name = 'trunk/' || trunks.id) as has_password

-- name: trunk_archive
update trunks set archived_at = $2, active = false, state = 'unknown', state_since = null, version = version + 1
where id = $1
returning id, version, name, host, port, transport, username, register, max_calls, caller_id, active, max_minute, max_day

-- name: trunk_archived
select id, name, archived_at from trunks where archived_at is not null order by archived_at desc, id

-- name: trunk_restore
update trunks set archived_at = null, version = version + 1 where id = $1 and archived_at is not null returning *

-- name: trunk_in_use
select 'numbers' as what, count(*) as n, min(name) as name from channel_accounts
where config ->> 'trunk_id' = $1::uuid::text and archived_at is null

-- name: trunk_seen
-- Only what changed is written; since when it is so is kept.
update trunks set state = $3, state_since = $4 where id = $1 and version = $2 and state <> $3 returning id
