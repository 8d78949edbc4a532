"""/leads/<id>/merge/: find the same person's other lead, compare the two, make them one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from dispositions.leads.duplicates import duplicates_of, person_of
from dispositions.leads.merge_page import pair_of, taken_from
from dispositions.views.desk import readable
from funnel.errors import NotAllowed, StaleVersion
from funnel.find import find_leads
from funnel.models import Lead
from funnel.services.merge import MergeRefused, merge_leads

SHOWN = 20


@require_http_methods(["GET", "POST"])
def merge(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """`?with=` the other lead, `?q=` a search for it. 409: one of the two was changed meanwhile."""
    lead = get_object_or_404(readable(request.user.principal), pk=lead_id)
    if request.method == "GET":
        asked = request.GET.get("with", "")
        return _compare(request, lead, _other(request, asked)) if asked else _choose(request, lead)
    other = _other(request, request.POST.get("other", ""))
    if other.pk == lead.pk:
        return HttpResponseBadRequest(render(request, "400.html").content)
    return _merge(request, lead, other)


def _other(request: SignedInRequest, asked: str) -> Lead:
    """Out of scope it does not exist: 404."""
    number = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    return get_object_or_404(readable(request.user.principal), pk=number)


def _choose(request: SignedInRequest, lead: Lead) -> HttpResponse:
    principal, query = request.user.principal, request.GET.get("q", "").strip()
    found: list[Lead] = []
    if query:
        rows = readable(principal).exclude(pk=lead.pk).in_bulk(find_leads(query, principal).ids[:SHOWN])
        found = list(rows.values())
    context = {
        "lead": lead,
        "duplicates": duplicates_of(person_of(lead), principal, but=lead.pk),
        "query": query,
        "found": found,
    }
    return render(request, "leads/merge.html", context)


def _merge(request: SignedInRequest, lead: Lead, other: Lead) -> HttpResponse:
    keep = request.POST.get("keep", "")
    winner, loser = (other, lead) if keep == str(other.pk) else (lead, other)
    try:
        merge_leads(
            winner_id=winner.pk,
            loser_id=loser.pk,
            by=request.user.principal,
            at=timezone.now(),
            versions=_versions(request, (lead, other)),
            take=taken_from(loser.pk, request.POST),
        )
    except StaleVersion as changed:
        return _compare(request, lead, other, problem=str(changed), status=409)
    except MergeRefused as refused:
        return _compare(request, lead, other, problem=str(refused), status=422)
    except NotAllowed as denied:
        return _compare(request, lead, other, problem=str(denied), status=403)
    messages.success(request, f"{winner.name}: the two leads are one now. Both histories are on its timeline.")
    return redirect("lead", winner.pk)


def _versions(request: SignedInRequest, leads: tuple[Lead, Lead]) -> dict[int, int]:
    sent = {lead.pk: request.POST.get(f"version-{lead.pk}", "") for lead in leads}
    return {pk: int(version) for pk, version in sent.items() if version.isdecimal() and len(version) < 10}


def _compare(
    request: SignedInRequest, lead: Lead, other: Lead, *, problem: str = "", status: int = 200
) -> HttpResponse:
    if lead.pk == other.pk:
        return redirect("lead-merge", lead.pk)
    context: dict[str, Any] = {
        "lead": lead,
        "other": other,
        "pair": pair_of(lead, other, request.user.principal, given=request.POST),
        "problem": problem,
    }
    return render(request, "leads/merge_compare.html", context, status=status)
