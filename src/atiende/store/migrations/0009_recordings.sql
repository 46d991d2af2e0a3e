-- Recordings: who decides what is recorded, what was, its tracks, and who may have listened.

create table recording_policies (
    id uuid primary key default uuidv7(),
    name text not null unique check (length(name) between 1 and 120),
    queue_id uuid references queues, -- null: every queue that has none of its own
    direction text not null default 'both' check (direction in ('in', 'out', 'both')),
    percentage int not null default 100 check (percentage between 0 and 100),
    on_demand boolean not null default false, -- the agent may begin one that was not chosen
    retention_days int not null default 180 check (retention_days between 1 and 3650),
    agents_listen boolean not null default false, -- to their own
    supervisors_listen boolean not null default true, -- to their team's
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
create unique index recording_policies_place on recording_policies (queue_id, direction) nulls not distinct where archived_at is null;
comment on table recording_policies is 'personal: none';
insert into recording_policies (name) values ('General');

-- One row a call that is recorded, or may be. tape is the state of channels/voice/recording.py.
create table recordings (
    id uuid primary key default uuidv7(),
    interaction_id uuid not null unique references calls,
    policy_id uuid not null references recording_policies,
    state text not null default 'open' check (state in ('open', 'ready', 'failed', 'expired')),
    tape jsonb not null,
    marks jsonb not null default '[]', -- [{kind, at, agent_id?}]
    started_at timestamptz, -- of its first track
    duration_ms bigint,
    peaks bytea, -- how loud, 0 to 255: as many bytes for the customer as then for the agents
    blob_key text, -- stereo Opus, enciphered
    size bigint, -- of the Opus
    sealed bytea, -- the file's own key, under the house's
    attempts int not null default 0,
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    check ((state = 'ready') = (blob_key is not null))
);
create index recordings_open on recordings (id) where state = 'open';
create index recordings_expire on recordings (expires_at) where state in ('ready', 'failed');
comment on table recordings is 'personal: tape, peaks, blob_key';

-- What one leg said. Plain while it lasts (name, below Asterisk's folder); then enciphered; gone a
-- while after the recording is ready.
create table recording_tracks (
    id uuid primary key default uuidv7(),
    recording_id uuid not null references recordings on delete cascade,
    name text not null unique,
    role text not null check (role in ('customer', 'agent')),
    agent_id uuid references users,
    asked_at timestamptz not null,
    started_at timestamptz, -- by Asterisk's clock
    ended_at timestamptz,
    blob_key text, -- samples of 16 bits, enciphered
    sealed bytea,
    samples bigint,
    rate int,
    lost boolean not null default false, -- there was no file
    created_at timestamptz not null default now()
);
create index recording_tracks_recording on recording_tracks (recording_id);
create index recording_tracks_plain on recording_tracks (id) where samples is null and not lost;
comment on table recording_tracks is 'personal: blob_key';

-- A listen that was written into the audit: for a while its session may fetch the sound.
create table recording_listens (
    recording_id uuid not null references recordings on delete cascade,
    session_id uuid not null references sessions on delete cascade,
    at timestamptz not null,
    created_at timestamptz not null default now(),
    primary key (recording_id, session_id)
);
comment on table recording_listens is 'personal: none';
