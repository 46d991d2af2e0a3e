"""A fresh company a module (tests/company.py)."""

from tests.company import company

__all__ = ["company"]
