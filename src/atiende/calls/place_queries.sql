-- Where a caller stands in his queue, and what its wait is estimated from.

-- name: place
-- His place among the calls that wait in the same queue; 0 while somebody is asked to take him.
with me as (
    select w.id, w.queue_id, w.state, q.announce_s, q.boost_s, w.virtual_start - make_interval(secs => w.priority * q.boost_s) as key
    from work_items w join queues q on q.id = w.queue_id
    where w.interaction_id = $1 and w.state in ('queued', 'offered')
)
select me.queue_id, me.announce_s, case when me.state = 'offered' then 0 else 1 + (
    select count(*) from work_items x where x.queue_id = me.queue_id and x.media = 'voice' and x.state = 'queued'
      and (x.virtual_start - make_interval(secs => x.priority * me.boost_s), x.id) < (me.key, me.id)) end as position
from me;

-- name: limits
select q.max_len, q.max_estimate_s, q.overflow_queue_id, (
    select count(*) from work_items w where w.queue_id = q.id and w.media = 'voice' and w.state in ('queued', 'offered')) as waiting
from queues q where q.id = $1;

-- name: handles
-- How long the last calls kept an agent, from the offer to the end of the wrap-up.
select extract(epoch from s.done_at - coalesce(o.offered_at, s.started_at))::float8 as handle_s
from assignments s join work_items w on w.id = s.work_item_id left join offers o on o.id = s.offer_id
where w.queue_id = $1 and w.media = 'voice' and s.role = 'primary' and s.state = 'done' and s.done_at > $2
order by s.done_at desc limit 60;

-- name: serving
-- The queue's agents who take calls now: for how long each has had one; null = he has none.
select extract(epoch from $2::timestamptz - coalesce((
    select min(coalesce(o.offered_at, s.started_at)) from assignments s join work_items w on w.id = s.work_item_id
    left join offers o on o.id = s.offer_id
    where s.agent_id = g.user_id and w.media = 'voice' and s.state in ('connecting', 'active', 'held', 'lost', 'wrapping')
  ), (
    select o.offered_at from offers o join work_items w on w.id = o.work_item_id
    where o.agent_id = g.user_id and o.state = 'pending' and w.media = 'voice')))::float8 as since_s
from queue_agents m join agents g on g.user_id = m.user_id join routing_profiles p on p.id = g.routing_profile_id
where m.queue_id = $1 and g.presence = 'available' and coalesce((p.slots->>'voice')::int, 0) > 0;

-- name: left
-- Of the last calls of the queue, the share that gave up waiting.
select avg((k.outcome = 'abandoned_queue')::int)::float8 from (
    select i.outcome from interactions i join calls c on c.interaction_id = i.id
    where i.queue_id = $1 and i.state = 'ended' and i.ended_at > $2 and i.outcome in ('served', 'abandoned_queue')
    order by i.ended_at desc limit 60) as k;
