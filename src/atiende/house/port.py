"""The listening socket, taken before anything is made. Called by `run`.

A busy port must be noticed while there is still nothing to undo; and a socket that is already
listening can be handed over a restart, so that nobody is refused meanwhile.
"""

import errno
import os
import socket

from atiende.core.problem import Problem
from atiende.settings import Settings

BACKLOG = 2048
_SENTENCES = {
    errno.EADDRINUSE: "port_busy",
    errno.EACCES: "port_forbidden",
    errno.EPERM: "port_forbidden",
}


def listen(settings: Settings) -> socket.socket:
    """The socket inherited from before a restart, or a new one on the wanted address."""
    if settings.listen_fd is not None:
        kept = socket.socket(fileno=settings.listen_fd)
        kept.set_inheritable(False)
        return kept
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise _unknown(settings, error) from error
    family, kind, protocol, _, address = found[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and settings.host != "::":
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        key = _SENTENCES.get(error.errno or 0)
        if key is None:
            raise _unknown(settings, error) from error
        raise Problem(409, key, host=settings.host, port=settings.port) from error
    return made


def _unknown(settings: Settings, error: OSError) -> Problem:
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)
    return Problem(400, "host_unknown", host=settings.host, reason=reason)
