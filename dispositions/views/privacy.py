"""Erasing a person, telling him what is known of him, and letting him come back: for admins; marketing may ask."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.roles import Role
from funnel.models import Lead
from funnel.personal import what_goes, what_stays
from funnel.services.erase import AlreadyErased, ask_to_erase, erase_lead, may_erase
from funnel.services.export_person import as_json, export_person
from funnel.services.suppression import lift

NOT_YOURS = "Only an admin erases leads; marketing may ask for it."


@require_http_methods(["GET", "POST"])
def erase(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """What goes and what stays, then the erasure; from marketing a wish that the admins are told."""
    principal, at = request.user.principal, timezone.now()
    lead = get_object_or_404(Lead.objects.visible_to(principal).select_related("company"), pk=lead_id)
    is_admin = may_erase(principal)
    if not is_admin and principal.role != Role.MARKETING:
        raise PermissionDenied(NOT_YOURS)
    if request.method == "GET":
        return _confirm(request, lead, is_admin=is_admin)
    if not is_admin:
        ask_to_erase(lead_id=lead.pk, by=principal, at=at)
        messages.success(request, "The admins have been told.")
        return redirect("lead", lead.pk)
    if request.POST.get("number", "").strip() != str(lead.pk):
        problem = f"Type {lead.pk}, the number of the lead: nobody can bring it back."
        return _confirm(request, lead, is_admin=True, problem=problem, status=422)
    try:
        erase_lead(lead_id=lead.pk, by=principal, at=at)
    except AlreadyErased as done:
        messages.info(request, str(done))
    else:
        messages.success(request, f"Lead {lead.pk} is erased.")
    return redirect("lead", lead.pk)


def _confirm(
    request: SignedInRequest, lead: Lead, *, is_admin: bool, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "lead": lead,
        "is_admin": is_admin,
        "merged": Lead.objects.filter(merged_into=lead).count(),
        "goes": what_goes(),
        "stays": what_stays(),
        "problem": problem,
    }
    return render(request, "leads/erase.html", context, status=status)


@require_GET
def export(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """All that is held about the person, as a file."""
    principal = request.user.principal
    lead = get_object_or_404(Lead.objects.visible_to(principal), pk=lead_id)
    if not may_erase(principal):
        raise PermissionDenied("Only an admin takes out all that is held about a person.")
    response = HttpResponse(as_json(export_person(lead, at=timezone.now())), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="lead-{lead.pk}.json"'
    return response


@require_POST
def let_back(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """The erased person may come in again, as somebody new."""
    principal = request.user.principal
    lead = get_object_or_404(Lead.objects.counted_for(principal).exclude(erased_at=None), pk=lead_id)
    if not may_erase(principal):
        raise PermissionDenied("Only an admin lets somebody come back who was erased.")
    if not lift(lead):
        raise Http404
    messages.success(request, "The person may come back, as somebody new. What was erased stays erased.")
    return redirect("lead", lead.pk)
