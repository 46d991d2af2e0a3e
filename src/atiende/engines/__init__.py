"""Supervisors of the programs that stand beside ours, and the edge they listen on.

`postgres` starts, watches and stops the embedded database, `asterisk` the exchange of calls;
`tls` makes and reloads the certificate. Called by the command line, by boot and by the tests'
fixtures.
"""

from atiende.engines.asterisk import REGISTERED_USER, Exchange, Voice, end_orphan, living_pid
from atiende.engines.durable import assert_durable
from atiende.engines.edge import serve_app
from atiende.engines.postgres import Engine, adopt, dsn_of, start
from atiende.engines.tls import follow_certificate, server_context

__all__ = [
    "REGISTERED_USER",
    "Engine",
    "Exchange",
    "Voice",
    "adopt",
    "assert_durable",
    "dsn_of",
    "end_orphan",
    "follow_certificate",
    "living_pid",
    "serve_app",
    "server_context",
    "start",
]
