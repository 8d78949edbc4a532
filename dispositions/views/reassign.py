"""One lead given to another rep."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from dispositions.leads.reassignment import choices_for, may_reassign
from dispositions.views.bulk import rep_of
from funnel.errors import NotAllowed, StaleVersion
from funnel.models import Lead
from funnel.services.reassign import reassign_lead


@require_http_methods(["GET", "POST"])
def reassign(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """`to`: the id of a rep; `version`: the one that was looked at. 409 where the lead has changed since."""
    principal = request.user.principal
    lead = get_object_or_404(Lead.objects.visible_to(principal).select_related("company", "owner"), pk=lead_id)
    if not may_reassign(principal):
        raise PermissionDenied("Only a manager gives leads to others.")
    choices = choices_for(principal, now=timezone.now())
    context = {"lead": lead, "choices": choices, "to": request.POST.get("to", ""), "problem": ""}
    if request.method == "GET":
        return render(request, "leads/reassign.html", context)
    to = rep_of(choices, request.POST.get("to", ""))
    if to is None:
        return render(request, "leads/reassign.html", context | {"problem": "Choose who gets it."}, status=422)
    asked = request.POST.get("version", "")
    version = int(asked) if asked.isdecimal() and len(asked) < 10 else None
    try:
        reassign_lead(lead_id=lead.pk, to=to, by=principal, at=timezone.now(), version=version)
    except StaleVersion as stale:
        return render(request, "leads/reassign.html", context | {"problem": str(stale)}, status=409)
    except NotAllowed as denied:
        return render(request, "leads/reassign.html", context | {"problem": str(denied)}, status=422)
    messages.success(request, f"{lead.name} is with {to.name} now.")
    return redirect("lead", lead.pk)
