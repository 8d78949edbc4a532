"""What reps believed of a hand-off, against what became of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from dispositions.models import Forecast
from funnel.models import HandOff
from reports.queries.ends import ended
from reports.rows import RowsBy
from reports.selection import Selection


@dataclass(frozen=True)
class BeliefFacts:
    """`closed`, `won`: forecasts of each chance (percent) whose hand-off is over, and that was won."""

    made: int = 0
    unknown: int = 0
    closed: Counter[int] = field(default_factory=Counter)
    won: Counter[int] = field(default_factory=Counter)

    def __add__(self, more: "BeliefFacts") -> "BeliefFacts":
        return BeliefFacts(
            self.made + more.made, self.unknown + more.unknown, self.closed + more.closed, self.won + more.won
        )

    @property
    def judged(self) -> int:
        return self.closed.total()

    @property
    def hits(self) -> int:
        """More than even and won, or less than even and not. A forecast of 50 % says neither."""
        return sum(
            self.won[chance] if chance > 50 else number - self.won[chance]
            for chance, number in self.closed.items()
            if chance != 50
        )

    @property
    def decided(self) -> int:
        """Those that said more or less than even."""
        return sum(number for chance, number in self.closed.items() if chance != 50)

    @property
    def brier(self) -> float | None:
        """The mean squared distance of chance and outcome: 0 is perfect, 0.25 is a coin (Brier 1950)."""
        if not self.judged:
            return None
        squares = sum(
            self.won[chance] * (1 - chance / 100) ** 2 + (number - self.won[chance]) * (chance / 100) ** 2
            for chance, number in self.closed.items()
        )
        return round(squares / self.judged, 6)

    @property
    def mean_chance(self) -> float | None:
        return (
            round(sum(chance * n for chance, n in self.closed.items()) / 100 / self.judged, 6) if self.judged else None
        )


def forecasts(selection: Selection) -> "QuerySet[Any]":
    """Those whose conversation was not taken back."""
    return selection.of_leads(Forecast.objects.filter(disposition__corrected_by=None), at="at").annotate(
        owner=F("by"), agreement=F("hand_off__agreement")
    )


def conditions(selection: Selection) -> Mapping[str, Q]:
    over, won = ended(selection, path="hand_off__"), ended(selection, HandOff.Outcome.WON, path="hand_off__")
    return {
        "made": Q(),
        "unknown": Q(chance=None),
        "judged": over & Q(chance__isnull=False),
        "won": won & Q(chance__isnull=False),
    }


def counted(selection: Selection, name: str) -> "QuerySet[Any]":
    return forecasts(selection).filter(conditions(selection)[name])


def belief_facts(selection: Selection, kind: RowsBy) -> dict[Any, BeliefFacts]:
    """By what a row stands for."""
    asked = conditions(selection)
    rows = kind.of(forecasts(selection)).order_by().values("row", "chance")
    found: dict[Any, BeliefFacts] = {}
    for row in rows.annotate(
        made=Count("pk"),
        closed=Count("pk", filter=asked["judged"]),
        won=Count("pk", filter=asked["won"]),
    ):
        chance = row["chance"]
        facts = (
            BeliefFacts(row["made"], row["made"])
            if chance is None
            else BeliefFacts(row["made"], 0, Counter({chance: row["closed"]}), Counter({chance: row["won"]}))
        )
        found[row["row"]] = found.get(row["row"], BeliefFacts()) + facts
    return found
