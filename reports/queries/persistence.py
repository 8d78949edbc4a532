"""How often sales tries before it gives up, on which try it reaches somebody, and what that brings."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from funnel.models import HandOff
from reports.rows import RowsBy
from reports.selection import Selection

GIVEN_UP = (
    HandOff.Outcome.RECYCLED,
    HandOff.Outcome.DISQUALIFIED,
    HandOff.Outcome.LOST,
    HandOff.Outcome.NO_DECISION,
)


@dataclass(frozen=True)
class EffortFacts:
    """`counts`: by the names of `conditions`, and the sum of all counted attempts."""

    counts: Counter[str] = field(default_factory=Counter)

    def __add__(self, more: "EffortFacts") -> "EffortFacts":
        return EffortFacts(self.counts + more.counts)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]


def worked(selection: Selection) -> "QuerySet[Any]":
    """The hand-offs that sales has accepted. Of imported pasts the attempts are not known: they are left out."""
    return selection.cycles().filter(selection.happened("accepted_at"), imported=False)


def conditions(selection: Selection) -> Mapping[str, Q]:
    """`abandoned` are those given up without a conversation before the agreed attempts were made."""
    ended = selection.happened("ended_at")
    unreached = Q(conversations=0)
    given_up = ended & Q(outcome__in=GIVEN_UP) & unreached
    return {
        "worked": Q(),
        "never_tried": Q(tries=0),
        "reached": Q(conversations__gt=0),
        "given_up": given_up,
        "abandoned": given_up & Q(attempts__lt=F("attempts_required")),
        "qualified": selection.happened("qualified_at"),
        "won": ended & Q(outcome=HandOff.Outcome.WON),
    }


def counted(selection: Selection, name: str) -> "QuerySet[Any]":
    return worked(selection).filter(conditions(selection)[name])


def effort_facts(selection: Selection, kind: RowsBy) -> dict[Any, EffortFacts]:
    """By what a row stands for."""
    counts = {name: Count("pk", filter=one) for name, one in conditions(selection).items() if one}
    rows = kind.of(worked(selection)).order_by().values("row")
    found = {}
    for row in rows.annotate(worked=Count("pk"), attempts_made=Sum("attempts"), tries_made=Sum("tries"), **counts):
        key = row.pop("row")
        found[key] = EffortFacts(Counter(row))
    return found
