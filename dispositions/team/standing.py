"""How each rep's leads stand now, and what this month brought: counted by the database, in three queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Count, F, Min, Q, Sum, When
from django.db.models.functions import Coalesce

from dispositions.team.moments import Age, Moments
from dispositions.team.money import Money
from dispositions.team.outlook import Outlook
from funnel.lifecycle import Move, Stage
from funnel.models import HandOff

OPEN = (Stage.MQL, Stage.SAL, Stage.SQL)
OVER = (Stage.WON, Stage.LOST, Stage.NO_DECISION)


@dataclass(frozen=True)
class Stock:
    """So many leads, and what they are worth as far as anybody has said."""

    count: int = 0
    money: Money = field(default_factory=Money)

    def __add__(self, more: "Stock") -> "Stock":
        return Stock(self.count + more.count, self.money + more.money)


@dataclass
class Standing:
    """Of one rep in one team, or of many together. `stages`: MQL, SAL, SQL as they are, the closed ones this month.

    `ages`: for each open stage how many leads are how old, in the order of `Moments.ages`. `unanswered_since`: when
    the oldest MQL was handed over. `accepted`, `refused`: this month's answers.
    """

    stages: dict[Stage, Stock] = field(default_factory=lambda: defaultdict(Stock))
    ages: dict[Stage, list[int]] = field(default_factory=dict)
    hole: Stock = field(default_factory=Stock)
    overdue: int = 0
    at_risk: int = 0
    unanswered_since: datetime | None = None
    accepted: int = 0
    refused: int = 0

    @property
    def load(self) -> int:
        return sum(self.stages[stage].count for stage in OPEN)

    def add(self, more: "Standing") -> None:
        for stage, stock in more.stages.items():
            self.stages[stage] += stock
        for stage, counts in more.ages.items():
            known = self.ages.get(stage, [0] * len(counts))
            self.ages[stage] = [one + other for one, other in zip(known, counts, strict=True)]
        self.hole += more.hole
        self.overdue += more.overdue
        self.at_risk += more.at_risk
        self.accepted += more.accepted
        self.refused += more.refused
        self.unanswered_since = min(filter(None, (self.unanswered_since, more.unanswered_since)), default=None)


# Who has the leads: (team, owner), each as an id or nobody.
Place = tuple[int | None, int | None]
Standings = Mapping[Place, Standing]


def standings(outlook: Outlook, moments: Moments) -> Standings:
    """Three queries: the open leads, the open episodes in the Black Hole, and what was decided this month."""
    found: dict[Place, Standing] = defaultdict(Standing)
    for row in _open_leads(outlook, moments):
        _count_open(found[row["team"], row["owner"]], row, moments)
    for row in _holes(outlook):
        found[row["team"], row["owner"]].hole += _stock(row | {"currency": row["worth_in"]})
    for row in _decided(outlook, moments):
        _count_decided(found[row["team"], row["owner"]], row)
    return found


def together(parts: Iterable[Standing]) -> Standing:
    total = Standing()
    for part in parts:
        total.add(part)
    return total


def _open_leads(outlook: Outlook, moments: Moments) -> Iterable[Any]:
    ages = {f"age_{place}": Count("pk", filter=_aged(age, moments)) for place, age in enumerate(moments.ages)}
    return (
        outlook.with_sales.order_by()
        .values("team", "owner", "stage", "currency")
        .annotate(
            count=Count("pk"),
            known=Count(Coalesce("amount", "expected_value")),
            total=Sum(Coalesce("amount", "expected_value")),
            overdue=Count("pk", filter=Q(due_at__lte=moments.now)),
            at_risk=Count("pk", filter=outlook.at_risk(moments.now)),
            oldest=Min("stage_entered_at"),
            **ages,
        )
    )


def _aged(age: Age, moments: Moments) -> Q:
    entered = Q(stage_entered_at__gte=moments.midnight(age.first)) if age.first else Q()
    return entered & Q(stage_entered_at__lt=moments.midnight(age.before)) if age.before else entered


def _count_open(standing: Standing, row: dict[str, Any], moments: Moments) -> None:
    stage = Stage(row["stage"])
    counted = Standing(
        stages={stage: _stock(row)},
        ages={stage: [row[f"age_{place}"] for place in range(len(moments.ages))]},
        overdue=row["overdue"],
        at_risk=row["at_risk"],
        unanswered_since=row["oldest"] if stage is Stage.MQL else None,
    )
    standing.add(counted)


def _holes(outlook: Outlook) -> Iterable[Any]:
    """A lead's worth: its amount, else its expected value, else its campaign's."""
    own_value = Q(amount__isnull=False) | Q(expected_value__isnull=False)
    worth_in = Case(
        When(own_value, then="currency"),
        default=Coalesce("campaign__currency", "currency"),
        output_field=CharField(),
    )
    inside = outlook.leads.in_black_hole().order_by()
    return (
        inside.annotate(worth=Coalesce("amount", "expected_value", "campaign__expected_value"), worth_in=worth_in)
        .values("team", "owner", "worth_in")
        .annotate(count=Count("pk"), known=Count("worth"), total=Sum("worth"))
    )


def _decided(outlook: Outlook, moments: Moments) -> Iterable[Any]:
    """Moves of this month that still hold: what was taken back since has left its date behind on the lead."""
    at, new = F("stage_changes__at"), F("stage_changes__new")
    accepted = Q(stage_changes__new=Stage.SAL, stage_changes__hand_off__accepted_at=at)
    refused = Q(
        stage_changes__move=Move.REFUSE,
        stage_changes__hand_off__ended_at=at,
        stage_changes__hand_off__outcome=HandOff.Outcome.REFUSED,
    )
    closed = Q(stage_changes__new__in=OVER, stage=new, stage_entered_at=at)
    decided = outlook.leads.filter(
        (accepted | refused) & Q(stage_changes__inferred=False) | closed,
        stage_changes__new__in=[Stage.SAL, Stage.NURTURE, Stage.DISQUALIFIED, *OVER],
        stage_changes__at__gte=moments.month,
    )
    return (
        decided.order_by()
        .values("team", "owner", "currency", new=new)
        .annotate(count=Count("pk"), known=Count("amount"), total=Sum("amount"))
    )


def _count_decided(standing: Standing, row: dict[str, Any]) -> None:
    stage = Stage(row["new"])
    if stage in OVER:
        standing.stages[stage] += _stock(row)
    elif stage is Stage.SAL:
        standing.accepted += row["count"]
    else:
        standing.refused += row["count"]


def _stock(row: dict[str, Any]) -> Stock:
    currency = row["currency"] or settings.REPORTING_CURRENCY
    return Stock(
        row["count"],
        Money.of(currency=currency, count=row["count"], known=row["known"], total=row["total"]),
    )
