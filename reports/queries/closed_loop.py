"""Every fact of the closed loop, per channel or campaign, in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from accounts.principals import Principal
from reports.filters import Period, cohort, period_of, sees_whole_company
from reports.parameters import Parameters
from reports.queries.amounts import Amounts
from reports.queries.black_hole import Hole, black_hole
from reports.queries.grouping import Grouping, Key
from reports.queries.revenue import revenue
from reports.queries.spend import spend
from reports.queries.stages import cycles, ever_qualified, leads_by_stage


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


def closed_loop_facts(principal: Principal, parameters: Parameters, now: datetime, by: Grouping) -> dict[Key, Facts]:
    """A key without leads is there when touches or spend name it; `by.nothing` is won without a touch."""
    leads = cohort(principal, parameters, now)
    counts = _merged([leads_by_stage(leads, by), cycles(leads, by), ever_qualified(leads, by)])
    earned = revenue(leads, by)
    holes = black_hole(leads, by, principal=principal, now=now)
    spent = _spend(principal, parameters, now, by)
    return {
        key: Facts(
            counts.get(key, Counter()),
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


def _merged(answers: Iterable[dict[Key, dict[str, int]]]) -> dict[Key, Counter[str]]:
    merged: dict[Key, Counter[str]] = {}
    for answer in answers:
        for key, counts in answer.items():
            merged.setdefault(key, Counter()).update(counts)
    return merged


def _spend(principal: Principal, parameters: Parameters, now: datetime, by: Grouping) -> dict[Key, Amounts]:
    """Spend up to today. It is the company's: set against one team's leads it would make each look dear."""
    if not sees_whole_company(principal, parameters):
        return {}
    period, today = period_of(parameters), now.date()
    return spend(by, parameters, period=Period(period.first, min(period.last or today, today)))
