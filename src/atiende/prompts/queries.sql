-- What callers hear: the company's own recordings and music.

-- name: laid
select sound, kind, blob_key from prompts where archived_at is null order by sound;
