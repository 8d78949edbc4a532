"""/disputes/: refusals of leads that met the agreement, and the signers' votes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.formats import span
from accounts.http import SignedInRequest
from dispositions.agreement.disputes import PAGE, VERDICTS, disputes_of, rows_of
from dispositions.models import Dispute, Verdict
from dispositions.services.disputes import vote as cast_vote
from funnel.errors import NotAllowed


@require_GET
def disputes(request: SignedInRequest) -> HttpResponse:
    """The open ones, the longest waiting first; `?settled=1` those that were, the latest first."""
    settled = request.GET.get("settled") == "1"
    all_of_them = disputes_of(request.user)
    is_open = all_of_them.filter(state=Dispute.State.OPEN)
    done = all_of_them.exclude(state=Dispute.State.OPEN)
    counts = (is_open.count(), done.count())
    chosen = done.order_by("-settled_at", "-pk") if settled else is_open.order_by("opened_at", "pk")
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    before = f"?settled={int(settled)}&page="
    context = {
        "rows": rows_of(list(page.object_list), request.user, now=timezone.now()),
        "settled": settled,
        "verdicts": VERDICTS,
        "tabs": [
            {"label": "Open", "url": "?", "active": not settled, "count": counts[0]},
            {"label": "Settled", "url": "?settled=1", "active": settled, "count": counts[1]},
        ],
        "previous_url": f"{before}{page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"{before}{page.next_page_number()}" if page.has_next() else "",
        "summary": span(page),
    }
    return render(request, "disputes/disputes.html", context)


@require_POST
def vote(request: SignedInRequest, dispute_id: int) -> HttpResponse:
    get_object_or_404(disputes_of(request.user), pk=dispute_id)
    verdict = request.POST.get("verdict")
    if verdict not in set(Verdict):
        raise Http404
    try:
        dispute = cast_vote(dispute_id=dispute_id, by=request.user, verdict=Verdict(verdict), at=timezone.now())
    except NotAllowed as denied:
        raise PermissionDenied(str(denied)) from denied
    is_open = dispute.state == Dispute.State.OPEN
    messages.success(request, _voted(dispute, Verdict(verdict)))
    return redirect(reverse("disputes") + ("" if is_open else "?settled=1") + f"#dispute-{dispute.pk}")


def _voted(dispute: Dispute, verdict: Verdict) -> str:
    if dispute.state == Dispute.State.OPEN:
        return f"Your word is kept: {verdict.label.lower()}. It is settled once the other side says the same."
    back = " The lead is back with its rep." if dispute.lead_returned else ""
    return f"Settled: {dispute.get_state_display().lower()}.{back}"
