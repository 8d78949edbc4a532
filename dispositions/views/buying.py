"""The buy-in map of a lead: read by everybody who sees the lead, kept by sales."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from dispositions.buying_decision.page import StakeholderForm, buying_page, form_id
from dispositions.models import BuyIn
from dispositions.services.buy_in import add_buy_in, change_buy_in, remove_buy_in
from dispositions.views.desk import readable
from funnel.errors import MissingNeeds, NotAllowed
from funnel.models import Lead


@require_http_methods(["GET", "POST"])
def buying(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """GET: the map and what is worth asking. POST: add a person."""
    if request.method == "POST":
        return _keep(request, lead_id, None, add_buy_in)
    return _render(request, lead_id)


@require_POST
def change_person(request: SignedInRequest, lead_id: int, buy_in_id: int) -> HttpResponse:
    return _keep(request, lead_id, buy_in_id, change_buy_in)


@require_POST
def remove_person(request: SignedInRequest, lead_id: int, buy_in_id: int) -> HttpResponse:
    try:
        remove_buy_in(lead_id=lead_id, buy_in_id=buy_in_id, by=request.user.principal, at=timezone.now())
    except (Lead.DoesNotExist, BuyIn.DoesNotExist) as unknown:
        raise Http404 from unknown
    except NotAllowed as denied:
        messages.error(request, str(denied))
        return _render(request, lead_id, status=403)
    return _render(request, lead_id) if request.htmx else redirect("buying", lead_id)


def _keep(request: SignedInRequest, lead_id: int, buy_in_id: int | None, service: Callable[..., BuyIn]) -> HttpResponse:
    """422: something is missing; 403: marketing reads it only."""
    form = StakeholderForm(request.POST, auto_id=form_id(buy_in_id))
    status = 422
    if form.is_valid():
        whose: dict[str, Any] = {"buy_in_id": buy_in_id} if buy_in_id else {}
        try:
            service(lead_id=lead_id, given=form.stakeholder(), by=request.user.principal, at=timezone.now(), **whose)
        except (Lead.DoesNotExist, BuyIn.DoesNotExist) as unknown:
            raise Http404 from unknown
        except MissingNeeds as missing:
            form.add_missing(missing)
        except NotAllowed as denied:
            form.add_error(None, str(denied))
            status = 403
        else:
            return _render(request, lead_id) if request.htmx else redirect("buying", lead_id)
    return _render(request, lead_id, refused=(buy_in_id, form), status=status)


def _render(
    request: SignedInRequest,
    lead_id: int,
    *,
    refused: tuple[int | None, StakeholderForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or the map alone where htmx asks for it."""
    lead = get_object_or_404(readable(request.user.principal), pk=lead_id)
    page = buying_page(lead, request.user.principal, refused=refused)
    template = "dispositions/_buying_edit.html" if request.htmx else "dispositions/buying.html"
    in_queue = bool(request.htmx) and (request.htmx.current_url_abs_path or "").startswith(reverse("queue"))
    return render(request, template, {"page": page, "in_queue": in_queue}, status=status)
