"""What agents answer with: the quick replies an administrator keeps and the desk offers by "/".

This is the door; web/routes.py imports the handlers of ``api``.
"""

from atiende.knowledge.replies import quick_replies

__all__ = ["quick_replies"]
