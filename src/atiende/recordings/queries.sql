-- Recordings: policies, a recording and its tracks, what waits to be sealed, mixed or removed.

-- name: policies
select id, queue_id, direction, percentage, on_demand, retention_days from recording_policies where archived_at is null;

-- name: begin
insert into recordings (interaction_id, policy_id, tape, expires_at) values ($1, $2, $3, $4)
on conflict (interaction_id) do nothing;

-- name: live_tape
select tape from recordings where interaction_id = $1;

-- name: keep_tape
update recordings set tape = $2 where interaction_id = $1;

-- name: show
-- What screens are told of a call's recording; then its case has a new version.
with call as (
    update calls set recording = $2 where interaction_id = $1 and recording <> $2 returning interaction_id
), gestion as (
    update cases c set version = c.version + 1 from interactions i, call
    where i.id = call.interaction_id and c.id = i.case_id returning c.id, c.version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'case', id, version, 'case.recording', 'call', jsonb_build_object('state', $2::text, 'interaction_id', $1::uuid) from gestion
)
select 'case' as topic, id, version, 'case.recording' as kind from gestion;

-- name: mark
update recordings set marks = marks || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('kind', $2::text, 'at', iso($3), 'agent_id', $4::uuid)))
where interaction_id = $1;

-- name: track_began
insert into recording_tracks (recording_id, name, role, agent_id, asked_at)
select id, $2, $3, $4, $5 from recordings where interaction_id = $1 on conflict (name) do nothing;

-- name: track_runs
update recording_tracks set started_at = coalesce(started_at, $2) where name = $1;

-- name: track_over
update recording_tracks set ended_at = coalesce(ended_at, $2) where name = $1;

-- name: plain_tracks
-- Tracks that are over, or whose call is, for a moment, and that lie in the clear.
select t.id, t.name, t.ended_at from recording_tracks t join recordings r on r.id = t.recording_id join calls k on k.interaction_id = r.interaction_id
where t.samples is null and not t.lost and (t.ended_at < $1::timestamptz - $2::interval or k.ended_at < $1::timestamptz - $2::interval)
order by t.id limit 200;

-- name: known_track
select lost or samples is not null as done from recording_tracks where name = $1;

-- name: track_sealed
update recording_tracks set blob_key = $2, sealed = $3, samples = $4, rate = $5 where id = $1;

-- name: track_lost
update recording_tracks set lost = true where id = $1;

-- name: to_mix
-- Calls that are over and whose every track is sealed or lost.
select r.id, r.interaction_id, r.attempts from recordings r join calls k on k.interaction_id = r.interaction_id
where r.state = 'open' and k.ended_at is not null
  and not exists (select 1 from recording_tracks t where t.recording_id = r.id and t.samples is null and not t.lost)
order by r.attempts, r.id limit 20;

-- name: sealed_tracks
select t.id, t.role, t.agent_id, coalesce(t.started_at, t.asked_at) as began, t.blob_key, t.sealed, t.samples, t.rate
from recording_tracks t where t.recording_id = $1 and t.samples > 0 order by began, t.id;

-- name: attempt
update recordings set attempts = attempts + 1 where id = $1;

-- name: ready
update recordings set state = 'ready', blob_key = $2, sealed = $3, size = $4, duration_ms = $5, peaks = $6, started_at = $7
where id = $1 and state = 'open' returning interaction_id;

-- name: failed
update recordings set state = 'failed' where id = $1 and state = 'open' returning interaction_id;

-- name: nothing_said
delete from recordings where id = $1 and state = 'open' returning interaction_id;

-- name: mixed_tracks
-- Tracks of what has long been mixed: a backup that was being made may still have needed them.
select t.id, t.blob_key from recording_tracks t join recordings r on r.id = t.recording_id join calls k on k.interaction_id = r.interaction_id
where t.blob_key is not null and r.state in ('ready', 'expired') and k.ended_at < $1::timestamptz - $2::interval limit 200;

-- name: forget_track
update recording_tracks set blob_key = null, sealed = null where id = $1;

-- name: expired
select r.id, r.interaction_id, r.blob_key, array(select t.blob_key from recording_tracks t where t.recording_id = r.id and t.blob_key is not null) as tracks
from recordings r where r.state in ('ready', 'failed') and r.expires_at < $1 order by r.expires_at limit 100;

-- name: expire
update recordings set state = 'expired', blob_key = null, sealed = null, peaks = null where id = $1;

-- name: forget_tracks
update recording_tracks set blob_key = null, sealed = null where recording_id = $1;

-- name: of_case
select r.id, r.interaction_id, r.state, k.ended_at is not null as over, r.started_at,
  (select jsonb_agg(m.mark || jsonb_strip_nulls(jsonb_build_object('agent', u.name)) order by m.n)
    from jsonb_array_elements(r.marks) with ordinality m (mark, n) left join users u on u.id::text = m.mark->>'agent_id') as marks, r.duration_ms, r.peaks, r.expires_at,
  p.agents_listen, p.supervisors_listen,
  array(select t.agent_id from recording_tracks t where t.recording_id = r.id and t.agent_id is not null) as agents,
  coalesce((select jsonb_agg(jsonb_build_object('role', t.role, 'agent', u.name, 'began', iso(coalesce(t.started_at, t.asked_at)),
      'seconds', t.samples::float / nullif(t.rate, 0)) order by t.asked_at, t.id)
    from recording_tracks t left join users u on u.id = t.agent_id where t.recording_id = r.id and t.samples > 0), '[]') as tracks
from recordings r join interactions i on i.id = r.interaction_id join calls k on k.interaction_id = r.interaction_id
join recording_policies p on p.id = r.policy_id
where i.case_id = $1 and (r.state <> 'open' or k.ended_at is not null) order by i.started_at, r.id;

-- name: recording
select r.id, r.state, r.blob_key, r.sealed, r.size, i.case_id, p.agents_listen, p.supervisors_listen, c.number,
  array(select t.agent_id from recording_tracks t where t.recording_id = r.id and t.agent_id is not null) as agents
from recordings r join interactions i on i.id = r.interaction_id join cases c on c.id = i.case_id
join recording_policies p on p.id = r.policy_id where r.id = $1;

-- name: listened
insert into recording_listens (recording_id, session_id, at) values ($1, $2, $3)
on conflict (recording_id, session_id) do update set at = $3;

-- name: listens
select 1 as listens from recording_listens where recording_id = $1 and session_id = $2 and at > $3;

-- name: forget_listens
delete from recording_listens where at < $1;

-- name: recording_policy_list
select id, version, name, queue_id, direction, percentage, on_demand, retention_days, agents_listen, supervisors_listen
from recording_policies where archived_at is null order by queue_id nulls first, name;

-- name: recording_policy_get
select id, version, name, queue_id, direction, percentage, on_demand, retention_days, agents_listen, supervisors_listen
from recording_policies where id = $1 and archived_at is null for update;

-- name: recording_policy_insert
insert into recording_policies (name, queue_id, direction, percentage, on_demand, retention_days, agents_listen, supervisors_listen)
values ($1, $2, $3, $4, $5, $6, $7, $8)
returning id, version, name, queue_id, direction, percentage, on_demand, retention_days, agents_listen, supervisors_listen;

-- name: recording_policy_update
update recording_policies set version = version + 1, name = $2, queue_id = $3, direction = $4, percentage = $5, on_demand = $6,
  retention_days = $7, agents_listen = $8, supervisors_listen = $9
where id = $1
returning id, version, name, queue_id, direction, percentage, on_demand, retention_days, agents_listen, supervisors_listen;

-- name: recording_policy_archive
update recording_policies set version = version + 1, archived_at = $2 where id = $1
returning id, version, name, queue_id, direction, percentage, on_demand, retention_days, agents_listen, supervisors_listen;

-- name: recording_policy_archived
select id, name, archived_at from recording_policies where archived_at is not null order by archived_at desc;

-- name: recording_policy_restore
update recording_policies set version = version + 1, archived_at = null where id = $1 and archived_at is not null
returning id, version, name, queue_id, direction, percentage, on_demand, retention_days, agents_listen, supervisors_listen;

-- name: recording_policy_stands_on
select q.name from recording_policies p join queues q on q.id = p.queue_id where p.id = $1 and q.archived_at is not null;
