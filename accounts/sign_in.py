"""Signing in, and how many tries somebody has."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import FailedSignIn

MOST_TRIES = 5
WITHIN = timedelta(minutes=15)
TOO_MANY = "too_many"
LONGEST_PASSWORD = 1_000


class SignInForm(AuthenticationForm):
    """Says the same, after the same time, whether the address or the password is wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["password"]
        field.max_length = LONGEST_PASSWORD
        field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))

    def clean(self) -> dict[str, Any]:
        if self.errors:
            return self.cleaned_data  # no try: nothing was looked up
        now, who = timezone.now(), who_tries(self.request, self.cleaned_data["username"])
        if tries_left(who, now=now) <= 0:
            raise forms.ValidationError("Too many tries. Wait a quarter of an hour, then try again.", code=TOO_MANY)
        try:
            given: dict[str, Any] = super().clean() or self.cleaned_data
        except forms.ValidationError:
            FailedSignIn.objects.create(who=who, at=now)
            raise
        FailedSignIn.objects.filter(who=who).delete()
        return given


def who_tries(request: HttpRequest | None, address: str) -> str:
    machine = machine_of(request) if request else ""
    return hashlib.sha256(f"{address.strip().lower()}\n{machine}".encode()).hexdigest()


def machine_of(request: HttpRequest) -> str:
    """The address that the proxy of production names last; without a proxy the caller's own."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PRODUCTION else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def tries_left(who: str, *, now: datetime) -> int:
    return MOST_TRIES - FailedSignIn.objects.filter(who=who, at__gt=now - WITHIN).count()


def forget_tries(*, now: datetime) -> int:
    """Drop those that count no more; answers how many."""
    return FailedSignIn.objects.filter(at__lte=now - WITHIN).delete()[0]
