"""How leads went through the stages: entries, where they left to, how long they stayed."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from funnel.lifecycle import CLOSED_STAGES, OPEN_STAGES, Stage
from reports.measures.spread import Spread
from reports.queries import spreads
from reports.selection import Selection

_WAY = (Stage.MQL, Stage.SAL, Stage.SQL, Stage.WON)
# Where a stage leads to, apart from the way out: forward is nearer to the customer.
FORWARD = {
    Stage.INQUIRY: _WAY,
    Stage.NURTURE: _WAY,
    Stage.MQL: _WAY[1:],
    Stage.SAL: _WAY[2:],
    Stage.SQL: _WAY[3:],
}
OUT = tuple(stage for stage in CLOSED_STAGES if stage is not Stage.WON)


@dataclass(frozen=True)
class StageFacts:
    """`entries` = `here` + `forward` + `backward` + `out`. `leads`: each once. `stayed`: days of those that left."""

    stage: Stage
    leads: int = 0
    entries: int = 0
    here: int = 0
    forward: int = 0
    backward: int = 0
    out: int = 0
    stayed: Spread = field(default_factory=Spread)


def entries(selection: Selection) -> "QuerySet[Any]":
    return selection.stays()


def here(selection: Selection) -> "QuerySet[Any]":
    return selection.stays().filter(selection.lasting("left_at"))


def left(selection: Selection) -> "QuerySet[Any]":
    return selection.stays().filter(selection.happened("left_at"))


def forward(selection: Selection) -> "QuerySet[Any]":
    ways = Q(pk__in=())
    for stage, targets in FORWARD.items():
        ways |= Q(stage=stage, left_to__in=targets)
    return left(selection).filter(ways)


def out(selection: Selection) -> "QuerySet[Any]":
    return left(selection).filter(stage__in=OPEN_STAGES, left_to__in=OUT)


def backward(selection: Selection) -> "QuerySet[Any]":
    """Whatever else: back to marketing, a step back, reopened."""
    ways = Q(stage__in=OPEN_STAGES, left_to__in=OUT)
    for stage, targets in FORWARD.items():
        ways |= Q(stage=stage, left_to__in=targets)
    return left(selection).exclude(ways)


def first_entries(selection: Selection) -> "QuerySet[Any]":
    return selection.stays().filter(first=True)


def stage_facts(selection: Selection) -> list[StageFacts]:
    """One for each stage that a lead ever was in, in the order of the funnel."""
    flows = flows_between(selection)
    counted = (
        selection.stays().order_by().values("stage").annotate(entries=Count("pk"), leads=Count("pk", Q(first=True)))
    )
    stayed = spreads.days(left(selection).filter(inferred=False), "minutes", ["stage"], tally=selection.tally)
    found = {}
    for row in selection.tally(counted):
        stage = Stage(row["stage"])
        gone = {target: number for (old, target), number in flows.items() if old is stage}
        ahead = sum(number for target, number in gone.items() if target in FORWARD.get(stage, ()))
        away = sum(number for target, number in gone.items() if target in OUT) if stage in OPEN_STAGES else 0
        found[stage] = StageFacts(
            stage,
            leads=row["leads"],
            entries=row["entries"],
            here=row["entries"] - sum(gone.values()),
            forward=ahead,
            backward=sum(gone.values()) - ahead - away,
            out=away,
            stayed=stayed.get((stage.value,), Spread()),
        )
    return [found[stage] for stage in Stage if stage in found]


def flows_between(selection: Selection) -> dict[tuple[Stage, Stage], int]:
    """How often a lead went from one stage to another, in the order of the funnel."""
    rows = left(selection).order_by().values("stage", "left_to").annotate(count=Count("pk"))
    found = {(Stage(row["stage"]), Stage(row["left_to"])): row["count"] for row in selection.tally(rows)}
    return {(old, new): found[old, new] for old in Stage for new in Stage if (old, new) in found}


@dataclass(frozen=True)
class CohortFacts:
    """Leads created in a month, how many ever got how far; `qualified`: SQLs by months since."""

    month: date
    leads: int
    reached: dict[Stage, int]
    qualified: dict[int, int]


def cohort_facts(selection: Selection) -> list[CohortFacts]:
    """The latest month first."""
    leads = {row["month"]: row["count"] for row in selection.tally(_by_month(selection.leads()))}
    entered = _by_month(selection.stays().filter(first=True, stage__in=_WAY), "stage", since=TruncMonth("day"))
    reached: dict[date, dict[Stage, int]] = {}
    qualified: dict[date, dict[int, int]] = {}
    for row in selection.tally(entered):
        stage, month = Stage(row["stage"]), row["month"]
        stages = reached.setdefault(month, {})
        stages[stage] = stages.get(stage, 0) + row["count"]
        if stage is Stage.SQL:
            months = max(months_between(month, row["since"]), 0)
            qualified.setdefault(month, {})[months] = row["count"]
    return [
        CohortFacts(month, leads[month], reached.get(month, {}), qualified.get(month, {}))
        for month in sorted(leads, reverse=True)
    ]


def _by_month(facts: "QuerySet[Any]", *fields: str, **named: Any) -> "QuerySet[Any]":
    return facts.order_by().values(*fields, month=TruncMonth(F("cohort_day")), **named).annotate(count=Count("pk"))


def months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
