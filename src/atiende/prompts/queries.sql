-- What callers hear: the company's own recordings and music.

-- name: laid
select sound, kind, blob_key from prompts where archived_at is null order by sound;

-- name: prompt_list
-- With the numbers that use each: what is heard there, or what is heard while one waits.
select id, version, kind, name, sound, seconds, array(
    select a.name from channel_accounts a where a.archived_at is null and uses_sound(a.config, p.kind, p.sound) order by a.name) as used
from prompts p where archived_at is null order by name

-- name: prompt_get
select id, version, kind, name, sound, seconds, blob_key, '{}'::text[] as used
from prompts where id = $1 and archived_at is null for update

-- name: prompt_insert
insert into prompts (kind, name, sound, blob_key, digest, seconds) values ($1, $2, $3, $4, $5, $6)
returning id, version, kind, name, sound, seconds, '{}'::text[] as used

-- name: prompt_update
update prompts set name = $2, version = version + 1 where id = $1
returning id, version, kind, name, sound, seconds, array(
    select a.name from channel_accounts a where a.archived_at is null and uses_sound(a.config, kind, sound) order by a.name) as used

-- name: prompt_archive
update prompts set archived_at = $2, version = version + 1 where id = $1
returning id, version, kind, name, sound, seconds

-- name: prompt_archived
select id, name, archived_at from prompts where archived_at is not null order by archived_at desc, id

-- name: prompt_restore
update prompts set archived_at = null, version = version + 1 where id = $1 and archived_at is not null
returning id, version, kind, name, sound, seconds

-- name: prompt_in_use
select 'numbers' as what, count(*) as n, min(a.name) as name from channel_accounts a join prompts p on p.id = $1
where a.archived_at is null and uses_sound(a.config, p.kind, p.sound)

-- name: prompt_audio
select blob_key from prompts where id = $1;
