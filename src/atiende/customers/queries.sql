-- The people who contact us: rows of customers and identities.

-- name: visitor
-- The customer behind a web visitor's token, with the conversation on this account.
select i.id as identity_id, i.customer_id, v.id as conversation_id
from identities i left join conversations v on v.identity_id = i.id and v.account_id = $1
where i.kind = 'visitor' and i.scope = $1::text and i.value = $2;

-- name: create_customer
insert into customers (kind, name, language, search) values ($1, $2, $3, $4) returning id, version;

-- name: add_identity
insert into identities (customer_id, kind, scope, value, label, verified_at, source, is_primary)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (kind, scope, value) do nothing returning id;

-- name: identity
select id, customer_id, verified_at from identities where kind = $1 and scope = $2 and value = $3;

-- name: customer_for_update
select id, version, kind, name, document, tier, language, tz, address, notes, fields
from customers where id = $1 for update;

-- name: identities_of
select id, kind, value, verified_at from identities where customer_id = $1 and kind <> 'visitor' order by id;

-- name: remove_identities
delete from identities i where i.customer_id = $1 and i.id = any($2::uuid[])
  and not exists (select 1 from interactions n where n.identity_id = i.id)
  and not exists (select 1 from conversations v where v.identity_id = i.id);

-- name: update_customer
update customers set version = version + 1, kind = $2, name = $3, document = $4, tier = $5, language = $6,
  tz = $7, address = $8, notes = $9, fields = $10, search = $11
where id = $1 returning version;

-- name: touch_cases
-- The card of a case shows its customer's name and tier, so the open cases change with them.
with touched as (
    update cases set version = version + 1
    where customer_id = $1 and (state not in ('resolved', 'closed') or disposition_id is null)
    returning id, version
), log as (
    insert into events (topic, entity, version, kind, cause)
    select 'case', id, version, 'case.customer_changed', 'agent' from touched
)
select 'case' as topic, id, version, 'case.customer_changed' as kind from touched;

-- name: live_customer
select id, version, state, agents, queue_id, campaign_id, teams from live_customers where id = $1;

-- name: cases_of
select c.id, c.number, c.topic, c.state, iso(c.opened_at) as opened_at, disposition_path(c.disposition_id) as disposition,
  array(select distinct i.channel from interactions i where i.case_id = c.id) as channels
from cases c where c.customer_id = $1 order by c.opened_at desc limit $2;

-- name: places_of
-- Where a customer stands, for scopes: the agents, queues, campaigns and teams of his cases.
select array_agg(distinct c.owner_id) filter (where c.owner_id is not null) as agents,
  array_agg(distinct c.queue_id) filter (where c.queue_id is not null) as queues,
  array_agg(distinct c.campaign_id) as campaigns
from cases c where c.customer_id = $1;

-- name: search_customers
select p.id, p.name, p.kind, p.tier, p.document,
  (select string_agg(i.value, ' · ' order by i.id) from identities i where i.customer_id = p.id and i.kind <> 'visitor') as contact
from customers p where p.merged_into_id is null and p.kind <> 'visitor' and p.search like '%' || $1 || '%'
order by p.id desc limit $2;
