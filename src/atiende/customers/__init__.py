"""Customers: the person or company, their identities on each channel, and what agents know of them.

A customer row is made at first contact. Nothing here links two identities by itself unless both are
verified and equal; what a visitor types about himself is kept, and proves nothing.
"""

from atiende.customers.identify import (
    Caller,
    Visitor,
    identify_caller,
    identify_visitor,
    phone_of,
)
from atiende.customers.phone import PREFIXES, e164
from atiende.customers.profile import (
    CustomerPatch,
    customer_state,
    search_customers,
    update_customer,
)
from atiende.customers.words import like_text, search_text

__all__ = [
    "PREFIXES",
    "Caller",
    "CustomerPatch",
    "Visitor",
    "customer_state",
    "e164",
    "identify_caller",
    "identify_visitor",
    "like_text",
    "phone_of",
    "search_customers",
    "search_text",
    "update_customer",
]
