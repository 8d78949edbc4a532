"""The rep's desk: the queue on the left, the brief of the chosen lead on the right."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.principals import Principal
from dispositions.desk.brief import Answered, brief_of, open_flag
from dispositions.desk.queue import LANE_TITLES, Lane, Places, Section, places_of, sections, waking_next
from dispositions.desk.tally import tally_of
from dispositions.models import Disposition
from dispositions.outcomes import RULES, Outcome
from dispositions.precedents import precedents_of
from dispositions.services.undo import UNDO_WITHIN
from funnel.models import Lead
from funnel.querysets import LeadQuerySet

LAST_PAGE = 1000
# What a brief tells of, the people and their teams apart.
_NEEDED = ("company", "channel", "campaign", "hand_off__agreement")


@require_GET
@vary_on_headers("HX-Request")
def queue(request: SignedInRequest) -> HttpResponse:
    """`?lead=` chooses the brief, `?outcome=` opens its panel without JavaScript, `?lane=` and `?page=` the rows.

    `?said=`: a disposition that was just recorded without JavaScript, to be offered its undo.
    """
    return render_desk(request, lead_id=_number(request, "lead"))


@require_GET
def rows(request: SignedInRequest) -> HttpResponse:
    """The lanes alone, for a desk that is open; 204 where they still are as `?seen=` says."""
    now = timezone.now()
    lane, page = _lane(request), _page(request)
    places = places_of(request.user.principal, only=lane, page=page)
    if request.GET.get("seen") == places.fingerprint:
        return HttpResponse(status=204)
    lanes = sections(places, now=now, only=lane)
    context = _list(request.user.principal, places, lanes, lane)
    return render(request, "dispositions/_lanes.html", context | {"selected": _number(request, "lead")})


def render_desk(
    request: SignedInRequest, *, lead_id: int | None, answered: Answered | None = None, status: int = 200
) -> HttpResponse:
    """The whole page, or its brief alone where htmx asks for it."""
    now, principal = timezone.now(), request.user.principal
    if request.htmx and lead_id:
        return render_brief(request, lead_id, answered=answered, status=status)
    lane, page = _lane(request), _page(request)
    places = places_of(principal, only=lane, page=page)
    lanes = sections(places, now=now, only=lane)
    lead = _chosen(request.user, lead_id, lanes)
    flags = {row.lead_id: row.flag for section in lanes for row in section.rows}
    brief = None
    if lead:
        flag = flags[lead.pk] if lead.pk in flags else open_flag(lead)
        brief = brief_of(lead, principal, flag=flag, now=now, answered=answered, opened=_opened(request))
    said = _just_said(request)
    context = _list(principal, places, lanes, lane) | {
        "brief": brief,
        "selected": lead.pk if lead else None,
        "tally": tally_of(request.user.pk, now),
        "said": said,
        "said_precedents": precedents_of(said.lead) if said else None,
        "in_queue": True,
    }
    return render(request, "dispositions/queue.html", context, status=status)


def render_brief(
    request: SignedInRequest, lead_id: int, *, answered: Answered | None = None, status: int = 200
) -> HttpResponse:
    lead = get_object_or_404(readable(request.user.principal), pk=lead_id)
    now, principal = timezone.now(), request.user.principal
    flag = open_flag(lead)
    brief = brief_of(lead, principal, flag=flag, now=now, answered=answered, opened=_opened(request))
    return render(request, "dispositions/_brief.html", {"brief": brief, "in_queue": True}, status=status)


def readable(principal: Principal) -> LeadQuerySet:
    """The leads whose brief this principal may read, with what it needs."""
    return Lead.objects.visible_to(principal).select_related(*_NEEDED, "owner__team__calendar", "team__calendar")


def _chosen(user: User, lead_id: int | None, lanes: list[Section]) -> Lead | None:
    """The lead in the URL, else the first row's. One that is out of scope does not exist."""
    rows = [row for lane in lanes for row in lane.rows]
    row = next((row for row in rows if row.lead_id == lead_id), None) if lead_id else next(iter(rows), None)
    if row and row.is_mine:
        return _own(user, row.lead_id)
    wanted = row.lead_id if row else lead_id
    return get_object_or_404(readable(user.principal), pk=wanted) if wanted else None


def _own(user: User, lead_id: int) -> Lead:
    """Whose it is stands in the request: PostgreSQL takes longer to plan those joins than for the whole rest."""
    lead = get_object_or_404(Lead.objects.visible_to(user.principal).select_related(*_NEEDED), pk=lead_id)
    if lead.owner_id == user.pk:  # no longer, where somebody gave it away this very moment
        lead.owner = user
    if lead.team_id == user.team_id:
        lead.team = user.team
    return lead


def _list(principal: Principal, places: Places, lanes: list[Section], lane: Lane | None) -> dict[str, Any]:
    """What the list shows. Asks once more where the queue is empty: what comes next."""
    return {
        "sections": lanes,
        "places": places,
        "lane": lane,
        "export_query": f"lane={lane}" if lane else "",
        "lane_title": LANE_TITLES[lane] if lane else "",
        "pills": _pills(lane, places),
        "coming": waking_next(principal) if not places.total else [],
    }


def _pills(lane: Lane | None, places: Places) -> list[dict[str, Any]]:
    pills = [
        {"label": title, "url": f"?lane={one}", "active": lane is one, "count": places.counts[one]}
        for one, title in LANE_TITLES.items()
    ]
    return [{"label": "All", "url": "?", "active": lane is None, "count": places.total}, *pills]


def _just_said(request: SignedInRequest) -> Disposition | None:
    """The disposition in the URL, while its author may take it back."""
    said = _number(request, "said")
    if said is None:
        return None
    mine = Disposition.objects.filter(by=request.user, at__gt=timezone.now() - UNDO_WITHIN, corrected_by=None)
    undoable = mine.exclude(outcome=Outcome.UNDO).filter(lead__in=Lead.objects.visible_to(request.user.principal))
    return undoable.select_related("lead__company", "reason").filter(pk=said).first()


def _lane(request: SignedInRequest) -> Lane | None:
    lane = request.GET.get("lane")
    return Lane(lane) if lane in set(Lane) else None


def _page(request: SignedInRequest) -> int:
    return min(_number(request, "page") or 1, LAST_PAGE)


def _number(request: SignedInRequest, name: str) -> int | None:
    """A key or a page that was asked for; none where it is no such thing."""
    asked = request.GET.get(name, "")
    return int(asked) or None if asked.isdecimal() and len(asked) < 19 else None


def _opened(request: SignedInRequest) -> Outcome | None:
    """The panel that a click without JavaScript asked for."""
    outcome = request.GET.get("outcome")
    return Outcome(outcome) if outcome in set(RULES) else None
