"""The whole API on one page: method, path, handler, permission.

PUBLIC = anybody; SESSION = anybody logged in; else the permission somebody must hold in some scope
to come in at all. Handlers ask the scope of each object themselves. A test walks this table.
"""

from collections.abc import Callable
from typing import Any

from atiende.accounts import api as accounts
from atiende.cases import api as cases
from atiende.cases import api_files as files
from atiende.customers import api as customers
from atiende.routing import api as routing
from atiende.web.gate import PUBLIC, SESSION
from atiende.web.reference import get_reference

Line = tuple[str, str, Callable[..., Any], str]

ROUTES: list[Line] = [
    # Who am I
    ("GET", "/api/public", accounts.public, PUBLIC),
    ("POST", "/api/login", accounts.login, PUBLIC),
    ("POST", "/api/logout", accounts.logout, SESSION),
    ("GET", "/api/me", accounts.me, SESSION),
    ("PATCH", "/api/me", accounts.change_me, SESSION),
    ("POST", "/api/me/password", accounts.change_password, SESSION),
    ("POST", "/api/links/open", accounts.open_one_time_link, PUBLIC),
    ("POST", "/api/links/use", accounts.use_one_time_link, PUBLIC),
    # The desk
    ("GET", "/api/reference", get_reference, SESSION),
    ("POST", "/api/presence", routing.post_presence, "desk.use"),
    ("POST", "/api/offers/{work_id}/accept", routing.post_accept, "desk.use"),
    ("POST", "/api/offers/{work_id}/reject", routing.post_reject, "desk.use"),
    ("GET", "/api/cases", cases.get_cases, "cases.search"),
    ("GET", "/api/cases/{case_id}", cases.get_case, "cases.read"),
    ("PATCH", "/api/cases/{case_id}", cases.patch_case, "cases.write"),
    ("GET", "/api/cases/{case_id}/timeline", cases.get_timeline, "cases.read"),
    ("GET", "/api/cases/{case_id}/history", cases.get_history, "cases.read"),
    ("POST", "/api/cases/{case_id}/notes", cases.post_note, "cases.write"),
    ("POST", "/api/cases/{case_id}/transfer", routing.post_transfer, "cases.write"),
    ("POST", "/api/cases/{case_id}/pull", routing.post_pull, "desk.use"),
    ("POST", "/api/cases/{case_id}/end", cases.post_end, "cases.write"),
    ("POST", "/api/cases/{case_id}/dispose", cases.post_outcome, "cases.write"),
    ("POST", "/api/cases/{case_id}/extend-wrapup", routing.post_extend, "desk.use"),
    ("PUT", "/api/cases/{case_id}/drafts/{mode}", cases.put_case_draft, "desk.use"),
    ("GET", "/api/drafts", cases.get_drafts, "desk.use"),
    ("POST", "/api/conversations/{conversation_id}/messages", cases.post_message, "cases.write"),
    ("POST", "/api/conversations/{conversation_id}/read", cases.post_read, "cases.read"),
    ("POST", "/api/conversations/{conversation_id}/typing", cases.post_typing, "cases.write"),
    ("POST", "/api/uploads", files.post_upload, "cases.write"),
    ("GET", "/api/attachments/{attachment_id}", files.get_attachment, "cases.read"),
    ("GET", "/api/customers/{customer_id}", customers.get_customer, "customers.read"),
    ("PATCH", "/api/customers/{customer_id}", customers.patch_customer, "customers.write"),
    ("GET", "/api/search", cases.get_search, "cases.read"),
    # The floor
    ("GET", "/api/floor", routing.get_floor, "floor.watch"),
    ("GET", "/api/floor/work", routing.get_floor_work, "floor.watch"),
    ("POST", "/api/agents/{agent_id}/presence", routing.force_presence, "floor.act"),
    ("POST", "/api/work/{work_id}/move", routing.move_work, "floor.act"),
]
