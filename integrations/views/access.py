"""Who may open the pages about connected tools, and the places between which they lead."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.http import SignedInRequest
from integrations.services.sources import may_keep_sources

PLACES = (("Hooks", "hooks"), ("Endpoints", "endpoints"), ("API keys", "api-keys"))
LONGEST_NUMBER = 18


def check_keeper(request: SignedInRequest) -> None:
    if not may_keep_sources(request.user.principal):
        raise PermissionDenied("Connected tools are kept by marketing and the admin.")


def places(here: str) -> list[dict[str, object]]:
    """The tabs; `here`: the name of the URL that is open."""
    return [{"label": label, "url": reverse(name), "active": name == here} for label, name in PLACES]


def number(text: str | None) -> int | None:
    """An id in a query; none where it is none."""
    is_number = text and text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if text and is_number else None
