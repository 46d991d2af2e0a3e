-- knowledge: quick replies.

-- name: quick_reply_list
select id, version, shortcut, title, body from quick_replies where archived_at is null order by shortcut

-- name: quick_reply_get
select id, version, shortcut, title, body from quick_replies where id = $1 and archived_at is null for update

-- name: quick_reply_insert
insert into quick_replies (shortcut, title, body) values ($1, $2, $3)
returning id, version, shortcut, title, body

-- name: quick_reply_update
update quick_replies set shortcut = $2, title = $3, body = $4, version = version + 1 where id = $1
returning id, version, shortcut, title, body

-- name: quick_reply_archive
update quick_replies set archived_at = $2, version = version + 1 where id = $1
returning id, version, shortcut, title, body

-- name: quick_reply_archived
select id, shortcut as name, archived_at from quick_replies where archived_at is not null order by archived_at desc, id

-- name: quick_reply_restore
update quick_replies set archived_at = null, version = version + 1
where id = $1 and archived_at is not null returning *
