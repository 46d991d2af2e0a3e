"""Cases (gestiones): what one customer needs in one matter, over every channel.

Owns cases, interactions, conversations, messages, attachments and drafts. It tells routing what to
do by command rows; routing tells it what became of the work by `attended` and `waits`.
"""

from atiende.cases.attachments import Upload, attachment_row, keep_file, uuids
from atiende.cases.begin import Begun, begin_contact, contact_answered
from atiende.cases.contact import Ending, add_line, end_contact
from atiende.cases.outcome import (
    SHORT_ABANDON_S,
    close_ripe,
    close_unattended,
    customer_ends,
    end_idle,
    wrap_up_over,
)
from atiende.cases.read import case_row, messages_since, place_of, visitor_messages
from atiende.cases.receive import (
    BlockedError,
    Incoming,
    Q,
    Received,
    open_conversation,
    open_episode,
    read_by_customer,
    receive,
    visitor_states,
)
from atiende.cases.reply import add_note
from atiende.cases.scope import readable_case, seen_case

__all__ = [
    "SHORT_ABANDON_S",
    "Begun",
    "BlockedError",
    "Ending",
    "Incoming",
    "Q",
    "Received",
    "Upload",
    "add_line",
    "add_note",
    "attachment_row",
    "begin_contact",
    "case_row",
    "close_ripe",
    "close_unattended",
    "contact_answered",
    "customer_ends",
    "end_contact",
    "end_idle",
    "keep_file",
    "messages_since",
    "open_conversation",
    "open_episode",
    "place_of",
    "read_by_customer",
    "readable_case",
    "receive",
    "seen_case",
    "uuids",
    "visitor_messages",
    "visitor_states",
    "wrap_up_over",
]
