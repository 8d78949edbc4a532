"""What both sides did in a month or a quarter, by team, in a fixed number of queries."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Sum

from funnel.lifecycle import Move, Stage
from reports.days import company_day, company_zone
from reports.models import Stay
from reports.period import Period
from reports.queries import cycles
from reports.queries.amounts import Amounts, Rates
from reports.queries.black_hole import with_worth
from reports.selection import Selection

# The steps of the chain, each out of the one before it; see `reports.scorecard.gap`.
STEPS = ("mqls", "followed", "accepted", "qualified", "won")


@dataclass(frozen=True)
class ScoreFacts:
    """`counts`: leads and STEPS. `pipeline`: worth of what was handed over. `revenue`: by the day of the win.

    `own`: revenue of leads that sales found itself; in none of the others.
    """

    counts: Counter[str] = field(default_factory=Counter)
    pipeline: Amounts = field(default_factory=Amounts)
    revenue_by_day: Mapping[date, Amounts] = field(default_factory=dict)
    own: Amounts = field(default_factory=Amounts)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]

    def __add__(self, more: "ScoreFacts") -> "ScoreFacts":
        return ScoreFacts(
            self.counts + more.counts,
            self.pipeline + more.pipeline,
            _together(self.revenue_by_day, more.revenue_by_day),
            self.own + more.own,
        )

    @property
    def revenue(self) -> Amounts:
        return sum(self.revenue_by_day.values(), Amounts())

    @property
    def steps(self) -> tuple[int, ...]:
        return tuple(self.counts[name] for name in STEPS)


def _together(one: Mapping[date, Amounts], other: Mapping[date, Amounts]) -> dict[date, Amounts]:
    return {day: one.get(day, Amounts()) + other.get(day, Amounts()) for day in sorted({*one, *other})}


def score_facts(selection: Selection, days: Period, rates: Rates) -> dict[int | None, ScoreFacts]:
    """By the team that has the lead now; None is without one."""
    counts = _counts(selection, days)
    pipeline = _pipeline(selection, days, rates)
    revenue, own = _revenue(selection, days, rates)
    return {
        team: ScoreFacts(
            counts.get(team, Counter()),
            pipeline.get(team, Amounts()),
            revenue.get(team, {}),
            own.get(team, Amounts()),
        )
        for team in {**counts, **revenue, **own}
    }


def counted(selection: Selection, days: Period, name: str) -> "QuerySet[Any]":
    """The rows that one of the counts counts; `pipeline` and `revenue` are about those of `mqls` and `won`."""
    by_event = _by_event(selection, days)
    match {"pipeline": "mqls", "revenue": "won"}.get(name, name):
        case "leads":
            return brought(by_event)
        case "qualified":
            return _qualified(selection, days)
        case "won":
            return _won(by_event)
        case step:
            return by_event.cycles().filter(_steps(by_event)[step])


def brought(selection: Selection) -> "QuerySet[Any]":
    """Leads that marketing brought: those that sales found itself are left out."""
    found = Stay.objects.filter(lead=OuterRef("lead"), move=Move.SELF_SOURCE, entered_at__lte=selection.at)
    return selection.leads().filter(~Exists(found))


def _by_event(selection: Selection, days: Period) -> Selection:
    return replace(selection, period=days, by_cohort=False)


def _steps(selection: Selection) -> dict[str, Q]:
    """Of hand-offs. Followed up: sales has said anything of it; a date that an import filled in says so too."""
    known = cycles.conditions(selection)
    followed = selection.happened("answered_at") | known["accepted"] | known["refused"]
    return {"mqls": Q(), "followed": followed, "accepted": known["accepted"]}


def _qualified(selection: Selection, days: Period) -> "QuerySet[Any]":
    """Hand-offs of any time that became SQL in these days."""
    ever = _by_event(selection, Period()).cycles()
    return ever.filter(selection.happened("qualified_at"), days.holds("qualified_at", company_zone()))


def _won(selection: Selection) -> "QuerySet[Any]":
    return selection.stays().filter(stage=Stage.WON, hand_off__isnull=False)


def _counts(selection: Selection, days: Period) -> dict[int | None, Counter[str]]:
    by_event = _by_event(selection, days)
    steps = {name: Count("pk", filter=one) if one else Count("pk") for name, one in _steps(by_event).items()}
    asked: tuple[tuple[QuerySet[Any], dict[str, Count]], ...] = (
        (brought(by_event), {"leads": Count("pk")}),
        (by_event.cycles(), steps),
        (_qualified(selection, days), {"qualified": Count("pk")}),
        (_won(by_event), {"won": Count("pk")}),
    )
    found: dict[int | None, Counter[str]] = {}
    for facts, counts in asked:
        for row in facts.order_by().values("team").annotate(**counts):
            found.setdefault(row.pop("team"), Counter()).update(row)
    return found


def _pipeline(selection: Selection, days: Period, rates: Rates) -> dict[int | None, Amounts]:
    """Each lead's amount, else its expected value, else its campaign's, at the latest rates, once a hand-off."""
    today = company_day(selection.at)
    rows = with_worth(_by_event(selection, days).cycles()).order_by().values("team", "worth_in")
    found: dict[int | None, Amounts] = {}
    for row in rows.annotate(count=Count("pk"), known=Count("worth"), total=Sum("worth")):
        amounts = _amounts(row, row["worth_in"], rates.latest(row["worth_in"], today))
        found[row["team"]] = found.get(row["team"], Amounts()) + amounts
    return found


def _revenue(
    selection: Selection, days: Period, rates: Rates
) -> tuple[dict[int | None, dict[date, Amounts]], dict[int | None, Amounts]]:
    """Of leads that were handed over, by the day of the win; and of those that sales found itself."""
    won = _by_event(selection, days).stays().filter(stage=Stage.WON)
    handed = ExpressionWrapper(Q(hand_off__isnull=False), output_field=BooleanField())
    rows = (
        won.order_by()
        .values("team", "day", currency=F("lead__currency"), handed=handed)
        .annotate(count=Count("pk"), known=Count("lead__amount"), total=Sum("lead__amount"))
    )
    revenue: dict[int | None, dict[date, Amounts]] = {}
    own: dict[int | None, Amounts] = {}
    for row in rows:
        team, day = row["team"], row["day"]
        amounts = _amounts(row, row["currency"], rates.of_month(row["currency"], day))
        if row["handed"]:
            by_day = revenue.setdefault(team, {})
            by_day[day] = by_day.get(day, Amounts()) + amounts
        else:
            own[team] = own.get(team, Amounts()) + amounts
    return revenue, own


def _amounts(row: Mapping[str, Any], currency: str, rate: Decimal | None) -> Amounts:
    return Amounts.of(currency=currency, count=row["count"], known=row["known"], total=row["total"], rate=rate)
