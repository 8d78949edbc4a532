"""/black-hole/: every lead that is inside now, how long, whose it is and what it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.core.paginator import Page, Paginator
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


def episodes(principal: Principal) -> "Paginator[Flag]":
    """The open episodes of the leads this principal may see, the longest first."""
    visible = Lead.objects.counted_for(principal)
    flags = Flag.objects.filter(kind=Flag.Kind.BLACK_HOLE, cleared_at=None, lead__in=visible)
    needed = ("lead__company", "lead__channel", "lead__campaign", "lead__owner", "lead__team")
    return Paginator(flags.select_related(*needed).order_by("due_at", "pk"), PAGE)


def rows(page: Page[Flag], *, selection: Selection) -> Sequence[Inside]:
    experience, now = channel_experience(selection), selection.now
    return [_inside(flag, experience, now) for flag in page.object_list]


def _inside(flag: Flag, experience: dict[int, Decimal], now: datetime) -> Inside:
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
    page = episodes(principal).get_page(request.GET.get("page"))
    selection = select(principal, Parameters({}, {}), now)
    catch_up()
    found = rows(page, selection=selection)
    context = {
        "rows": found,
        "stats": stats(total(selection), found[0].since if found and page.number == 1 else ""),
        "summary": span(page),
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "reports/black_hole.html", context)
