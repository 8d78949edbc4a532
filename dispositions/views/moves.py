"""Marketing's and managers' moves from the lead page, and taking a lead from the pool."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from dispositions.marketing.nurture_desk import Answered
from dispositions.marketing.offers import KINDS, Kind, MoveForm, target_of
from dispositions.views.desk import render_desk
from dispositions.views.leads import render_lead
from dispositions.views.nurture import back_to_desk, may_nurture, render_nurture
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed, StaleVersion, TakenAlready
from funnel.lifecycle import Move, Stage
from funnel.models import Lead, Reason
from funnel.services.moves import move_lead
from funnel.services.take import take_lead


@require_POST
def move(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """422: something is missing; 409: the lead is not where the person saw it; 403: not this person's to do."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user.principal), pk=lead_id)
    asked = request.POST.get("move", "")
    from_nurture = request.POST.get("back") == "nurture" and may_nurture(request.user)
    kind = KINDS[Move(asked)] if asked in set(KINDS) else None
    form = MoveForm(
        request.POST,
        auto_id=f"{kind.move.name if kind else ''}-%s",
        kind=kind,
        reasons=list(Reason.objects.filter(is_active=True)),
    )
    status = _make(request, lead, kind, form) if form.is_valid() and kind else 422
    if status == 200:
        lead.refresh_from_db()
        messages.success(request, f"{lead.name} is now {Stage(lead.stage).label}.")
        return back_to_desk(request) if from_nurture else redirect("lead", lead.pk)
    if from_nurture:
        answered = Answered(move=(kind.move, form)) if kind else None
        return render_nurture(request, lead_id=lead_id, answered=answered, status=status)
    return render_lead(request, lead_id, answered=(kind.move, form) if kind else None, status=status)


def _make(request: SignedInRequest, lead: Lead, kind: Kind, form: MoveForm) -> int:
    """Make the move; what stands against it is told on the form. Answers the status."""
    at = timezone.now()
    try:
        move_lead(
            lead_id=lead.pk,
            to=target_of(kind.move, Stage(lead.stage)),
            move=kind.move,
            by=request.user.principal,
            at=at,
            details=form.details(kind, at),
            version=form.cleaned_data["version"],
        )
    except MissingNeeds as missing:
        form.add_missing(missing.fields)
        return 422
    except (StaleVersion, InvalidTransition) as conflict:
        form.add_error(None, str(conflict))
        return 409
    except NotAllowed as denied:
        form.add_error(None, str(denied))
        return 403
    return 200


@require_POST
def take(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """409 where a colleague was faster: the queue again, and whose the lead is."""
    try:
        lead = take_lead(lead_id=lead_id, by=request.user.principal, at=timezone.now())
    except Lead.DoesNotExist as unknown:
        raise Http404 from unknown
    except TakenAlready as too_late:
        messages.error(request, str(too_late))
        return render_desk(request, lead_id=None, status=409)
    except NotAllowed as denied:
        messages.error(request, str(denied))
        return render_desk(request, lead_id=None, status=403)
    messages.success(request, f"{lead.name} is yours.")
    return redirect(f"{reverse('queue')}?lead={lead.pk}")
