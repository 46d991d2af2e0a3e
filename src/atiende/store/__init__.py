"""The only code that knows how rows, events, blobs and wake-ups are kept. Everything else imports
this door."""

from atiende.store import fault
from atiende.store.blobs import Blobs
from atiende.store.bus import Bus, wake_event
from atiende.store.database import (
    AWAY,
    RACES,
    UNFIT,
    Connection,
    Database,
    Row,
    connect,
    fetch_one,
    open_database,
    prepare_connection,
)
from atiende.store.events import Change, changes_of, ensure_partitions, events_after, log_event
from atiende.store.jobs import Job, claim, enqueue, finish, put_back
from atiende.store.migrate import known_migrations, migrate
from atiende.store.queries import Queries, load_queries, parse_queries

__all__ = [
    "AWAY",
    "RACES",
    "UNFIT",
    "Blobs",
    "Bus",
    "Change",
    "Connection",
    "Database",
    "Job",
    "Queries",
    "Row",
    "changes_of",
    "claim",
    "connect",
    "enqueue",
    "ensure_partitions",
    "events_after",
    "fault",
    "fetch_one",
    "finish",
    "known_migrations",
    "load_queries",
    "log_event",
    "migrate",
    "open_database",
    "parse_queries",
    "prepare_connection",
    "put_back",
    "wake_event",
]
