-- The floor's filter by queue narrows the agents too: each tells its queues.

create or replace view live_agents as
select a.user_id as id, a.version, jsonb_build_object(
    'id', a.user_id, 'name', u.name, 'team_id', u.team_id,
    'queues', (select coalesce(jsonb_agg(m.queue_id order by m.queue_id), '[]') from queue_agents m where m.user_id = a.user_id), 'presence', a.presence, 'pause_code', a.pause_code,
    'pending', a.pending, 'pending_code', a.pending_code, 'since', iso(a.since),
    'slots', p.slots,
    'used', coalesce((
        select jsonb_object_agg(x.media, x.n) from (
            select w.media, count(distinct w.case_id) as n
            from assignments s join work_items w on w.id = s.work_item_id
            where s.agent_id = a.user_id and s.state in ('connecting', 'active', 'held', 'lost') and s.waiting_since is null
            group by w.media) x), '{}'),
    'active', (select count(*) from assignments s where s.agent_id = a.user_id and s.state in ('connecting', 'active', 'held')),
    'wrapping', (select count(*) from assignments s where s.agent_id = a.user_id and s.state = 'wrapping'),
    'lost', (select count(*) from assignments s where s.agent_id = a.user_id and s.state = 'lost'),
    'wrap_since', (select iso(min(s.wrap_started_at)) from assignments s where s.agent_id = a.user_id and s.state = 'wrapping'),
    'busy_since', (select iso(min(s.started_at)) from assignments s where s.agent_id = a.user_id and s.state in ('connecting', 'active', 'held')),
    'offer', (select jsonb_build_object(
            'id', f.id, 'work_id', w.id, 'case_id', w.case_id, 'case_number', c.number, 'media', w.media,
            'channel', i.channel, 'queue', q.name, 'queue_id', q.id, 'customer', cu.name, 'tier', cu.tier,
            'topic', c.topic, 'waiting_since', iso(w.virtual_start), 'offered_at', iso(f.offered_at),
            'expires_at', iso(f.expires_at), 'reject_needs_reason', q.reject_needs_reason, 'why', f.why,
            'preview', (select left(m.body, 140) from messages m where m.case_id = c.id and m.direction = 'in'
                        order by m.at desc, m.id desc limit 1))
        from offers f join work_items w on w.id = f.work_item_id join queues q on q.id = w.queue_id
        join cases c on c.id = w.case_id join customers cu on cu.id = w.customer_id
        left join interactions i on i.id = w.interaction_id
        where f.agent_id = a.user_id and f.state = 'pending')
) as state,
array[a.user_id] as agents,
null::uuid as queue_id, null::uuid as campaign_id,
case when u.team_id is null then '{}'::uuid[] else array[u.team_id] end as teams,
array(select m.queue_id from queue_agents m where m.user_id = a.user_id) as queues
from agents a join users u on u.id = a.user_id join routing_profiles p on p.id = a.routing_profile_id
where u.state = 'active';
