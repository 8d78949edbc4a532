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
from dispositions.desk.agreed import warning_of
from dispositions.desk.brief import Answered, open_flag
from dispositions.desk.forms import StatementForm
from dispositions.desk.queue import row_of
from dispositions.desk.tally import tally_of
from dispositions.models import Disposition
from dispositions.outcomes import RULES, Outcome, OutcomeNotPossible
from dispositions.precedents import precedents_of
from dispositions.services.record import record_disposition
from dispositions.services.undo import undo_disposition
from dispositions.views.desk import render_brief, render_desk
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed, StaleVersion
from funnel.models import Flag, Lead


@dataclass(frozen=True)
class Refused:
    """Why a statement was not recorded. 422: something is missing; 409: the lead is not where the rep saw it."""

    answered: Answered
    status: int


@require_POST
def dispose(request: SignedInRequest, lead_id: int) -> HttpResponse:
    if request.POST.get("outcome") not in set(RULES):
        raise Http404
    try:
        result = _record(request, lead_id, Outcome(request.POST["outcome"]))
    except Lead.DoesNotExist as out_of_scope:
        raise Http404 from out_of_scope
    if isinstance(result, Refused):
        return _show_refused(request, lead_id, result)
    if request.htmx:
        return _swap_row(request, result)
    messages.success(request, f"{result.lead.name}: {result.get_outcome_display().lower()}.")
    if warning := warning_of(result.lead, result.channel):
        messages.warning(request, warning)
    return redirect(f"{reverse('queue')}?said={result.pk}")


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
    """The lead's row as it is now, and the tally; queue.js goes on to the next one."""
    return _answer_row(request, "dispositions/_disposed.html", "lead-disposed", disposition)


def _answer_row(
    request: SignedInRequest, template: str, event: str, said: Disposition, flag: Flag.Kind | None = None
) -> HttpResponse:
    now, lead = timezone.now(), said.lead
    context = {
        "row": row_of(lead, request.user.principal, now, flag=flag),
        "lead": lead,
        "disposition": said,
        "warning": warning_of(lead, said.channel),
        "queue": reverse("queue"),
        "tally": tally_of(request.user.pk, now),
        "precedents": precedents_of(lead),
    }
    response = render(request, template, context)
    response["HX-Trigger-After-Settle"] = json.dumps({event: {"lead": lead.pk}})
    return response


@require_POST
def undo(request: SignedInRequest, disposition_id: int) -> HttpResponse:
    """Takes a disposition back, within 15 minutes."""
    found = Disposition.objects.filter(lead__in=Lead.objects.visible_to(request.user.principal))
    disposition = get_object_or_404(found.select_related("lead"), pk=disposition_id)
    try:
        undone = undo_disposition(disposition_id=disposition.pk, by=request.user.principal, at=timezone.now())
    except NotAllowed as refused:
        return _not_taken_back(request, disposition, str(refused))
    if request.htmx:
        template, flag = "dispositions/_taken_back.html", open_flag(undone.lead)
        return _answer_row(request, template, "lead-taken-back", undone, flag)
    messages.success(request, f"{disposition.lead.name}: taken back.")
    return redirect(f"{reverse('queue')}?lead={disposition.lead_id}")


def _not_taken_back(request: SignedInRequest, disposition: Disposition, sentence: str) -> HttpResponse:
    if request.htmx:
        response = render(request, "dispositions/_refused_toast.html", {"text": sentence}, status=409)
        response["HX-Reswap"] = "none"
        return response
    messages.error(request, sentence)
    return redirect(f"{reverse('queue')}?lead={disposition.lead_id}")
