"""What became of hand-offs, and how fast and how persistently sales worked on them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When

from funnel.models import Flag, HandOff
from reports.measures.spread import Spread
from reports.queries import spreads
from reports.queries.ends import ended
from reports.rows import RowsBy
from reports.selection import Selection


@dataclass(frozen=True)
class CycleFacts:
    """`counts`: by the names of `conditions`. `answers`: working hours to the first answer, of those that have one."""

    counts: Counter[str] = field(default_factory=Counter)
    answers: Spread = field(default_factory=Spread)

    def __add__(self, more: "CycleFacts") -> "CycleFacts":
        return CycleFacts(self.counts + more.counts, self.answers + more.answers)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]


def conditions(selection: Selection) -> Mapping[str, Q]:
    """What can be counted of hand-offs, as of the selection's instant. Needs `overdue` of `with_overdue`."""
    answered = selection.happened("answered_at")
    kept = answered & Q(answer_minutes__lte=F("answer_limit"))
    return {
        "hand_offs": Q(),
        "answered": answered & Q(answer_minutes__isnull=False),
        "kept": kept,
        "late": answered & Q(answer_minutes__gt=F("answer_limit")),
        "overdue": ~answered & ~ended(selection) & Q(overdue=True),
        "accepted": selection.happened("accepted_at"),
        "attempted": selection.happened("attempted_at"),
        "reached": selection.happened("attempted_at") & Q(conversations__gt=0),
        "qualified": selection.happened("qualified_at"),
        **{outcome.value: ended(selection, outcome) for outcome in HandOff.Outcome},
    }


def with_overdue(selection: Selection) -> "QuerySet[Any]":
    """The hand-offs with `overdue`: whether the deadline of the first answer has passed; and `answered_in` minutes."""
    missed = Flag.objects.filter(hand_off=OuterRef("hand_off"), clock="accept", kind=Flag.Kind.BLACK_HOLE, voided=False)
    if selection.as_of:
        missed = missed.filter(due_at__lte=selection.as_of)
    answered_in = Case(When(selection.happened("answered_at"), then=F("answer_minutes")))
    return selection.cycles().annotate(overdue=Exists(missed), answered_in=answered_in)


def counted(selection: Selection, name: str) -> "QuerySet[Any]":
    """The hand-offs that one of the conditions counts."""
    return with_overdue(selection).filter(conditions(selection)[name])


def cycle_facts(selection: Selection, kind: RowsBy, names: Iterable[str]) -> dict[Any, CycleFacts]:
    """By what a row stands for."""
    asked = {name: condition for name, condition in conditions(selection).items() if name in set(names)}
    facts = kind.of(with_overdue(selection))
    counts = {name: Count("pk", filter=condition) if condition else Count("pk") for name, condition in asked.items()}
    rows = facts.order_by().values("row").annotate(**counts)
    answers = spreads.hours(facts, "answered_in", ["row"], tally=selection.tally)
    return {
        row["row"]: CycleFacts(Counter({name: row[name] for name in asked}), answers.get((row["row"],), Spread()))
        for row in selection.tally(rows)
    }


def together(facts: Mapping[Any, CycleFacts]) -> CycleFacts:
    return sum(facts.values(), start=CycleFacts())
