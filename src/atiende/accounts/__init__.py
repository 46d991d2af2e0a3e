"""Who works here and what they may do: organisation, sites, teams, people, roles, sessions,
one-time links, secrets, channel accounts, opening hours, pauses, skills, and the record of acts.

This is the door: other slices import from here; web/routes.py imports the handlers of the
``api*`` modules.
"""

from atiende.accounts import channel_account, items, people
from atiende.accounts.audit import PROGRAM, Act, Who, record, verify_audit, who
from atiende.accounts.context import Actor, Anon, Anonymous, Context, Ctx, anonymous, context
from atiende.accounts.entry import login, logout
from atiende.accounts.founding import (
    Founded,
    NewAdministrator,
    add_administrator,
    found_company,
    starter_words,
)
from atiende.accounts.links import first_link, link_url, make_link
from atiende.accounts.opening import hours_of
from atiende.accounts.passwords import hash_password
from atiende.accounts.roles import refresh_builtin_roles
from atiende.accounts.sealed import (
    account_secret,
    keep_secret,
    load_key,
    read_secret,
    seal,
    unseal,
)
from atiende.accounts.sessions import (
    actors_alive,
    clear_cookie,
    cookie_name,
    end_sessions,
    find_session,
    send_offline,
    sessions_alive,
    set_cookie,
    start_session,
)
from atiende.accounts.shapes import (
    MAX_COUNT,
    Code,
    Country,
    Email,
    Empty,
    Ids,
    In,
    Item,
    Items,
    Locale,
    LongText,
    Name,
    Out,
    Patch,
    ShortName,
    Time,
    Weekly,
    Zone,
)

__all__ = [
    "MAX_COUNT",
    "PROGRAM",
    "Act",
    "Actor",
    "Anon",
    "Anonymous",
    "Code",
    "Context",
    "Country",
    "Ctx",
    "Email",
    "Empty",
    "Founded",
    "Ids",
    "In",
    "Item",
    "Items",
    "Locale",
    "LongText",
    "Name",
    "NewAdministrator",
    "Out",
    "Patch",
    "ShortName",
    "Time",
    "Weekly",
    "Who",
    "Zone",
    "account_secret",
    "actors_alive",
    "add_administrator",
    "anonymous",
    "channel_account",
    "clear_cookie",
    "context",
    "cookie_name",
    "end_sessions",
    "find_session",
    "first_link",
    "found_company",
    "hash_password",
    "hours_of",
    "items",
    "keep_secret",
    "link_url",
    "load_key",
    "login",
    "logout",
    "make_link",
    "people",
    "read_secret",
    "record",
    "refresh_builtin_roles",
    "seal",
    "send_offline",
    "sessions_alive",
    "set_cookie",
    "start_session",
    "starter_words",
    "unseal",
    "verify_audit",
    "who",
]
