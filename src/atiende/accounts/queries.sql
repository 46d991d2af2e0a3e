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
select count(*) from sessions where user_id = $1 and id <> $2 and ended_at is null and expires_at > $3

-- name: force_offline
insert into commands (agent_id, kind, args, at)
select user_id, 'force_presence', $2, $3 from agents where user_id = $1
returning id

-- name: login_user
select id, name, password_hash from users
where email = $1 and state = 'active' and password_hash is not null

-- name: login_confirm
select id from users where id = $1 and state = 'active' and password_hash = $2 for share

-- name: password_set
update users set password_hash = $2, version = version + 1 where id = $1
