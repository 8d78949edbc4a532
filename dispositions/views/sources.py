"""/sources/: leads whose channel says nothing, and what marketing finds out about them."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.formats import whole
from accounts.http import SignedInRequest
from accounts.roles import Role
from dispositions.marketing.sources import (
    ACCEPTED_AT_ONCE,
    NOTHING_PROPOSED,
    Waiting,
    just_ruled,
    rulings,
    worklist,
)
from funnel.errors import MissingNeeds, NotAllowed, StaleVersion
from funnel.models import Channel, Lead, SourceRuling
from funnel.services.sources import accept_proposal, accept_proposals, name_channel, rule_unknowable, take_back

RESOLVED = "resolved"


@require_GET
def sources(request: SignedInRequest) -> HttpResponse:
    """`?proposal=` the key of equal ones or `none`, `?show=resolved` what was found out, `?page=`."""
    _check_marketing(request)
    return _page(request)


def _check_marketing(request: SignedInRequest) -> None:
    if request.user.role not in {Role.MARKETING, Role.ADMIN}:
        raise PermissionDenied("Marketing finds out where leads came from.")


def _page(request: SignedInRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    """The whole page. `refused`: why what was asked for could not be done."""
    asked = request.POST or request.GET
    now, principal = timezone.now(), request.user.principal
    number = min(_number(asked.get("page", "")) or 1, 1000)
    key, show = asked.get("proposal", ""), asked.get("show", "")
    context: dict[str, Any] = {
        "refused": refused,
        "show": show if show == RESOLVED else "",
        "key": key,
        "page": number,
        "choices": Waiting(principal).choices(),
        "last": just_ruled(principal, now=now),
        "at_once": ACCEPTED_AT_ONCE,
    }
    # The month of the company, as in its reports.
    here = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    month_began = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    listed = worklist(principal, key=key, page=number if not context["show"] else 1, month_began=month_began)
    more = listed.more
    if context["show"]:
        context["ruled"], more = rulings(principal, now=now, page=number)
    given = {name: text for name, text in (("proposal", key), ("show", context["show"])) if text}
    context |= {
        "list": listed,
        "pills": _pills(listed.progress.left, listed.progress.without_evidence, key, context["show"]),
        "previous_url": _address(given, number - 1) if number > 1 else "",
        "next_url": _address(given, number + 1) if more else "",
    }
    return render(request, "sources/sources.html", context, status=status)


def _address(given: dict[str, str], page: int) -> str:
    return f"?{urlencode(given | ({'page': str(page)} if page > 1 else {}))}"


def _pills(left: int, without_evidence: int, key: str, show: str) -> list[dict[str, Any]]:
    return [
        {"label": "To find out", "url": "?", "active": not key and not show, "count": left},
        {
            "label": "No evidence",
            "url": f"?proposal={NOTHING_PROPOSED}",
            "active": key == NOTHING_PROPOSED and not show,
            "count": without_evidence,
        },
        {"label": "Found out", "url": f"?show={RESOLVED}", "active": bool(show)},
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


# --- what was found out ---------------------------------------------------------------------------------------


def _back(request: SignedInRequest) -> HttpResponse:
    """To the list that the person was in, at the lead below."""
    given = {name: text for name in ("proposal", "show", "page") if (text := request.POST.get(name, ""))}
    then = _number(request.POST.get("then", ""))
    return redirect(
        reverse("sources") + (f"?{urlencode(given)}" if given else "") + (f"#source-{then}" if then else "")
    )


@require_POST
def rule(request: SignedInRequest, lead_id: int) -> HttpResponse:
    """`ruling`: accept (the `proposed` slug), choose (`channel`, a slug) or unknowable; `version`: as it was shown.

    422: nothing is chosen, or it has that channel; 409: the lead, or what is proposed, has changed.
    """
    _check_marketing(request)
    lead = get_object_or_404(Lead.objects.visible_to(request.user.principal), pk=lead_id)
    try:
        ruling = _rule(request, lead)
    except MissingNeeds as missing:
        return _page(request, refused=f"{lead.name}: {missing}", status=422)
    except StaleVersion as conflict:
        return _page(request, refused=f"{lead.name}: {conflict}", status=409)
    found = "cannot be known" if ruling.kind == SourceRuling.Kind.UNKNOWABLE else ruling.new.name
    messages.success(request, f"{lead.name}: {found}.")
    return _back(request)


def _rule(request: SignedInRequest, lead: Lead) -> SourceRuling:
    by, at = request.user.principal, timezone.now()
    version = _number(request.POST.get("version", ""))
    match request.POST.get("ruling", ""):
        case "unknowable":
            return rule_unknowable(lead_id=lead.pk, by=by, at=at, version=version)
        case "accept":
            channel = _channel(request.POST.get("proposed", ""))
            return accept_proposal(lead_id=lead.pk, channel=channel, by=by, at=at, version=version)
        case _:
            channel = _channel(request.POST.get("channel", ""))
            return name_channel(lead_id=lead.pk, channel=channel, by=by, at=at, version=version)


def _channel(slug: str) -> Channel:
    """Raises MissingNeeds."""
    if channel := Channel.objects.filter(slug=slug).first() if slug.isprintable() else None:
        return channel
    raise MissingNeeds({"channel": "Choose the channel that it came from."})


@require_POST
def accept_all(request: SignedInRequest) -> HttpResponse:
    """Accepts equal proposals, by the key of their group in `proposal`; up to 200 at once, the newest first."""
    _check_marketing(request)
    principal, key = request.user.principal, request.POST.get("proposal", "")
    waiting = Waiting(principal)
    channel = waiting.channel_of(key)
    if channel is None:
        return _page(request, refused="Nothing is proposed there any more: choose from the list below.", status=422)
    ids = waiting.of(key).order_by("-created_at", "-pk").values_list("pk", flat=True)[:ACCEPTED_AT_ONCE]
    done = accept_proposals(lead_ids=list(ids), channel=channel, by=principal, at=timezone.now())
    messages.success(request, f"{whole(done)} lead{'' if done == 1 else 's'}: {channel.name}.")
    return redirect("sources")


@require_POST
def take_ruling_back(request: SignedInRequest, ruling_id: int) -> HttpResponse:
    """Within 15 minutes, by whoever ruled."""
    _check_marketing(request)
    try:
        undone = take_back(ruling_id=ruling_id, by=request.user.principal, at=timezone.now())
    except SourceRuling.DoesNotExist as gone:
        raise Http404 from gone
    except (NotAllowed, StaleVersion) as refused:
        return _page(request, refused=str(refused), status=409)
    messages.success(request, f"{undone.lead.name}: {undone.new.name} again.")
    return _back(request)
