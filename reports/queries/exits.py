"""Where leads leave the way to the customer, why, and whether they come back."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from funnel.lifecycle import MARKETING_STAGES, SALES_STAGES, Stage
from reports.models import Stay
from reports.queries.amounts import Amounts, Rates
from reports.queries.funnel import OUT
from reports.rows import RowsBy
from reports.selection import Selection

LEAVING = Q(stage__in=OUT) | Q(stage=Stage.NURTURE, before__in=SALES_STAGES)
FROM_MARKETING = Q(before__in=MARKETING_STAGES)


@dataclass(frozen=True)
class ExitFacts:
    """`value`: of leads that were lost, decided for nobody or went back as SQL."""

    counts: Counter[str] = field(default_factory=Counter)
    value: Amounts = field(default_factory=Amounts)

    def __add__(self, more: "ExitFacts") -> "ExitFacts":
        return ExitFacts(self.counts + more.counts, self.value + more.value)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]


def exits(selection: Selection) -> "QuerySet[Any]":
    """Each time a lead left: to nurture from sales, or to the end without a sale. With what came afterwards."""
    later = Stay.objects.as_of(selection.as_of).filter(lead=OuterRef("lead"), seq__gt=OuterRef("seq"))
    return (
        selection.stays()
        .filter(LEAVING)
        .annotate(
            back=Exists(later.filter(stage__in=SALES_STAGES)),
            won_after=Exists(later.filter(stage=Stage.WON)),
        )
    )


CONDITIONS = {
    "exits": Q(),
    "from_marketing": FROM_MARKETING,
    "from_mql": Q(before=Stage.MQL),
    "from_sal": Q(before=Stage.SAL),
    "from_sql": Q(before=Stage.SQL),
    "recycled": Q(stage=Stage.NURTURE),
    "lost": Q(stage=Stage.LOST),
    "no_decision": Q(stage=Stage.NO_DECISION),
    "disqualified": Q(stage=Stage.DISQUALIFIED),
    "came_back": Q(back=True),
    "won_after": Q(won_after=True),
}


def counted(selection: Selection, name: str) -> "QuerySet[Any]":
    return exits(selection).filter(CONDITIONS[name])


def exit_facts(selection: Selection, kind: RowsBy, rates: Rates) -> dict[Any, ExitFacts]:
    """By what a row stands for. Amounts at the rate of the month in which the lead left."""
    rows = kind.of(exits(selection)).order_by()
    counts = {name: Count("pk", filter=condition) for name, condition in CONDITIONS.items() if condition}
    found = {}
    for row in selection.tally(rows.values("row").annotate(exits=Count("pk"), **counts)):
        key = row.pop("row")
        found[key] = ExitFacts(Counter(row))
    worth = (
        rows.filter(before=Stage.SQL)
        .values("row", currency=F("lead__currency"), month=TruncMonth("day"))
        .annotate(count=Count("pk"), known=Count("lead__amount"), total=Sum("lead__amount"))
    )
    for row in selection.tally(worth):
        amounts = Amounts.of(
            currency=row["currency"],
            count=row["count"],
            known=row["known"],
            total=row["total"],
            rate=rates.of_month(row["currency"], row["month"]),
        )
        found[row["row"]] += ExitFacts(Counter(), amounts)
    return found
