-- What was done to one thing: a case's history asks for the acts on its work.

create index audit_object on audit (object_kind, object_id);
