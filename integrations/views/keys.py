"""/api-keys/: the programs that may call the API. A key is shown once."""

from datetime import timedelta

from django.contrib import messages as told
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from integrations.models import ApiKey
from integrations.pages.forms import KeyForm, RenewForm, known_sources
from integrations.pages.keys import standings
from integrations.services.keys import InvalidKeyRequest, create_key, may_change, revoke_keys, rotate_key
from integrations.views.access import check_keeper, places
from integrations.views.shown_once import Shown, shown_once


@require_GET
def api_keys(request: SignedInRequest) -> HttpResponse:
    check_keeper(request)
    context = {
        "places": places("api-keys"),
        "standings": standings(request.user.principal, now=timezone.now()),
        "renew": RenewForm(auto_id=False),
    }
    return render(request, "api_keys/api_keys.html", context)


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    check_keeper(request)
    form = KeyForm(request.POST if request.method == "POST" else None, by=request.user.principal)
    if form.is_valid():
        now, given = timezone.now(), form.cleaned_data
        try:
            row, key = create_key(
                name=given["name"],
                source=given["source"],
                scopes=given["scopes"],
                expires_at=form.expires_at(now),
                at=now,
                by=request.user.pk,
            )
        except InvalidKeyRequest as invalid:
            form.add_error(None, str(invalid))
        else:
            return _key(request, row, key, title=f"{row.name} has its key")
    context = {"form": form, "sources": known_sources()}
    return render(request, "api_keys/new.html", context, status=422 if form.errors else 200)


def _key(request: SignedInRequest, row: ApiKey, key: str, *, title: str) -> HttpResponse:
    text = f"It speaks for “{row.source}”. Copy it now: it is not shown again."
    if row.old_until:
        text += " The old key is good for a while longer."
    return shown_once(request, title=title, text=text, values=[Shown("API key", key)], back=reverse("api-keys"))


@require_POST
def renew(request: SignedInRequest, key_id: int) -> HttpResponse:
    """`keep_old`: for how many hours the old key is good too."""
    found = _mine(request, key_id)
    form = RenewForm(request.POST)
    if not form.is_valid():
        told.error(request, "Choose when the old key ends, and renew it once more.")
        return redirect("api-keys")
    keep_old = timedelta(hours=int(form.cleaned_data["keep_old"]))
    try:
        row, key = rotate_key(found.pk, at=timezone.now(), keep_old=keep_old)
    except InvalidKeyRequest as invalid:
        told.error(request, str(invalid))
        return redirect("api-keys")
    return _key(request, row, key, title=f"{row.name} has a new key")


@require_POST
def revoke(request: SignedInRequest, key_id: int) -> HttpResponse:
    found = _mine(request, key_id)
    if revoke_keys(ApiKey.objects.filter(pk=found.pk), at=timezone.now()):
        told.success(request, f"{found.name} is revoked: its calls are answered 401 from now on.")
    else:
        told.info(request, f"{found.name} was revoked before.")
    return redirect("api-keys")


def _mine(request: SignedInRequest, key_id: int) -> ApiKey:
    check_keeper(request)
    found = get_object_or_404(ApiKey, pk=key_id)
    if not may_change(found, request.user.principal):
        raise PermissionDenied("A key is renewed and revoked by whoever made it, or by an admin.")
    return found
