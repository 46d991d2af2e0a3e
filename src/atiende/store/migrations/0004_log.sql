-- The log of facts, raw webhooks, channel sends, background jobs.

create table events (
    id bigint generated always as identity,
    at timestamptz not null default now(),
    topic text not null,
    entity uuid not null,
    version bigint not null,
    kind text not null,
    cause text not null default '',
    payload jsonb not null default '{}',
    primary key (id, at)
) partition by range (at);
create index events_entity on events (topic, entity, version);
create table events_default partition of events default;
comment on table events is 'personal: payload';
comment on table events_default is 'personal: payload';

-- One partition a month, made ahead by a job; rows never wait for it (the default partition takes them).
create function ensure_events_partition(month date) returns void language plpgsql as $$
declare
    first date := date_trunc('month', month);
    name text := 'events_' || to_char(first, 'YYYY_MM');
begin
    if to_regclass(name) is null then
        execute format('create table %I partition of events for values from (%L) to (%L)',
                       name, first, (first + interval '1 month')::date);
        execute format('comment on table %I is %L', name, 'personal: payload');
    end if;
end $$;

create table inbox (
    id uuid primary key default uuidv7(),
    account_id uuid not null references channel_accounts,
    sha256 bytea not null,
    body bytea not null,
    headers jsonb not null default '{}',
    received_at timestamptz not null,
    done_at timestamptz,
    attempts int not null default 0,
    dead boolean not null default false,
    error text,
    unique (account_id, sha256)
);
create index inbox_waiting on inbox (id) where done_at is null and not dead;
comment on table inbox is 'personal: body, headers';

create table outbox (
    message_id uuid primary key references messages,
    conversation_id uuid not null references conversations,
    account_id uuid not null references channel_accounts,
    seq bigint generated always as identity,
    state text not null default 'queued' check (state in ('queued', 'sending', 'unknown', 'sent', 'failed')),
    not_before timestamptz not null,
    lease_until timestamptz,
    attempts int not null default 0,
    error text,
    created_at timestamptz not null default now()
);
create index outbox_waiting on outbox (conversation_id, seq) where state in ('queued', 'sending');
comment on table outbox is 'personal: none';

create table jobs (
    id bigint generated always as identity primary key,
    kind text not null,
    key text,
    args jsonb not null default '{}',
    run_at timestamptz not null,
    attempts int not null default 0,
    max_attempts int not null default 10,
    every_s int,              -- a schedule: runs again by itself
    dead boolean not null default false,
    error text,
    created_at timestamptz not null default now(),
    unique (kind, key)
);
create index jobs_due on jobs (run_at) where not dead;
comment on table jobs is 'personal: args';
