"""What the author adds to a disposition afterwards, and his forecast of a conversation by one click."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from dispositions.desk.addition_page import addition_page
from dispositions.desk.forms import LearnedForm, read_forecast
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.forecasts import record_forecast
from dispositions.services.learned import add_to_disposition
from dispositions.views.desk import readable, render_brief
from funnel.errors import MissingNeeds, NotAllowed
from funnel.models import Lead


@require_http_methods(["GET", "POST"])
def said(request: SignedInRequest, lead_id: int, seq: int) -> HttpResponse:
    """The form, for its author alone; 422: nothing was said, or wrongly; 403: not now. Afterwards the brief again."""
    lead = get_object_or_404(readable(request.user.principal), pk=lead_id)
    disposition = get_object_or_404(_own(request), lead=lead, seq=seq)
    form, status = None, 200
    if request.method == "POST":
        form = LearnedForm(request.POST, auto_id="said-%s")
        status = _add(request, disposition, form) if form.is_valid() else 422
        if status == 200:
            return _go_on(request, lead)
    page = addition_page(lead, disposition, timezone.now(), form)
    context = {"page": page, "in_queue": bool(request.htmx) or _from_queue(request)}
    template = "dispositions/_addition.html" if request.htmx else "dispositions/addition.html"
    return render(request, template, context, status=status)


def _add(request: SignedInRequest, disposition: Disposition, form: LearnedForm) -> int:
    """Answers the status; what stands against it is told on the form."""
    try:
        add_to_disposition(
            lead_id=disposition.lead_id,
            seq=disposition.seq,
            addition=form.addition(),
            by=request.user.principal,
            at=timezone.now(),
        )
    except MissingNeeds as missing:
        form.add_missing(missing.fields)
        return 422
    except NotAllowed as denied:
        form.add_error(None, str(denied))
        return 403
    return 200


def _go_on(request: SignedInRequest, lead: Lead) -> HttpResponse:
    if request.htmx:
        return render_brief(request, lead.pk)
    messages.success(request, f"{lead.name}: added.")
    return redirect(f"{reverse('queue')}?lead={lead.pk}" if _from_queue(request) else reverse("lead", args=[lead.pk]))


@require_POST
def forecast(request: SignedInRequest, lead_id: int, seq: int) -> HttpResponse:
    """`forecast`: a chance in percent, or why he cannot say. 422: neither; 403: not asked, or not now."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user.principal), pk=lead_id)
    disposition = get_object_or_404(_own(request), lead=lead, seq=seq)
    chance, because = read_forecast(request.POST.get("forecast", ""))
    kept, problem, status = None, "", 200
    try:
        kept = record_forecast(
            disposition_id=disposition.pk,
            chance=chance,
            unknown_because=because,
            by=request.user.principal,
            at=timezone.now(),
        )
    except MissingNeeds as missing:
        problem, status = str(missing), 422
    except NotAllowed as denied:
        problem, status = str(denied), 403
    context = {"forecast": kept, "problem": problem, "lead": lead}
    if request.htmx:
        return render(request, "dispositions/_forecast_kept.html", context, status=status)
    if problem:
        return render(request, "dispositions/forecast_refused.html", context, status=status)
    messages.success(request, f"{lead.name}: forecast {kept}.")
    return redirect(f"{reverse('queue')}?lead={lead.pk}" if _from_queue(request) else reverse("lead", args=[lead.pk]))


def _own(request: SignedInRequest) -> QuerySet[Disposition]:
    """What the reader himself has said, and has not taken back."""
    standing = Disposition.objects.filter(by=request.user, corrected_by=None).exclude(outcome=Outcome.UNDO)
    return standing.select_related("by", "hand_off")


def _from_queue(request: SignedInRequest) -> bool:
    return "queue" in {request.GET.get("back"), request.POST.get("back")}
