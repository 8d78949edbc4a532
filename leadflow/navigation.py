"""The menu: which pages exist for whom, and which one is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.roles import Role


@dataclass(frozen=True)
class Entry:
    """A page in the menu. `icon` names a symbol of static/img/icons.svg; `also`, pages that belong to it elsewhere.

    `but`: pages below it that are another entry's.
    """

    label: str
    url_name: str
    icon: str
    roles: frozenset[str]
    also: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """An entry as the template shows it."""

    label: str
    url: str
    icon: str
    active: bool
    count: int | None = None


_ALL = frozenset(Role.values)
MENU = (
    Entry("Team", "team", "team", frozenset({Role.MANAGER, Role.ADMIN})),
    Entry("Queue", "queue", "queue", frozenset({Role.REP, Role.MANAGER})),
    Entry("Leads", "leads", "leads", _ALL),
    Entry("Black Hole", "black-hole", "black-hole", frozenset({Role.MANAGER, Role.MARKETING, Role.ADMIN})),
    Entry("Reports", "reports", "report", _ALL),
    Entry("Nurture", "nurture", "nurture", frozenset({Role.MARKETING, Role.ADMIN})),
    Entry("Loop", "loop", "chat", frozenset({Role.MANAGER, Role.MARKETING, Role.ADMIN})),
    Entry("Sources", "sources", "search", frozenset({Role.MARKETING, Role.ADMIN})),
    Entry("Campaigns", "campaigns", "campaign", frozenset({Role.MANAGER, Role.MARKETING, Role.ADMIN})),
    Entry("Imports", "imports", "import", frozenset({Role.MARKETING, Role.ADMIN}), but=("hooks",)),
    Entry("Agreement", "agreement", "agreement", _ALL),
    Entry("Disputes", "disputes", "dispute", _ALL),
    Entry("Proof", "proof", "check", _ALL),
    Entry("Hooks", "hooks", "external", frozenset({Role.MARKETING, Role.ADMIN}), also=("endpoints", "api-keys")),
    Entry("Notifications", "notifications", "bell", _ALL),
    Entry("Stages", "stages", "info", _ALL),
    Entry("Admin", "admin:index", "settings", frozenset({Role.ADMIN})),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: `nav`, the menu of the signed-in user, and `search_url`, where leads are searched.

    Both are made only where a template asks for them: most answers are parts of a page.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": []}
    return {"nav": SimpleLazyObject(lambda: _menu_of(user, request.path)), "search_url": reverse_lazy("leads")}


def _menu_of(user: User, path: str) -> list[Item]:
    counts = {"notifications": getattr(user, "unread", 0)}  # counted with the user: accounts.backends
    return [_item(entry, path, counts) for entry in MENU if user.role in entry.roles]


def _item(entry: Entry, path: str, counts: Mapping[str, int]) -> Item:
    url = reverse(entry.url_name)
    is_here = any(path.startswith(one) for one in (url, *map(reverse, entry.also)))
    active = is_here and not any(path.startswith(one) for one in map(reverse, entry.but))
    return Item(entry.label, url, entry.icon, active=active, count=counts.get(entry.url_name))
