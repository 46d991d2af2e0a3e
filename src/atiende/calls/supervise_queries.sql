-- Supervision of calls: what is wanted, what is so.

-- name: supervised_call
-- The call that somebody wants to listen to, and where its case stands.
select k.state, k.agent_id, i.case_id from calls k join interactions i on i.id = k.interaction_id where k.interaction_id = $1;

-- name: own_phone
-- The phone of who listens, known to Asterisk; and whether he is in a call of his own.
select p.endpoint, exists (select 1 from calls k where k.agent_id = p.agent_id and k.ended_at is null) as talks
from phones p where p.agent_id = $1 and p.pushed_at is not null;

-- name: supervision_of
-- What somebody listens to now.
select id, interaction_id, agent_id, mode, state from call_supervisions where supervisor_id = $1 and ended_at is null for update;

-- name: open_supervision
insert into call_supervisions (interaction_id, supervisor_id, agent_id, mode, asked_at) values ($1, $2, $3, $4, $5)
returning id;

-- name: wish_mode
update call_supervisions set mode = $2, state = case when state = 'open' then 'ready' else state end where id = $1;

-- name: leave_supervision
update call_supervisions set left_at = coalesce(left_at, $2) where id = $1;

-- name: last_supervision
-- The newest of somebody's, with the names that a screen says.
select v.id, v.interaction_id, i.case_id, v.agent_id, u.name as agent, v.mode, v.state, v.reason
from call_supervisions v join users u on u.id = v.agent_id join interactions i on i.id = v.interaction_id
where v.supervisor_id = $1 order by v.id desc limit 1;

-- name: live_supervisions
select v.id, v.interaction_id, v.supervisor_id, v.agent_id, v.mode, v.left_at, coalesce(p.endpoint, '') as endpoint
from call_supervisions v left join phones p on p.agent_id = v.supervisor_id where v.ended_at is null order by v.id;

-- name: keep_supervision
-- What is so; where the agent's screen shows who listens, his case has a new version.
with old as (
    select id, state, interaction_id from call_supervisions where id = $1
), supervision as (
    update call_supervisions set state = $2, reason = $3,
      opened_at = case when $2 = 'open' then coalesce(opened_at, $4) else opened_at end,
      ended_at = case when $2 = 'ended' then $4 end
    where id = $1 and ended_at is null returning id
), gestion as (
    update cases c set version = c.version + 1 from interactions i, old, supervision
    where i.id = old.interaction_id and c.id = i.case_id and i.state <> 'ended'
      and ((old.state = 'open') <> ($2 = 'open') or $2 = 'open') returning c.id, c.version
), log as (
    insert into events (topic, entity, version, kind, cause, payload)
    select 'case', id, version, 'case.call', 'supervision', '{}'::jsonb from gestion
)
select 'case' as topic, id, version, 'case.call' as kind from gestion;

-- name: ended_supervision
select v.supervisor_id, s.name as supervisor, v.interaction_id, v.agent_id, v.mode, v.reason,
  extract(epoch from v.ended_at - v.opened_at)::int as seconds
from call_supervisions v join users s on s.id = v.supervisor_id where v.id = $1;
