"""Journeys for the models of `reports.attribution`, out of packed rows, with the options of attribution."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import QuerySet
from numpy.typing import NDArray

from funnel.models import Campaign, Channel, Spend
from reports.attribution.chain import numbered
from reports.attribution.journeys import NOT_REACHED, Journeys
from reports.days import company_day
from reports.journeys.packing import DEAL, TOUCH, UNKNOWN, Kind
from reports.models import Journey
from reports.queries.amounts import Rates

SECONDS_A_DAY = 86_400
ROWS_AT_ONCE = 5_000
LATEST = date(9999, 12, 31)
# The ids of a channel and, where campaigns are asked for, of a campaign; 0 is none.
Key = tuple[int, int | None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """Which touches count. `window_days`: none earlier than so long before the close, or before the
    last touch while open; None is all.

    `excluded`: touches of these channels never count. `outranked`: touches of these channels (say, direct) count only
    on journeys without a touch of a `paid` channel.
    """

    window_days: float | None = None
    excluded: frozenset[int] = frozenset()
    outranked: frozenset[int] = frozenset()
    paid: frozenset[int] = frozenset()


def paid_channels() -> frozenset[int]:
    """Channels on which money was spent."""
    return frozenset(Spend.objects.filter(amount__gt=0).values_list("channel_id", flat=True))


@dataclass(frozen=True, eq=False)
class Deals:
    """Deals with their touches laid end to end: those of deal j are `offsets[j]` to `offsets[j + 1]`, maybe none.

    `own`: one DEAL a row. `leads`: whose each is. `cents`: its amount in the reporting currency, UNKNOWN where there is
    none, or no rate for its currency. `touches`: of each touch its TOUCH.
    """

    own: NDArray[Any]
    leads: NDArray[np.int64]
    cents: NDArray[np.int64]
    touches: NDArray[Any]
    offsets: NDArray[np.int64]
    creation: NDArray[np.int64] = field(repr=False)
    opportunity: NDArray[np.int64] = field(repr=False)

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)

    @property
    def known_cents(self) -> NDArray[np.int64]:
        """0 where it is not known."""
        return np.maximum(self.cents, 0)

    def chosen(self, which: NDArray[np.bool_]) -> "Deals":
        lengths = self.lengths
        kept = np.repeat(which, lengths)
        return Deals(
            self.own[which],
            self.leads[which],
            self.cents[which],
            self.touches[kept],
            _offsets(lengths[which]),
            self.creation[which],
            self.opportunity[which],
        )

    def is_kind(self, *kinds: Kind) -> NDArray[np.bool_]:
        return np.isin(self.own["kind"], kinds)

    def with_touches(self) -> "Deals":
        is_touched = self.lengths > 0
        return self if is_touched.all() else self.chosen(is_touched)


def _offsets(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def load(rows: "QuerySet[Journey]", options: Options, rates: Rates) -> Deals:
    """All deals of these journeys, with the touches that count. One query."""
    touches, deals, leads, currencies = [], [], [], []
    found = rows.order_by("lead_id").values_list("lead_id", "touches", "deals", "currency")
    for lead, told, own, currency in found.iterator(chunk_size=ROWS_AT_ONCE):
        touches.append(bytes(told))
        deals.append(bytes(own))
        leads.append(lead)
        currencies.append(currency)
    all_deals = laid_out(touches, deals, np.array(leads, dtype=np.int64))
    return _counted(_in_our_currency(all_deals, dict(zip(leads, currencies, strict=True)), rates), options)


def _in_our_currency(deals: Deals, currencies: Mapping[int, str], rates: Rates) -> Deals:
    """Closed deals at the rate of the month in which they closed, open ones at the latest."""
    foreign = {lead: one for lead, one in currencies.items() if one not in {"", settings.REPORTING_CURRENCY}}
    if not foreign:
        return deals
    cents = deals.cents.copy()
    for place in np.flatnonzero(np.isin(deals.leads, list(foreign)) & (cents != UNKNOWN)):
        currency, closed_at = foreign[int(deals.leads[place])], int(deals.own["closed_at"][place])
        day = company_day(datetime.fromtimestamp(closed_at, UTC)) if closed_at else LATEST
        rate = rates.of_month(currency, day) if closed_at else rates.latest(currency, day)
        cents[place] = UNKNOWN if rate is None else round(int(cents[place]) * rate)
    return replace(deals, cents=cents)


def laid_out(touches: list[bytes], deals: list[bytes], leads: NDArray[np.int64]) -> Deals:
    """Each deal gets a copy of its lead's touches up to its close: mostly a lead has one deal."""
    told = np.frombuffer(b"".join(touches), dtype=TOUCH)
    own = np.frombuffer(b"".join(deals), dtype=DEAL)
    firsts = _offsets(np.array([len(one) // TOUCH.itemsize for one in touches], dtype=np.int64))[:-1]
    deals_each = np.array([len(one) // DEAL.itemsize for one in deals], dtype=np.int64)
    lead_of_deal = np.repeat(np.arange(len(leads)), deals_each)
    lengths = own["touches"].astype(np.int64)
    offsets = _offsets(lengths)
    places = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - firsts[lead_of_deal], lengths)
    return Deals(
        own,
        leads[lead_of_deal],
        own["cents"],
        told[places],
        offsets,
        own["creation"].astype(np.int64),
        own["opportunity"].astype(np.int64),
    )


def _counted(deals: Deals, options: Options) -> Deals:
    """Without the touches that the options leave out; a milestone's touch is then the last one left before it."""
    counts = np.ones(len(deals.touches), dtype=bool)
    deal = np.repeat(np.arange(len(deals.own)), deals.lengths)
    channel = deals.touches["channel"]
    if options.window_days is not None:
        counts &= deals.own["lasted"][deal] - deals.touches["second"] <= options.window_days * SECONDS_A_DAY
    counts &= ~np.isin(channel, list(options.excluded))
    if options.outranked and options.paid:
        has_paid = (
            np.bincount(deal, weights=counts & np.isin(channel, list(options.paid)), minlength=len(deals.own)) > 0
        )
        counts &= ~(np.isin(channel, list(options.outranked)) & has_paid[deal])
    if counts.all():
        return deals
    kept = np.concatenate(([0], np.cumsum(counts)))
    return Deals(
        deals.own,
        deals.leads,
        deals.cents,
        deals.touches[counts],
        kept[deals.offsets],
        _moved(deals.creation, deals.offsets, kept),
        _moved(deals.opportunity, deals.offsets, kept),
    )


def _moved(places: NDArray[np.int64], offsets: NDArray[np.int64], kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a milestone's touch is once only the `kept` ones count: the last of them up to it, else the first."""
    until = kept[np.minimum(offsets[:-1] + places + 1, len(kept) - 1)] - kept[offsets[:-1]]
    return np.where(places == NOT_REACHED, NOT_REACHED, np.maximum(until - 1, 0))


# --- for the models -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Named:
    """Journeys, and what each of their channels stands for."""

    journeys: Journeys
    keys: tuple[Key, ...]


def journeys_of(deals: Deals, *, by_campaign: bool, credited: NDArray[np.bool_]) -> Named:
    """All deals as journeys; those `credited` convert, all others are nulls. Every deal has a touch."""
    channel, campaign = deals.touches["channel"].astype(np.int64), deals.touches["campaign"]
    base = int(campaign.max(initial=0)) + 1 if by_campaign else 1
    codes = channel * base + campaign if by_campaign else channel
    known, numbers = numbered(codes, int(codes.max(initial=0)) + 1)
    keys = tuple((code // base, code % base if by_campaign else None) for code in known.tolist())
    close = np.where(deals.is_kind(Kind.WON, Kind.ENDED), deals.lengths - 1, NOT_REACHED)
    journeys = Journeys(
        channels=tuple(map(str, keys)),
        touches=numbers.astype(np.int32),
        offsets=deals.offsets,
        conversions=credited.astype(np.int64),
        values=np.where(credited, deals.known_cents, 0),
        nulls=(~credited).astype(np.int64),
        days=deals.touches["second"] / SECONDS_A_DAY,
        milestones=np.column_stack((deals.creation, deals.opportunity, close)),
    )
    return Named(journeys, keys)


def closed_within(deals: Deals, first: datetime | None, end: datetime | None) -> NDArray[np.bool_]:
    """Those closed from `first` to before `end`, each None where it is open."""
    closed = deals.own["closed_at"]
    within = closed > 0
    if first:
        within &= closed >= int(first.timestamp())
    if end:
        within &= closed < int(end.timestamp())
    return within


def names_of(keys: Iterable[Key]) -> dict[Key, str]:
    """Of each key the slugs of its channel and campaign, as `attribute` names them."""
    channels = dict(Channel.objects.values_list("pk", "slug"))
    campaigns = dict(Campaign.objects.values_list("pk", "slug"))
    return {key: _name(key, channels, campaigns) for key in keys}


def _name(key: Key, channels: dict[int, str], campaigns: dict[int, str]) -> str:
    channel, campaign = key
    return channels[channel] if not campaign else f"{channels[channel]}/{campaigns[campaign]}"
