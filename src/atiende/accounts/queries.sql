-- accounts: sessions, the lock, links, the record, roles and people.

-- name: failures_lock
insert into login_failures (subject, failures, last_at) values ($1, 0, $2)
on conflict (subject) do update set subject = excluded.subject
returning failures, last_at, locked_until

-- name: failures_set
update login_failures set failures = $2, last_at = $3, locked_until = $4 where subject = $1

-- name: failures_clear
delete from login_failures where subject = $1

-- name: failures_take_back
update login_failures set failures = greatest(failures - 1, 0),
    locked_until = case when failures - 1 < $2::int then null else locked_until end
where subject = $1

-- name: audit_lock
select pg_advisory_xact_lock(hashtext('atiende.audit'))

-- name: audit_head
select hash from audit order by seq desc limit 1

-- name: audit_insert
insert into audit (at, actor_id, actor, action, object_kind, object_id, before, after, address, prev_hash, hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: audit_all
select seq, at, actor_id, actor, action, object_kind, object_id, before, after, address, prev_hash, hash
from audit order by seq

-- name: audit_page
select seq, at, actor_id, actor, action, object_kind, object_id, before, after, address
from audit
where ($1::bigint is null or seq < $1) and ($2::uuid is null or actor_id = $2)
    and ($3::text is null or action like $3 || '%')
order by seq desc limit $4

-- name: role_refresh
insert into roles (code, name, permissions, builtin) values ($1, $1, $2, true)
on conflict (code) do update set permissions = excluded.permissions, builtin = true,
    version = roles.version + 1
where roles.permissions <> excluded.permissions or not roles.builtin

-- name: administrators_lock
select id from roles where code = 'administrator' for update

-- name: administrators_besides
select count(*) from users u
join user_roles g on g.user_id = u.id and g.scope = 'all'
join roles r on r.id = g.role_id and r.code = 'administrator'
where u.state = 'active' and u.id is distinct from $1::uuid

-- name: session_insert
insert into sessions (token_hash, user_id, seen_at, expires_at, address, browser)
values ($1, $2, $3, $4, $5, $6)

-- name: session_find
select s.id as session_id, s.seen_at, u.id as user_id, u.name, u.email, u.locale, u.team_id,
    exists (select 1 from agents a where a.user_id = u.id) as is_agent,
    exists (select 1 from assignments x where x.agent_id = u.id
            and x.state in ('connecting', 'active', 'held', 'lost', 'wrapping')) as busy,
    coalesce((
        select jsonb_agg(jsonb_build_object('code', r.code, 'builtin', r.builtin,
            'permissions', r.permissions, 'scope', g.scope, 'scope_ids', g.scope_ids) order by r.code)
        from user_roles g join roles r on r.id = g.role_id where g.user_id = u.id), '[]') as roles,
    array(select m.queue_id from queue_agents m where m.user_id = u.id) as queues
from sessions s join users u on u.id = s.user_id
where s.token_hash = $1 and s.ended_at is null and s.expires_at > $2 and u.state = 'active'

-- name: sessions_actors
select s.id as session_id, s.seen_at, u.id as user_id, u.name, u.email, u.locale, u.team_id,
    exists (select 1 from agents a where a.user_id = u.id) as is_agent,
    exists (select 1 from assignments x where x.agent_id = u.id
            and x.state in ('connecting', 'active', 'held', 'lost', 'wrapping')) as busy,
    coalesce((
        select jsonb_agg(jsonb_build_object('code', r.code, 'builtin', r.builtin,
            'permissions', r.permissions, 'scope', g.scope, 'scope_ids', g.scope_ids) order by r.code)
        from user_roles g join roles r on r.id = g.role_id where g.user_id = u.id), '[]') as roles,
    array(select m.queue_id from queue_agents m where m.user_id = u.id) as queues
from sessions s join users u on u.id = s.user_id
where s.id = any($1::uuid[]) and s.ended_at is null and s.expires_at > $2 and u.state = 'active'
    and (s.seen_at >= $3 or exists (
        select 1 from assignments x where x.agent_id = s.user_id
        and x.state in ('connecting', 'active', 'held', 'lost', 'wrapping')))

-- name: session_touch
update sessions set seen_at = $2 where id = $1 and seen_at < $2

-- name: session_end
update sessions set ended_at = $2, end_reason = $3 where id = $1 and ended_at is null

-- name: sessions_end
update sessions set ended_at = $2, end_reason = $3
where user_id = $1 and ended_at is null and id is distinct from $4::uuid
returning id

-- name: sessions_alive
select s.id from sessions s join users u on u.id = s.user_id
where s.id = any($1::uuid[]) and s.ended_at is null and s.expires_at > $2 and u.state = 'active'
    and (s.seen_at >= $3 or exists (
        select 1 from assignments x where x.agent_id = s.user_id
        and x.state in ('connecting', 'active', 'held', 'lost', 'wrapping')))

-- name: session_others
-- Another browser in use: an open desk is seen at least once a minute.
select count(*) from sessions where user_id = $1 and id <> $2 and ended_at is null and expires_at > $3
  and seen_at > $3::timestamptz - interval '2 minutes'

-- name: force_offline
insert into commands (agent_id, kind, args, at)
select user_id, 'force_presence', $2, $3 from agents where user_id = $1
returning id

-- name: login_user
select id, name, password_hash from users
where email = $1 and state = 'active' and password_hash is not null

-- name: place_known
select exists (select 1 from sessions s join users u on u.id = s.user_id
    where u.email = $1 and s.address = $2 and s.seen_at > $3)

-- name: places_of
select distinct s.address from sessions s join users u on u.id = s.user_id
where u.email = $1 and s.address is not null

-- name: login_confirm
select id from users where id = $1 and state = 'active' and password_hash = $2 for share

-- name: password_set
update users set password_hash = $2, version = version + 1 where id = $1

-- name: configure
insert into commands (kind, args, at) values ('configure', $1, $2)

-- name: organisation_get
select name, country, locale, public_url, shows_listening, call_prefixes, call_blocked, calls_minute, calls_day, setup, version
from organisation for update

-- name: organisation_read
select name, country, locale, public_url, shows_listening, call_prefixes, call_blocked, calls_minute, calls_day, setup, version,
    coalesce((select tz from sites where archived_at is null order by id limit 1), 'America/Lima') as tz
from organisation

-- name: organisation_insert
insert into organisation (name, country, locale, setup) values ($1, $2, $3, $4)

-- name: organisation_update
update organisation set name = $1, country = $2, locale = $3, public_url = $4, shows_listening = $5,
    call_prefixes = $6, call_blocked = $7, calls_minute = $8, calls_day = $9, version = version + 1
returning name, country, locale, public_url, setup, version

-- name: organisation_setup
update organisation set setup = $1, version = version + 1

-- name: site_list
select id, version, name, tz from sites where archived_at is null order by name

-- name: site_get
select id, version, name, tz from sites where id = $1 and archived_at is null for update

-- name: site_insert
insert into sites (name, tz) values ($1, $2) returning id, version, name, tz

-- name: site_update
update sites set name = $2, tz = $3, version = version + 1 where id = $1 returning id, version, name, tz

-- name: site_archive
update sites set archived_at = $2, version = version + 1 where id = $1 returning id, version, name, tz

-- name: site_in_use
select 'teams' as what, count(*) as n, min(name) as name from teams where site_id = $1 and archived_at is null
union all
select 'people', count(*), min(name) from users where site_id = $1 and state <> 'disabled'

-- name: team_list
select id, version, name, site_id from teams where archived_at is null order by name

-- name: team_get
select id, version, name, site_id from teams where id = $1 and archived_at is null for update

-- name: team_insert
insert into teams (name, site_id) values ($1, $2) returning id, version, name, site_id

-- name: team_update
update teams set name = $2, site_id = $3, version = version + 1 where id = $1
returning id, version, name, site_id

-- name: team_archive
update teams set archived_at = $2, version = version + 1 where id = $1 returning id, version, name, site_id

-- name: team_in_use
select 'people' as what, count(*) as n, min(name) as name from users where team_id = $1 and state <> 'disabled'

-- name: skill_list
select id, version, name from skills where archived_at is null order by name

-- name: skill_get
select id, version, name from skills where id = $1 and archived_at is null for update

-- name: skill_insert
insert into skills (name) values ($1) returning id, version, name

-- name: skill_update
update skills set name = $2, version = version + 1 where id = $1 returning id, version, name

-- name: skill_archive
update skills set archived_at = $2, version = version + 1 where id = $1 returning id, version, name

-- name: skill_in_use
select 'queues' as what, count(*) as n, min(name) as name from queues
where archived_at is null and exists (
    select 1 from jsonb_array_elements(steps) as step, jsonb_array_elements(step -> 'skills') as pair
    where pair ->> 0 = $1::uuid::text)
union all
select 'people', count(*), min(u.name) from agent_skills s join users u on u.id = s.user_id
where s.skill_id = $1 and u.state <> 'disabled'

-- name: hours_list
select id, version, name, tz, weekly, exceptions from hours where archived_at is null order by name

-- name: hours_get
select id, version, name, tz, weekly, exceptions from hours where id = $1 and archived_at is null for update

-- name: hours_insert
insert into hours (name, tz, weekly, exceptions) values ($1, $2, $3, $4)
returning id, version, name, tz, weekly, exceptions

-- name: hours_update
update hours set name = $2, tz = $3, weekly = $4, exceptions = $5, version = version + 1 where id = $1
returning id, version, name, tz, weekly, exceptions

-- name: hours_archive
update hours set archived_at = $2, version = version + 1 where id = $1
returning id, version, name, tz, weekly, exceptions

-- name: hours_in_use
select 'queues' as what, count(*) as n, min(name) as name from queues where hours_id = $1 and archived_at is null
union all
select 'accounts', count(*), min(name) from channel_accounts where hours_id = $1 and archived_at is null

-- name: hours_queues
insert into commands (kind, args, at)
select 'configure', jsonb_build_object('what', 'queue', 'id', id), $2::timestamptz
from queues where hours_id = $1 and archived_at is null

-- name: pause_reason_list
select id, version, code, name, productive, position, builtin from pause_reasons
where archived_at is null order by position, name

-- name: pause_reason_get
select id, version, code, name, productive, position, builtin from pause_reasons
where id = $1 and archived_at is null for update

-- name: pause_reason_insert
insert into pause_reasons (code, name, productive, position) values ($1, $2, $3, $4)
returning id, version, code, name, productive, position, builtin

-- name: pause_reason_update
update pause_reasons set code = $2, name = $3, productive = $4, position = $5, version = version + 1
where id = $1 returning id, version, code, name, productive, position, builtin

-- name: pause_reason_archive
update pause_reasons set archived_at = $2, version = version + 1 where id = $1
returning id, version, code, name, productive, position, builtin

-- name: pause_reason_seed
insert into pause_reasons (code, name, productive, builtin, position) values ($1, $2, $3, $4, $5)
on conflict (code) do nothing

-- name: pause_reason_builtin
select builtin from pause_reasons where id = $1

-- name: secret_set
insert into secrets (name, sealed, rotated_at) values ($1, $2, $3)
on conflict (name) do update set sealed = excluded.sealed, rotated_at = excluded.rotated_at

-- name: secrets_held
select count(*) from secrets

-- name: secret_get
select sealed from secrets where name = $1

-- name: links_void
update login_links set expires_at = $2
where user_id is not distinct from $1::uuid and used_at is null and expires_at > $2

-- name: link_insert
insert into login_links (token_hash, user_id, purpose, created_by, expires_at) values ($1, $2, $3, $4, $5)

-- name: link_find
select l.id, l.purpose, l.user_id, u.email, u.name, u.state,
    (select name from organisation) as organisation
from login_links l left join users u on u.id = l.user_id
where l.token_hash = $1 and l.used_at is null and l.expires_at > $2
for update of l

-- name: link_used
update login_links set used_at = $2 where id = $1

-- name: profile_seed
insert into routing_profiles (name) values ($1) returning id

-- name: user_insert
insert into users (email, name, state, team_id, site_id, locale) values ($1, $2, $3, $4, $5, $6)
returning id

-- name: role_give
insert into user_roles (user_id, role_id, scope, scope_ids)
select $1, id, $3, $4 from roles where code = $2
on conflict (user_id, role_id) do nothing

-- name: user_activate
-- Who accepts an invitation may correct his name ($3; null = as it is).
update users set password_hash = $2, state = 'active', name = coalesce($3, name), version = version + 1
where id = $1 and state <> 'disabled' returning id

-- name: agent_joined
insert into commands (kind, args, at)
select 'configure', jsonb_build_object('what', 'agent', 'id', user_id), $2 from agents where user_id = $1;

-- name: me_read
select u.id, u.name, u.email, u.locale, u.theme, u.preferences, u.team_id, u.version, u.password_hash,
    array(select r.code from user_roles g join roles r on r.id = g.role_id where g.user_id = u.id
          order by r.code) as roles,
    o.name as organisation, o.country, o.locale as organisation_locale, o.setup,
    coalesce((select tz from sites where id = u.site_id),
             (select tz from sites where archived_at is null order by id limit 1), 'America/Lima') as tz
from users u left join organisation o on true where u.id = $1

-- name: me_update
update users set name = $2, locale = $3, theme = $4, preferences = $5, version = version + 1 where id = $1

-- name: agent_touch
update agents set version = version + 1 where user_id = $1 returning version

-- name: people_list
select u.id, u.version, u.email, u.name, u.state, u.team_id, u.site_id, u.locale,
    (select max(s.seen_at) from sessions s where s.user_id = u.id) as seen_at,
    (select max(f.locked_until) from login_failures f
              where f.locked_until > $4 and f.subject in (
                  select sha256(convert_to('account:' || u.email || p.place, 'UTF8'))
                  from (select '' as place union select '@' || s.address from sessions s where s.user_id = u.id) p
                  where p.place is not null)) as locked_until,
    coalesce((
        select jsonb_agg(jsonb_build_object('role_id', r.id, 'code', r.code, 'scope', g.scope,
            'scope_ids', g.scope_ids) order by r.code)
        from user_roles g join roles r on r.id = g.role_id where g.user_id = u.id), '[]') as roles,
    (select jsonb_build_object('routing_profile_id', a.routing_profile_id,
        'queues', array(select m.queue_id from queue_agents m where m.user_id = u.id order by m.queue_id),
        'skills', coalesce((select jsonb_agg(jsonb_build_object('skill_id', k.skill_id, 'level', k.level)
                                             order by k.skill_id)
                            from agent_skills k where k.user_id = u.id), '[]'))
     from agents a where a.user_id = u.id) as agent
from users u
where ($5::uuid is null or u.id = $5) and ($1::uuid[] is null or u.team_id = any($1) or u.id = any($2::uuid[])
    or exists (select 1 from queue_agents m where m.user_id = u.id and m.queue_id = any($3::uuid[])))
order by u.name, u.id

-- name: person_get
select u.id, u.version, u.email, u.name, u.state, u.team_id, u.site_id, u.locale,
    exists (select 1 from agents a where a.user_id = u.id) as is_agent,
    array(select m.queue_id from queue_agents m where m.user_id = u.id) as queues,
    coalesce((
        select jsonb_agg(jsonb_build_object('role_id', r.id, 'code', r.code, 'builtin', r.builtin,
            'permissions', r.permissions, 'scope', g.scope, 'scope_ids', g.scope_ids) order by r.code)
        from user_roles g join roles r on r.id = g.role_id where g.user_id = u.id), '[]') as roles
from users u where u.id = $1 for update of u

-- name: person_update
update users set email = $2, name = $3, team_id = $4, site_id = $5, locale = $6, version = version + 1
where id = $1

-- name: person_roles_clear
delete from user_roles where user_id = $1

-- name: person_role_insert
insert into user_roles (user_id, role_id, scope, scope_ids) values ($1, $2, $3, $4)

-- name: person_state
update users set state = $2, version = version + 1 where id = $1

-- name: person_enable
update users set state = case when password_hash is null then 'invited' else 'active' end,
    version = version + 1
where id = $1 and state = 'disabled'

-- name: public_url
select public_url from organisation

-- name: role_list
select id, version, code, name, permissions, builtin from roles order by builtin desc, name

-- name: role_get
select id, version, code, name, permissions, builtin from roles where id = $1 for update

-- name: role_insert
insert into roles (code, name, permissions) values ($1, $2, $3)
returning id, version, code, name, permissions, builtin

-- name: role_update
update roles set code = $2, name = $3, permissions = $4, version = version + 1 where id = $1
returning id, version, code, name, permissions, builtin

-- name: role_archive
delete from roles where id = $1 and $2::timestamptz is not null
returning id, version, code, name, permissions, builtin

-- name: role_in_use
select 'people' as what, count(*) as n, min(u.name) as name
from user_roles g join users u on u.id = g.user_id where g.role_id = $1

-- name: channel_account_list
select id, version, channel, name, public_key, config, queue_id, hours_id, active,
    exists (select 1 from secrets s where s.name = 'channel_account/' || channel_accounts.id) as has_secret
from channel_accounts where archived_at is null order by name

-- name: channel_account_get
select id, version, channel, name, public_key, config, queue_id, hours_id, active,
    exists (select 1 from secrets s where s.name = 'channel_account/' || channel_accounts.id) as has_secret
from channel_accounts where id = $1 and archived_at is null for update

-- name: channel_account_insert
insert into channel_accounts (channel, name, public_key, config, queue_id, hours_id, active)
values ($1, $2, $3, $4, $5, $6, $7)
returning id, version, channel, name, public_key, config, queue_id, hours_id, active, false as has_secret

-- name: channel_account_update
update channel_accounts set channel = $2, name = $3, public_key = $4, config = $5, queue_id = $6,
    hours_id = $7, active = $8, version = version + 1
where id = $1
returning id, version, channel, name, public_key, config, queue_id, hours_id, active,
    exists (select 1 from secrets s where s.name = 'channel_account/' || channel_accounts.id) as has_secret

-- name: channel_account_archive
update channel_accounts set archived_at = $2, active = false, version = version + 1 where id = $1
returning id, version, channel, name, public_key, config, queue_id, hours_id, active, false as has_secret

-- name: queue_open
select id from queues where id = $1 and archived_at is null

-- Screens show who holds a live case by name: those cases reach a new version with it.
-- name: person_touch_cases
with touched as (
    update cases c set version = c.version + 1
    where (c.state not in ('resolved', 'closed') or c.disposition_id is null)
        and (c.owner_id = $1 or exists (
            select 1 from assignments s where s.case_id = c.id and s.agent_id = $1
            and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')))
    returning c.id, c.version
), logged as (
    insert into events (topic, entity, version, kind, cause)
    select 'case', id, version, 'case.agent_changed', 'person' from touched
)
select 'case' as topic, id, version, 'case.agent_changed' as kind from touched

-- name: site_archived
select id, name, archived_at from sites where archived_at is not null order by archived_at desc, id

-- name: site_restore
update sites set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *

-- name: team_archived
select id, name, archived_at from teams where archived_at is not null order by archived_at desc, id

-- name: team_restore
update teams set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *

-- name: team_stands_on
select s.name from teams t join sites s on s.id = t.site_id where t.id = $1 and s.archived_at is not null

-- name: skill_archived
select id, name, archived_at from skills where archived_at is not null order by archived_at desc, id

-- name: skill_restore
update skills set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *

-- name: hours_archived
select id, name, archived_at from hours where archived_at is not null order by archived_at desc, id

-- name: hours_restore
update hours set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *

-- name: pause_reason_archived
select id, name, archived_at from pause_reasons where archived_at is not null order by archived_at desc, id

-- name: pause_reason_restore
update pause_reasons set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *

-- name: channel_account_archived
select id, name, channel, archived_at from channel_accounts where archived_at is not null order by archived_at desc, id

-- name: channel_account_restore
update channel_accounts set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *

-- name: channel_account_stands_on
select q.name from channel_accounts a join queues q on q.id = a.queue_id
where a.id = $1 and q.archived_at is not null
union all
select h.name from channel_accounts a join hours h on h.id = a.hours_id where a.id = $1 and h.archived_at is not null
