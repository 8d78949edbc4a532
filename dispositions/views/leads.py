"""One lead on a page of its own."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from dispositions.brief import brief_of, open_flag
from dispositions.offers import MoveForm, offers
from dispositions.promotion import readiness
from dispositions.views.desk import readable
from funnel.lifecycle import Move
from funnel.models import Reason


@require_GET
def lead(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """All that is known of a lead, and what happened; outcomes and moves for those who may make them."""
    return render_lead(request, lead_id)


def render_lead(
    request: SignedInRequest, lead_id: int, *, answered: tuple[Move, MoveForm] | None = None, status: int = 200
) -> HttpResponse:
    """`answered`: a move that could not be made, shown again with what stands against it."""
    principal = request.user.principal
    found = get_object_or_404(readable(principal), pk=lead_id)
    reasons = list(Reason.objects.filter(is_active=True))
    offered = offers(found, principal, reasons, answered=answered)
    context = {
        "brief": brief_of(found, principal, flag=open_flag(found), now=timezone.now(), whole=True),
        "in_queue": False,
        "offers": offered,
        "refused": answered[1] if answered and not any(one.is_open for one in offered) else None,
        "readiness": readiness(found) if any(one.is_promotion for one in offered) else None,
    }
    return render(request, "dispositions/lead.html", context, status=status)
