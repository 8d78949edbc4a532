"""One lead on a page of its own."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from dispositions.brief import brief_of
from dispositions.views.desk import BRIEF_NEEDS
from funnel.models import Lead


@require_GET
def lead(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """All that is known of a lead, and what happened; outcomes for those who may record them."""
    principal = request.user.principal
    found = get_object_or_404(Lead.objects.visible_to(principal).select_related(*BRIEF_NEEDS), pk=lead_id)
    brief = brief_of(found, principal, now=timezone.now())
    return render(request, "dispositions/lead.html", {"brief": brief, "in_queue": False})
