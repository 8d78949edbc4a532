"""/proof/: case studies, references and communities that marketing keeps for the briefs of the reps."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from dispositions.marketing.proof_forms import COUNTED_UP_TO, fits, proof_form
from dispositions.models import Proof
from dispositions.services.proof import may_edit_proof, save_proof
from dispositions.services.proof import set_active as set_proof_active

_PLURALS = {
    Proof.Kind.CASE_STUDY: "Case studies",
    Proof.Kind.REFERENCE: "References willing to talk",
    Proof.Kind.COMMUNITY: "Communities",
}


@require_GET
def library(request: SignedInRequest) -> HttpResponse:
    """By kind. What is put away is listed for those who keep it, with `?all=1`."""
    may_edit = may_edit_proof(request.user.principal)
    proofs = list(Proof.objects.select_related("updated_by").order_by("kind", "title", "pk"))
    with_all = may_edit and request.GET.get("all") == "1"
    shown = [one for one in proofs if one.is_active or with_all]
    groups = [(label, [one for one in shown if one.kind == kind]) for kind, label in _PLURALS.items()]
    put_away = sum(not one.is_active for one in proofs)
    context = {"groups": groups, "shown": shown, "may_edit": may_edit, "put_away": put_away, "with_all": with_all}
    return render(request, "proof/library.html", context)


def _check_editor(request: SignedInRequest) -> None:
    if not may_edit_proof(request.user.principal):
        raise PermissionDenied("Only marketing keeps the library of proof.")


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, proof_id: int | None = None) -> HttpResponse:
    """A new piece of proof or one that is there. The button “count” only says how many open leads it fits."""
    _check_editor(request)
    found = get_object_or_404(Proof, pk=proof_id) if proof_id else None
    form = proof_form(found, request.POST or None)
    context: dict[str, Any] = {"form": form, "proof": found}
    if form.is_valid():
        if "count" not in request.POST:
            saved = save_proof(proof=form.save(commit=False), by=request.user.principal, at=timezone.now())
            messages.success(request, f"{saved.title} is saved.")
            return redirect("proof")
        context |= _counted(form.instance, request)
    elif found and not form.is_bound:
        context |= _counted(found, request)
    return render(request, "proof/edit.html", context, status=422 if form.errors else 200)


def _counted(proof: Proof, request: SignedInRequest) -> dict[str, Any]:
    count = fits(proof, request.user.principal)
    return {"fits": count, "is_many": count >= COUNTED_UP_TO}


@require_POST
def set_active(request: SignedInRequest, proof_id: int) -> HttpResponse:
    """`active` 1 or 0."""
    _check_editor(request)
    get_object_or_404(Proof, pk=proof_id)
    active = request.POST.get("active") == "1"
    proof = set_proof_active(proof_id=proof_id, active=active, by=request.user.principal, at=timezone.now())
    messages.success(request, f"{proof.title} is {'shown again' if active else 'put away'}.")
    return redirect("proof")
