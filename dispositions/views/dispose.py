"""What a key press does: record the outcome, or take it back."""

import json
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from dispositions.brief import Answered
from dispositions.forms import StatementForm
from dispositions.models import Disposition
from dispositions.outcomes import RULES, Outcome, OutcomeNotPossible
from dispositions.queue import row_of
from dispositions.services.record import record_disposition
from dispositions.services.undo import undo_disposition
from dispositions.views.desk import render_brief, render_desk
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed, StaleVersion
from funnel.models import Lead


@dataclass(frozen=True)
class Refused:
    """Why a statement was not recorded. 422: something is missing; 409: the lead is not where the rep saw it."""

    answered: Answered
    status: int


@require_POST
def dispose(request: SignedInRequest, lead_id: int) -> HttpResponse:
    get_object_or_404(Lead.objects.visible_to(request.user.principal), pk=lead_id)
    if request.POST.get("outcome") not in set(RULES):
        raise Http404
    result = _record(request, lead_id, Outcome(request.POST["outcome"]))
    if isinstance(result, Refused):
        return _show_refused(request, lead_id, result)
    if request.htmx:
        return _swap_row(request, result)
    messages.success(request, f"{result.lead.name}: {result.get_outcome_display().lower()}.")
    return redirect("queue")


def _record(request: SignedInRequest, lead_id: int, outcome: Outcome) -> Disposition | Refused:
    form = StatementForm(request.POST, auto_id=f"{outcome}-%s")
    status = 200 if form.is_valid() else 422
    if status == 200:
        try:
            return record_disposition(
                lead_id=lead_id,
                statement=form.statement(outcome),
                by=request.user.principal,
                at=timezone.now(),
                version=form.cleaned_data["version"],
            )
        except MissingNeeds as missing:
            form.add_missing(missing.fields)
            status = 422
        except (StaleVersion, OutcomeNotPossible, InvalidTransition) as conflict:
            form.add_error(None, str(conflict))
            status = 409
        except NotAllowed as denied:
            form.add_error(None, str(denied))
            status = 403
    return Refused(Answered(outcome, form), status)


def _show_refused(request: SignedInRequest, lead_id: int, refused: Refused) -> HttpResponse:
    """The brief again, with the panel open and the rep's input kept."""
    if not request.htmx:
        return render_desk(request, lead_id=lead_id, answered=refused.answered, status=refused.status)
    response = render_brief(request, lead_id, answered=refused.answered, status=refused.status)
    response["HX-Retarget"], response["HX-Reswap"] = "#brief", "innerHTML"
    return response


def _swap_row(request: SignedInRequest, disposition: Disposition) -> HttpResponse:
    """The lead's row as it is now; queue.js goes on to the next one."""
    row = row_of(disposition.lead_id, request.user.principal, timezone.now())
    context = {"row": row, "disposition": disposition, "lead": disposition.lead}
    response = render(request, "dispositions/_disposed.html", context)
    response["HX-Trigger-After-Settle"] = json.dumps({"lead-disposed": {"lead": disposition.lead_id}})
    return response


@require_POST
def undo(request: SignedInRequest, disposition_id: int) -> HttpResponse:
    """Takes a disposition back, within 15 minutes."""
    found = Disposition.objects.filter(lead__in=Lead.objects.visible_to(request.user.principal))
    disposition = get_object_or_404(found.select_related("lead"), pk=disposition_id)
    try:
        undo_disposition(disposition_id=disposition.pk, by=request.user.principal, at=timezone.now())
    except NotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{disposition.lead.name}: taken back.")
    response = HttpResponse(status=204) if request.htmx else redirect("queue")
    if request.htmx:
        response["HX-Redirect"] = f"{reverse('queue')}?lead={disposition.lead_id}"
    return response
