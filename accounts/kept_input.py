"""A form that is sent after the session has ended: what was typed is kept until its author has signed in again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

KEPT = "kept-input"
KEPT_FOR = timedelta(hours=1)
MOST_CHARACTERS = 100_000
NOT_KEPT = ("csrfmiddlewaretoken", "password", "secret")


@dataclass(frozen=True)
class Kept:
    """`fields`: name and value of each, in order. `shown`: those that a person wrote, to be recognised by."""

    path: str
    fields: list[tuple[str, str]]

    @property
    def shown(self) -> list[str]:
        return [value for _, value in self.fields if len(value) > 3 and not value.isdecimal()]


def keep(request: HttpRequest, *, now: datetime) -> bool:
    """Keep a posted form in the new session; answers whether there was one worth it. Never a password, never a file."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not any(word in name.lower() for word in NOT_KEPT)
    ]
    had_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    if not (had_session and fields) or sum(len(value) for _, value in fields) > MOST_CHARACTERS:
        return False
    request.session[KEPT] = {"path": request.path, "fields": fields, "at": now.isoformat()}
    return True


def kept_of(request: HttpRequest) -> Kept | None:
    """What is kept for whoever has just signed in; for an hour."""
    kept = request.session.get(KEPT)
    if not kept or datetime.fromisoformat(kept["at"]) < timezone.now() - KEPT_FOR:
        return None
    return Kept(kept["path"], [(name, value) for name, value in kept["fields"]])


class SignInMiddleware(LoginRequiredMiddleware):
    """Asks whoever is not signed in to sign in; what he was sending is not lost."""

    def handle_no_permission(  # type: ignore[override]  # htmx is told, not redirected
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        keep(request, now=timezone.now())
        answer = redirect_to_login(_page_of(request))
        # htmx would put the page to sign in where a part of this one belongs.
        return HttpResponseClientRedirect(answer.url) if request.headers.get("HX-Request") else answer


def _page_of(request: HttpRequest) -> str:
    """The page on which the form was; an address that only takes forms cannot be gone back to."""
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return request.get_full_path()
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
