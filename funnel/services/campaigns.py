"""Campaigns and what they cost, as marketing keeps them."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.principals import Principal
from funnel.errors import MissingNeeds, NotAllowed
from funnel.lifecycle import Party
from funnel.models import Campaign, Channel, Spend
from funnel.services.moves import parties


@dataclass(frozen=True, kw_only=True)
class CampaignTerms:
    slug: str
    name: str
    channel: Channel | None
    starts_on: date | None = None
    ends_on: date | None = None
    expected_value: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class SpendTerms:
    """Money spent over whole days, the last included."""

    channel: Channel
    campaign: Campaign | None
    starts_on: date
    ends_on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class MonthSpend:
    """What was spent in the month that begins on `month`. Without an amount nothing is recorded for it.

    `spend_id`: the row that was shown for it.
    """

    channel_id: int
    campaign_id: int | None
    month: date
    amount: Decimal | None
    currency: str
    spend_id: int | None = None


def may_edit_campaigns(by: Principal) -> bool:
    return Party.MARKETING in parties(by)


def last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


@transaction.atomic
def save_campaign(*, campaign: Campaign | None, terms: CampaignTerms, by: Principal) -> Campaign:
    """Create a campaign, or change one. Raises NotAllowed, MissingNeeds (field -> sentence)."""
    _check_right(by)
    missing = _missing(terms)
    if missing:
        raise MissingNeeds(missing)
    saved = campaign or Campaign()
    if Campaign.objects.filter(slug=terms.slug).exclude(pk=saved.pk).exists():
        raise MissingNeeds({"slug": f"There is a campaign “{terms.slug}” already. Choose another short name."})
    for name in ("slug", "name", "channel", "starts_on", "ends_on", "expected_value", "currency"):
        setattr(saved, name, getattr(terms, name))
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as clash:  # somebody took the slug at the same moment
        raise MissingNeeds(
            {"slug": f"There is a campaign “{terms.slug}” already. Choose another short name."}
        ) from clash
    return saved


def _missing(terms: CampaignTerms) -> dict[str, str]:
    missing = {}
    if terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        missing["ends_on"] = "It ends before it starts."
    if terms.expected_value is not None and not terms.currency:
        missing["currency"] = "Give the currency of the expected value, for example EUR."
    return missing


@transaction.atomic
def save_spend(*, spend: Spend | None, terms: SpendTerms, by: Principal) -> Spend:
    """Record money spent over any days, or change what was recorded. Raises NotAllowed, MissingNeeds."""
    _check_right(by)
    missing = {}
    if terms.ends_on < terms.starts_on:
        missing["ends_on"] = "It ends before it starts."
    if terms.amount < 0:
        missing["amount"] = "Spend is not negative."
    if terms.campaign and terms.campaign.channel_id not in {None, terms.channel.pk}:
        missing["campaign"] = f"“{terms.campaign}” belongs to the channel {terms.campaign.channel}."
    if missing:
        raise MissingNeeds(missing)
    saved = spend or Spend()
    for name in ("channel", "campaign", "starts_on", "ends_on", "amount", "currency"):
        setattr(saved, name, getattr(terms, name))
    saved.save()
    return saved


@transaction.atomic
def remove_spend(*, spend_id: int, by: Principal) -> None:
    """Raises NotAllowed. Removing it twice is the same as once."""
    _check_right(by)
    Spend.objects.filter(pk=spend_id).delete()


@transaction.atomic
def set_month_spend(*, months: Sequence[MonthSpend], by: Principal) -> int:
    """One row for each month, written, changed or taken out; answers how many months are different now.

    Raises NotAllowed.
    """
    _check_right(by)
    return sum(_set_month(one) for one in months)


def _set_month(given: MonthSpend) -> bool:
    row = _row_of(given)
    if given.amount is None:
        return bool(row and row.delete()[0])
    if row is None:
        row = Spend(channel_id=given.channel_id, campaign_id=given.campaign_id)
        row.starts_on, row.ends_on = given.month, last_day(given.month)
    elif (row.amount, row.currency) == (given.amount, given.currency):
        return False
    row.amount, row.currency = given.amount, given.currency
    row.save()
    return True


def _row_of(given: MonthSpend) -> Spend | None:
    """The one that was shown; else one of the same month and currency that somebody has written since."""
    of_month = Spend.objects.select_for_update().filter(
        channel=given.channel_id, campaign=given.campaign_id, starts_on=given.month, ends_on=last_day(given.month)
    )
    shown = of_month.filter(pk=given.spend_id).first() if given.spend_id else None
    return shown or of_month.filter(currency=given.currency).order_by("pk").first()


def _check_right(by: Principal) -> None:
    if not may_edit_campaigns(by):
        raise NotAllowed("Only marketing keeps campaigns and what they cost.")
