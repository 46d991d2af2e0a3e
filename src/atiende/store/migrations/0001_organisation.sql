-- Who works here and what they may do: organisation, sites, teams, users, roles, sessions, secrets, audit.

create table organisation (
    one boolean primary key default true check (one),
    name text not null,
    country text not null default 'PE',
    locale text not null default 'es',
    public_url text,
    setup jsonb not null default '{}',
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table organisation is 'personal: none';

create table sites (
    id uuid primary key default uuidv7(),
    name text not null unique check (length(name) between 1 and 120),
    tz text not null,
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table sites is 'personal: none';

create table teams (
    id uuid primary key default uuidv7(),
    name text not null unique check (length(name) between 1 and 120),
    site_id uuid references sites,
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table teams is 'personal: none';

create table users (
    id uuid primary key default uuidv7(),
    email text not null check (email = lower(email)),
    name text not null check (length(name) between 1 and 120),
    password_hash text,
    state text not null default 'invited' check (state in ('invited', 'active', 'disabled')),
    team_id uuid references teams,
    site_id uuid references sites,
    locale text not null default 'es',
    theme text not null default 'auto' check (theme in ('auto', 'light', 'dark')),
    preferences jsonb not null default '{}',
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
create unique index users_email on users (email);
comment on table users is 'personal: email, name, password_hash, preferences';

-- permissions are the strings of core.permissions; builtin roles are refreshed from there at start.
create table roles (
    id uuid primary key default uuidv7(),
    code text not null unique,
    name text not null check (length(name) between 1 and 80),
    permissions text[] not null default '{}',
    builtin boolean not null default false,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table roles is 'personal: none';

create table user_roles (
    user_id uuid not null references users on delete cascade,
    role_id uuid not null references roles,
    scope text not null check (scope in ('own', 'team', 'queues', 'campaign', 'all')),
    scope_ids uuid[] not null default '{}',
    primary key (user_id, role_id)
);
comment on table user_roles is 'personal: none';

create table sessions (
    id uuid primary key default uuidv7(),
    token_hash bytea not null unique,
    user_id uuid not null references users on delete cascade,
    created_at timestamptz not null default now(),
    seen_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    end_reason text,
    address text,
    browser text
);
create index sessions_live on sessions (user_id) where ended_at is null;
comment on table sessions is 'personal: address, browser';

-- One-time links: first administrator, invitation, password reset. Only the hash is kept.
create table login_links (
    id uuid primary key default uuidv7(),
    token_hash bytea not null unique,
    user_id uuid references users on delete cascade,
    purpose text not null check (purpose in ('setup', 'invite', 'reset')),
    created_by uuid references users,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
);
comment on table login_links is 'personal: none';

-- Failures by account name and address, known or not, so that nothing tells them apart.
create table login_failures (
    subject bytea primary key,
    failures int not null,
    last_at timestamptz not null,
    locked_until timestamptz
);
comment on table login_failures is 'personal: none';

create table secrets (
    name text primary key,
    sealed bytea not null,
    rotated_at timestamptz not null,
    created_at timestamptz not null default now()
);
comment on table secrets is 'personal: none';

create table hours (
    id uuid primary key default uuidv7(),
    name text not null unique check (length(name) between 1 and 120),
    tz text not null,
    weekly jsonb not null,      -- {"mon": [["08:00","20:00"]], …}
    exceptions jsonb not null default '[]', -- [{"date":"2026-12-25","name":"Navidad","intervals":[]}]
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table hours is 'personal: none';

create table pause_reasons (
    id uuid primary key default uuidv7(),
    code text not null unique,
    name text not null check (length(name) between 1 and 80),
    productive boolean not null default false,
    builtin boolean not null default false,
    position int not null default 0,
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table pause_reasons is 'personal: none';

create table skills (
    id uuid primary key default uuidv7(),
    name text not null unique check (length(name) between 1 and 80),
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table skills is 'personal: none';

-- Append-only and chained (security.md 2.4): hash = sha256(prev_hash || canonical row), made by the writer.
create table audit (
    seq bigint generated always as identity primary key,
    at timestamptz not null,
    actor_id uuid,
    actor text not null,
    action text not null,
    object_kind text not null,
    object_id text not null,
    before jsonb,
    after jsonb,
    address text,
    prev_hash bytea not null,
    hash bytea not null unique
);
comment on table audit is 'personal: actor, before, after, address';

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit is append-only' using errcode = 'AT001';
end $$;
create trigger audit_no_change before update or delete on audit
    for each row execute function audit_is_append_only();
create trigger audit_no_truncate before truncate on audit
    for each statement execute function audit_is_append_only();
