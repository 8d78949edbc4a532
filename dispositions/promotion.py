"""Whether a lead is ready for sales: the clauses of the agreement that would govern it, as they stand now."""

from collections.abc import Sequence
from dataclasses import dataclass

from funnel.clauses import ClauseResult
from funnel.errors import MissingNeeds
from funnel.models import Agreement, Lead
from funnel.services.agreement_for import agreement_for, results_of


@dataclass(frozen=True)
class Readiness:
    """`problem`: why it cannot be promoted at all, for want of an agreement."""

    agreement: Agreement | None
    results: Sequence[ClauseResult] = ()
    problem: str = ""

    @property
    def met(self) -> int:
        return sum(result.met is True for result in self.results)

    @property
    def failed(self) -> int:
        return sum(result.met is False for result in self.results)

    @property
    def open(self) -> int:
        """Those that people judge."""
        return sum(result.met is None for result in self.results)


def readiness(lead: Lead) -> Readiness:
    """By the team it belongs to now. Needs `company`, `channel` and `team`: select them with the lead."""
    try:
        agreement = agreement_for(lead)
    except MissingNeeds as missing:
        return Readiness(None, problem=str(missing))
    return Readiness(agreement, results_of(lead, agreement))
