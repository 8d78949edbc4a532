"""A note on a lead, without an outcome."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from accounts.roles import Role
from dispositions.leads.forms import NoteForm
from dispositions.views.leads import render_lead, render_timeline
from funnel.models import Lead
from funnel.services.notes import add_note


@require_POST
def note(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """422 where there is nothing to note; what was typed is kept."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user.principal), pk=lead_id)
    form = NoteForm(request.POST, is_marketing=request.user.role == Role.MARKETING)
    if not form.is_valid():
        if request.htmx:
            return render_timeline(request, lead, note=form, status=422)
        return render_lead(request, lead_id, note=form, status=422)
    add_note(
        lead_id=lead.pk,
        text=form.cleaned_data["text"],
        private=not form.cleaned_data.get("for_marketing"),
        by=request.user.principal,
        at=timezone.now(),
    )
    if request.htmx:
        return render_timeline(request, lead)
    messages.success(request, "Note kept.")
    return redirect(f"{reverse('lead', args=[lead.pk])}#timeline")
