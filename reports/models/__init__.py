"""What reports keep of their own: facts read off the history of leads, rates. One file per topic; import from here."""

from reports.models.facts import Cycle, FactsMark, LeadFact, Stay
from reports.models.journeys import Journey
from reports.models.money import ExchangeRate
from reports.models.segments import SegmentMonth

__all__ = ["Cycle", "ExchangeRate", "FactsMark", "Journey", "LeadFact", "SegmentMonth", "Stay"]
