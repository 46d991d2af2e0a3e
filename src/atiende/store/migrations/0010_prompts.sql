-- What callers hear: recordings of the company's own, and what a queue tells those who wait.

create table prompts (
    id uuid primary key default uuidv7(),
    kind text not null check (kind in ('prompt', 'music')),
    name text not null unique check (length(name) between 1 and 120),
    sound text not null unique check (sound ~ '^[a-z0-9][a-z0-9-]{0,39}$'), -- Asterisk's name: custom/<sound>, or a class of music
    blob_key text not null, -- 16-bit PCM, one channel, 16 kHz
    digest bytea not null,
    seconds real not null check (seconds > 0),
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table prompts is 'personal: none';

-- Whether a number's settings name a sound: as what is said, or as what is heard waiting.
create function uses_sound(config jsonb, kind text, sound text) returns boolean language sql immutable as $$
    select case kind when 'music' then config->>'music' = sound
        else 'custom/' || sound in (config->>'greeting', config->>'recording', config->>'closed', config->>'full') end
$$;

alter table queues
    add column announce_s int default 60 check (announce_s is null or announce_s between 15 and 600), -- place and wait are told so often
    add column max_estimate_s int check (max_estimate_s is null or max_estimate_s between 30 and 86400); -- a longer wait overflows at once

create index assignments_done on assignments (done_at) where state = 'done';
create index interactions_ended on interactions (queue_id, ended_at) where state = 'ended';
