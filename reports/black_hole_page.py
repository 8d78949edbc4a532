"""/black-hole/: every lead that is inside now, how long, whose it is and what it is worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.formats import rounded, span, whole
from accounts.http import SignedInRequest
from accounts.principals import Principal
from dispositions.desk.countdown import spell
from funnel.models import Flag, Lead
from reports.facts.refresh import catch_up
from reports.parameters import Parameters
from reports.queries.amounts import Rates, to_cents
from reports.queries.black_hole import Hole, black_hole, channel_experience
from reports.queries.grouping import BY_CHANNEL
from reports.selection import Selection, select

PAGE = 50


@dataclass(frozen=True)
class Inside:
    """One lead in the Black Hole. `worth` is None where nobody can tell; `estimated` from its channel's experience."""

    flag: Flag
    since: str
    worth: Decimal | None
    currency: str
    estimated: bool

    @property
    def lead(self) -> Lead:
        return self.flag.lead


def episodes(principal: Principal) -> "QuerySet[Flag]":
    """The open episodes of the leads this principal may see, the longest first."""
    visible = Lead.objects.counted_for(principal)
    flags = Flag.objects.filter(kind=Flag.Kind.BLACK_HOLE, cleared_at=None, lead__in=visible)
    return flags.order_by("due_at", "pk")


def with_leads(flags: "QuerySet[Flag]") -> "QuerySet[Flag]":
    """With what `rows` needs of their leads."""
    return flags.select_related("lead__company", "lead__channel", "lead__campaign", "lead__owner", "lead__team")


def rows(flags: Iterable[Flag], *, selection: Selection) -> Sequence[Inside]:
    experience = channel_experience(selection)
    return [inside(flag, experience, selection.now) for flag in flags]


def inside(flag: Flag, experience: Mapping[int, Decimal], now: datetime) -> Inside:
    """`experience`: what a lead of each channel is worth, of `channel_experience`. Needs `with_leads`."""
    lead, since = flag.lead, spell(now - flag.due_at)
    own = lead.amount if lead.amount is not None else lead.expected_value
    if own is not None:
        return Inside(flag, since, own, lead.currency or settings.REPORTING_CURRENCY, estimated=False)
    campaign = lead.campaign
    if campaign and campaign.expected_value is not None:
        currency = campaign.currency or settings.REPORTING_CURRENCY
        return Inside(flag, since, campaign.expected_value, currency, estimated=False)
    each = experience.get(lead.channel_id)
    worth = to_cents(each) if each is not None else None
    return Inside(flag, since, worth, settings.REPORTING_CURRENCY, estimated=worth is not None)


def total(selection: Selection) -> Hole:
    """What all of it is worth together: the closed-loop report's own figure."""
    return sum(black_hole(selection, BY_CHANNEL, Rates()).values(), Hole())


@dataclass(frozen=True)
class Stat:
    label: str
    value: str
    note: str = ""
    state: str = ""


def stats(hole: Hole, longest: str) -> list[Stat]:
    """The headline: how many, what they are worth, and how long the longest waits."""
    tiles = [Stat("Inside now", whole(hole.leads), state="bad"), _worth_tile(hole)]
    return [*tiles, Stat("Longest", longest)] if longest else tiles


def _worth_tile(hole: Hole) -> Stat:
    if hole.worth.value is None:
        return Stat("Value", "unknown", "no amount is known of any of them")
    notes = [f"{whole(hole.estimated)} estimated from what their channels won"] if hole.estimated else []
    notes += [f"{whole(hole.worth.unknown)} unknown"] if hole.worth.unknown else []
    return Stat("Value", f"{rounded(hole.worth.value, 0)} {settings.REPORTING_CURRENCY}", "; ".join(notes))


@require_GET
def black_hole_page(request: SignedInRequest) -> HttpResponse:
    now, principal = timezone.now(), request.user.principal
    page = Paginator(with_leads(episodes(principal)), PAGE).get_page(request.GET.get("page"))
    selection = select(principal, Parameters({}, {}), now)
    catch_up()
    found = rows(page.object_list, selection=selection)
    context = {
        "rows": found,
        "stats": stats(total(selection), found[0].since if found and page.number == 1 else ""),
        "summary": span(page),
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "reports/black_hole.html", context)
