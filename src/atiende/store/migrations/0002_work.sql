-- The business: customers, campaigns, queues, channel accounts, cases, conversations, messages.

create table customers (
    id uuid primary key default uuidv7(),
    kind text not null default 'person' check (kind in ('visitor', 'person', 'organisation')),
    name text not null default '',
    document text,
    tier text not null default 'customer' check (tier in ('vip', 'customer', 'prospect')),
    language text not null default 'es',
    tz text,
    address text,
    notes text not null default '',
    fields jsonb not null default '{}',
    merged_into_id uuid references customers,
    search text not null default '', -- unaccented, lower case: name, document, identities
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table customers is 'personal: name, document, address, notes, fields, search';

create table identities (
    id uuid primary key default uuidv7(),
    customer_id uuid not null references customers,
    kind text not null,           -- 'email', 'phone', 'visitor' (a chat's token), 'crm', …
    scope text not null default '', -- channel account id where the address is only valid there
    value text not null,
    label text,
    verified_at timestamptz,
    source text not null,
    is_primary boolean not null default false,
    created_at timestamptz not null default now(),
    unique (kind, scope, value)
);
create index identities_customer on identities (customer_id);
comment on table identities is 'personal: value, label';

create table disposition_sets (
    id uuid primary key default uuidv7(),
    name text not null unique check (length(name) between 1 and 120),
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table disposition_sets is 'personal: none';

create table dispositions (
    id uuid primary key default uuidv7(),
    set_id uuid not null references disposition_sets,
    parent_id uuid references dispositions,
    code text,
    name text not null check (length(name) between 1 and 120),
    flags text[] not null default '{}', -- contact rpc success callback dnc unworkable closes_record
    requires text not null default 'none' check (requires in ('none', 'note', 'date', 'amount', 'agreement')),
    system boolean not null default false,
    position int not null default 0,
    archived_at timestamptz,
    created_at timestamptz not null default now()
);
create index dispositions_set on dispositions (set_id, position);
comment on table dispositions is 'personal: none';

create table campaigns (
    id uuid primary key default uuidv7(),
    name text not null unique check (length(name) between 1 and 120),
    direction text not null default 'inbound' check (direction in ('inbound', 'outbound', 'mixed')),
    state text not null default 'running' check (state in ('draft', 'running', 'paused', 'stopped')),
    disposition_set_id uuid references disposition_sets,
    disposition_required boolean not null default true,
    reopen_h int not null default 72,
    idle_end_h int not null default 24,
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table campaigns is 'personal: none';

create table queues (
    id uuid primary key default uuidv7(),
    campaign_id uuid not null references campaigns,
    name text not null unique check (length(name) between 1 and 120),
    priority int not null default 0 check (priority between 0 and 100),
    boost_s int not null default 60,
    tier_boost jsonb not null default '{"vip": 5}', -- priority added by the customer's tier
    hours_id uuid references hours,
    offer_timeout_s int not null default 20 check (offer_timeout_s between 5 and 300),
    max_wait_s int check (max_wait_s is null or max_wait_s between 10 and 86400),
    max_len int check (max_len is null or max_len > 0),
    overflow_queue_id uuid references queues,
    sl_target_s int not null default 30,
    sl_goal_pct int not null default 80 check (sl_goal_pct between 1 and 100),
    wrapup_mode text not null default 'mandatory' check (wrapup_mode in ('none', 'optional', 'mandatory', 'timed')),
    wrapup_s int not null default 120,
    reject_needs_reason boolean not null default false,
    preferred_agent_s int not null default 30, -- how long a returning customer waits for the last agent
    steps jsonb not null default '[]', -- [{"after_s":0,"skills":[["<skill id>",3]]}]
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    check (overflow_queue_id is distinct from id)
);
comment on table queues is 'personal: none';

create table routing_profiles (
    id uuid primary key default uuidv7(),
    name text not null unique check (length(name) between 1 and 120),
    slots jsonb not null default '{"voice": 1, "messages": 4, "mail": 5}',
    messages_during_call int not null default 2,
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table routing_profiles is 'personal: none';

create table channel_accounts (
    id uuid primary key default uuidv7(),
    channel text not null,
    name text not null unique check (length(name) between 1 and 120),
    public_key text not null unique, -- what a page or a provider names; never a secret
    config jsonb not null default '{}',
    queue_id uuid not null references queues,
    hours_id uuid references hours,
    active boolean not null default true,
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table channel_accounts is 'personal: none';

create table cases (
    id uuid primary key default uuidv7(),
    number bigint generated always as identity (start with 1001) unique,
    customer_id uuid not null references customers,
    campaign_id uuid not null references campaigns,
    queue_id uuid references queues,
    topic text not null default '',
    state text not null default 'open' check (state in ('open', 'waiting_customer', 'waiting_internal', 'resolved', 'closed')),
    owner_id uuid references users, -- last agent who held it
    disposition_id uuid references dispositions,
    disposition_note text not null default '',
    disposition_data jsonb not null default '{}',
    disposed_by uuid references users,
    disposed_at timestamptz,
    opened_at timestamptz not null,
    resolved_at timestamptz,
    closed_at timestamptz,
    reopened_count int not null default 0,
    parent_id uuid references cases,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
create index cases_customer on cases (customer_id, opened_at desc);
create index cases_recent on cases (opened_at desc);
create index cases_live on cases (owner_id) where state not in ('resolved', 'closed') or disposition_id is null;
comment on table cases is 'personal: topic, disposition_note, disposition_data';

create table conversations (
    id uuid primary key default uuidv7(),
    account_id uuid not null references channel_accounts,
    identity_id uuid not null references identities,
    customer_id uuid not null references customers,
    thread_key text not null default '',
    state text not null default 'open' check (state in ('open', 'archived', 'blocked')),
    case_id uuid references cases,          -- the case its live or last interaction belongs to
    interaction_id uuid,                    -- the live interaction, null between episodes
    visitor jsonb not null default '{}',    -- page, browser, language as the visitor's page told
    last_in_at timestamptz,
    last_out_at timestamptz,
    read_by_customer bigint not null default 0, -- rev up to which the customer has read
    read_by_agent bigint not null default 0,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    unique (account_id, identity_id, thread_key)
);
create index conversations_customer on conversations (customer_id);
create index conversations_case on conversations (case_id);
comment on table conversations is 'personal: visitor';

create table interactions (
    id uuid primary key default uuidv7(),
    case_id uuid not null references cases,
    conversation_id uuid references conversations,
    channel text not null,
    account_id uuid references channel_accounts,
    identity_id uuid references identities,
    queue_id uuid references queues,
    direction text not null check (direction in ('in', 'out', 'internal')),
    initiation text not null check (initiation in ('inbound', 'outbound', 'transfer', 'callback', 'campaign', 'api', 'flow', 'agent_reply')),
    state text not null check (state in ('created', 'self_service', 'waiting', 'active', 'parked', 'ended')),
    outcome text check (outcome in ('served', 'self_served', 'abandoned_flow', 'abandoned_queue', 'short_abandon', 'callback_converted', 'overflow', 'missed', 'failed', 'spam', 'no_reply')),
    disposition_id uuid references dispositions,
    started_at timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz,
    ended_by text,
    end_reason text,
    created_at timestamptz not null default now(),
    check ((state = 'ended') = (ended_at is not null))
);
create index interactions_case on interactions (case_id, started_at);
create unique index interactions_live on interactions (conversation_id) where state <> 'ended';
alter table conversations add foreign key (interaction_id) references interactions;
comment on table interactions is 'personal: none';

create table messages (
    id uuid primary key default uuidv7(),
    conversation_id uuid references conversations,
    case_id uuid not null references cases,
    interaction_id uuid references interactions,
    account_id uuid references channel_accounts,
    rev bigint not null default 0, -- the conversation's version that last touched it (0: a note)
    case_rev bigint not null,      -- the case's version that last touched it
    direction text not null check (direction in ('in', 'out', 'note', 'system')),
    author_kind text not null check (author_kind in ('customer', 'agent', 'bot', 'system')),
    author_id uuid,
    kind text not null default 'text' check (kind in ('text', 'file', 'system')),
    body text not null default '' check (length(body) <= 20000),
    data jsonb not null default '{}',
    client_id text,   -- of our own screen or widget: the same id is the same message
    external_id text, -- of the provider
    state text not null check (state in ('received', 'draft', 'queued', 'sending', 'unknown', 'sent', 'delivered', 'read', 'failed', 'canceled')),
    error text,
    at timestamptz not null,
    deleted_at timestamptz,
    created_at timestamptz not null default now(),
    unique (account_id, external_id),
    unique (case_id, client_id)
);
create index messages_conversation on messages (conversation_id, rev);
create index messages_case on messages (case_id, at, id);
create index messages_case_rev on messages (case_id, case_rev);
create index messages_text on messages using gin (to_tsvector('spanish', body));
comment on table messages is 'personal: body, data';

create table attachments (
    id uuid primary key default uuidv7(),
    message_id uuid references messages,
    conversation_id uuid references conversations,
    owner text not null, -- 'user:<id>' or 'visitor:<conversation id>': who may attach it
    name text not null check (length(name) between 1 and 200),
    media_type text not null,
    size bigint not null check (size >= 0),
    sha256 bytea not null,
    blob_key text not null,
    created_at timestamptz not null default now()
);
create index attachments_message on attachments (message_id);
comment on table attachments is 'personal: name, sha256';

create table quick_replies (
    id uuid primary key default uuidv7(),
    shortcut text not null unique check (shortcut ~ '^[a-z0-9_áéíóúñü-]{1,40}$'),
    title text not null check (length(title) between 1 and 120),
    body text not null check (length(body) between 1 and 4000),
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table quick_replies is 'personal: none';

create table drafts (
    user_id uuid not null references users on delete cascade,
    case_id uuid not null references cases,
    mode text not null, -- 'reply:<conversation id>', 'note', 'disposition'
    body text not null check (length(body) <= 40000),
    previous text,
    rev bigint not null default 1,
    updated_at timestamptz not null,
    primary key (user_id, case_id, mode)
);
comment on table drafts is 'personal: body, previous';
