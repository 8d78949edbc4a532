"""/campaigns/: what marketing runs, what it brought, and what it cost month by month."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.formats import rounded, span
from accounts.http import SignedInRequest
from accounts.roles import Role
from dispositions.marketing.campaign_forms import campaign_form, read_grid, spend_form
from dispositions.marketing.campaigns import (
    GRID_ROWS,
    MONTHS,
    PAGE,
    campaigns,
    grid_of,
    in_grid,
    months_from,
    rows_of,
    spend_of,
)
from funnel.errors import MissingNeeds
from funnel.models import Campaign, Channel, Spend
from funnel.services.campaigns import (
    may_edit_campaigns,
    remove_spend,
    save_campaign,
    save_spend,
    set_month_spend,
)


def check_reader(request: SignedInRequest) -> None:
    if request.user.role == Role.REP:
        raise PermissionDenied("Campaigns and what they cost are for marketing and managers.")


def _check_editor(request: SignedInRequest) -> None:
    if not may_edit_campaigns(request.user.principal):
        raise PermissionDenied("Only marketing keeps campaigns and what they cost.")


@require_GET
def campaign_list(request: SignedInRequest) -> HttpResponse:
    """`?channel=` a slug, `?q=` words of the name, `?page=`."""
    check_reader(request)
    channels = list(Channel.objects.all())
    channel = chosen_channel(request, channels)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    page = Paginator(campaigns(channel=channel, words=words), PAGE).get_page(request.GET.get("page"))
    kept = {"channel": channel.slug if channel else "", "q": words}
    context = {
        "rows": rows_of(list(page.object_list), request.user.principal),
        "channels": channels,
        "channel": channel,
        "words": words,
        "is_filtered": bool(channel or words),
        "may_edit": may_edit_campaigns(request.user.principal),
    } | _pages(page, kept)
    return render(request, "campaigns/campaigns.html", context)


def chosen_channel(request: SignedInRequest, channels: list[Channel]) -> Channel | None:
    return next((one for one in channels if one.slug == request.GET.get("channel")), None)


def _pages(page: Page[Any], kept: dict[str, str]) -> dict[str, str]:
    def address(number: int) -> str:
        return "?" + urlencode({name: text for name, text in kept.items() if text} | {"page": str(number)})

    return {
        "query": urlencode({name: text for name, text in kept.items() if text}),
        "summary": span(page),
        "previous_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }


@require_GET
def campaign(request: SignedInRequest, campaign_id: int) -> HttpResponse:
    """One campaign: its figures and every entry of its spend."""
    check_reader(request)
    found = get_object_or_404(Campaign.objects.select_related("channel"), pk=campaign_id)
    context = {
        "row": rows_of([found], request.user.principal)[0],
        "entries": spend_of(found),
        "may_edit": may_edit_campaigns(request.user.principal),
    }
    return render(request, "campaigns/campaign.html", context)


@require_http_methods(["GET", "POST"])
def edit_campaign(request: SignedInRequest, campaign_id: int | None = None) -> HttpResponse:
    """A new campaign, or one that is there."""
    _check_editor(request)
    found = get_object_or_404(Campaign, pk=campaign_id) if campaign_id else None
    form = campaign_form(found, request.POST or None)
    if form.is_valid():
        saved = _or_say(form, lambda: save_campaign(campaign=found, terms=form.terms(), by=request.user.principal))
        if saved:
            messages.success(request, f"{saved.name} is saved.")
            return redirect("campaign", saved.pk)
    status = 422 if form.errors else 200
    return render(request, "campaigns/edit.html", {"form": form, "campaign": found}, status=status)


def _or_say(form: Any, save: Callable[[], Any]) -> Any:
    """What was saved; nothing where the form says now what stands against it."""
    try:
        return save()
    except MissingNeeds as missing:
        form.add_missing(missing)
        return None


@require_http_methods(["GET", "POST"])
def spend(request: SignedInRequest) -> HttpResponse:
    """`?from=` the first of six months (2026-03), `?channel=`, `?page=`. POST saves what was changed."""
    check_reader(request)
    may_edit = may_edit_campaigns(request.user.principal)
    months = months_from(first_month(request.GET.get("from", "")))
    channels = list(Channel.objects.all())
    channel = chosen_channel(request, channels)
    page = Paginator(in_grid(months, channel=channel), GRID_ROWS).get_page(request.GET.get("page"))
    as_a_whole = [channel] if channel else channels if page.number == 1 else []
    campaigns_shown = list(page.object_list)
    grid = grid_of(months, as_a_whole, campaigns_shown)
    if request.method == "POST":
        _check_editor(request)
        typed = read_grid(grid, request.POST.dict())
        if not typed.errors:
            changed = set_month_spend(months=typed.months, by=request.user.principal)
            messages.success(request, f"Saved: {changed} month{'' if changed == 1 else 's'} changed.")
            return redirect(request.get_full_path())
        grid = grid_of(months, as_a_whole, campaigns_shown, typed=request.POST.dict(), errors=typed.errors)
    kept = {"from": f"{months[0]:%Y-%m}", "channel": channel.slug if channel else ""}
    context = {
        "grid": grid,
        "channels": channels,
        "channel": channel,
        "may_edit": may_edit,
        "has_errors": request.method == "POST",
        "earlier": urlencode({"from": f"{_shifted(months[0], -MONTHS):%Y-%m}", "channel": kept["channel"]}),
        "later": urlencode({"from": f"{_shifted(months[0], MONTHS):%Y-%m}", "channel": kept["channel"]}),
        "first_month": kept["from"],
    } | _pages(page, kept)
    return render(request, "campaigns/spend.html", context, status=422 if request.method == "POST" else 200)


def first_month(asked: str) -> date:
    """The month asked for; else so that the present one is the last."""
    try:
        first = date.fromisoformat(f"{asked}-01")
    except ValueError:
        return _shifted(timezone.localdate().replace(day=1), 1 - MONTHS)
    return first if 1990 <= first.year <= 2200 else first_month("")


def _shifted(month: date, by: int) -> date:
    place = month.year * 12 + month.month - 1 + by
    return date(place // 12, place % 12 + 1, 1)


@require_http_methods(["GET", "POST"])
def edit_spend(request: SignedInRequest, spend_id: int | None = None) -> HttpResponse:
    """Spend over any days. `?campaign=` the one it is for."""
    _check_editor(request)
    found = get_object_or_404(Spend.objects.select_related("channel", "campaign"), pk=spend_id) if spend_id else None
    asked = request.GET.get("campaign", "")
    of = Campaign.objects.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 19 else None
    form = spend_form(found, request.POST or None, campaign=of)
    if form.is_valid():
        saved = _or_say(form, lambda: save_spend(spend=found, terms=form.terms(), by=request.user.principal))
        if saved:
            messages.success(
                request, f"{rounded(saved.amount, 2)} {saved.currency} on {saved.campaign or saved.channel} is saved."
            )
            return _back_from(saved)
    status = 422 if form.errors else 200
    return render(request, "campaigns/spend_edit.html", {"form": form, "spend": found}, status=status)


@require_POST
def delete_spend(request: SignedInRequest, spend_id: int) -> HttpResponse:
    _check_editor(request)
    found = get_object_or_404(Spend.objects.select_related("channel", "campaign"), pk=spend_id)
    remove_spend(spend_id=found.pk, by=request.user.principal)
    amount = f"{rounded(found.amount, 2)} {found.currency}"
    messages.success(request, f"{amount} on {found.campaign or found.channel} is taken out.")
    return _back_from(found)


def _back_from(entry: Spend) -> HttpResponse:
    return redirect("campaign", entry.campaign_id) if entry.campaign_id else redirect("campaign-spend")
