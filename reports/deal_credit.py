"""How each model shares out one won deal over its touches: on the page of its lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from accounts.principals import Principal
from accounts.roles import Role
from dispositions.leads.panels import Panel
from funnel.lifecycle import Stage
from funnel.models import Lead, Touch
from reports.attribution.credit import MARKOV_MODELS, MODELS
from reports.catalogue.attribution import ENTRY, MODEL_TEXTS
from reports.journeys.credit import Attribution
from reports.journeys.packing import UNKNOWN, Kind
from reports.journeys.selection import Deals, Options, load
from reports.models import Journey
from reports.presentation import text_of
from reports.queries.amounts import Rates
from reports.report import Kind as Shown

# The Markov models know a deal only among all others: the report has them.
SPLITTING = tuple(model for model in MODELS if model not in MARKOV_MODELS)
READERS = frozenset({Role.MANAGER, Role.MARKETING, Role.ADMIN})


@dataclass(frozen=True)
class Line:
    """One touch; `credits` in the order of the models, as people read them."""

    at: datetime
    channel: str
    campaign: str
    credits: Sequence[str]


@dataclass(frozen=True)
class DealCredit:
    models: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    total: str
    report: str = ENTRY.name


def credit_panel(lead: Lead, reader: Principal) -> Panel | None:
    """For managers and marketing, of a won lead whose amount is known and that was touched."""
    if reader.role not in READERS or lead.stage != Stage.WON:
        return None
    deals = load(Journey.objects.filter(lead=lead), Options(), Rates())
    deals = deals.chosen(deals.is_kind(Kind.WON) & (deals.cents != UNKNOWN)).with_touches()
    touches = list(
        Touch.objects.filter(lead=lead, at__lte=lead.stage_entered_at)
        .select_related("channel", "campaign")
        .order_by("at", "id")
    )
    # A touch that came this minute is packed by the next sweep.
    if len(deals.own) != 1 or [touch.channel_id for touch in touches] != deals.touches["channel"].tolist():
        return None
    return Panel("reports/_deal_credit.html", _credit(deals, touches))


def _credit(deals: Deals, touches: Sequence[Touch]) -> DealCredit:
    attribution = Attribution(everything=deals)
    split = [attribution.split(deals, model).tolist() for model in SPLITTING]
    return DealCredit(
        models=[MODEL_TEXTS[model] for model in SPLITTING],
        lines=[
            Line(touch.at, touch.channel.name, touch.campaign.name if touch.campaign else "", list(map(_money, cents)))
            for touch, *cents in zip(touches, *split, strict=True)
        ],
        total=_money(int(deals.known_cents[0])),
    )


def _money(cents: int) -> str:
    return text_of(Decimal(cents) / 100, Shown.MONEY, settings.REPORTING_CURRENCY)
