"""Where the demo company's leads come from: channels and campaigns, how good they are and what they cost."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from django.conf import settings

from funnel.models import Campaign, Channel, Spend, Touch

PROSPECTING = "sales-prospecting"  # found by the reps themselves
LEADS_A_MONTH = 400  # what the monthly spend below is meant for


@dataclass(frozen=True, kw_only=True)
class CampaignPlan:
    """`months`: the months of the year in which it runs; empty: always. `spend`: a month, in whole money."""

    slug: str
    name: str
    expected_value: int
    spend: int
    months: tuple[int, ...] = ()

    def runs_on(self, day: date) -> bool:
        return not self.months or day.month in self.months


@dataclass(frozen=True, kw_only=True)
class ChannelPlan:
    """`share` of all leads, `promoted`: the share that becomes an MQL, `quality`: 1 wins as the average does."""

    slug: str
    name: str
    share: float
    promoted: float
    quality: float
    kind: Touch.Kind
    subjects: tuple[str, ...]
    spend: int = 0
    campaigns: tuple[CampaignPlan, ...] = ()


CHANNELS: tuple[ChannelPlan, ...] = (
    ChannelPlan(
        slug="organic-search",
        name="Organic search",
        share=0.20,
        promoted=0.44,
        quality=1.0,
        kind=Touch.Kind.VISIT,
        subjects=(
            "Read: Cutting picking errors by a third",
            "Read: Stock counts without closing the hall",
            "Searched: warehouse software for 50 people",
            "Read: What a pick costs",
        ),
        spend=4200,
    ),
    ChannelPlan(
        slug="paid-search",
        name="Paid search",
        share=0.18,
        promoted=0.36,
        quality=0.75,
        kind=Touch.Kind.AD_CLICK,
        subjects=("Searched: wms price", "Searched: alternative to spreadsheets for stock", "Searched: lot tracing"),
        campaigns=(
            CampaignPlan(slug="search-brand", name="Search: our name", expected_value=24000, spend=2600),
            CampaignPlan(slug="search-generic", name="Search: warehouse software", expected_value=18000, spend=9800),
        ),
    ),
    ChannelPlan(
        slug="webinar",
        name="Webinar",
        share=0.14,
        promoted=0.58,
        quality=1.35,
        kind=Touch.Kind.WEBINAR,
        subjects=(
            "Attended: From paper to scanner in 30 days",
            "Asked: does it work with SAP?",
            "Asked: how long does a roll-out take?",
            "Attended: Peak season without temps",
        ),
        campaigns=(
            CampaignPlan(slug="webinar-paper", name="Webinar: From paper to scanner", expected_value=32000, spend=3100),
            CampaignPlan(
                slug="webinar-peak", name="Webinar: Peak season", expected_value=36000, spend=2400, months=(6, 7, 8, 9)
            ),
        ),
    ),
    ChannelPlan(
        slug="email",
        name="Newsletter",
        share=0.11,
        promoted=0.40,
        quality=0.85,
        kind=Touch.Kind.EMAIL,
        subjects=("Opened: Five ways to shorten walks", "Clicked: Price calculator", "Clicked: Case study cold chain"),
        campaigns=(
            CampaignPlan(slug="newsletter", name="Monthly newsletter", expected_value=21000, spend=1300),
            CampaignPlan(
                slug="win-back", name="Win back the quiet ones", expected_value=17000, spend=800, months=(1, 2, 3, 10)
            ),
        ),
    ),
    ChannelPlan(
        slug="trade-fair",
        name="Trade fair",
        share=0.09,
        promoted=0.50,
        quality=0.95,
        kind=Touch.Kind.EVENT,
        subjects=("Met at the stand, saw the demo", "Left a card at the stand", "Asked: can it run offline?"),
        campaigns=(
            CampaignPlan(
                slug="fair-spring", name="Spring fair, Munich", expected_value=38000, spend=9500, months=(3, 4, 5)
            ),
            CampaignPlan(
                slug="fair-autumn", name="Autumn fair, Gothenburg", expected_value=34000, spend=8200, months=(9, 10, 11)
            ),
        ),
    ),
    ChannelPlan(
        slug="referral",
        name="Referral",
        share=0.08,
        promoted=0.70,
        quality=1.6,
        kind=Touch.Kind.FORM,
        subjects=("Asked for a call: recommended by a customer", "Asked: same set-up as our neighbour has"),
        spend=900,
    ),
    ChannelPlan(
        slug="partner",
        name="Partner",
        share=0.07,
        promoted=0.60,
        quality=1.25,
        kind=Touch.Kind.CALL,
        subjects=("Introduced by the scanner partner", "Introduced by the ERP partner"),
        campaigns=(CampaignPlan(slug="partner-erp", name="ERP partners", expected_value=41000, spend=2200),),
    ),
    ChannelPlan(
        slug="display",
        name="Display ads",
        share=0.09,
        promoted=0.20,
        quality=0.35,
        kind=Touch.Kind.AD_CLICK,
        subjects=("Clicked: banner “Lost in your own warehouse?”", "Clicked: banner “Count once, sleep well”"),
        campaigns=(CampaignPlan(slug="display-reach", name="Display: reach", expected_value=12000, spend=6400),),
    ),
    ChannelPlan(
        slug="unknown",
        name="Unknown",
        share=0.04,
        promoted=0.34,
        quality=0.8,
        kind=Touch.Kind.OTHER,
        subjects=("Wrote to the general address",),
    ),
    ChannelPlan(
        slug=PROSPECTING,
        name="Sales prospecting",
        share=0.0,
        promoted=0.0,
        quality=0.9,
        kind=Touch.Kind.OTHER,
        subjects=("Met by a rep on site", "Written to by a rep"),
    ),
)
BY_SLUG = {plan.slug: plan for plan in CHANNELS}
# What keeps a lead warm after its first contact, whatever channel brought it.
NURTURING = ("email", "webinar", "organic-search", "email", "organic-search")


def create_channels(*, start: date, end: date, leads: int, rng: Random) -> None:
    """The channels and campaigns with their spend from `start` to `end`, in proportion to the number of leads."""
    rows = Channel.objects.bulk_create([Channel(slug=plan.slug, name=plan.name) for plan in CHANNELS])
    channels = {channel.slug: channel for channel in rows}
    plans = [(channels[plan.slug], campaign) for plan in CHANNELS for campaign in plan.campaigns]
    campaigns = Campaign.objects.bulk_create([_campaign(channel, plan, start) for channel, plan in plans])
    months = list(_months(start, end))
    size = leads / len(months) / LEADS_A_MONTH
    spend = [
        _spend(channels[plan.slug], None, month, plan.spend * size, rng)
        for plan in CHANNELS
        for month in months
        if plan.spend
    ]
    for campaign, (channel, campaign_plan) in zip(campaigns, plans, strict=True):
        spend += [
            _spend(channel, campaign, month, campaign_plan.spend * size, rng)
            for month in months
            if campaign_plan.runs_on(month)
        ]
    Spend.objects.bulk_create(spend)


def _campaign(channel: Channel, plan: CampaignPlan, start: date) -> Campaign:
    return Campaign(
        slug=plan.slug,
        name=plan.name,
        channel=channel,
        starts_on=start,
        expected_value=Decimal(plan.expected_value),
        currency=settings.REPORTING_CURRENCY,
    )


def _months(start: date, end: date) -> Iterator[date]:
    """The first day of each month that has a day in the span."""
    month = start.replace(day=1)
    while month <= end:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _spend(channel: Channel, campaign: Campaign | None, month: date, amount: float, rng: Random) -> Spend:
    return Spend(
        channel=channel,
        campaign=campaign,
        starts_on=month,
        ends_on=month.replace(day=monthrange(month.year, month.month)[1]),
        amount=round(Decimal(amount * rng.uniform(0.8, 1.2)), 2),
        currency=settings.REPORTING_CURRENCY,
    )
