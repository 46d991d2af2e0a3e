-- What `check-data` asks of the rows, and what `trace` tells of a message. Each check returns one row a
-- violation: what it is about, in words of the database. $1 is the present moment where time counts.
-- What a waiting command will still change is not judged: the router has not had its turn.

-- name: event_versions
-- Each event has a version of its own in its entity.
select topic || ' ' || entity || ' v' || version as about from events group by topic, entity, version having count(*) > 1;

-- name: event_gaps
-- Every version of a live entity is in the log, from the first one that the log holds on.
with live as (
    select 'case' as topic, id, version from cases union all
    select 'conversation', id, version from conversations union all
    select 'work', id, version from work_items union all
    select 'agent', user_id, version from agents union all
    select 'customer', id, version from customers union all
    select 'queue', id, version from queues
), logged as (
    select topic, entity, min(version) as first, max(version) as last, count(distinct version) as n from events
    group by topic, entity
)
select l.topic || ' ' || l.id || ' v' || l.version || ': log ' || g.first || '-' || g.last || ', ' || g.n as about
from live l join logged g on g.topic = l.topic and g.entity = l.id
where g.last <> l.version or g.n <> g.last - g.first + 1;

-- name: message_revisions
-- A message's rev and case_rev are versions that its conversation and case have had, each its own.
select 'message ' || m.id as about from messages m
join cases c on c.id = m.case_id left join conversations v on v.id = m.conversation_id
where m.case_rev > c.version or m.rev > coalesce(v.version, 0) or (m.direction in ('in', 'out') and m.rev = 0) or (m.direction = 'note' and m.rev > 0)
union all
select 'conversation ' || conversation_id || ' rev ' || rev from messages where rev > 0
group by conversation_id, rev having count(*) > 1
union all
select 'case ' || case_id || ' rev ' || case_rev from messages group by case_id, case_rev having count(*) > 1;

-- name: message_places
-- No message to or from a customer without a conversation, an interaction and a case that agree.
select 'message ' || m.id as about from messages m left join interactions i on i.id = m.interaction_id
where m.direction in ('in', 'out') and (m.conversation_id is null or i.id is null
    or i.conversation_id is distinct from m.conversation_id or i.case_id <> m.case_id);

-- name: attachment_places
-- A file that was sent lies in the conversation of its message.
select 'attachment ' || a.id as about from attachments a join messages m on m.id = a.message_id
where a.conversation_id is distinct from m.conversation_id;

-- name: offer_per_work
-- One pending offer for work that is offered, none for any other; one live primary assignment at most.
select 'work ' || w.id || ' ' || w.state as about from work_items w
left join (select work_item_id, count(*) as n from offers where state = 'pending' group by 1) o on o.work_item_id = w.id
left join (select work_item_id, count(*) as n from assignments
           where role = 'primary' and state in ('connecting', 'active', 'held', 'lost', 'wrapping') group by 1) s on s.work_item_id = w.id
where coalesce(o.n, 0) <> (w.state = 'offered')::int or coalesce(s.n, 0) <> (w.state = 'assigned')::int;

-- name: offer_per_agent
-- One pending offer an agent, all channels together, and only while he is available.
select 'agent ' || f.agent_id as about from offers f where f.state = 'pending' group by f.agent_id having count(*) > 1
union all
select 'offer ' || f.id from offers f join agents a on a.user_id = f.agent_id
where f.state = 'pending' and a.presence <> 'available';

-- name: offer_answers
-- An accepted offer led to an assignment of the same agent; a closed one says when.
select 'offer ' || f.id as about from offers f
where (f.state = 'pending') <> (f.answered_at is null)
   or (f.state = 'accepted' and not exists (select 1 from assignments s where s.work_item_id = f.work_item_id and s.agent_id = f.agent_id));

-- name: capacity
-- Cases in hand by media group against the profile's slots; work forced or transferred by a person, and work
-- whose customer came back, may pass them.
select 'agent ' || s.agent_id || ' ' || w.media as about
from assignments s join work_items w on w.id = s.work_item_id
join agents a on a.user_id = s.agent_id join routing_profiles p on p.id = a.routing_profile_id
where s.state in ('connecting', 'active', 'held', 'lost', 'wrapping') and s.waiting_since is null and s.via in ('offer', 'pull')
  and not exists (select 1 from commands c where c.kind = 'resumed' and c.args->>'work_id' = w.id::text)
group by s.agent_id, w.media, p.slots having count(distinct w.case_id) > coalesce((p.slots->>w.media)::int, 0);

-- name: one_call
-- Live audio is exclusive.
select 'agent ' || s.agent_id as about from assignments s join work_items w on w.id = s.work_item_id
where w.media = 'voice' and s.role = 'primary' and s.state in ('connecting', 'active') group by s.agent_id having count(*) > 1;

-- name: absent_agents
-- Who is offline or disabled has no work in hand (a live call apart, which the voice channel judges).
select 'agent ' || s.agent_id || ' work ' || s.work_item_id as about
from assignments s join agents a on a.user_id = s.agent_id join users u on u.id = s.agent_id join work_items w on w.id = s.work_item_id
where s.state in ('connecting', 'active', 'held', 'lost', 'wrapping') and w.media <> 'voice'
  and (a.presence = 'offline' or u.state <> 'active')
  and not exists (select 1 from commands c where c.result is null and (c.agent_id = s.agent_id or c.kind = 'configure'));

-- name: disabled_people
-- A disabled account has no live session and is not present.
select 'user ' || u.id as about from users u
where u.state = 'disabled' and (exists (select 1 from sessions s where s.user_id = u.id and s.ended_at is null)
    or exists (select 1 from agents a where a.user_id = u.id and a.presence <> 'offline'))
  and not exists (select 1 from commands c where c.result is null and (c.agent_id = u.id or c.kind = 'configure'));

-- name: live_interactions
-- A conversation and its live interaction name each other.
select 'conversation ' || v.id as about from conversations v left join interactions i on i.id = v.interaction_id
where v.interaction_id is not null and (i.state = 'ended' or i.conversation_id <> v.id or i.case_id is distinct from v.case_id)
union all
select 'interaction ' || i.id from interactions i join conversations v on v.id = i.conversation_id
where i.state <> 'ended' and v.interaction_id is distinct from i.id;

-- name: interaction_work
-- A live interaction has live work: active in an agent's hands, waiting in a queue; an ended one keeps none
-- but wrap-up.
select 'interaction ' || i.id || ' ' || i.state || ' work ' || coalesce(w.state, 'none') as about
from interactions i
left join work_items w on w.interaction_id = i.id and w.state in ('scheduled', 'queued', 'offered', 'assigned')
left join assignments s on s.work_item_id = w.id and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
where case i.state when 'active' then coalesce(s.state, 'none') in ('none', 'wrapping')
                   when 'waiting' then coalesce(w.state, 'none') not in ('queued', 'offered')
                   when 'ended' then w.id is not null and coalesce(s.state, 'none') <> 'wrapping'
                   else false end
  and not exists (select 1 from commands c where c.result is null and c.args->>'work_id' = w.id::text);

-- name: every_contact_routed
-- Nothing inbound is dropped: each contact has had work for the router, but a call out of hours, or one that found no room.
select 'interaction ' || i.id as about from interactions i
where i.initiation = 'inbound' and coalesce(i.outcome, '') not in ('missed', 'overflow') and not exists (select 1 from work_items w where w.interaction_id = i.id);

-- name: answered_contacts
-- answered_at stands exactly where an agent has had the contact; of a call out, at most there.
select 'interaction ' || i.id as about from interactions i
where (i.answered_at is not null) <> exists (
    select 1 from work_items w join assignments s on s.work_item_id = w.id where w.interaction_id = i.id)
  and (i.direction = 'in' or i.answered_at is not null);

-- name: case_ends
-- A resolved or closed case has no live interaction; times and states agree; a closed one has no work.
select 'case ' || c.number || ' ' || c.state as about from cases c
where (c.state in ('resolved', 'closed') and (c.resolved_at is null or exists (
        select 1 from interactions i where i.case_id = c.id and i.state <> 'ended')))
   or (c.state not in ('resolved', 'closed') and c.resolved_at is not null) or (c.state = 'closed') <> (c.closed_at is not null)
   or (c.state = 'closed' and exists (select 1 from work_items w where w.case_id = c.id and w.state in ('scheduled', 'queued', 'offered', 'assigned')
        and not exists (select 1 from commands k where k.result is null and k.args->>'work_id' = w.id::text)));

-- name: case_outcomes
-- An outcome is one of the campaign's tree, and says when.
select 'case ' || c.number as about from cases c join dispositions d on d.id = c.disposition_id join campaigns k on k.id = c.campaign_id
where d.set_id is distinct from k.disposition_set_id or c.disposed_at is null;

-- name: queued_somewhere
-- Waiting work stands in a queue that lives, and has a moment to come when it is scheduled.
select 'work ' || w.id as about from work_items w join queues q on q.id = w.queue_id
where (w.state in ('queued', 'offered') and q.archived_at is not null)
   or (w.state in ('done', 'canceled')) <> (w.close_reason is not null);

-- name: late_timers
-- Offers, wrap-ups and preferences end in time: a router that leads lets none stand for a minute.
select 'offer ' || id as about from offers where state = 'pending' and expires_at < $1::timestamptz - interval '60 seconds'
union all
select 'assignment ' || id from assignments where state = 'wrapping' and wrap_until < $1::timestamptz - interval '60 seconds';

-- name: waiting_commands
-- Commands are answered: a router that leads lets none wait for a minute.
select 'command ' || id || ' ' || kind as about from commands where result is null and at < $1::timestamptz - interval '60 seconds';

-- name: failed_commands
-- No command failed inside the router (a refusal is an answer, not a failure).
select 'command ' || id || ' ' || kind as about from commands where result->>'key' = 'failed';

-- name: stuck_jobs
-- No job is dead, none is a quarter of an hour late.
select 'job ' || id || ' ' || kind as about from jobs where dead or run_at < $1::timestamptz - interval '15 minutes';

-- name: stuck_sends
-- No send outlives its lease by a minute.
select 'send ' || message_id as about from outbox
where state = 'sending' and coalesce(lease_until, '-infinity') < $1::timestamptz - interval '60 seconds';

-- name: stuck_inbox
-- What providers sent is done, or dead and seen.
select 'inbox ' || id as about from inbox where done_at is null and not dead and received_at < $1::timestamptz - interval '15 minutes';

-- name: merged_customers
-- Merges are links without a circle.
with recursive up as (
    select id as start, merged_into_id as next, 1 as depth from customers where merged_into_id is not null
    union all
    select up.start, c.merged_into_id, up.depth + 1 from up join customers c on c.id = up.next
    where c.merged_into_id is not null and up.depth < 100
)
select 'customer ' || start as about from up where next = start or depth = 100 group by start;

-- name: personal_columns
-- Every table says which of its columns are personal.
select 'table ' || c.relname as about from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and coalesce(obj_description(c.oid, 'pg_class'), '') !~ 'personal: (none|[a-z_])';

-- name: blobs
-- Not a check by itself: files that must lie in the data folder.
select 'attachment' as what, id, blob_key from attachments
union all select 'prompt', id, blob_key from prompts
union all select 'recording', id, blob_key from recordings where blob_key is not null order by id;

-- name: traced_message
select m.id, m.direction, m.author_kind, m.at, m.created_at, m.rev, m.case_id, m.case_rev, m.conversation_id, m.interaction_id,
  m.state, c.number, u.name as author, coalesce(a.channel, '') as channel
from messages m join cases c on c.id = m.case_id
left join users u on u.id = m.author_id and m.author_kind = 'agent' left join channel_accounts a on a.id = m.account_id
where m.id = $1;

-- name: traced_events
-- The log around a message: its own events, and those of the contact's work and of the case by the router.
select e.id, e.at, e.topic, e.kind, e.version, e.cause, u.name as agent, e.payload
from events e
left join users u on u.id::text = e.payload->>'agent_id'
where e.topic in ('case', 'conversation') and e.payload->>'message_id' = $1::uuid::text
   or (e.topic = 'work' and e.entity in (select id from work_items where interaction_id = $2))
   or (e.topic = 'conversation' and e.entity = $3 and e.kind in ('conversation.begun', 'conversation.ended'))
order by e.id;

-- name: traced_offers
select f.offered_at, f.answered_at, f.state, f.reason, u.name as agent from offers f
join work_items w on w.id = f.work_item_id join users u on u.id = f.agent_id where w.interaction_id = $1 order by f.offered_at;

-- name: traced_answer
-- The first answer by a person after a customer's message.
select m.id, m.at, u.name as agent from messages m join users u on u.id = m.author_id
where m.conversation_id = $1 and m.direction = 'out' and m.author_kind = 'agent' and m.rev > $2 order by m.rev limit 1;

-- name: traced_send
select o.state, o.attempts, o.created_at, o.error from outbox o where o.message_id = $1;

-- name: traced_marks
select version, read_by_agent, read_by_customer from conversations where id = $1;
