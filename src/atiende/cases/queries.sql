-- Cases (gestiones), their interactions, conversations, messages, attachments and drafts.
-- Lock order: customer, case, conversation, work item, agent.

-- name: account
select a.id, a.channel, a.name, a.public_key, a.config, a.queue_id, a.hours_id, a.active and a.archived_at is null as active,
  q.campaign_id, coalesce(h.tz, 'UTC') as tz, h.weekly, h.exceptions
from channel_accounts a join queues q on q.id = a.queue_id
left join hours h on h.id = coalesce(a.hours_id, q.hours_id)
where a.public_key = $1;

-- name: account_by_id
select a.id, a.channel, a.name, a.public_key, a.config, a.queue_id, a.hours_id, a.active and a.archived_at is null as active,
  q.campaign_id, coalesce(h.tz, 'UTC') as tz, h.weekly, h.exceptions
from channel_accounts a join queues q on q.id = a.queue_id
left join hours h on h.id = coalesce(a.hours_id, q.hours_id)
where a.id = $1;

-- name: open_conversation
insert into conversations (account_id, identity_id, customer_id, visitor, thread_key)
values ($1, $2, $3, $4, $5)
on conflict (account_id, identity_id, thread_key) do update set visitor = conversations.visitor || excluded.visitor
returning id, version;

-- name: conversation_of_token
select v.id, v.account_id, v.customer_id, v.case_id, v.state, v.version, v.visitor
from identities i join conversations v on v.identity_id = i.id
where i.kind = 'visitor' and i.value = $1;

-- name: receive_message
-- A customer's message into a live interaction, its events, and the wake-up of parked work, in one
-- statement. No row: the message is known already, or no interaction is live. 23505: run it again.
with target as (
    select v.id, v.case_id, v.interaction_id, v.account_id from conversations v
    where v.id = $1 and v.interaction_id is not null and v.state <> 'blocked'
      and not exists (select 1 from messages m where m.account_id = v.account_id and m.external_id = $1::text || ':' || $2)
), gestion as (
    update cases c set version = c.version + 1,
      state = case when c.state in ('waiting_customer', 'waiting_internal') then 'open' else c.state end,
      topic = case when c.topic <> '' then c.topic when length($3) > 80 then regexp_replace(left($3, 80), '\s+\S*$', '') || '…' else $3 end
    from target where c.id = target.case_id returning c.id, c.version
), conv as (
    update conversations v set version = v.version + 1, last_in_at = $4
    from gestion where v.id = $1 and v.case_id = gestion.id returning v.id, v.version
), message as (
    insert into messages (conversation_id, case_id, interaction_id, account_id, rev, case_rev, direction,
        author_kind, kind, body, client_id, external_id, state, at)
    select target.id, target.case_id, target.interaction_id, target.account_id, conv.version, gestion.version, 'in',
        'customer', case when cardinality($5::uuid[]) > 0 then 'file' else 'text' end, $3, $2, $1::text || ':' || $2, 'received', $4
    from target, gestion, conv
    returning id, rev, case_rev, case_id
), files as (
    update attachments a set message_id = message.id from message
    where a.id = any($5::uuid[]) and a.message_id is null and a.owner = 'visitor:' || $1::text
), resumed as (
    insert into commands (kind, args, at)
    select 'resumed', jsonb_build_object('work_id', s.work_item_id), $4
    from assignments s, target
    where s.case_id = target.case_id and s.waiting_since is not null and s.state in ('active', 'held')
    returning 1
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'conversation', $1, message.rev, 'message.received', 'customer', jsonb_build_object('message_id', message.id) from message
    union all
    select 'case', message.case_id, message.case_rev, 'case.message_received', 'customer', jsonb_build_object('message_id', message.id) from message
)
select message.id, message.rev, message.case_rev, message.case_id, exists (select 1 from resumed) as resumed from message;

-- name: own_files
-- Those of these files that this owner may send in this conversation (or has, with this same message).
select count(*) from attachments a left join messages m on m.id = a.message_id
where a.id = any($1::uuid[]) and a.owner = $2 and a.conversation_id = $3 and (a.message_id is null or m.client_id = $4);

-- name: known_message
select m.id, m.rev, iso(m.at) as at from messages m join conversations v on v.account_id = m.account_id
where v.id = $1 and m.external_id = $1::text || ':' || $2;

-- name: lock_episode
-- Everything that opening an episode needs, the customer locked first.
select v.id, v.interaction_id, v.identity_id, v.visitor, v.account_id, a.channel, a.queue_id, p.id as customer_id, p.tier,
  q.campaign_id, q.tier_boost, q.preferred_agent_s, q.max_len, q.overflow_queue_id, k.reopen_h
from conversations v
join customers p on p.id = v.customer_id
join channel_accounts a on a.id = v.account_id
join queues q on q.id = a.queue_id join campaigns k on k.id = q.campaign_id
where v.id = $1 for update of p, v;

-- name: recent_cases
select id, state, campaign_id, opened_at, resolved_at, owner_id from cases
where customer_id = $1 and campaign_id = $2 order by opened_at desc limit 20;

-- name: last_agent
select c.owner_id from cases c join agents a on a.user_id = c.owner_id
where c.customer_id = $1 and c.owner_id is not null and c.opened_at > $2::timestamptz - interval '30 days'
order by c.opened_at desc limit 1;

-- name: queue_length
select count(*) from work_items where queue_id = $1 and state in ('queued', 'offered');

-- name: create_case
insert into cases (customer_id, campaign_id, queue_id, topic, opened_at) values ($1, $2, $3, $4, $5) returning id, number, version;

-- name: reopen_case
update cases set version = version + 1, state = 'open', reopened_count = reopened_count + 1, resolved_at = null, queue_id = $2
where id = $1 returning version;

-- name: bump_case
update cases set version = version + 1 where id = $1 returning version;

-- name: create_interaction
insert into interactions (case_id, conversation_id, channel, account_id, identity_id, queue_id, direction, initiation, state, started_at)
values ($1, $2, $3, $4, $5, $6, 'in', 'inbound', 'waiting', $7) returning id;

-- name: begin_interaction
-- A contact that an agent begins: who is called has not answered yet.
insert into interactions (case_id, conversation_id, channel, account_id, identity_id, queue_id, direction, initiation, state, started_at)
values ($1, $2, $3, $4, $5, $6, 'out', 'outbound', 'created', $7) returning id;

-- name: begin_work
-- Nobody but the agent is to have it, so it waits for no queue: the router gives it to him ("begin").
with work as (
    insert into work_items (interaction_id, case_id, customer_id, queue_id, media, virtual_start, entered_at, due_at, state)
    values ($1, $2, $3, $4, $5, $6, $6, $6::timestamptz + interval '1 day', 'scheduled') returning id, version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.scheduled', 'agent', jsonb_build_object('queue_id', $4::uuid, 'case_id', $2::uuid) from work
)
select id, version from work;

-- name: case_to_join
-- A case that a person named: whose it is, and how it is joined.
select c.id, c.customer_id, c.campaign_id, c.queue_id, c.state from cases c where c.id = $1 for update;

-- name: contact_answered
-- Who was called has answered.
with gestion as (
    update cases c set version = c.version + 1 from interactions i where i.id = $1 and i.answered_at is null and c.id = i.case_id
    returning c.id, c.version
), log as (
    insert into events (topic, entity, version, kind, cause) select 'case', id, version, 'case.answered', 'customer' from gestion
), answered as (
    update interactions i set answered_at = $2 from gestion where i.id = $1
)
select 'case' as topic, id, version, 'case.answered' as kind from gestion;

-- name: attach_interaction
update conversations set version = version + 1, case_id = $2, interaction_id = $3, state = 'open' where id = $1 returning version;

-- name: create_work
with work as (
    insert into work_items (interaction_id, case_id, customer_id, queue_id, media, priority, virtual_start, entered_at,
        preferred_agent_id, preferred_until)
    values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9) returning id, version
), command as (
    insert into commands (kind, args, at) select 'work', jsonb_build_object('work_id', id), $7 from work
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'work', id, version, 'work.queued', 'customer', jsonb_build_object('queue_id', $4::uuid, 'case_id', $2::uuid) from work
)
select id, version from work;

-- name: reply
-- An agent's message: only while he (or nobody but a supervisor, $9) holds a live assignment of the case.
with target as (
    select v.id, v.case_id, v.interaction_id, v.account_id from conversations v
    where v.id = $1 and v.interaction_id is not null and v.state <> 'blocked'
      and not exists (select 1 from messages m where m.case_id = v.case_id and m.client_id = $2)
      and (select a.channel from channel_accounts a where a.id = v.account_id) = any($9::text[])
      and ($8 or exists (select 1 from assignments s join work_items w on w.id = s.work_item_id
          where s.case_id = v.case_id and s.agent_id = $3 and s.state in ('active', 'held', 'connecting')))
), gestion as (
    update cases c set version = c.version + 1, state = case when c.state = 'open' then 'waiting_customer' else c.state end
    from target where c.id = target.case_id returning c.id, c.version
), conv as (
    update conversations v set version = v.version + 1, last_out_at = $5,
      read_by_agent = case when $8 then v.read_by_agent else greatest(v.read_by_agent, v.version) end
    from gestion where v.id = $1 and v.case_id = gestion.id returning v.id, v.version
), message as (
    insert into messages (conversation_id, case_id, interaction_id, account_id, rev, case_rev, direction,
        author_kind, author_id, kind, body, client_id, state, at, data)
    select target.id, target.case_id, target.interaction_id, target.account_id, conv.version, gestion.version, 'out',
        'agent', $3, case when cardinality($6::uuid[]) > 0 then 'file' else 'text' end, $4, $2, 'sent', $5, $7
    from target, gestion, conv
    returning id, rev, case_rev, case_id
), files as (
    update attachments a set message_id = message.id from message
    where a.id = any($6::uuid[]) and a.message_id is null and a.owner = 'user:' || $3::text and a.conversation_id = $1
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'conversation', $1, message.rev, 'message.sent', 'agent', jsonb_build_object('message_id', message.id, 'agent_id', $3::uuid) from message
    union all
    select 'case', message.case_id, message.case_rev, 'case.message_sent', 'agent', jsonb_build_object('message_id', message.id, 'agent_id', $3::uuid) from message
)
select message.id, message.rev, message.case_rev, message.case_id from message;

-- name: message_by_client_id
select m.id, m.rev, m.case_rev, m.case_id, m.author_id from messages m where m.case_id = $1 and m.client_id = $2;

-- name: conversation_place
select v.id, v.case_id, v.interaction_id, v.state, c.version as case_version, a.channel
from conversations v join channel_accounts a on a.id = v.account_id left join cases c on c.id = v.case_id where v.id = $1;

-- name: case_place
-- Whose a case is: what scopes are asked against.
select id, version, agents, queue_id, campaign_id, teams from live_cases where id = $1;

-- name: add_note
with known as (
    select 1 from messages where case_id = $1 and client_id = $2
), gestion as (
    update cases set version = version + 1 where id = $1 and not exists (select 1 from known) returning id, version
), message as (
    insert into messages (case_id, case_rev, direction, author_kind, author_id, body, client_id, state, at)
    select id, version, 'note', 'agent', $3, $4, $2, 'sent', $5 from gestion returning id, case_rev, case_id
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'case', case_id, case_rev, 'case.note_added', 'agent', jsonb_build_object('message_id', id, 'agent_id', $3::uuid) from message
)
select id, case_rev, case_id from message;

-- name: read_by_agent
with conv as (
    update conversations set read_by_agent = $2 where id = $1 and read_by_agent < $2 and version >= $2 returning id, case_id
), gestion as (
    update cases c set version = c.version + 1 from conv where c.id = conv.case_id returning c.id, c.version
), log as (
    insert into events (topic, entity, version, kind, cause) select 'case', id, version, 'case.read', 'agent' from gestion
)
select 'case' as topic, id, version, 'case.read' as kind from gestion;

-- name: read_by_customer
with conv as (
    update conversations set read_by_customer = $2 where id = $1 and read_by_customer < $2 and version >= $2 returning id, case_id
), gestion as (
    update cases c set version = c.version + 1 from conv where c.id = conv.case_id returning c.id, c.version
), log as (
    insert into events (topic, entity, version, kind, cause) select 'case', id, version, 'case.read_by_customer', 'customer' from gestion
)
select 'case' as topic, id, version, 'case.read_by_customer' as kind from gestion;

-- name: live_case
select id, version, state, agents, queue_id, campaign_id, teams from live_cases where id = $1;

-- name: timeline
select state from live_messages where case_id = $1
  and ($2::uuid is null or (state->>'at', id) < (select iso(m.at), m.id from messages m where m.id = $2))
order by state->>'at' desc, id desc limit $3;

-- name: messages_since
select state from live_messages where case_id = $1 and case_rev > $2 order by case_rev, id;

-- name: visitor_messages
select state from live_messages where conversation_id = $1 and rev > $2 and direction in ('in', 'out', 'system') order by rev desc, id desc limit $3;

-- name: message
select state from live_messages where id = $1;

-- name: history
-- The log of a case and of its work, with what a supervisor did to it by hand, and agents' names.
with log as (
    select e.at, e.id, e.kind, e.cause, e.payload from events e
    where (e.topic = 'case' and e.entity = $1)
       or (e.topic = 'work' and e.entity in (select w.id from work_items w where w.case_id = $1))
    order by e.at, e.id limit 500
), by_hand as (
    select a.at, a.seq, 'audit.' || a.action as kind, 'person:' || a.actor as cause, coalesce(a.after, '{}') as payload
    from audit a where a.object_kind = 'work' and a.object_id in (select w.id::text from work_items w where w.case_id = $1)
)
select a.at, a.kind, a.cause, a.payload || jsonb_strip_nulls(jsonb_build_object('agent', u.name)) as payload
from (select * from log union all select * from by_hand) a
left join users u on u.id::text = a.payload->>'agent_id' order by a.at, a.id;

-- name: offers_of_case
-- To whom a case was offered, what became of it, and why that agent.
select f.agent_id, u.name as agent, q.name as queue, iso(f.offered_at) as offered_at, iso(f.answered_at) as answered_at, f.state, f.reason, f.why
from offers f join work_items w on w.id = f.work_item_id join queues q on q.id = w.queue_id join users u on u.id = f.agent_id
where w.case_id = $1 order by f.offered_at, f.id limit 200;

-- name: lock_case
select c.id, c.version, c.state, c.disposition_id, c.disposition_note, c.disposition_data, c.disposed_by, c.campaign_id, c.queue_id, c.owner_id, k.disposition_required, k.disposition_set_id
from cases c join campaigns k on k.id = c.campaign_id where c.id = $1 for update of c;

-- name: end_interactions
-- Ends what lives in a case and frees its conversations; a line in the timeline says so.
with live as (
    select id from interactions where case_id = $1 and state <> 'ended'
), gestion as (
    update cases set version = version + 1 where id = $1 and exists (select 1 from live) returning id, version
), ended as (
    update interactions i set state = 'ended', ended_at = $2, ended_by = $3, end_reason = $4,
      outcome = coalesce($5, case when answered_at is null then 'abandoned_queue' else 'served' end)
    from gestion where i.case_id = gestion.id and i.state <> 'ended' returning i.id, i.conversation_id
), freed as (
    update conversations v set version = v.version + 1, interaction_id = null
    from ended where v.id = ended.conversation_id returning v.id, v.version, v.account_id, ended.id as interaction_id
), line as (
    insert into messages (conversation_id, case_id, interaction_id, account_id, rev, case_rev, direction, author_kind, kind, data, state, at)
    select freed.id, gestion.id, freed.interaction_id, freed.account_id, freed.version, gestion.version, 'system', 'system', 'system',
        jsonb_build_object('event', 'ended', 'by', $3::text, 'reason', $4::text), 'sent', $2
    from freed, gestion
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'case', id, version, 'case.talk_ended', $3, jsonb_strip_nulls(jsonb_build_object('agent_id', $6::uuid)) from gestion
    union all select 'conversation', id, version, 'conversation.ended', $3, '{}' from freed
)
select 'case' as topic, id, version, 'case.talk_ended' as kind from gestion
union all select 'conversation', id, version, 'conversation.ended' from freed;

-- name: live_work_of_case
select w.id, w.state, w.queue_id, w.virtual_start, s.agent_id, s.state as assignment
from work_items w
left join assignments s on s.work_item_id = w.id and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
where w.case_id = $1 and w.state in ('scheduled', 'queued', 'offered', 'assigned') order by w.id;

-- name: command
insert into commands (agent_id, kind, args, client_id, at) values ($1, $2, $3, $4, $5)
on conflict (client_id) do nothing returning id;

-- name: command_by_client_id
select id, result, agent_id, kind, args from commands where client_id = $1;

-- name: disposition
-- A leaf, and which day it is ($2) where the agent ($3) works.
select d.id, d.set_id, d.name, d.flags, d.requires, d.archived_at,
  ($2::timestamptz at time zone coalesce((select s.tz from users u join sites s on s.id = u.site_id where u.id = $3),
    (select tz from sites where archived_at is null order by id limit 1), 'America/Lima'))::date as today,
  exists (select 1 from dispositions x where x.parent_id = d.id and x.archived_at is null) as has_children
from dispositions d where d.id = $1;

-- name: dispose_case
update cases set version = version + 1, disposition_id = $2, disposition_note = $3, disposition_data = $4, disposed_by = $5, disposed_at = $6,
  owner_id = coalesce(owner_id, $5)
where id = $1 returning version;

-- name: outcome_recorded
-- Has this very click of this agent been recorded before? Asked with the case locked.
select 1 from events where topic = 'case' and entity = $1 and kind = 'case.disposed'
  and payload->>'agent_id' = $2::uuid::text and payload->>'client_id' = $3::text limit 1;

-- name: dispose_interactions
update interactions set disposition_id = $2 where case_id = $1 and disposition_id is null;

-- name: resolve_case
update cases set version = version + 1, state = 'resolved', resolved_at = $2 where id = $1 and state not in ('resolved', 'closed') returning version;

-- name: close_case
update cases set version = version + 1, state = 'closed', closed_at = $2, resolved_at = coalesce(resolved_at, $2) where id = $1 and state <> 'closed' returning version;

-- name: system_disposition
select d.id from dispositions d join campaigns k on k.disposition_set_id = d.set_id
where k.id = $1 and d.system and d.code = $2 limit 1;

-- name: ripe_cases
select c.id from cases c join campaigns k on k.id = c.campaign_id
where c.state = 'resolved' and c.resolved_at < $1::timestamptz - make_interval(hours => k.reopen_h)
order by c.resolved_at limit 200;

-- name: idle_cases
-- Text episodes without a message for longer than the campaign allows.
select distinct v.case_id from conversations v join cases c on c.id = v.case_id join campaigns k on k.id = c.campaign_id
where v.interaction_id is not null
  and greatest(v.last_in_at, coalesce(v.last_out_at, v.last_in_at)) < $1::timestamptz - make_interval(hours => k.idle_end_h) limit 200;

-- name: set_topic
update cases set version = version + 1, topic = $2 where id = $1 returning version;

-- name: interaction_attended
-- Routing tells that an agent has the work: the interaction is active, the case is his.
with gestion as (
    update cases c set version = c.version + 1, owner_id = $2
    from work_items w where w.id = $1 and c.id = w.case_id returning c.id, c.version, w.interaction_id
), active as (
    -- whom an agent calls answers later, and it needs no telling that the agent is there
    update interactions i set state = 'active',
      answered_at = coalesce(i.answered_at, case when i.direction = 'in' then $3::timestamptz end)
    from gestion where i.id = gestion.interaction_id and i.state in ('created', 'self_service', 'waiting', 'parked')
    returning i.id, i.conversation_id, old.state = 'created' and i.direction = 'out' as begun
), conv as (
    update conversations v set version = v.version + 1 from active where v.id = active.conversation_id and not active.begun
    returning v.id, v.version, v.account_id
), line as (
    insert into messages (conversation_id, case_id, interaction_id, account_id, rev, case_rev, direction, author_kind, kind, data, state, at)
    select conv.id, gestion.id, active.id, conv.account_id, conv.version, gestion.version, 'system', 'system', 'system',
        jsonb_build_object('event', 'joined', 'name', u.name), 'sent', $3
    from conv, gestion, active, users u where u.id = $2
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'case', id, version, 'case.attended', 'router', jsonb_build_object('agent_id', $2::uuid, 'work_id', $1::uuid) from gestion
    union all select 'conversation', id, version, 'conversation.attended', 'router', jsonb_build_object('agent_id', $2::uuid) from conv
)
select 'case' as topic, id, version, 'case.attended' as kind from gestion
union all select 'conversation', id, version, 'conversation.attended' from conv;

-- name: interaction_waits
-- Routing tells that the work waits again, in queue $4, where it is counted from now on; when an
-- agent had it, a line in the timeline says so, with the person it was transferred to.
with gestion as (
    update cases c set version = c.version + 1, queue_id = $4 from work_items w where w.id = $1 and c.id = w.case_id
    returning c.id, c.version, w.interaction_id, c.queue_id, case when $2::text = 'transfer' and w.direct then w.preferred_agent_id end as wanted
), waiting as (
    update interactions i set state = 'waiting', queue_id = gestion.queue_id from gestion
    where i.id = gestion.interaction_id and i.state in ('active', 'waiting')
    returning i.id, i.conversation_id, old.state as was
), conv as (
    update conversations v set version = v.version + 1 from waiting where v.id = waiting.conversation_id and waiting.was = 'active'
    returning v.id, v.version, v.account_id
), line as (
    insert into messages (conversation_id, case_id, interaction_id, account_id, rev, case_rev, direction, author_kind, kind, data, state, at)
    select conv.id, gestion.id, waiting.id, conv.account_id, conv.version, gestion.version, 'system', 'system', 'system',
        jsonb_strip_nulls(jsonb_build_object('event', 'transferred', 'queue', q.name, 'reason', $2::text,
          'to', (select u.name from users u where u.id = gestion.wanted))), 'sent', $3
    from conv, gestion, waiting, queues q where q.id = gestion.queue_id
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'case', id, version, 'case.waits', 'router', jsonb_build_object('reason', $2::text, 'work_id', $1::uuid) from gestion
    union all select 'conversation', id, version, 'conversation.waits', 'router', jsonb_build_object('reason', $2::text) from conv
)
select 'case' as topic, id, version, 'case.waits' as kind from gestion
union all select 'conversation', id, version, 'conversation.waits' from conv;

-- name: touch_case_of_work
with gestion as (
    update cases c set version = c.version + 1 from work_items w where w.id = $1 and c.id = w.case_id returning c.id, c.version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'case', id, version, $2, 'router', $3 from gestion
)
select 'case' as topic, id, version, $2::text as kind from gestion;

-- name: case_of_work
select w.case_id, w.interaction_id, i.state as interaction_state, c.state as case_state, c.disposition_id, c.campaign_id
from work_items w join cases c on c.id = w.case_id left join interactions i on i.id = w.interaction_id where w.id = $1;

-- name: put_attachment
insert into attachments (conversation_id, owner, name, media_type, size, sha256, blob_key) values ($1, $2, $3, $4, $5, $6, $7) returning id;

-- name: attachment
select a.id, a.name, a.media_type, a.size, a.blob_key, a.owner, a.conversation_id, m.case_id, m.direction
from attachments a left join messages m on m.id = a.message_id where a.id = $1;

-- name: put_draft
insert into drafts (user_id, case_id, mode, body, rev, updated_at) values ($1, $2, $3, $4, 1, $6)
on conflict (user_id, case_id, mode) do update
  set previous = case when drafts.rev <> $5 then drafts.body else drafts.previous end, body = $4, rev = drafts.rev + 1, updated_at = $6
  where drafts.rev = $5 or $5 = -1
returning rev;

-- name: draft
select body, previous, rev, updated_at from drafts where user_id = $1 and case_id = $2 and mode = $3;

-- name: delete_draft
delete from drafts where user_id = $1 and case_id = $2 and mode = $3;

-- name: drafts
select case_id, mode, body, previous, rev, iso(updated_at) as updated_at from drafts where user_id = $1 order by updated_at desc limit 200;

-- name: visitor_state
-- What a visitor is told: phase, place in line, who attends.
select v.id, v.version, v.read_by_agent, v.read_by_customer, v.state as conversation_state, v.interaction_id is not null as live,
  v.case_id, i.state as interaction_state, g.name as agent,
  case when w.state in ('queued', 'offered') then 1 + (
    select count(*) from work_items x join queues y on y.id = x.queue_id
    where x.queue_id = w.queue_id and x.state in ('queued', 'offered') and x.id <> w.id
      and (x.virtual_start - make_interval(secs => (y.priority + x.priority) * y.boost_s), x.id)
        < (w.virtual_start - make_interval(secs => (q.priority + w.priority) * q.boost_s), w.id)) end as position
from conversations v
left join interactions i on i.id = v.interaction_id
left join work_items w on w.interaction_id = v.interaction_id and w.state in ('scheduled', 'queued', 'offered', 'assigned')
left join queues q on q.id = w.queue_id
left join assignments s on s.work_item_id = w.id and s.state in ('connecting', 'active', 'held')
left join users g on g.id = s.agent_id
where v.id = any($1::uuid[]);

-- name: find_cases
-- Past and present cases; $1 permission filter off, else any of agents $2, queues $3, campaigns $4, teams $5.
-- $18: the search for messages with any of the words; $19, $20: each word, as typed and folded, of
-- which every one must be in a message or in the customer's name.
with hits as (
    select m.case_id, min(m.body) as snippet from messages m
    where $6 <> '' and to_tsvector('spanish', m.body) @@ websearch_to_tsquery('spanish', $18) and m.deleted_at is null
    group by m.case_id limit 5000
)
select c.id, c.number, c.topic, c.state, iso(c.opened_at) as opened_at, iso(c.resolved_at) as resolved_at,
  p.id as customer_id, p.name as customer, p.tier, o.name as agent, q.name as queue, k.name as campaign,
  disposition_path(c.disposition_id) as disposition, hits.snippet,
  array(select distinct i.channel from interactions i where i.case_id = c.id) as channels
from cases c join customers p on p.id = c.customer_id join campaigns k on k.id = c.campaign_id
left join queues q on q.id = c.queue_id left join users o on o.id = c.owner_id
left join hits on hits.case_id = c.id
where ($1 or c.owner_id = any($2::uuid[]) or c.queue_id = any($3::uuid[]) or c.campaign_id = any($4::uuid[]) or o.team_id = any($5::uuid[])
       or (c.owner_id is null and exists (select 1 from teams_of_queue(c.queue_id) t where t = any($5::uuid[])))
       or exists (select 1 from assignments s where s.case_id = c.id and s.agent_id = any($2::uuid[])))
  and ($6 = '' or p.search like '%' || $7 || '%' or c.number::text = $6
       or ((hits.case_id is not null or p.search like any (select '%' || f || '%' from unnest($20::text[]) f)) and not exists (
             select 1 from unnest($19::text[], $20::text[]) x(word, folded)
             where numnode(plainto_tsquery('spanish', x.word)) > 0 and p.search not like '%' || x.folded || '%' and not exists (
                 select 1 from messages m where m.case_id = c.id and m.deleted_at is null
                   and to_tsvector('spanish', m.body) @@ plainto_tsquery('spanish', x.word)))))
  and ($8::uuid is null or c.customer_id = $8)
  and ($9::uuid is null or c.owner_id = $9)
  and ($10::uuid is null or c.queue_id = $10)
  and ($11::uuid is null or c.campaign_id = $11)
  and ($12::text is null or c.state = $12)
  and ($13::timestamptz is null or c.opened_at >= $13)
  and ($14::timestamptz is null or c.opened_at < $14)
  and ($15::uuid is null or c.disposition_id = $15)
  and ($16::bigint is null or c.number < $16)
order by c.number desc limit $17;

-- name: lock_contact
select c.id, c.campaign_id, c.disposition_id, i.state, w.id as work_id, s.agent_id,
  exists (select 1 from interactions x where x.case_id = c.id and x.id <> i.id
    and (x.state <> 'ended' or i.direction = 'out')) as others
from interactions i join cases c on c.id = i.case_id
left join work_items w on w.interaction_id = i.id and w.state in ('scheduled', 'queued', 'offered', 'assigned')
left join assignments s on s.work_item_id = w.id and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
where i.id = $1 for update of c;

-- name: end_contact
-- Ends one interaction and frees its conversation; what else lives in the case goes on.
with live as (
    select id, case_id from interactions where id = $1 and state <> 'ended'
), gestion as (
    update cases c set version = c.version + 1 from live where c.id = live.case_id returning c.id, c.version
), ended as (
    update interactions i set state = 'ended', ended_at = $2, ended_by = $3, end_reason = $4, outcome = $5
    from gestion where i.id = $1 returning i.id, i.conversation_id
), freed as (
    update conversations v set version = v.version + 1, interaction_id = null
    from ended where v.id = ended.conversation_id returning v.id, v.version, v.account_id
), line as (
    insert into messages (conversation_id, case_id, interaction_id, account_id, rev, case_rev, direction, author_kind, kind, data, state, at)
    select freed.id, gestion.id, $1, freed.account_id, freed.version, gestion.version, 'system', 'system', 'system', $6, 'sent', $2
    from freed, gestion
), log as (
    insert into events (topic, entity, version, kind, cause)
    select 'case', id, version, 'case.talk_ended', $3 from gestion
    union all select 'conversation', id, version, 'conversation.ended', $3 from freed
)
select 'case' as topic, id, version, 'case.talk_ended' as kind from gestion
union all select 'conversation', id, version, 'conversation.ended' from freed;

-- name: contact_line
-- A line of the timeline that no person wrote.
with gestion as (
    update cases c set version = c.version + 1 from interactions i where i.id = $1 and c.id = i.case_id returning c.id, c.version
), conv as (
    update conversations v set version = v.version + 1 from interactions i where i.id = $1 and v.id = i.conversation_id
    returning v.id, v.version, v.account_id
), line as (
    insert into messages (conversation_id, case_id, interaction_id, account_id, rev, case_rev, direction, author_kind, kind, data, state, at)
    select conv.id, gestion.id, $1, conv.account_id, conv.version, gestion.version, 'system', 'system', 'system', $2, 'sent', $3
    from conv, gestion
), log as (
    insert into events (topic, entity, version, kind, cause)
    select 'case', id, version, 'case.told', 'system' from gestion
    union all select 'conversation', id, version, 'conversation.told', 'system' from conv
)
select 'case' as topic, id, version, 'case.told' as kind from gestion
union all select 'conversation', id, version, 'conversation.told' from conv;
