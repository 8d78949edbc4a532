"""Whether a lead is ready for sales: the clauses of the agreement that would govern it, as they stand now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from funnel.clauses import SUBJECTS, ClauseResult, subject_of
from funnel.errors import MissingNeeds
from funnel.models import Agreement, Clause, Lead
from funnel.services.agreement_for import agreement_for, results_of


@dataclass(frozen=True)
class Check:
    """A clause as it stands. `remedy`: what would meet it; blank where it is met or people judge it."""

    result: ClauseResult
    remedy: str = ""


@dataclass(frozen=True)
class Readiness:
    """`problem`: why it cannot be promoted at all, for want of an agreement."""

    agreement: Agreement | None
    checks: Sequence[Check] = ()
    problem: str = ""

    @property
    def results(self) -> list[ClauseResult]:
        return [check.result for check in self.checks]

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

    @property
    def is_ready(self) -> bool:
        return not self.problem and not self.failed


def readiness(lead: Lead) -> Readiness:
    """By the team it belongs to now. Needs `company`, `channel` and `team`: select them with the lead."""
    try:
        agreement = agreement_for(lead)
    except MissingNeeds as missing:
        return Readiness(None, problem=str(missing))
    prefetch_related_objects([agreement], "clauses")
    clauses = {clause.number: clause for clause in agreement.clauses.all()}
    return Readiness(agreement, [_check(result, clauses[result.number]) for result in results_of(lead, agreement)])


def _check(result: ClauseResult, clause: Clause) -> Check:
    return Check(result, remedy(clause.test, clause.arguments) if result.met is False else "")


_CORRECT_IT = "Correct it on the lead's page where it is wrong; else it does not fit yet."
_REMEDIES: Mapping[str, str] = {
    "attribute_known": "Ask for it, and note it under “{subject}”.",
    "field_present": "Fill in “{subject}” on the lead's page.",
    "score_at_least": "It rises with what the lead does: invite it to something.",
    "email_not_free_mail": "Ask for the address at work.",
    "segment_not_in_list": "We do not sell to this segment: disqualify it, or say why it goes to sales all the same.",
    "country_in_list": _CORRECT_IT,
    "field_equals": _CORRECT_IT,
    "field_in_list": _CORRECT_IT,
    "field_at_least": _CORRECT_IT,
}


def remedy(test: str, arguments: Mapping[str, Any]) -> str:
    """What would meet a clause that fails, in one sentence; nothing where people judge it."""
    return _REMEDIES.get(test, "").format(subject=SUBJECTS.get(subject_of(test, arguments), ""))
