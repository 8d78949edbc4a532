"""What sales refused, citing which clause, and who was right where marketing disputed it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from dispositions.models import Disposition, Dispute
from dispositions.outcomes import Outcome
from reports.days import company_zone
from reports.selection import Selection

# A clause: the version of the agreement and its number in it.
ClauseKey = tuple[int, int]
STATES = (Dispute.State.OPEN, Dispute.State.UPHELD, Dispute.State.OVERRULED, Dispute.State.REDEFINED)


@dataclass(frozen=True)
class RefusalFacts:
    """`counts`: refusals, and of them by the state of their dispute; hand-offs, answered, accepted where they apply."""

    counts: Counter[str] = field(default_factory=Counter)

    def __add__(self, more: "RefusalFacts") -> "RefusalFacts":
        return RefusalFacts(self.counts + more.counts)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]


def refusals(selection: Selection) -> "QuerySet[Any]":
    """The refusals that stand or were overruled; one that its author took back is none."""
    said = Disposition.objects.filter(outcome=Outcome.REFUSE, corrected_by=None)
    found = selection.of_leads(said, at="at")
    return found.annotate(owner=F("lead__owner"), agreement=F("hand_off__agreement"))


def _state(selection: Selection, state: str) -> Q:
    """A dispute's state as of the selection's instant: what was settled later was open then."""
    opened = Q(dispute__opened_at__lte=selection.at)
    if state == Dispute.State.OPEN:
        return opened & (Q(dispute__settled_at=None) | Q(dispute__settled_at__gt=selection.at))
    return Q(dispute__state=state, dispute__settled_at__lte=selection.at)


def disputed(selection: Selection, state: str = "") -> "QuerySet[Any]":
    found = refusals(selection)
    return found.filter(_state(selection, state) if state else Q(dispute__opened_at__lte=selection.at))


def _counts(selection: Selection) -> dict[str, Count]:
    return {
        "refusals": Count("pk"),
        "disputed": Count("pk", filter=Q(dispute__opened_at__lte=selection.at)),
        **{state.value: Count("pk", filter=_state(selection, state)) for state in STATES},
    }


GROUPS = {
    "reason": F("reason"),
    "agreement": F("hand_off__agreement"),
    "owner": F("lead__owner"),
    "channel": F("lead__channel"),
}


def refusal_facts(selection: Selection, by: str) -> dict[Any, RefusalFacts]:
    group = TruncMonth("at", tzinfo=company_zone()) if by == "month" else GROUPS[by]
    rows = refusals(selection).annotate(row=group).order_by().values("row").annotate(**_counts(selection))
    return {row.pop("row"): RefusalFacts(Counter(row)) for row in rows}


def clause_facts(selection: Selection) -> dict[ClauseKey | None, RefusalFacts]:
    """By each clause cited; a refusal that cites two is counted with each, one that cites none under None."""
    rows = refusals(selection).order_by().values("hand_off__agreement", "failed_clauses").annotate(**_counts(selection))
    found: dict[ClauseKey | None, RefusalFacts] = {}
    for row in rows:
        agreement, cited = row.pop("hand_off__agreement"), row.pop("failed_clauses")
        facts = RefusalFacts(Counter(row))
        keys: Iterable[ClauseKey | None] = [(agreement, number) for number in cited] if agreement and cited else [None]
        for key in keys:
            found[key] = found.get(key, RefusalFacts()) + facts
    return found


def citing(facts: "QuerySet[Any]", clause: str) -> "QuerySet[Any]":
    """The refusals that cite a clause, written as agreement.number; of others those that cite none."""
    agreement, _, number = clause.partition(".")
    if not (agreement.isdecimal() and number.isdecimal()):
        return facts.filter(failed_clauses=[])
    combinations = facts.filter(hand_off__agreement=int(agreement)).order_by().values_list("failed_clauses", flat=True)
    cited = [one for one in combinations.distinct() if int(number) in one]
    condition = Q(pk__in=())
    for one in cited:
        condition |= Q(failed_clauses=one)
    return facts.filter(condition, hand_off__agreement=int(agreement))
