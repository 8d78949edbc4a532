"""The same said of many leads, and many leads given to one rep; each lead's own result."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.formats import whole
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.roles import Role
from dispositions.leads.bulk_form import BulkForm, chosen
from dispositions.leads.reassignment import Choice, choices_for, may_reassign
from dispositions.services.bulk import MOST, BulkRefused, Result, bulk_disposition, bulk_reassign
from funnel.models import Lead, Reason


@require_POST
def bulk(request: SignedInRequest) -> HttpResponse:
    """`lead` (many), `said`, `note`, `wake_at`. htmx gets the rows alone. 422 where nothing was done."""
    if request.user.role == Role.MARKETING:
        raise PermissionDenied("Only sales says what happened to a lead that was handed to it.")
    ids = chosen(request.POST.getlist("lead"))
    form = BulkForm(request.POST, reasons=Reason.objects.filter(is_active=True), auto_id="bulk-%s", label_suffix="")
    if form.is_valid():
        try:
            found = bulk_disposition(
                lead_ids=ids, statement=form.statement(), by=request.user.principal, at=timezone.now()
            )
        except BulkRefused as refused:
            form.add_error(None, str(refused))
        else:
            again = {name: form.data.get(name, "") for name in form.fields}
            return _results(request, found, title=form.says, again=again, action="leads-bulk")
    context = {"form": form, "leads": _named(request, ids), "ids": ids, "query": request.POST.get("query", "")}
    return render(request, "leads/bulk.html", context, status=422)


@require_POST
def reassign_many(request: SignedInRequest) -> HttpResponse:
    """Without `to` it shows who can get them; with `to`, the id of a rep, it gives them. htmx gets the rows alone."""
    if not may_reassign(request.user.principal):
        raise PermissionDenied("Only a manager gives leads to others.")
    ids = chosen(request.POST.getlist("lead"))
    choices = choices_for(request.user.principal, now=timezone.now())
    to = rep_of(choices, request.POST.get("to", ""))
    problem = "" if "to" not in request.POST or to else "Choose who gets them."
    if to:
        try:
            found = bulk_reassign(lead_ids=ids, to=to, by=request.user.principal, at=timezone.now())
        except BulkRefused as refused:
            problem = str(refused)
        else:
            title, again = f"Given to {to.name}", {"to": str(to.pk)}
            return _results(request, found, title=title, again=again, action="leads-reassign")
    problem = problem or _too_few_or_many(ids)
    context = {
        "choices": choices,
        "leads": _named(request, ids),
        "ids": ids,
        "problem": problem,
        "query": request.POST.get("query", ""),
    }
    return render(request, "leads/reassign_many.html", context, status=422 if problem else 200)


def rep_of(choices: list[Choice], asked: str) -> User | None:
    return next((one.user for one in choices if str(one.user.pk) == asked), None)


def _too_few_or_many(ids: list[int]) -> str:
    if not ids:
        return "No lead is chosen: go back and tick those you mean."
    return f"{whole(len(ids))} leads are chosen: {MOST} at most at a time." if len(ids) > MOST else ""


def _named(request: SignedInRequest, ids: list[int]) -> list[Lead]:
    """Of those in the viewer's scope, the first few, for him to see whom he means."""
    leads = Lead.objects.visible_to(request.user.principal).select_related("company", "owner")
    return list(leads.filter(pk__in=ids[:MOST]).order_by("last_name", "pk")[:20])


def _results(
    request: SignedInRequest, found: list[Result], *, title: str, again: dict[str, Any], action: str
) -> HttpResponse:
    if request.htmx:
        return render(request, "leads/_bulk_rows.html", {"results": found})
    context = {
        "title": title,
        "results": found,
        "done": sum(one.done for one in found),
        "failed": [one for one in found if not one.done and one.lead],
        "again": again,
        "action": action,
        "query": request.POST.get("query", ""),
    }
    return render(request, "leads/bulk_result.html", context)
