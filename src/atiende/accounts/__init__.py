"""Who works here and what they may do: organisation, sites, teams, people, roles, sessions,
one-time links, secrets, channel accounts, opening hours, pauses, skills, and the record of acts.

This is the door: other slices import from here; web/routes.py imports the handlers of the
``api*`` modules.
"""

from atiende.accounts.audit import PROGRAM, Act, Who, record, verify_audit, who
from atiende.accounts.context import Actor, Anon, Anonymous, Context, Ctx, anonymous, context
from atiende.accounts.entry import login, logout
from atiende.accounts.passwords import hash_password
from atiende.accounts.roles import refresh_builtin_roles
from atiende.accounts.sessions import (
    clear_cookie,
    cookie_name,
    end_sessions,
    find_session,
    send_offline,
    sessions_alive,
    set_cookie,
)

__all__ = [
    "PROGRAM",
    "Act",
    "Actor",
    "Anon",
    "Anonymous",
    "Context",
    "Ctx",
    "Who",
    "anonymous",
    "clear_cookie",
    "context",
    "cookie_name",
    "end_sessions",
    "find_session",
    "hash_password",
    "login",
    "logout",
    "record",
    "refresh_builtin_roles",
    "send_offline",
    "sessions_alive",
    "set_cookie",
    "verify_audit",
    "who",
]
