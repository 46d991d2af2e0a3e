-- demo: what the seed writes by itself; the living people only use the API.

-- name: standing
-- Whose company this is: no row = nobody's yet.
select o.setup, (select count(*) from users) as people from organisation o;

-- name: mark
update organisation set setup = setup || $1, version = version + 1;

-- name: role
select id from roles where code = $1;

-- name: activate
update users set password_hash = $2, state = 'active', version = version + 1 where id = $1;

-- name: new_password
update users set password_hash = $2, version = version + 1 where email = $1 returning id;

-- name: backdate_events
update events set at = $1;

-- name: backdate_commands
delete from commands where result is null and kind = 'configure';

-- name: agents
select a.user_id as id, a.version, u.name, u.email, array(select q.queue_id from queue_agents q where q.user_id = u.id) as queues
from agents a join users u on u.id = a.user_id order by u.email;

-- name: agent_version
update agents set version = $2 where user_id = $1;

-- name: leaves
-- Every disposition with the names above it; a system one only has its code.
with recursive tree as (
    select d.id, d.set_id, array[d.name] as path, d.requires, d.system, d.code from dispositions d where d.parent_id is null
    union all
    select d.id, d.set_id, tree.path || d.name, d.requires, d.system, d.code from dispositions d join tree on d.parent_id = tree.id
)
select tree.*, k.id as campaign_id from tree join campaigns k on k.disposition_set_id = tree.set_id;

-- name: shop_key
-- The public key that the demo's shop shows its chat with.
select a.public_key from channel_accounts a join organisation o on a.id = (o.setup->>'demo_shop')::uuid
where a.active and a.archived_at is null;

-- name: add_customer
insert into customers (id, kind, name, document, tier, language, tz, address, notes, search, created_at)
values ($1, $2, $3, $4, $5, 'es', $6, $7, $8, $9, $10);

-- name: add_identity
insert into identities (id, customer_id, kind, scope, value, verified_at, source, is_primary, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: add_case
insert into cases (id, customer_id, campaign_id, queue_id, topic, state, owner_id, disposition_id, disposition_note, disposition_data,
    disposed_by, disposed_at, opened_at, resolved_at, closed_at, version, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $13);

-- name: add_conversation
insert into conversations (id, account_id, identity_id, customer_id, case_id, visitor, last_in_at, last_out_at, read_by_customer, read_by_agent,
    version, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9, $10);

-- name: add_interaction
insert into interactions (id, case_id, conversation_id, channel, account_id, identity_id, queue_id, direction, initiation, state, outcome,
    disposition_id, started_at, answered_at, ended_at, ended_by, end_reason, created_at)
values ($1, $2, $3, (select channel from channel_accounts where id = $4), $4, $5, $6, 'in', 'inbound', 'ended', $7, $8, $9, $10, $11, $12, $13, $9);

-- name: add_message
insert into messages (id, conversation_id, case_id, interaction_id, account_id, rev, case_rev, direction, author_kind, author_id, body,
    client_id, external_id, state, at, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15);

-- name: add_work
insert into work_items (id, interaction_id, case_id, customer_id, queue_id, media, priority, virtual_start, entered_at, state, close_reason,
    version, created_at)
values ($1, $2, $3, $4, $5, (select case i.channel when 'voice' then 'voice' else 'messages' end from interactions i where i.id = $2),
    $6, $7, $7, $8, $9, $10, $7);

-- name: add_offer
insert into offers (id, work_item_id, agent_id, state, why, offered_at, expires_at, answered_at, created_at)
values ($1, $2, $3, 'accepted', $4, $5, $6, $7, $5);

-- name: add_assignment
insert into assignments (id, work_item_id, offer_id, agent_id, case_id, via, state, started_at, done_at, exit_reason, created_at)
values ($1, $2, $3, $4, $5, 'offer', 'done', $6, $7, 'done', $6);

-- name: add_event
insert into events (at, topic, entity, version, kind, cause, payload) values ($1, $2, $3, $4, $5, $6, $7);

-- name: boosts
select id, tier_boost from queues;

-- name: accounts
select id, name, public_key from channel_accounts where archived_at is null;

-- name: add_phone
-- A virtual agent's: it speaks plain SIP, and no page minted it.
insert into phones (agent_id, endpoint, sealed, kind, minted_at, expires_at) values ($1, $2, $3, 'plain', $4, $5)
on conflict (agent_id) do update
  set session_id = null, endpoint = $2, sealed = $3, kind = 'plain', minted_at = $4, expires_at = $5, pushed_at = null;

-- name: phone_is_pushed
select pushed_at is not null as pushed from phones where endpoint = $1;

-- name: people_with_phones
select c.name, i.value from identities i join customers c on c.id = i.customer_id where i.kind = 'phone' and i.source = 'crm'
order by i.value;

-- name: add_line
insert into messages (id, conversation_id, case_id, interaction_id, account_id, rev, case_rev, direction, author_kind, kind, data, state, at, created_at)
values ($1, $2, $3, $4, $5, $6, $7, 'system', 'system', 'system', $8, 'sent', $9, $9);

-- name: add_call
insert into calls (interaction_id, channel_id, from_number, to_number, machine, state, since, answered_at, queued_at, connected_at, ended_at,
    cause, created_at)
values ($1, $2, $3, $4, $5, 'ended', $8, $6, $6, $7, $8, $9, $6);
