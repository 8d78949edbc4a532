"""The rep's desk: the queue on the left, the brief of the chosen lead on the right."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.http import SignedInRequest
from accounts.principals import Principal
from dispositions.brief import Answered, brief_of, open_flag
from dispositions.outcomes import RULES, Outcome
from dispositions.queue import Lane, Section, sections
from funnel.models import Lead
from funnel.querysets import LeadQuerySet


@require_GET
@vary_on_headers("HX-Request")
def queue(request: SignedInRequest) -> HttpResponse:
    """`?lead=` chooses the brief, `?outcome=` opens its panel without JavaScript, `?lane=` and `?page=` the rows."""
    chosen = request.GET.get("lead", "")
    return render_desk(request, lead_id=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None)


def render_desk(
    request: SignedInRequest, *, lead_id: int | None, answered: Answered | None = None, status: int = 200
) -> HttpResponse:
    """The whole page, or its brief alone where htmx asks for it."""
    now, principal = timezone.now(), request.user.principal
    if request.htmx and lead_id:
        return render_brief(request, lead_id, answered=answered, status=status)
    lane = Lane(request.GET["lane"]) if request.GET.get("lane") in set(Lane) else None
    page = min(int(asked), 1000) if (asked := request.GET.get("page", "1")).isdecimal() and int(asked) else 1
    lanes = sections(principal, now=now, only=lane, page=page)
    lead = _chosen(principal, lead_id, lanes)
    flag = next((row.flag for section in lanes for row in section.rows if row.lead == lead), None)
    opened = _opened(request)
    context = {
        "sections": [section for section in lanes if lane in {None, section.lane}],
        "lane": lane,
        "page": page,
        "pills": _pills(lane, lanes),
        "total": sum(section.count for section in lanes),
        "brief": brief_of(lead, principal, flag=flag, now=now, answered=answered, opened=opened) if lead else None,
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
    needed = ("company", "channel", "campaign", "owner", "team", "hand_off__agreement")
    return Lead.objects.visible_to(principal).select_related(*needed)


def _chosen(principal: Principal, lead_id: int | None, lanes: list[Section]) -> Lead | None:
    """The lead in the URL, else the first row's. One that is out of scope does not exist."""
    if lead_id is None:
        lead_id = next((row.lead.pk for section in lanes for row in section.rows), None)
    return get_object_or_404(readable(principal), pk=lead_id) if lead_id else None


def _opened(request: SignedInRequest) -> Outcome | None:
    """The panel that a click without JavaScript asked for."""
    outcome = request.GET.get("outcome")
    return Outcome(outcome) if outcome in set(RULES) else None


def _pills(lane: Lane | None, lanes: list[Section]) -> list[dict[str, Any]]:
    total = sum(section.count for section in lanes)
    pills = [
        {"label": one.title, "url": f"?lane={one.lane}", "active": lane is one.lane, "count": one.count}
        for one in lanes
    ]
    return [{"label": "All", "url": "?", "active": lane is None, "count": total}, *pills]
