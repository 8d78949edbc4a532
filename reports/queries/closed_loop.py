"""Every fact of the closed loop, per channel or campaign, in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from reports.days import company_day
from reports.filters import sees_whole_company
from reports.period import Period
from reports.queries.amounts import Amounts, Rates
from reports.queries.black_hole import Hole, black_hole
from reports.queries.grouping import Grouping, Key
from reports.queries.revenue import revenue
from reports.queries.spend import spend
from reports.queries.stages import stage_counts
from reports.selection import Selection


@dataclass(frozen=True)
class Facts:
    """What is known of one row. `recorded_spend` is None where none is recorded."""

    counts: Counter[str] = field(default_factory=Counter)
    revenue: Amounts = field(default_factory=Amounts)
    first_touch: Amounts = field(default_factory=Amounts)
    last_touch: Amounts = field(default_factory=Amounts)
    hole: Hole = field(default_factory=Hole)
    recorded_spend: Amounts | None = None

    @property
    def spend(self) -> Decimal | None:
        return self.recorded_spend.value if self.recorded_spend else None

    def __add__(self, more: "Facts") -> "Facts":
        return Facts(
            self.counts + more.counts,
            self.revenue + more.revenue,
            self.first_touch + more.first_touch,
            self.last_touch + more.last_touch,
            self.hole + more.hole,
            _sum_of_recorded(self.recorded_spend, more.recorded_spend),
        )


def _sum_of_recorded(one: Amounts | None, other: Amounts | None) -> Amounts | None:
    return one + other if one and other else one or other


def closed_loop_facts(selection: Selection, by: Grouping) -> dict[Key, Facts]:
    """A key without leads is there when touches or spend name it; `by.nothing` is won without a touch."""
    rates = Rates()
    counts = stage_counts(selection, by)
    earned = revenue(selection, by, rates)
    holes = black_hole(selection, by, rates)
    spent = spend_so_far(selection, by, rates)
    return {
        key: Facts(
            Counter(counts.get(key, {})),
            earned.own.get(key, Amounts()),
            earned.first_touch.get(key, Amounts()),
            earned.last_touch.get(key, Amounts()),
            holes.get(key, Hole()),
            spent.get(key),
        )
        for key in {**counts, **earned.first_touch, **earned.last_touch, **spent}
    }


def total(facts: Iterable[Facts]) -> Facts:
    return sum(facts, start=Facts())


def spend_so_far(selection: Selection, by: Grouping, rates: Rates) -> dict[Key, Amounts]:
    """Spend up to the day of the figures. It is the company's: set against one team's leads, each would look dear."""
    if not sees_whole_company(selection.principal, selection.parameters):
        return {}
    today = company_day(selection.at)
    period = Period(selection.period.first, min(selection.period.last or today, today))
    return spend(by, selection.parameters, period=period, rates=rates)
