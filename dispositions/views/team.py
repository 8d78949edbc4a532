"""/team/: the teams below a manager as they are now, and each rep as he sees himself."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import Team, User
from accounts.team_calendar import people
from accounts.team_tree import leads_people
from dispositions.leads.reassignment import Choice, choices_for
from dispositions.services.bulk import MOST
from dispositions.team.hand_over import leads_of
from dispositions.team.outlook import Outlook
from dispositions.team.page import team_page
from dispositions.team.rep import rep_page
from dispositions.team.workload import DEFAULT_SORT, SORTS


@require_safe
def team(request: SignedInRequest) -> HttpResponse:
    """`?team=` narrows to a team and those below it, `?sort=` orders the workload. 404 for a team out of scope."""
    outlook = outlook_of(request, request.GET.get("team", ""))
    asked = request.GET.get("sort", "")
    sort = asked if asked.removeprefix("-") in SORTS else DEFAULT_SORT
    now = timezone.localtime()
    page = team_page(outlook, now=now, sort=sort)
    context = {
        "outlook": outlook,
        "page": page,
        "path": _above(outlook.team, outlook)[:-1] if outlook.team else [],
        "columns": _columns(outlook, sort),
        "choices": _choices(outlook, now) if page.risks else [],
        "query": urlencode({"sort": sort} | ({"team": outlook.team.pk} if outlook.team else {})),
        "now": now,
    }
    return render(request, "team/team.html", context)


def outlook_of(request: SignedInRequest, team_id: str = "") -> Outlook:
    """403 for whoever leads nobody; 404 for a team out of his scope."""
    principal = request.user.principal
    if not leads_people(principal):
        raise PermissionDenied("The team page is for managers.")
    try:
        return Outlook.of(principal, int(team_id) if team_id.isdecimal() and len(team_id) < 19 else None)
    except Team.DoesNotExist as unknown:
        raise Http404 from unknown


def _columns(outlook: Outlook, sort: str) -> list[dict[str, Any]]:
    """The headings of the workload: each sorts by itself, and the other way round when it does already."""
    labels = {
        "name": "Rep",
        "open": "Open leads",
        "answer": "To answer",
        "overdue": "Overdue",
        "today": "Today",
        "week": "This week",
        "last": "Last disposition",
    }
    return [_column(name, label, outlook, sort) for name, label in labels.items()]


def _column(name: str, label: str, outlook: Outlook, sort: str) -> dict[str, Any]:
    first, other = (name, f"-{name}") if name in {"name", "last"} else (f"-{name}", name)
    asks = {"sort": other if sort == first else first} | ({"team": outlook.team.pk} if outlook.team else {})
    return {
        "label": label,
        "number": name not in {"name", "last"},
        "url": f"{reverse('team')}?{urlencode(asks)}#workload",
        "sorted": {name: "ascending", f"-{name}": "descending"}.get(sort, ""),
    }


@require_safe
def rep(request: SignedInRequest, user_id: int) -> HttpResponse:
    """What the rep himself sees in his queue, to read."""
    outlook, now = outlook_of(request), timezone.localtime()
    person = get_object_or_404(people(outlook.tree), pk=user_id)
    page = rep_page(person, outlook, now=now)
    context = {
        "page": page,
        "query": urlencode({"rep": person.pk}),
        "path": _above(person.team, outlook),
        "choices": _choices(outlook, now, apart_from=person) if page.risks else [],
    }
    return render(request, "team/rep.html", context)


@require_safe
def hand_over(request: SignedInRequest, user_id: int) -> HttpResponse:
    """All that somebody has with sales, chosen already, to give to a colleague."""
    outlook, now = outlook_of(request), timezone.localtime()
    person = get_object_or_404(people(outlook.tree), pk=user_id)
    found = leads_of(person, outlook, now=now)
    context = {
        "person": person,
        "leads": found,
        "most": MOST,
        "path": _above(person.team, outlook),
        "choices": _choices(outlook, now, apart_from=person) if found else [],
    }
    return render(request, "team/hand_over.html", context)


def _choices(outlook: Outlook, now: datetime, *, apart_from: User | None = None) -> list[Choice]:
    found = choices_for(outlook.principal, now=now, rules=outlook.rules)
    return [one for one in found if one.user != apart_from]


def _above(team: Team | None, outlook: Outlook) -> list[Team]:
    """The way down to the team, but for the one that everything is below."""
    return [one for one in outlook.tree.path(team) if [one] != list(outlook.tree.roots)] if team else []
