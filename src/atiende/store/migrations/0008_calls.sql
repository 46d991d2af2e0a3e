-- Calls: carriers, what one call is at, its legs, agents' phones, and what is asked of a call.

create table trunks (
    id uuid primary key default uuidv7(),
    name text not null unique check (length(name) between 1 and 120),
    host text not null check (host ~ '^[A-Za-z0-9.:-]{1,253}$'),
    port int not null default 5060 check (port between 1 and 65535),
    transport text not null default 'udp' check (transport in ('udp', 'tcp')),
    username text check (username ~ '^[A-Za-z0-9._+@-]{1,80}$'), -- its password is the secret trunk/<id>
    register boolean not null default false,
    max_calls int check (max_calls is null or max_calls > 0),
    max_minute int not null default 30 check (max_minute > 0), -- calls out, against fraud
    max_day int not null default 2000 check (max_day > 0),
    caller_id text check (caller_id ~ '^[+]?[0-9]{1,20}$'),
    active boolean not null default true,
    -- As Asterisk last saw it; 'unknown' until it has looked, and while there are no calls.
    state text not null default 'unknown'
        check (state in ('unknown', 'reachable', 'unreachable', 'registered', 'registering', 'rejected', 'no_address')),
    state_since timestamptz,
    archived_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now()
);
comment on table trunks is 'personal: none';

-- Whom agents may call: prefixes in E.164. None of its own: the company's; none at all: its country.
alter table organisation
    add column call_prefixes text[] not null default '{}',
    add column call_blocked text[] not null default '{}',
    add column calls_minute int not null default 10 check (calls_minute > 0), -- of one agent
    add column calls_day int not null default 300 check (calls_day > 0);
alter table sites add column call_prefixes text[] not null default '{}';

-- One row a call. machine is the state of channels/voice/calls.py as it was before its last requests to
-- Asterisk: after a crash it is compared with what Asterisk has.
create table calls (
    interaction_id uuid primary key references interactions,
    channel_id text not null unique, -- Asterisk's name of the customer's leg
    direction text not null default 'in' check (direction in ('in', 'out')),
    from_number text not null default '',
    to_number text not null,
    trunk_id uuid references trunks,
    bridge_id text,
    state text not null check (state in (
        'arriving', 'greeting', 'waiting', 'ringing', 'dialing', 'alerting', 'connected', 'held', 'closing', 'ended')),
    since timestamptz not null, -- of the state
    agent_id uuid references users,
    muted boolean not null default false,
    -- what screens are told of its recording; written by the slice recordings
    recording text not null default 'no'
        check (recording in ('no', 'may', 'on', 'paused', 'processing', 'ready', 'failed', 'expired')),
    machine jsonb not null,
    answered_at timestamptz not null, -- by us; it may ring for nobody
    queued_at timestamptz,
    connected_at timestamptz, -- the first time with an agent
    ended_at timestamptz,
    cause text, -- who or what ended it: customer, agent, closed, platform
    sip_code int,
    result text, -- of a call out: channels/voice/outcome.py
    hold_s int not null default 0,
    created_at timestamptz not null default now(),
    check ((state = 'ended') = (ended_at is not null))
);
create index calls_live on calls (interaction_id) where ended_at is null;
comment on table calls is 'personal: from_number, to_number, machine';

-- Whether a number might be called, decided before anything was dialled, with what was known then.
create table call_decisions (
    id uuid primary key default uuidv7(),
    client_id text unique,
    agent_id uuid not null references users,
    at timestamptz not null,
    number text not null,
    purpose text not null,
    account_id uuid references channel_accounts,
    trunk_id uuid references trunks,
    allowed boolean not null,
    reasons text[] not null,
    alarms text[] not null,
    counts jsonb not null,
    case_id uuid references cases,
    interaction_id uuid references interactions,
    created_at timestamptz not null default now()
);
create index call_decisions_agent on call_decisions (agent_id, at) where allowed;
create index call_decisions_trunk on call_decisions (trunk_id, at) where allowed;
comment on table call_decisions is 'personal: number';

create table call_legs (
    id uuid primary key default uuidv7(),
    interaction_id uuid not null references calls,
    role text not null check (role in ('customer', 'agent', 'supervisor')),
    agent_id uuid references users,
    channel_id text not null unique,
    state text not null check (state in ('dialing', 'ringing', 'answered', 'bridged', 'held', 'ended')),
    dialed_at timestamptz not null,
    ringing_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    cause int,
    sip_code int,
    created_at timestamptz not null default now()
);
create index call_legs_call on call_legs (interaction_id);
comment on table call_legs is 'personal: none';

-- The phone of an agent, or of who listens to agents, in Asterisk's memory; minted for his page, gone with his session.
create table phones (
    agent_id uuid primary key references users on delete cascade,
    session_id uuid references sessions on delete cascade, -- of the page that minted it
    endpoint text not null unique check (endpoint ~ '^[a-z0-9-]{8,60}$'),
    sealed bytea not null, -- the password
    kind text not null default 'browser' check (kind in ('browser', 'plain')),
    minted_at timestamptz not null,
    pushed_at timestamptz,
    socket_at timestamptz, -- when its socket to us was last known to live; null: it is gone
    expires_at timestamptz not null,
    created_at timestamptz not null default now()
);
comment on table phones is 'personal: none';

create table call_commands (
    id bigint generated always as identity primary key,
    interaction_id uuid not null references calls,
    agent_id uuid not null references users,
    kind text not null,
    client_id text unique,
    at timestamptz not null,
    result jsonb,
    created_at timestamptz not null default now()
);
create index call_commands_waiting on call_commands (id) where result is null;
comment on table call_commands is 'personal: none';

-- Who listens to whom. mode and left_at are what the supervisor wants, state is what is so.
create table call_supervisions (
    id uuid primary key default uuidv7(),
    interaction_id uuid not null references calls,
    supervisor_id uuid not null references users,
    agent_id uuid not null references users,
    mode text not null check (mode in ('listen', 'whisper')),
    state text not null default 'ringing' check (state in ('ringing', 'ready', 'open', 'ended')),
    asked_at timestamptz not null,
    opened_at timestamptz, -- the first time he heard them
    left_at timestamptz,
    ended_at timestamptz,
    reason text check (reason in ('left', 'no_phone', 'call_ended', 'moved', 'platform')),
    created_at timestamptz not null default now(),
    check ((state = 'ended') = (ended_at is not null))
);
create unique index call_supervisions_one on call_supervisions (supervisor_id) where ended_at is null;
create index call_supervisions_call on call_supervisions (interaction_id);
comment on table call_supervisions is 'personal: none';

-- Whether an agent's screen says that somebody listens to his call.
alter table organisation add column shows_listening boolean not null default true;

-- A case tells the call of each interaction that has one.
create or replace view live_cases as
select c.id, c.version, jsonb_build_object(
    'id', c.id, 'number', c.number, 'topic', c.topic, 'state', c.state,
    'campaign', jsonb_build_object('id', k.id, 'name', k.name,
        'disposition_set_id', k.disposition_set_id, 'disposition_required', k.disposition_required),
    'queue', case when q.id is null then null else jsonb_build_object('id', q.id, 'name', q.name) end,
    'customer', jsonb_build_object('id', p.id, 'name', p.name, 'kind', p.kind, 'tier', p.tier),
    'owner', case when o.id is null then null else jsonb_build_object('id', o.id, 'name', o.name) end,
    'opened_at', iso(c.opened_at), 'resolved_at', iso(c.resolved_at), 'closed_at', iso(c.closed_at),
    'reopened_count', c.reopened_count,
    'disposition', case when c.disposition_id is null then null else jsonb_build_object(
        'id', c.disposition_id, 'path', disposition_path(c.disposition_id), 'note', c.disposition_note,
        'data', c.disposition_data, 'at', iso(c.disposed_at)) end,
    'interactions', coalesce((
        select jsonb_agg(jsonb_build_object(
            'id', i.id, 'channel', i.channel, 'state', i.state, 'outcome', i.outcome,
            'conversation_id', i.conversation_id, 'account_id', i.account_id, 'queue_id', i.queue_id,
            'started_at', iso(i.started_at), 'answered_at', iso(i.answered_at), 'ended_at', iso(i.ended_at),
            'ended_by', i.ended_by, 'direction', i.direction,
            'result', (select l.result from calls l where l.interaction_id = i.id),
            'recording', (select l.recording from calls l where l.interaction_id = i.id), 'call', (
                select jsonb_build_object('state', l.state, 'since', iso(l.since), 'direction', l.direction,
                    'number', case l.direction when 'in' then l.from_number else l.to_number end,
                    'agent_id', l.agent_id, 'muted', l.muted, 'signal', coalesce((l.machine->>'signal')::boolean, true),
                    'listeners', (select coalesce(jsonb_agg(jsonb_build_object('name', u.name, 'mode', v.mode) order by v.id), '[]')
                        from call_supervisions v join users u on u.id = v.supervisor_id
                        where v.interaction_id = l.interaction_id and v.state = 'open' and (select o.shows_listening from organisation o)))
                from calls l where l.interaction_id = i.id and l.ended_at is null and i.state <> 'ended')
            ) order by i.started_at, i.id)
        from interactions i where i.case_id = c.id), '[]'),
    'assignments', coalesce((
        select jsonb_agg(jsonb_build_object(
            'id', s.id, 'work_id', s.work_item_id, 'agent_id', s.agent_id, 'agent_name', g.name, 'state', s.state,
            'started_at', iso(s.started_at), 'waiting_since', iso(s.waiting_since),
            'wrap_started_at', iso(s.wrap_started_at), 'wrap_until', iso(s.wrap_until)) order by s.id)
        from assignments s join users g on g.id = s.agent_id
        where s.case_id = c.id and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')), '[]'),
    'work', coalesce((
        select jsonb_agg(jsonb_build_object(
            -- an offer is the work's and the agent's own matter: the case waits all the same
            'id', w.id, 'state', case when w.state = 'offered' then 'queued' else w.state end,
            'queue_id', w.queue_id, 'interaction_id', w.interaction_id,
            'virtual_start', iso(w.virtual_start)) order by w.id)
        from work_items w where w.case_id = c.id and w.state in ('scheduled', 'queued', 'offered', 'assigned')), '[]'),
    'conversations', coalesce((
        select jsonb_agg(jsonb_build_object(
            'id', v.id, 'version', v.version, 'account_id', v.account_id, 'channel', a.channel, 'state', v.state,
            'live', v.interaction_id is not null and v.case_id = c.id,
            'last_in_at', iso(v.last_in_at), 'last_out_at', iso(v.last_out_at),
            'read_by_customer', v.read_by_customer, 'visitor', v.visitor,
            'unread', (select count(*) from messages m
                       where m.conversation_id = v.id and m.direction = 'in' and m.rev > v.read_by_agent)) order by v.id)
        from conversations v join channel_accounts a on a.id = v.account_id where v.case_id = c.id), '[]'),
    'last', (select jsonb_build_object('body', left(m.body, 140), 'kind', m.kind, 'direction', m.direction,
                'author_kind', m.author_kind, 'at', iso(m.at))
             from messages m where m.case_id = c.id and m.direction in ('in', 'out') and m.deleted_at is null
             order by m.at desc, m.id desc limit 1)
) as state,
array(select s.agent_id from assignments s
      where s.case_id = c.id and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
      union
      select c.owner_id where c.owner_id is not null and c.state = 'resolved' and c.disposition_id is null) as agents,
c.queue_id, c.campaign_id,
array(select distinct g.team_id from users g where g.team_id is not null and (g.id = c.owner_id or g.id in (
      select s.agent_id from assignments s where s.case_id = c.id
      and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')))
      union select teams_of_queue(c.queue_id) where c.owner_id is null
          or exists (select 1 from work_items w where w.case_id = c.id and w.state in ('queued', 'offered'))) as teams
from cases c
join campaigns k on k.id = c.campaign_id
join customers p on p.id = c.customer_id
left join queues q on q.id = c.queue_id
left join users o on o.id = c.owner_id;
