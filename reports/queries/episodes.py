"""Hand-offs in the Black Hole: now, ever, how long, and what became of those that came out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from funnel.models import Flag, HandOff
from reports.days import company_day
from reports.measures.spread import Spread
from reports.queries import cycles, spreads
from reports.queries.amounts import Amounts, Rates
from reports.queries.black_hole import Hole, channel_experience, with_estimate, with_worth
from reports.queries.ends import ended
from reports.rows import RowsBy
from reports.selection import Selection

ANSWERS = ("hand_offs", "answered", "kept", "late", "overdue")


@dataclass(frozen=True)
class EpisodeFacts:
    """`spent`: days inside of those that came out. `hole`: the leads of those inside, and their worth."""

    counts: Counter[str] = field(default_factory=Counter)
    spent: Spread = field(default_factory=Spread)
    hole: Hole = field(default_factory=Hole)

    def __add__(self, more: "EpisodeFacts") -> "EpisodeFacts":
        return EpisodeFacts(self.counts + more.counts, self.spent + more.spent, self.hole + more.hole)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]


def conditions(selection: Selection) -> Mapping[str, Q]:
    """`ever` = `inside` + `recovered`. A hand-off may have come out and fallen in again since a past day."""
    ever = selection.happened("fell_at")
    inside = Q(recovered_at=None)
    if selection.as_of:
        missed = Flag.objects.filter(
            hand_off=OuterRef("hand_off"), kind=Flag.Kind.BLACK_HOLE, voided=False, due_at__lte=selection.as_of
        )
        inside = Q(Exists(missed.filter(selection.lasting("cleared_at"))))
    recovered = ever & ~inside
    won = ended(selection, HandOff.Outcome.WON)
    return {
        "ever": ever,
        "inside": ever & inside,
        "recovered": recovered,
        "recovered_accepted": recovered & selection.happened("accepted_at"),
        "recovered_qualified": recovered & selection.happened("qualified_at"),
        "recovered_won": recovered & won,
    }


def counted(selection: Selection, name: str) -> "QuerySet[Any]":
    return selection.cycles().filter(conditions(selection)[name])


def episode_facts(selection: Selection, kind: RowsBy, rates: Rates) -> dict[Any, EpisodeFacts]:
    """By what a row stands for."""
    facts = kind.of(selection.cycles()).order_by()
    counts = {name: Count("pk", filter=condition) for name, condition in conditions(selection).items()}
    answers = cycles.cycle_facts(selection, kind, ANSWERS)
    spent = spreads.days(
        facts.filter(selection.happened("recovered_at")), "hole_minutes", ["row"], tally=selection.tally
    )
    holes = _holes(selection, kind, rates)
    found = {}
    for row in selection.tally(facts.values("row").annotate(**counts)):
        key = row.pop("row")
        found[key] = EpisodeFacts(
            Counter(row) + answers[key].counts, spent.get((key,), Spread()), holes.get(key, Hole())
        )
    return found


def _holes(selection: Selection, kind: RowsBy, rates: Rates) -> dict[Any, Hole]:
    """The leads inside, their worth in the reporting currency at the latest rates."""
    inside = kind.of(with_worth(counted(selection, "inside"))).order_by()
    rows = inside.values("row", "channel", "worth_in").annotate(
        count=Count("pk"), known=Count("worth"), total=Sum("worth")
    )
    today = company_day(selection.at)
    experience = channel_experience(selection)
    found: dict[Any, Hole] = {}
    for row in selection.tally(rows):
        amounts = Amounts.of(
            currency=row["worth_in"],
            count=row["count"],
            known=row["known"],
            total=row["total"],
            rate=rates.latest(row["worth_in"], today),
        )
        hole = with_estimate(row["count"], amounts, experience.get(row["channel"]))
        found[row["row"]] = found.get(row["row"], Hole()) + hole
    return found
