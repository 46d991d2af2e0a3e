-- Routing: only atiende.routing writes these (commands and work items are inserted by whoever receives work).

create table agents (
    user_id uuid primary key references users on delete cascade,
    routing_profile_id uuid not null references routing_profiles,
    presence text not null default 'offline' check (presence in ('offline', 'available', 'paused')),
    pause_code text,
    pending text check (pending in ('offline', 'available', 'paused')), -- applied when the work empties
    pending_code text,
    since timestamptz not null,      -- of the presence
    idle_since timestamptz not null, -- last time work ended or presence became available
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table agents is 'personal: none';

create table agent_skills (
    user_id uuid not null references users on delete cascade,
    skill_id uuid not null references skills,
    level int not null check (level between 1 and 5),
    primary key (user_id, skill_id)
);
comment on table agent_skills is 'personal: none';

create table queue_agents (
    queue_id uuid not null references queues,
    user_id uuid not null references users on delete cascade,
    primary key (queue_id, user_id)
);
comment on table queue_agents is 'personal: none';

create table work_items (
    id uuid primary key default uuidv7(),
    kind text not null default 'interaction' check (kind in ('interaction', 'callback', 'voicemail', 'preview', 'moderation', 'task', 'approval')),
    interaction_id uuid references interactions,
    case_id uuid not null references cases,
    customer_id uuid not null references customers,
    queue_id uuid not null references queues,
    media text not null check (media in ('voice', 'messages', 'mail')),
    priority int not null default 0,
    virtual_start timestamptz not null,
    steps jsonb not null default '[]',
    step int not null default 0,
    preferred_agent_id uuid references users,
    preferred_until timestamptz,
    direct boolean not null default false, -- a person chose the preferred agent
    entered_at timestamptz not null,       -- into the present queue; relaxation and max_wait count from it
    due_at timestamptz,
    expires_at timestamptz,
    state text not null default 'queued' check (state in ('scheduled', 'queued', 'offered', 'assigned', 'done', 'canceled')),
    close_reason text,
    overflowed_from uuid references queues,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
create index work_items_live on work_items (queue_id, virtual_start) where state in ('scheduled', 'queued', 'offered', 'assigned');
create unique index work_items_interaction on work_items (interaction_id) where state in ('scheduled', 'queued', 'offered', 'assigned');
create index work_items_case on work_items (case_id);
comment on table work_items is 'personal: none';

create table offers (
    id uuid primary key default uuidv7(),
    work_item_id uuid not null references work_items,
    agent_id uuid not null references users,
    state text not null default 'pending' check (state in ('pending', 'accepted', 'rejected', 'timeout', 'rescinded', 'canceled')),
    why jsonb not null,
    offered_at timestamptz not null,
    expires_at timestamptz not null,
    answered_at timestamptz,
    reason text,
    created_at timestamptz not null default now()
);
create unique index offers_one_per_work on offers (work_item_id) where state = 'pending';
create unique index offers_one_per_agent on offers (agent_id) where state = 'pending';
create index offers_work on offers (work_item_id);
comment on table offers is 'personal: reason';

create table assignments (
    id uuid primary key default uuidv7(),
    work_item_id uuid not null references work_items,
    offer_id uuid references offers,
    agent_id uuid not null references users,
    case_id uuid not null references cases,
    role text not null default 'primary' check (role in ('primary', 'consult', 'conference', 'takeover')),
    via text not null check (via in ('offer', 'pull', 'force', 'transfer')),
    state text not null check (state in ('connecting', 'active', 'held', 'lost', 'wrapping', 'failed', 'done')),
    waiting_since timestamptz, -- holds no slot: parked on the customer
    started_at timestamptz not null,
    wrap_started_at timestamptz,
    wrap_until timestamptz,
    done_at timestamptz,
    exit_reason text,
    created_at timestamptz not null default now()
);
create unique index assignments_one_primary on assignments (work_item_id)
    where role = 'primary' and state in ('connecting', 'active', 'held', 'lost', 'wrapping');
create index assignments_agent on assignments (agent_id) where state in ('connecting', 'active', 'held', 'lost', 'wrapping');
create index assignments_case on assignments (case_id);
comment on table assignments is 'personal: none';

create table commands (
    id bigint generated always as identity primary key,
    agent_id uuid,
    kind text not null,
    args jsonb not null default '{}',
    client_id text unique,
    at timestamptz not null,
    result jsonb,
    created_at timestamptz not null default now()
);
create index commands_waiting on commands (id) where result is null;
comment on table commands is 'personal: args';

-- Each web process says every second whom it hears: {"<agent id>": <seconds since 1970 of the last pong>}.
create unlogged table web_reports (
    process uuid primary key,
    at timestamptz not null,
    heard jsonb not null default '{}'
);
comment on table web_reports is 'personal: none';

create table router_epochs (
    domain text primary key,
    epoch bigint not null,
    led_by text not null,
    since timestamptz not null
);
comment on table router_epochs is 'personal: none';
