"""/nurture/, for marketing: what woke up, what sleeps, and a check of one lead against the agreement."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.principals import Principal
from accounts.roles import Role
from dispositions.cycles import earlier_cycles
from dispositions.nurture import PAGE, Show, Track, rows_of, shown, tracks
from dispositions.offers import offers
from dispositions.promotion import readiness
from dispositions.views.desk import readable
from funnel.lifecycle import Stage


@require_GET
def nurture(request: SignedInRequest) -> HttpResponse:
    """`?show=` awake or asleep, `?reason=` one track, `?page=`, `?check=` the lead whose readiness is shown."""
    if request.user.role not in {Role.MARKETING, Role.ADMIN}:
        raise PermissionDenied("The nurture list is marketing's.")
    now, principal = timezone.now(), request.user.principal
    show = Show(asked) if (asked := request.GET.get("show", "")) in set(Show) else Show.AWAKE
    found = tracks(principal, now=now)
    reason = next((one.reason for one in found if one.reason and one.reason.slug == request.GET.get("reason")), None)
    page = Paginator(shown(principal, show, now=now, reason=reason), PAGE).get_page(request.GET.get("page"))
    query = f"show={show}" + (f"&reason={reason.slug}" if reason else "")
    context = {
        "rows": rows_of(list(page.object_list)),
        "tabs": _tabs(show, found),
        "tracks": found,
        "reason": reason,
        "asleep": show is Show.ASLEEP,
        "query": query,
        "checked": _checked(request, principal),
        "previous_url": f"?{query}&page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?{query}&page={page.next_page_number()}" if page.has_next() else "",
        "summary": f"{page.start_index():,}–{page.end_index():,} of {page.paginator.count:,}",
    }
    return render(request, "dispositions/nurture.html", context)


def _tabs(show: Show, found: list[Track]) -> list[dict[str, Any]]:
    return [
        {
            "label": "To develop now",
            "url": f"?show={Show.AWAKE}",
            "active": show is Show.AWAKE,
            "count": sum(track.awake for track in found),
        },
        {
            "label": "Asleep",
            "url": f"?show={Show.ASLEEP}",
            "active": show is Show.ASLEEP,
            "count": sum(track.asleep for track in found),
        },
    ]


def _checked(request: SignedInRequest, principal: Principal) -> dict[str, Any] | None:
    """The lead of `?check=`, with its clauses, its earlier cycles and the promotion; nothing where none is named."""
    asked = request.GET.get("check", "")
    if not (asked.isdecimal() and len(asked) < 19):
        return None
    lead = get_object_or_404(readable(principal), pk=asked, stage__in=[Stage.NURTURE, Stage.INQUIRY])
    promotion = next(one for one in offers(lead, principal, ()) if one.is_promotion)
    return {"lead": lead, "readiness": readiness(lead), "cycles": earlier_cycles(lead), "offer": promotion}
