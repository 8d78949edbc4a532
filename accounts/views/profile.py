"""/me/: name, time zone, formats, mails and password of whoever is signed in."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import NewPasswordForm, ProfileForm, SignOutEverywhereForm
from accounts.http import SignedInRequest
from accounts.models import User

EXAMPLE = Decimal("1234.50")


@require_http_methods(["GET", "POST"])
def me(request: SignedInRequest) -> HttpResponse:
    if request.method == "GET":
        return _page(request)
    # A copy: a refused name must not appear in the menu beside the form.
    form = ProfileForm(request.POST, instance=User.objects.get(pk=request.user.pk))
    if not form.is_valid():
        return _page(request, profile=form)
    form.save()
    messages.success(request, "Saved.")
    return redirect("me")


@require_POST
@sensitive_post_parameters()
def change_password(request: SignedInRequest) -> HttpResponse:
    """Every other session of this person ends."""
    form = NewPasswordForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, password=form)
    form.save()
    update_session_auth_hash(request, request.user)
    messages.success(request, "Your password is changed. Everywhere else you are signed out.")
    return redirect("me")


@require_POST
@sensitive_post_parameters()
def sign_out_everywhere(request: SignedInRequest) -> HttpResponse:
    """All but this session."""
    form = SignOutEverywhereForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, sign_out=form)
    form.save()
    update_session_auth_hash(request, request.user)
    messages.success(request, "Everywhere else you are signed out.")
    return redirect("me")


def _page(request: SignedInRequest, **refused: forms.BaseForm) -> HttpResponse:
    context = {
        "example": EXAMPLE,
        "profile": ProfileForm(instance=request.user),
        "password": NewPasswordForm(request.user),
        "sign_out": SignOutEverywhereForm(request.user),
    }
    return render(request, "accounts/me.html", context | refused, status=422 if refused else 200)
