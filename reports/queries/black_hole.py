"""The leads now in the Black Hole, and what they are worth."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Avg, Case, CharField, Count, F, Q, Sum, When
from django.db.models.functions import Coalesce

from accounts.principals import Principal
from funnel.lifecycle import Stage
from funnel.models import HandOff, Lead
from funnel.querysets import LeadQuerySet
from reports.queries.amounts import Amounts, to_cents
from reports.queries.grouping import Grouping, Key

EXPERIENCE = timedelta(days=365)


@dataclass(frozen=True)
class Hole:
    """`estimated` of the `leads` have no value of their own and were given their channel's; `worth` has them too."""

    leads: int = 0
    estimated: int = 0
    worth: Amounts = field(default_factory=Amounts)

    def __add__(self, more: "Hole") -> "Hole":
        return Hole(self.leads + more.leads, self.estimated + more.estimated, self.worth + more.worth)


def black_hole(leads: LeadQuerySet, by: Grouping, *, principal: Principal, now: datetime) -> dict[Key, Hole]:
    """A lead's worth: its amount, else its expected value, else its campaign's, else its channel's experience."""
    own_value = Q(amount__isnull=False) | Q(expected_value__isnull=False)
    inside = leads.in_black_hole().annotate(
        worth=Coalesce("amount", "expected_value", "campaign__expected_value"),
        worth_in=Case(
            When(own_value, then="currency"),
            default=Coalesce(F("campaign__currency"), "currency"),
            output_field=CharField(),
        ),
    )
    rows = (
        inside.order_by()
        .values(*{"channel", *by.fields}, "worth_in")
        .annotate(count=Count("pk"), known=Count("worth"), total=Sum("worth"))
    )
    experience = channel_experience(principal, now)
    holes: dict[Key, Hole] = {}
    for row in rows:
        own = Amounts.of(currency=row["worth_in"], count=row["count"], known=row["known"], total=row["total"])
        hole = _with_estimate(row["count"], own, experience.get(row["channel"]))
        holes[by.key(row)] = holes.get(by.key(row), Hole()) + hole
    return holes


def _with_estimate(count: int, own: Amounts, each: Decimal | None) -> Hole:
    if each is None or not own.unknown:
        return Hole(count, 0, own)
    valued = Amounts(own.total + to_cents(each * own.unknown), own.known + own.unknown, 0, own.other, own.other_count)
    return Hole(count, own.unknown, valued)


def channel_experience(principal: Principal, now: datetime) -> dict[int, Decimal]:
    """By channel: mean won amount x share of hand-offs won, over the hand-offs of the last twelve months.

    Learned from the leads the principal may see, whatever the filters. A channel without a known amount has none.
    """
    recent = Q(hand_offs__opened_at__gt=now - EXPERIENCE, hand_offs__opened_at__lte=now)
    was_won = Q(hand_offs__outcome=HandOff.Outcome.WON)
    known = was_won & Q(stage=Stage.WON, currency=settings.REPORTING_CURRENCY)
    rows = (
        Lead.objects.visible_to(principal)
        .filter(recent)
        .order_by()
        .values("channel")
        .annotate(
            passages=Count("hand_offs"),
            won=Count("hand_offs", filter=was_won),
            mean=Avg("amount", filter=known),
        )
    )
    return {row["channel"]: row["mean"] * row["won"] / row["passages"] for row in rows if row["mean"] is not None}
