"""What reports keep of their own: facts off the history of leads, rates, targets. One file per topic; import here."""

from reports.models.facts import Cycle, FactsMark, LeadFact, Stay
from reports.models.journeys import Journey
from reports.models.kept import FactsBlock, KeptAnswer, KeptPart
from reports.models.money import ExchangeRate
from reports.models.segments import SegmentMonth
from reports.models.targets import Target, TargetChange

__all__ = [
    "Cycle",
    "ExchangeRate",
    "FactsBlock",
    "FactsMark",
    "Journey",
    "KeptAnswer",
    "KeptPart",
    "LeadFact",
    "SegmentMonth",
    "Stay",
    "Target",
    "TargetChange",
]
