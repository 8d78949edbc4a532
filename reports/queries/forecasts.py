"""What reps believed of a hand-off, against what became of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from dispositions.models import Forecast
from funnel.models import HandOff
from reports.days import company_zone
from reports.precedents import Rates
from reports.queries.ends import ended
from reports.rows import RowsBy
from reports.selection import Selection
from reports.traits import TRAITS


@dataclass(frozen=True)
class Calls:
    """Forecasts of each chance (percent) whose hand-off is over: `closed`, and of them `won`."""

    closed: Counter[int] = field(default_factory=Counter)
    won: Counter[int] = field(default_factory=Counter)

    def __add__(self, more: "Calls") -> "Calls":
        return Calls(self.closed + more.closed, self.won + more.won)

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


@dataclass(frozen=True)
class BeliefFacts:
    """`reps`: what they said. `segments`: what the records of such leads said of the same hand-offs at that time."""

    made: int = 0
    unknown: int = 0
    reps: Calls = field(default_factory=Calls)
    segments: Calls = field(default_factory=Calls)

    def __add__(self, more: "BeliefFacts") -> "BeliefFacts":
        return BeliefFacts(
            self.made + more.made,
            self.unknown + more.unknown,
            self.reps + more.reps,
            self.segments + more.segments,
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


def belief_facts(selection: Selection, kind: RowsBy, rates: Rates) -> dict[Any, BeliefFacts]:
    """By what a row stands for. `rates`: the records of segments, by month."""
    asked = conditions(selection)
    rows = kind.of(forecasts(selection)).order_by().values("row", "chance")
    segments = _calls_of_segments(selection, kind, rates)
    found: dict[Any, BeliefFacts] = {}
    rows = rows.annotate(
        made=Count("pk"),
        closed=Count("pk", filter=asked["judged"]),
        won=Count("pk", filter=asked["won"]),
    )
    for row in selection.tally(rows):
        chance = row["chance"]
        facts = (
            BeliefFacts(row["made"], row["made"])
            if chance is None
            else BeliefFacts(row["made"], 0, Calls(Counter({chance: row["closed"]}), Counter({chance: row["won"]})))
        )
        found[row["row"]] = found.get(row["row"], BeliefFacts()) + facts
    return {key: facts + BeliefFacts(segments=segments.get(key, Calls())) for key, facts in found.items()}


def _calls_of_segments(selection: Selection, kind: RowsBy, rates: Rates) -> dict[Any, Calls]:
    """What the rates of the months before said of each judged forecast's lead; nothing where too few were over."""
    asked = conditions(selection)
    traits = {one: F(f"hand_off__fact__{one}") for one in TRAITS}
    judged = kind.of(forecasts(selection)).filter(asked["judged"]).order_by()
    rows = judged.annotate(
        said_in=TruncMonth("at", tzinfo=company_zone()), **{f"of_{one}": way for one, way in traits.items()}
    ).values("row", "said_in", *(f"of_{one}" for one in TRAITS))
    found: dict[Any, Calls] = {}
    for row in rows.annotate(closed=Count("pk"), won=Count("pk", filter=asked["won"])):
        like = {one: str(row[f"of_{one}"]) for one in TRAITS if row[f"of_{one}"]}
        chance = rates.chance(like, before=row["said_in"].date())
        if chance is not None:
            percent = round(chance * 100)
            calls = Calls(Counter({percent: row["closed"]}), Counter({percent: row["won"]}))
            found[row["row"]] = found.get(row["row"], Calls()) + calls
    return found
