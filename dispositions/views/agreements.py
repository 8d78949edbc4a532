"""/agreement/: read it, draft it, compare two versions, sign it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from dispositions.agreement.forms import NewAgreementForm, clause_set, terms_form
from dispositions.agreement.page import compare, default_agreement, rights_of, rows_of, shown, terms_of
from funnel.errors import NotAllowed
from funnel.models import Agreement
from funnel.services.agreements import (
    AgreementRefused,
    discard_draft,
    draft_agreement,
    draft_next_version,
    edit_draft,
    fingerprint,
    may_draft,
    sign_agreement,
)


@require_GET
def agreement(request: SignedInRequest, agreement_id: int | None = None) -> HttpResponse:
    """One version with all versions below; without an id the default one in force."""
    found = default_agreement() if agreement_id is None else get_object_or_404(shown(), pk=agreement_id)
    context: dict[str, Any] = {
        "agreement": found,
        "rows": rows_of(request.user.principal),
        "may_draft": may_draft(request.user),
    }
    if found:
        context |= _around(request, found, context["rows"])
    return render(request, "agreements/agreement.html", context)


def _around(request: SignedInRequest, found: Agreement, rows: list[Any]) -> dict[str, Any]:
    others = [row.agreement for row in rows if row.agreement.name == found.name and row.agreement.pk != found.pk]
    return {
        "terms": terms_of(found),
        "figures": next((row.figures for row in rows if row.agreement.pk == found.pk), None),
        "rights": rights_of(request.user, found),
        "version_before": next((one for one in others if one.version < found.version), None),
        "draft": next((one for one in others if one.state == Agreement.State.DRAFT), None),
        "others": others,
    }


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Its name; then the draft is edited."""
    if not may_draft(request.user):
        raise PermissionDenied("Only marketing drafts agreements.")
    form = NewAgreementForm(request.POST or None)
    if form.is_valid():
        try:
            draft = draft_agreement(name=form.cleaned_data["name"], by=request.user, at=timezone.now())
        except AgreementRefused as refused:
            form.add_error("name", str(refused))
        else:
            return redirect("agreement-edit", draft.pk)
    return render(request, "agreements/new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def next_version(request: SignedInRequest, agreement_id: int) -> HttpResponse:
    """Opens the draft of the next version, or the one that is open."""
    found = get_object_or_404(shown(), pk=agreement_id)
    draft = _or_403(lambda: draft_next_version(found, by=request.user, at=timezone.now()))
    return redirect("agreement-edit", draft.pk)


def _or_403(call: Any) -> Any:
    try:
        return call()
    except NotAllowed as denied:
        raise PermissionDenied(str(denied)) from denied


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, agreement_id: int) -> HttpResponse:
    found = get_object_or_404(shown(), pk=agreement_id)
    if not may_draft(request.user):
        raise PermissionDenied("Only marketing drafts agreements.")
    if found.state != Agreement.State.DRAFT:
        messages.error(request, "This version is signed and never changes: draft the next one.")
        return redirect("agreement-version", found.pk)
    data = request.POST if request.method == "POST" else None
    terms, clauses = terms_form(found, data), clause_set(found.clauses.all(), data)
    if data is None or not (terms.is_valid() and clauses.is_valid()):
        context = {"agreement": found, "form": terms, "clauses": clauses}
        return render(request, "agreements/edit.html", context, status=422 if data is not None else 200)
    try:
        edit_draft(agreement_id=found.pk, terms=terms.terms(), clauses=clauses.clauses(), by=request.user)
    except AgreementRefused as refused:  # both have signed it meanwhile
        messages.error(request, str(refused))
        return redirect("agreement-version", found.pk)
    messages.success(request, f"{found}: draft saved.")
    return redirect("agreement-edit" if "more" in data else "agreement-version", found.pk)


@require_POST
def discard(request: SignedInRequest, agreement_id: int) -> HttpResponse:
    found = get_object_or_404(shown(), pk=agreement_id)
    try:
        _or_403(lambda: discard_draft(agreement_id=found.pk, by=request.user))
    except AgreementRefused as refused:
        messages.error(request, str(refused))
        return redirect("agreement-version", found.pk)
    messages.success(request, f"{found}: draft discarded.")
    return redirect("agreement")


@require_http_methods(["GET", "POST"])
def sign(request: SignedInRequest, agreement_id: int) -> HttpResponse:
    """Shows exactly what is signed; the POST names what was read, so that a later text is never signed unseen."""
    found = get_object_or_404(shown(), pk=agreement_id)
    rights = rights_of(request.user, found)
    if request.method == "POST":
        try:
            read = request.POST.get("read", "")
            signed = _or_403(
                lambda: sign_agreement(agreement_id=found.pk, by=request.user, at=timezone.now(), read=read)
            )
        except AgreementRefused as refused:
            messages.error(request, str(refused))
            return redirect("agreement-sign", found.pk)
        messages.success(request, f"{signed}: signed. {signed.get_state_display()}.")
        return redirect("agreement-version", found.pk)
    if rights.sign_side is None:
        messages.error(request, "There is nothing here for you to sign.")
        return redirect("agreement-version", found.pk)
    context = {"agreement": found, "terms": terms_of(found), "rights": rights, "read": fingerprint(found)}
    return render(request, "agreements/sign.html", context)


@require_GET
def compare_versions(request: SignedInRequest, agreement_id: int, other_id: int) -> HttpResponse:
    """What changed from the older of the two to the newer."""
    pair = [get_object_or_404(shown(), pk=one) for one in (agreement_id, other_id)]
    before, after = sorted(pair, key=lambda one: (one.created_at, one.pk))
    changes = compare(before, after)
    context = {
        "before": before,
        "after": after,
        "changes": changes,
        "changed": sum(change.kind != "same" for change in changes),
    }
    return render(request, "agreements/compare.html", context)
