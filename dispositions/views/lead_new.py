"""/leads/new/: a lead entered by hand, with a look whether somebody has the person already."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.roles import SALES_ROLES, Role
from dispositions.leads.duplicates import Person, duplicates_of, is_hidden_holder
from dispositions.leads.forms import NewLeadForm
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed
from funnel.models import Lead
from funnel.services.create import ask_for_lead, create_lead
from funnel.services.edit import EmailTaken
from funnel.services.notes import add_note

_LONGEST = 254


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Where it may be somebody who is known, that is asked first; `sure` answers that it is not. 409: it is."""
    if request.method == "GET":
        return _page(request, NewLeadForm(user=request.user, initial={"token": uuid4()}))
    form = NewLeadForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, form, status=422)
    known = _known(request)
    if known["duplicates"] and "sure" not in request.POST:
        return _page(request, form, known | {"asks": True}, status=409)
    made = _make(request, form)
    if not isinstance(made, Lead):
        return _page(request, form, known, status=made)
    messages.success(request, f"{made.name} is a lead now.")
    return redirect("lead", made.pk)


def _make(request: SignedInRequest, form: NewLeadForm) -> Lead | int:
    """The lead; what stands against it is told on the form, and the status answered."""
    by, at = request.user.principal, timezone.now()
    try:
        with transaction.atomic():
            lead = create_lead(given=form.given(), by=by, at=at, accept="accept" in request.POST)
            if text := form.cleaned_data["note"].strip():
                add_note(lead_id=lead.pk, text=text, by=by, at=at)
    except EmailTaken:
        form.add_error("email", "Somebody with this e-mail address is a lead already.")
        return 409
    except MissingNeeds as missing:
        form.add_missing(missing.fields)
    except (NotAllowed, InvalidTransition) as denied:
        form.add_error(None, str(denied))
    else:
        return lead
    return 422


@require_POST
def duplicates(request: SignedInRequest) -> HttpResponse:
    """Who may be the same person, while somebody types. A POST: what is typed belongs into no log of addresses."""
    return render(request, "leads/_duplicates.html", _known(request))


@require_POST
def ask(request: SignedInRequest) -> HttpResponse:
    """Whoever manages the lead with this address is told that somebody else met the person."""
    was_told = ask_for_lead(
        email=request.POST.get("email", "")[:_LONGEST], by=request.user.principal, at=timezone.now()
    )
    if was_told:
        messages.success(request, "The manager of this lead was told that you met this person.")
    else:
        messages.error(request, "Nobody has this address: enter the lead.")
    return redirect("lead-new")


def _known(request: SignedInRequest) -> dict[str, Any]:
    names = ("first_name", "last_name", "email", "phone")
    said = {name: request.POST.get(name, "").strip()[:_LONGEST] for name in names}
    company = request.POST.get("company_name", "").strip()[:_LONGEST]
    person = Person(company=company, domain=request.POST.get("company_domain", "").strip()[:_LONGEST], **said)
    principal = request.user.principal
    return {
        "duplicates": duplicates_of(person, principal),
        "is_hidden": is_hidden_holder(person.email, principal),
        "email": person.email,
    }


def _page(
    request: SignedInRequest, form: NewLeadForm, known: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    role = request.user.role
    context = {"form": form, "may_accept": role in SALES_ROLES, "is_marketing": role == Role.MARKETING, "asks": False}
    return render(request, "leads/new.html", context | (known or {}), status=status)
