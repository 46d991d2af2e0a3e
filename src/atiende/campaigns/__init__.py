"""The business umbrella: campaigns, the trees of dispositions their cases are closed with, and the
starter trees.  Rows and lists only, until dialing comes.

This is the door; web/routes.py imports the handlers of ``api``.
"""

from atiende.campaigns.policy import Policy, campaign_list, new_campaign, policy_of
from atiende.campaigns.trees import disposition_sets, set_from_template, template_codes

__all__ = [
    "Policy",
    "campaign_list",
    "disposition_sets",
    "new_campaign",
    "policy_of",
    "set_from_template",
    "template_codes",
]
