"""One lead on a page of its own."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.http import SignedInRequest
from accounts.principals import Principal
from accounts.roles import Role
from dispositions.desk.brief import brief_of, open_flag
from dispositions.leads.forms import TITLES, NoteForm
from dispositions.leads.panels import panels_for
from dispositions.leads.reassignment import choices_for
from dispositions.leads.timeline import Show, timeline_of
from dispositions.marketing.offers import MoveForm, Offer, offers
from dispositions.marketing.promotion import readiness
from dispositions.outcomes import RULES, Outcome
from dispositions.views.desk import readable
from funnel.lifecycle import SALES_STAGES, Move
from funnel.models import Lead, Reason
from funnel.services.edit import sections_for
from funnel.services.erase import may_erase


@require_GET
@vary_on_headers("HX-Request", "HX-Target")
def lead(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """All that is known of a lead, and what happened; outcomes and moves for those who may make them.

    `?show=touches,moves…` filters the timeline, `?before=` asks for its older pages, `?outcome=` opens a panel. One
    that was merged leads to the lead that it is today. Of one that was erased only that is told.
    """
    visible = Lead.objects.visible_to(request.user.principal)
    survivor = visible.filter(merged=lead_id).first()
    if survivor:
        return redirect("lead", survivor.pk)
    if request.htmx and request.htmx.target in {"timeline", "older"}:
        found = get_object_or_404(visible, pk=lead_id)
        return render_timeline(request, found, whole=request.htmx.target == "timeline")
    try:
        return render_lead(request, lead_id)
    except Http404:
        if erased := _erased(request, lead_id):
            return erased
        raise


def _erased(request: SignedInRequest, lead_id: int) -> HttpResponse | None:
    """Nothing here asks for its data: there is nothing that anybody may do with it."""
    principal = request.user.principal
    found = Lead.objects.counted_for(principal).filter(pk=lead_id).exclude(erased_at=None)
    lead = found.select_related("channel").first()
    if lead is None:
        return None
    may_let_back = may_erase(principal) and lead.suppressions.exists()
    return render(request, "leads/erased.html", {"lead": lead, "may_let_back": may_let_back})


def render_lead(
    request: SignedInRequest,
    lead_id: int,
    *,
    answered: tuple[Move, MoveForm] | None = None,
    note: NoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """`answered`: a move that could not be made, `note`: one not written, shown again with what stands against it."""
    principal = request.user.principal
    found = get_object_or_404(readable(principal), pk=lead_id)
    reasons = list(Reason.objects.filter(is_active=True))
    offered = offers(found, principal, reasons, answered=answered)
    brief = brief_of(found, principal, flag=open_flag(found), now=timezone.now(), opened=_opened(request), whole=True)
    context = {
        "brief": brief,
        "in_queue": False,
        "on_lead_page": True,
        "accept": next((one for one in offered if _is_one_click(one)), None),
        "offers": [one for one in offered if not _is_one_click(one)],
        "refused": answered[1] if answered and not any(one.is_open for one in offered) else None,
        "readiness": readiness(found) if any(one.is_promotion for one in offered) else None,
        "sections": [(section.value, TITLES[section]) for section in sections_for(found, principal)],
        "may_merge": _may_merge(found, principal),
        "may_erase": may_erase(principal),
        "may_ask_to_erase": principal.role == Role.MARKETING,
        "panels": panels_for(found, principal),
        "choices": choices_for(principal, now=timezone.now()) if found.stage in SALES_STAGES else [],
        **_timeline_context(request, found, note),
    }
    return render(request, "dispositions/lead.html", context, status=status)


def render_timeline(
    request: SignedInRequest, found: Lead, *, whole: bool = True, note: NoteForm | None = None, status: int = 200
) -> HttpResponse:
    """The timeline alone; not `whole`: only the next page, to be put below what is there."""
    template = "leads/_timeline.html" if whole else "leads/_timeline_page.html"
    return render(request, template, _timeline_context(request, found, note), status=status)


def _timeline_context(request: SignedInRequest, found: Lead, note: NoteForm | None) -> dict[str, Any]:
    asked = request.GET.get("show", "").split(",")
    shown = [Show(one) for one in asked if one in set(Show)]
    timeline = timeline_of(found, request.user.principal, shown=shown, before=request.GET.get("before", ""))
    is_marketing = request.user.role == Role.MARKETING
    return {
        "lead": found,
        "timeline": timeline,
        "pills": _pills(timeline.counts, timeline.shown, timeline.total),
        "older_url": f"?{_query(timeline.shown, before=timeline.older)}" if timeline.older else "",
        "is_first_page": "before" not in request.GET,
        "note": note or NoteForm(is_marketing=is_marketing),
    }


def _pills(counts: Any, shown: frozenset[Show], total: int) -> list[dict[str, Any]]:
    """Each kind adds itself to what is shown, or takes itself out."""
    every = [one for one in Show if counts.get(one) or one in shown]
    pills = [
        {
            "label": one.value.capitalize(),
            "url": f"?{_query(shown ^ {one})}",
            "active": one in shown,
            "count": counts.get(one, 0),
        }
        for one in every
    ]
    return [{"label": "All", "url": "?", "active": not shown, "count": total}, *pills]


def _query(shown: frozenset[Show], **more: str) -> str:
    kinds = {"show": ",".join(one for one in Show if one in shown)} if shown else {}
    return urlencode(kinds | more, safe=",~:")


def _opened(request: SignedInRequest) -> Outcome | None:
    """The panel that a click without JavaScript asked for."""
    outcome = request.GET.get("outcome")
    return Outcome(outcome) if outcome in set(RULES) else None


def _is_one_click(offer: Offer) -> bool:
    return offer.kind.move is Move.SELF_SOURCE and not offer.is_open


def _may_merge(found: Lead, principal: Principal) -> bool:
    return principal.role != Role.REP or found.owner_id == principal.user_id
