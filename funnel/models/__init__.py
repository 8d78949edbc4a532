"""What LeadFlow remembers of leads. One file per topic; import from here."""

from funnel.models.agreements import Agreement, Clause, HandOff, Signature
from funnel.models.assignment import Assignment, TeamRule
from funnel.models.history import Escalation, Flag, LeadEvent, LeadText, StageChange
from funnel.models.leads import Company, Evidence, Lead, LeadIdentity, LeadSearch
from funnel.models.marketing import Campaign, Channel, Spend, Touch
from funnel.models.reference import Reason, StageDefinition

__all__ = [
    "Agreement",
    "Assignment",
    "Campaign",
    "Channel",
    "Clause",
    "Company",
    "Escalation",
    "Evidence",
    "Flag",
    "HandOff",
    "Lead",
    "LeadEvent",
    "LeadIdentity",
    "LeadSearch",
    "LeadText",
    "Reason",
    "Signature",
    "Spend",
    "StageChange",
    "StageDefinition",
    "TeamRule",
    "Touch",
]
