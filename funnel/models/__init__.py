"""What LeadFlow remembers of leads. One file per topic; import from here."""

from funnel.models.agreements import Agreement, Clause, HandOff, Signature
from funnel.models.assignment import Assignment, TeamRule
from funnel.models.history import Escalation, Flag, LeadEvent, LeadText, StageChange
from funnel.models.leads import Company, Evidence, Lead, LeadIdentity, LeadSearch
from funnel.models.marketing import Campaign, Channel, Spend, Touch
from funnel.models.reference import JobRun, Reason, StageDefinition, Suppression
from funnel.models.sources import SourcePolicy, SourceRuling, SourceWord

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
    "JobRun",
    "Lead",
    "LeadEvent",
    "LeadIdentity",
    "LeadSearch",
    "LeadText",
    "Reason",
    "Signature",
    "SourcePolicy",
    "SourceRuling",
    "SourceWord",
    "Spend",
    "StageChange",
    "StageDefinition",
    "Suppression",
    "TeamRule",
    "Touch",
]
