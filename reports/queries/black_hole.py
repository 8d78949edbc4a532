"""The leads in the Black Hole, and what they are worth."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from accounts.principals import Principal
from funnel.models import Flag, HandOff, Lead
from reports.days import company_day
from reports.models import Cycle
from reports.queries.amounts import Amounts, Rates, to_cents
from reports.queries.ends import ended
from reports.queries.grouping import Grouping, Key
from reports.selection import Selection

EXPERIENCE = timedelta(days=365)


@dataclass(frozen=True)
class Hole:
    """`estimated` of the `leads` have no value of their own and were given their channel's; `worth` has them too."""

    leads: int = 0
    estimated: int = 0
    worth: Amounts = field(default_factory=Amounts)

    def __add__(self, more: "Hole") -> "Hole":
        return Hole(self.leads + more.leads, self.estimated + more.estimated, self.worth + more.worth)


def leads_inside(selection: Selection) -> "QuerySet[Any]":
    """The facts of leads that are in the Black Hole: past a deadline of the agreement, and not answered since."""
    inside = Q(lead__flags__kind=Flag.Kind.BLACK_HOLE, lead__flags__voided=False)
    if selection.as_of is None:
        return selection.leads().filter(inside, lead__flags__cleared_at=None)
    still = Q(lead__flags__cleared_at=None) | Q(lead__flags__cleared_at__gt=selection.as_of)
    return selection.leads().filter(inside & still, lead__flags__due_at__lte=selection.as_of)


def black_hole(selection: Selection, by: Grouping, rates: Rates) -> dict[Key, Hole]:
    """A lead's worth: its amount, else its expected value, else its campaign's, else its channel's experience."""
    rows = (
        with_worth(leads_inside(selection))
        .order_by()
        .values(*{"channel", *by.fields}, "worth_in")
        .annotate(count=Count("pk"), known=Count("worth"), total=Sum("worth"))
    )
    experience = channel_experience(selection)
    today = company_day(selection.at)
    holes: dict[Key, Hole] = {}
    for row in selection.tally(rows):
        own = Amounts.of(
            currency=row["worth_in"],
            count=row["count"],
            known=row["known"],
            total=row["total"],
            rate=rates.latest(row["worth_in"], today),
        )
        hole = with_estimate(row["count"], own, experience.get(row["channel"]))
        holes[by.key(row)] = holes.get(by.key(row), Hole()) + hole
    return holes


def with_worth(facts: "QuerySet[Any]") -> "QuerySet[Any]":
    """Adds `worth`, null where nothing is known of the lead itself or its campaign, and `worth_in`, its currency."""
    own_value = Q(lead__amount__isnull=False) | Q(lead__expected_value__isnull=False)
    return facts.annotate(
        worth=Coalesce("lead__amount", "lead__expected_value", "lead__campaign__expected_value"),
        worth_in=Case(
            When(own_value, then="lead__currency"),
            default=Coalesce(F("lead__campaign__currency"), "lead__currency"),
            output_field=CharField(),
        ),
    )


def with_estimate(count: int, own: Amounts, each: Decimal | None) -> Hole:
    """`own`: what is known of `count` leads of a channel; those of which nothing is get `each`, if there is one."""
    if each is None or not own.unknown:
        return Hole(count, 0, own)
    valued = Amounts(own.total + to_cents(each * own.unknown), own.known + own.unknown, 0, own.other, own.other_count)
    return Hole(count, own.unknown, valued)


def channel_experience(selection: Selection) -> dict[int, Decimal]:
    """By channel: mean won amount x share of hand-offs won, over the hand-offs of the last twelve months.

    Learned from the leads the principal may see, whatever the filters. A channel without a known amount has none.
    """
    today = company_day(selection.at)
    recent = Cycle.objects.as_of(selection.as_of).filter(day__gt=today - EXPERIENCE, day__lte=today)
    if not selection.principal.sees_everything:
        recent = recent.filter(lead__in=visible_ids(selection.principal))
    was_won = ended(selection, HandOff.Outcome.WON)
    in_our_currency = was_won & Q(lead__currency=settings.REPORTING_CURRENCY)
    rows = (
        recent.order_by()
        .values("channel")
        .annotate(
            passages=Count("pk"),
            won=Count("pk", filter=was_won),
            known=Count("lead__amount", filter=in_our_currency),
            total=Sum("lead__amount", filter=in_our_currency),
        )
    )
    return {
        row["channel"]: Decimal(row["total"]) / row["known"] * row["won"] / row["passages"]
        for row in selection.tally(rows)
        if row["known"]
    }


def visible_ids(principal: Principal) -> "QuerySet[Any]":
    return Lead.objects.counted_for(principal).values("pk")
