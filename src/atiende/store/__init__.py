"""The only code that knows how rows, events, blobs and wake-ups are kept. Everything else imports
this door."""

from atiende.store.blobs import Blobs
from atiende.store.bus import Bus, wake_event
from atiende.store.database import (
    AWAY,
    RACES,
    Connection,
    Database,
    Row,
    connect,
    fetch_one,
    open_database,
    prepare_connection,
)
from atiende.store.events import Change, changes_of, ensure_partitions, events_after, log_event
from atiende.store.migrate import known_migrations, migrate
from atiende.store.queries import Queries, load_queries, parse_queries

__all__ = [
    "AWAY",
    "RACES",
    "Blobs",
    "Bus",
    "Change",
    "Connection",
    "Database",
    "Queries",
    "Row",
    "changes_of",
    "connect",
    "ensure_partitions",
    "events_after",
    "fetch_one",
    "known_migrations",
    "load_queries",
    "log_event",
    "migrate",
    "open_database",
    "parse_queries",
    "prepare_connection",
    "wake_event",
]
