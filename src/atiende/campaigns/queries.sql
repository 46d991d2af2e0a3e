-- campaigns: campaigns, disposition sets and their nodes.

-- name: campaign_list
select id, version, name, direction, state, disposition_set_id, disposition_required, reopen_h, idle_end_h
from campaigns where archived_at is null order by name

-- name: campaign_get
select id, version, name, direction, state, disposition_set_id, disposition_required, reopen_h, idle_end_h
from campaigns where id = $1 and archived_at is null for update

-- name: campaign_policy
select id, disposition_set_id, disposition_required, reopen_h, idle_end_h from campaigns where id = $1

-- name: campaign_insert
insert into campaigns (name, direction, state, disposition_set_id, disposition_required, reopen_h, idle_end_h)
values ($1, $2, $3, $4, $5, $6, $7)
returning id, version, name, direction, state, disposition_set_id, disposition_required, reopen_h, idle_end_h

-- name: campaign_update
update campaigns set name = $2, direction = $3, state = $4, disposition_set_id = $5,
    disposition_required = $6, reopen_h = $7, idle_end_h = $8, version = version + 1
where id = $1
returning id, version, name, direction, state, disposition_set_id, disposition_required, reopen_h, idle_end_h

-- name: campaign_archive
update campaigns set archived_at = $2, version = version + 1 where id = $1
returning id, version, name, direction, state, disposition_set_id, disposition_required, reopen_h, idle_end_h

-- name: campaign_in_use
select 'queues' as what, count(*) as n, min(name) as name from queues where campaign_id = $1 and archived_at is null
union all
select 'cases', count(*), min(number)::text from cases where campaign_id = $1 and state not in ('resolved', 'closed')

-- Screens show the campaign inside each live case: those cases reach a new version with it.
-- name: campaign_touch_cases
with touched as (
    update cases set version = version + 1
    where campaign_id = $1 and (state not in ('resolved', 'closed') or disposition_id is null)
    returning id, version
), logged as (
    insert into events (topic, entity, version, kind, cause)
    select 'case', id, version, 'case.campaign_changed', 'campaign' from touched
)
select 'case' as topic, id, version, 'case.campaign_changed' as kind from touched

-- name: disposition_set_list
select id, version, name from disposition_sets where archived_at is null order by name

-- name: disposition_set_get
select id, version, name from disposition_sets where id = $1 and archived_at is null for update

-- name: disposition_set_insert
insert into disposition_sets (name) values ($1) returning id, version, name

-- name: disposition_set_update
update disposition_sets set name = $2, version = version + 1 where id = $1 returning id, version, name

-- name: disposition_set_archive
update disposition_sets set archived_at = $2, version = version + 1 where id = $1 returning id, version, name

-- name: disposition_set_in_use
select 'campaigns' as what, count(*) as n, min(name) as name from campaigns
where disposition_set_id = $1 and archived_at is null

-- name: nodes_list
select id, set_id, parent_id, name, flags, requires, position from dispositions
where archived_at is null and not system and ($1::uuid is null or set_id = $1)
order by set_id, position, id

-- name: node_insert
insert into dispositions (set_id, parent_id, name, flags, requires, position)
values ($1, $2, $3, $4, $5, $6) returning id

-- name: node_update
update dispositions set parent_id = $3, name = $4, flags = $5, requires = $6, position = $7
where id = $1 and set_id = $2

-- name: nodes_archive_others
update dispositions set archived_at = $3
where set_id = $1 and archived_at is null and not system and id <> all($2::uuid[])

-- name: node_insert_system
insert into dispositions (set_id, code, name, system, position) values ($1, $2, $3, true, 1000)

-- name: campaign_archived
select id, name, archived_at from campaigns where archived_at is not null order by archived_at desc, id

-- name: campaign_restore
update campaigns set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *

-- name: campaign_stands_on
select d.name from campaigns c join disposition_sets d on d.id = c.disposition_set_id
where c.id = $1 and d.archived_at is not null

-- name: disposition_set_archived
select id, name, archived_at from disposition_sets where archived_at is not null order by archived_at desc, id

-- name: disposition_set_restore
update disposition_sets set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *
