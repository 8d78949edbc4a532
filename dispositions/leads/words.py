"""What the list of leads says around its rows: its columns, what it is narrowed to, and why it is empty."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import Model
from django.utils.formats import date_format, number_format

from accounts.principals import Principal
from accounts.roles import Role
from dispositions.leads.filters import NOBODY, STAGES, LeadFilters
from funnel.models import Flag


@dataclass(frozen=True)
class Chip:
    """One filter that is on. `url`: the list without it."""

    name: str
    label: str
    value: str
    url: str


@dataclass(frozen=True)
class Column:
    """`sorted`: ascending, descending, or not by this one."""

    name: str
    label: str
    number: bool = False
    sort_url: str = ""
    sorted: str = ""


def chips(filters: LeadFilters, asked: str, sort: str) -> list[Chip]:
    """Of valid filters."""
    on = dict(_on(filters))
    given = {name: str(filters.data.get(name, "")).strip() for name in on}
    if asked:
        given = {"q": asked, **given}
    words = ({"q": ("Search", f"“{asked}”")} if asked else {}) | on
    keep = given | ({"sort": sort} if sort else {})
    return [
        Chip(name, label, value, "?" + urlencode({other: text for other, text in keep.items() if other != name}))
        for name, (label, value) in words.items()
    ]


def _on(filters: LeadFilters) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, value in filters.form.cleaned_data.items():
        if value not in {None, ""}:
            yield name, (str(filters.form.fields[name].label), _spoken(name, value))


def _spoken(name: str, value: Any) -> str:
    if isinstance(value, Model):
        return str(value)
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, Decimal):
        return number_format(value, use_l10n=True, force_grouping=True)
    if value == NOBODY and name == "owner":
        return "Nobody"
    return str((dict(STAGES) | dict(Flag.Kind.choices)).get(value, value))


# Name, heading, is a number, which way it is sorted first.
_COLUMNS = (
    ("name", "Lead", False, ""),
    ("stage", "Stage", False, None),
    ("due", "Deadline", False, ""),
    ("owner", "Owner", False, None),
    ("said", "Last said", False, "-"),
    ("channel", "Channel", False, None),
    ("amount", "Amount", True, "-"),
    ("created", "Created", False, "-"),
)
# What somebody has no use for here: a rep's leads are his own, channels are marketing's, deadlines are sales'.
_LEFT_OUT = {Role.REP: {"owner"}, Role.MANAGER: {"channel"}, Role.ADMIN: {"channel"}, Role.MARKETING: {"due"}}


def columns(principal: Principal, order: str, query: str) -> list[Column]:
    """`order`: how the list is sorted; a click on the same heading turns it round."""
    left_out = _LEFT_OUT.get(principal.role, set()) if principal.role else set()
    return [
        Column(name, label, number, _sort_url(name, first, order, query), _sorted(name, order))
        for name, label, number, first in _COLUMNS
        if name not in left_out
    ]


def _sorted(name: str, order: str) -> str:
    return {name: "ascending", f"-{name}": "descending"}.get(order, "")


def _sort_url(name: str, first: str | None, order: str, query: str) -> str:
    if first is None:
        return ""
    wanted = f"{first}{name}"
    if order == wanted:
        wanted = name if first else f"-{name}"
    kept = [(one, value) for one, value in parse_qsl(query) if one != "sort"]
    return "?" + urlencode([*kept, ("sort", wanted)])


def nothing_yet(principal: Principal) -> str:
    """Why there is no lead at all, and where the first one comes from."""
    match principal.role:
        case Role.REP:
            return "No lead is yours and none waits in your team's pool. The first one handed to you appears here."
        case Role.MANAGER:
            return "None of your teams has a lead yet. The first one handed to them appears here."
        case _:
            return "Leads come in through the API, from connected systems, and from files: an admin sets them up."
