"""What /campaigns/ shows: each campaign with what it brought and what it cost, and spend month by month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from accounts.principals import Principal
from funnel.lifecycle import Stage
from funnel.models import Campaign, Channel, Lead, Spend
from funnel.services.campaigns import last_day

PAGE = 50
GRID_ROWS = 25
MONTHS = 6
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Money:
    """An amount in one currency; two of different currencies are never added."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class CampaignRow:
    """`spent`: one entry a currency, none where nothing is recorded."""

    campaign: Campaign
    leads: int
    mqls: int
    won: int
    spent: Sequence[Money]


def campaigns(*, channel: Channel | None = None, words: str = "") -> "QuerySet[Campaign]":
    """The latest to start first; those without a date last."""
    found = Campaign.objects.select_related("channel")
    if channel:
        found = found.filter(channel=channel)
    if words:
        found = found.filter(Q(name__icontains=words) | Q(slug__icontains=words))
    return found.order_by(F("starts_on").desc(nulls_last=True), "name", "pk")


def rows_of(page: Sequence[Campaign], principal: Principal) -> list[CampaignRow]:
    """Two queries for any number of campaigns: the leads this principal may see, and the money."""
    leads = Lead.objects.counted_for(principal).filter(campaign__in=page).order_by().values("campaign")
    counts = {
        row["campaign"]: (row["leads"], row["mqls"], row["won"])
        for row in leads.annotate(
            leads=Count("pk"),
            mqls=Count("pk", filter=Q(cycle__gt=0)),
            won=Count("pk", filter=Q(stage=Stage.WON)),
        )
    }
    spent = spent_on(page)
    return [CampaignRow(one, *counts.get(one.pk, (0, 0, 0)), spent.get(one.pk, ())) for one in page]


def spent_on(page: Iterable[Campaign]) -> dict[int, list[Money]]:
    sums: dict[int, list[Money]] = {}
    rows = (
        Spend.objects.filter(campaign__in=page).order_by().values("campaign", "currency").annotate(total=Sum("amount"))
    )
    for row in sorted(rows, key=lambda row: -row["total"]):
        sums.setdefault(row["campaign"], []).append(Money(row["total"], row["currency"]))
    return sums


def spend_of(campaign: Campaign) -> "QuerySet[Spend]":
    return Spend.objects.filter(campaign=campaign).select_related("channel").order_by("-starts_on", "-pk")


# --- spend by month ---


@dataclass(frozen=True)
class Part:
    """What an entry that is not of this month alone, or not alone in it, costs in it. `is_share`: prorated by day."""

    spend: Spend
    amount: Decimal
    is_share: bool


@dataclass(frozen=True)
class Cell:
    """A month of a row. `own`: the whole-month entry that can be edited here; the grid leaves all others alone."""

    month: date
    name: str
    own: Spend | None
    parts: Sequence[Part] = ()
    typed: str | None = None
    error: str = ""

    @property
    def value(self) -> str:
        """As it stands in the field."""
        if self.typed is not None:
            return self.typed
        return self.was

    @property
    def was(self) -> str:
        """As it was shown: only what differs from it is saved."""
        return "" if self.own is None else f"{self.own.amount:.2f}".removesuffix(".00")


@dataclass(frozen=True)
class GridRow:
    """A campaign, or a channel as a whole where `campaign` is None. `currency`: of all its editable cells."""

    channel: Channel
    campaign: Campaign | None
    currency: str
    cells: Sequence[Cell]
    error: str = ""

    @property
    def key(self) -> str:
        return f"{self.channel.pk}-{self.campaign.pk if self.campaign else 0}"

    @property
    def label(self) -> str:
        return self.campaign.name if self.campaign else f"{self.channel.name}, as a whole"


@dataclass(frozen=True)
class Grid:
    months: Sequence[date]
    rows: Sequence[GridRow]
    totals: Sequence[Sequence[Money]] = field(default_factory=list)


def months_from(first: date, count: int = MONTHS) -> list[date]:
    places = range(first.year * 12 + first.month - 1, first.year * 12 + first.month - 1 + count)
    return [date(place // 12, place % 12 + 1, 1) for place in places if place // 12 < date.max.year]


def in_grid(months: Sequence[date], *, channel: Channel | None) -> "QuerySet[Campaign]":
    """The campaigns that run in these months or cost something in them, and have a channel."""
    first, last = months[0], last_day(months[-1])
    costs = Spend.objects.filter(campaign=OuterRef("pk"), starts_on__lte=last, ends_on__gte=first)
    runs = (Q(starts_on=None) | Q(starts_on__lte=last)) & (Q(ends_on=None) | Q(ends_on__gte=first))
    found = Campaign.objects.filter(channel__isnull=False).filter(runs | Exists(costs)).select_related("channel")
    return (found.filter(channel=channel) if channel else found).order_by("channel__name", "name", "pk")


def grid_of(
    months: Sequence[date],
    channels: Sequence[Channel],
    page: Sequence[Campaign],
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Grid:
    """`channels`: those shown as a whole too. `typed`, `errors`: what could not be saved, by field. One query."""
    first, last = months[0], last_day(months[-1])
    wanted = Q(campaign__in=page) | Q(campaign=None, channel__in=channels)
    entries = Spend.objects.filter(wanted, starts_on__lte=last, ends_on__gte=first).order_by("starts_on", "pk")
    by_key: dict[tuple[int, int | None], list[Spend]] = {}
    for entry in entries:
        by_key.setdefault((entry.channel_id, entry.campaign_id), []).append(entry)
    keys: list[tuple[Channel, Campaign | None]] = [(one, None) for one in channels]
    keys += [(one.channel, one) for one in page if one.channel]
    keys.sort(key=lambda key: (key[0].name, key[1].name if key[1] else ""))  # a channel, then its campaigns
    rows = [
        _grid_row(
            channel,
            campaign,
            by_key.get((channel.pk, campaign.pk if campaign else None), []),
            months,
            typed or {},
            errors or {},
        )
        for channel, campaign in keys
    ]
    return Grid(months, rows, [_total(month, by_key) for month in months])


def _grid_row(
    channel: Channel,
    campaign: Campaign | None,
    entries: Sequence[Spend],
    months: Sequence[date],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> GridRow:
    key = f"{channel.pk}-{campaign.pk if campaign else 0}"
    own = [entry for entry in entries if _is_of_one_month(entry)]
    usual = (campaign.currency if campaign else "") or settings.REPORTING_CURRENCY
    currency = own[-1].currency if own else usual
    cells = [_cell(key, month, entries, currency, typed, errors) for month in months]
    return GridRow(channel, campaign, typed.get(f"c-{key}", currency), cells, error=errors.get(f"c-{key}", ""))


def _cell(
    key: str,
    month: date,
    entries: Sequence[Spend],
    currency: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> Cell:
    name = f"m-{key}-{month:%Y-%m}"
    inside = [entry for entry in entries if entry.starts_on <= last_day(month) and entry.ends_on >= month]
    whole = [entry for entry in inside if _is_of_one_month(entry) and entry.currency == currency]
    own = whole[0] if len(whole) == 1 else None
    parts = [
        Part(entry, share_in(entry, month), is_share=not _is_of_one_month(entry))
        for entry in inside
        if entry is not own
    ]
    return Cell(month, name, own, parts, typed.get(name), errors.get(name, ""))


def _is_of_one_month(entry: Spend) -> bool:
    return entry.starts_on.day == 1 and entry.ends_on == last_day(entry.starts_on)


def share_in(entry: Spend, month: date) -> Decimal:
    """What of an entry falls into a month, by day, in whole cents."""
    first, last = max(entry.starts_on, month), min(entry.ends_on, last_day(month))
    days = Decimal((last - first).days + 1)
    return (entry.amount * days / ((entry.ends_on - entry.starts_on).days + 1)).quantize(CENT, ROUND_HALF_UP)


def _total(month: date, by_key: Mapping[tuple[int, int | None], Sequence[Spend]]) -> list[Money]:
    sums: dict[str, Decimal] = {}
    for entries in by_key.values():
        for entry in entries:
            if entry.starts_on <= last_day(month) and entry.ends_on >= month:
                sums[entry.currency] = sums.get(entry.currency, Decimal(0)) + share_in(entry, month)
    return [Money(amount, currency) for currency, amount in sorted(sums.items())]
