"""/endpoints/: where events are sent, signed, and what became of each delivery."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages as told
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from integrations.models import Delivery, Endpoint
from integrations.outbound.events import KINDS
from integrations.pages.endpoints import SHOWN_CHARACTERS, deliveries, standings
from integrations.pages.forms import CatchUpForm, EndpointForm, add_problem, chosen
from integrations.services.endpoints import (
    OLD_SECRET_KEPT,
    InvalidEndpoint,
    change_endpoint,
    create_endpoint,
    rotate_secret,
    send_again,
    send_since,
)
from integrations.services.endpoints import switch as switch_endpoint
from integrations.views.access import check_keeper, number, places
from integrations.views.shown_once import Shown, shown_once

State = Delivery.State


@require_GET
def endpoints(request: SignedInRequest) -> HttpResponse:
    check_keeper(request)
    return render(request, "endpoints/endpoints.html", {"places": places("endpoints"), "standings": standings()})


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Its secret is shown once."""
    check_keeper(request)
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            endpoint, secret = create_endpoint(**form.cleaned_data, at=timezone.now())
        except InvalidEndpoint as invalid:
            add_problem(form, invalid.field, str(invalid))
        else:
            text = f"Events are sent to {endpoint.url} from now on. Copy the secret now: it is not shown again."
            return _secret(request, endpoint, secret, title=f"{endpoint} listens", text=text)
    context = {"form": form, "endpoint": None}
    return render(request, "endpoints/edit.html", context, status=422 if form.errors else 200)


def _secret(request: SignedInRequest, endpoint: Endpoint, secret: str, *, title: str, text: str) -> HttpResponse:
    back = reverse("endpoint", args=[endpoint.pk])
    return shown_once(request, title=title, text=text, values=[Shown("Secret", secret)], back=back)


@require_GET
def endpoint(request: SignedInRequest, endpoint_id: int) -> HttpResponse:
    """`?state=` of the deliveries, `?before=` an id."""
    check_keeper(request)
    return _page(request, get_object_or_404(Endpoint, pk=endpoint_id), CatchUpForm())


def _page(request: SignedInRequest, found: Endpoint, catch_up: CatchUpForm) -> HttpResponse:
    state = chosen(request.GET.get("state", ""), State.values)
    before = number(request.GET.get("before"))
    listed = deliveries(found, state=State(state) if state else None, before=before)
    kept = {"state": state} if state else {}
    labels = {kind.value: kind.label for kind in KINDS}
    context = {
        "endpoint": found,
        "kinds": [labels.get(kind, kind) for kind in found.kinds],
        "rows": listed.rows,
        "state": state,
        "pills": [
            {"label": label, "url": f"?state={value}" if value else "?", "active": (state or "") == value}
            for value, label in (("", "All"), *State.choices)
        ],
        "given_up": found.deliveries.filter(state=State.DEAD).count(),
        "waiting": found.deliveries.filter(state=State.WAITING).count(),
        "is_rotating": bool(found.old_secret and found.old_secret_until and found.old_secret_until > timezone.now()),
        "catch_up": catch_up,
        "newest_url": f"?{urlencode(kept)}" if before else "",
        "next_url": f"?{urlencode(kept | {'before': listed.older_than})}" if listed.older_than else "",
    }
    return render(request, "endpoints/endpoint.html", context, status=422 if catch_up.errors else 200)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, endpoint_id: int) -> HttpResponse:
    check_keeper(request)
    found = get_object_or_404(Endpoint, pk=endpoint_id)
    form = EndpointForm(request.POST if request.method == "POST" else None, endpoint=found)
    if form.is_valid():
        try:
            change_endpoint(found, **form.cleaned_data)
        except InvalidEndpoint as invalid:
            add_problem(form, invalid.field, str(invalid))
        else:
            told.success(request, f"{found} is saved.")
            return redirect("endpoint", found.pk)
    context = {"form": form, "endpoint": found}
    return render(request, "endpoints/edit.html", context, status=422 if form.errors else 200)


@require_POST
def rotate(request: SignedInRequest, endpoint_id: int) -> HttpResponse:
    check_keeper(request)
    found = get_object_or_404(Endpoint, pk=endpoint_id)
    secret = rotate_secret(found, at=timezone.now())
    hours = OLD_SECRET_KEPT // timedelta(hours=1)
    text = f"Copy it now: it is not shown again. For {hours} hours deliveries are signed with the old one too."
    return _secret(request, found, secret, title=f"{found} has a new secret", text=text)


@require_POST
def switch(request: SignedInRequest, endpoint_id: int) -> HttpResponse:
    """`on` 1 or 0."""
    check_keeper(request)
    found = get_object_or_404(Endpoint, pk=endpoint_id)
    is_on = request.POST.get("on") == "1"
    if is_on != found.is_active:
        switch_endpoint(found, on=is_on, at=timezone.now())
    told.success(request, f"{found} {'is told of events again' if is_on else 'is told of nothing any more'}.")
    return redirect("endpoint", found.pk)


@require_POST
def catch_up(request: SignedInRequest, endpoint_id: int) -> HttpResponse:
    """Send all that happened `since`, in the viewer's time zone, once more; also what it missed while it was off."""
    check_keeper(request)
    found = get_object_or_404(Endpoint, pk=endpoint_id)
    form = CatchUpForm(request.POST)
    if form.is_valid():
        try:
            count = send_since(found, since=form.cleaned_data["since"], at=timezone.now())
        except InvalidEndpoint as invalid:
            form.add_error("since", str(invalid))
        else:
            told.success(request, f"{count} deliver{'y waits' if count == 1 else 'ies wait'} to be sent to {found}.")
            return redirect("endpoint", found.pk)
    return _page(request, found, form)


@require_POST
def again(request: SignedInRequest, endpoint_id: int) -> HttpResponse:
    """All that were given up, once more."""
    check_keeper(request)
    found = get_object_or_404(Endpoint, pk=endpoint_id)
    count = send_again(found.deliveries.filter(state=State.DEAD), at=timezone.now())
    told.success(request, f"{count} deliver{'y waits' if count == 1 else 'ies wait'} to be sent again.")
    return redirect("endpoint", found.pk)


@require_GET
def delivery(request: SignedInRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
    """What was sent, and the beginning of what the receiver answered, both as text."""
    check_keeper(request)
    found = get_object_or_404(
        Delivery.objects.select_related("endpoint", "event", "lead"), pk=delivery_id, endpoint=endpoint_id
    )
    return render(request, "endpoints/delivery.html", {"delivery": found, "body": found.body[:SHOWN_CHARACTERS]})


@require_POST
def send_one(request: SignedInRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
    check_keeper(request)
    found = get_object_or_404(Delivery, pk=delivery_id, endpoint=endpoint_id)
    if send_again(Delivery.objects.filter(pk=found.pk), at=timezone.now()):
        told.success(request, "The delivery waits to be sent again; it takes some seconds.")
    else:
        told.info(request, "The delivery waits to be sent already.")
    return redirect("endpoint-delivery", endpoint_id, delivery_id)
