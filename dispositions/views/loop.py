"""/loop/: each outcome of a lead as it happens, for the marketing that earned it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.models import Team
from accounts.principals import Principal
from accounts.roles import Role
from dispositions.marketing.loop import GROUPS, NEW_UP_TO, Chosen, count_new, page_of
from funnel.models import Campaign, Channel

_FILTERS = ("outcome", "channel", "campaign", "team", "from", "to")


@require_GET
def loop(request: SignedInRequest) -> HttpResponse:
    """`?outcome=` a group, `?channel=` `?campaign=` slugs, `?team=` an id, `?from=` `?to=` days, `?before=` an id."""
    check_reader(request)
    principal = request.user.principal
    options = Options(principal)
    chosen = options.read(request.GET)
    before = _number(request.GET.get("before", ""))
    page = page_of(principal, chosen, before=before)
    kept = {name: text for name in _FILTERS if (text := request.GET.get(name, ""))}
    context = {
        "entries": page.entries,
        "options": options,
        "chosen": chosen,
        "pills": _pills(chosen, kept),
        "query": urlencode(kept),
        "is_filtered": any(name != "outcome" for name in kept),
        "new_url": urlencode(kept | {"after": str(page.newest)}) if before is None else "",
        "next_url": f"?{urlencode(kept | {'before': str(page.entries[-1].disposition.pk)})}" if page.more else "",
        "newest_url": f"?{urlencode(kept)}" if before is not None else "",
    }
    return render(request, "loop/loop.html", context)


def check_reader(request: SignedInRequest) -> None:
    if request.user.role == Role.REP:
        raise PermissionDenied("The loop feed is for marketing and managers.")


@require_GET
def new(request: SignedInRequest) -> HttpResponse:
    """How many outcomes have come since `?after=`, as a line that asks again by itself."""
    check_reader(request)
    principal = request.user.principal
    chosen = Options(principal).read(request.GET)
    count = count_new(principal, chosen, after=_number(request.GET.get("after", "")) or 0)
    kept = {name: text for name in _FILTERS if (text := request.GET.get(name, ""))}
    context = {
        "count": count,
        "is_many": count >= NEW_UP_TO,
        "all_url": f"?{urlencode(kept)}",
        "new_url": urlencode(kept | {"after": request.GET.get("after", "0")}),
    }
    return render(request, "loop/_new.html", context)


class Options:
    """What the filters offer, and what was chosen of it. Three queries."""

    def __init__(self, principal: Principal) -> None:
        teams = Team.objects.all()
        self.teams = list(teams if principal.sees_everything else teams.filter(pk__in=principal.team_ids))
        self.channels = list(Channel.objects.all())
        self.campaigns = list(Campaign.objects.only("pk", "slug", "name"))

    def read(self, given: Mapping[str, str]) -> Chosen:
        """What does not exist is not chosen."""
        return Chosen(
            group=given.get("outcome", "") if given.get("outcome") in GROUPS else "",
            channel=next((one for one in self.channels if one.slug == given.get("channel")), None),
            campaign=next((one for one in self.campaigns if one.slug == given.get("campaign")), None),
            team_id=next((one.pk for one in self.teams if str(one.pk) == given.get("team")), None),
            first=_day(given.get("from", "")),
            last=_day(given.get("to", "")),
        )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2200 else None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _pills(chosen: Chosen, kept: Mapping[str, str]) -> list[dict[str, Any]]:
    others = {name: text for name, text in kept.items() if name != "outcome"}
    pills: list[dict[str, Any]] = [{"label": "All", "url": f"?{urlencode(others)}", "active": not chosen.group}]
    for name, (label, _) in GROUPS.items():
        url = f"?{urlencode(others | {'outcome': name})}"
        pills.append({"label": label, "url": url, "active": chosen.group == name})
    return pills
