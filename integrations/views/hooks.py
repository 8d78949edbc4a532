"""/imports/hooks/: the tools that send leads, every message as it came, and what became of it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as told
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.http import SignedInRequest
from integrations.models import InboxItem, Source
from integrations.pages.forms import ConnectForm, add_problem, chosen
from integrations.pages.guides import GUIDES
from integrations.pages.hooks import REPLAYED, messages, shown, standings
from integrations.services.inbox import replay
from integrations.services.sources import InvalidSource, address_of, create_source, may_change, switch_source
from integrations.views.access import check_keeper, number, places
from integrations.views.shown_once import Shown, shown_once

LIVE = "hook-sources"


@require_GET
@vary_on_headers("HX-Request")
def hooks(request: SignedInRequest) -> HttpResponse:
    """`?source=` a slug, `?state=`, `?before=` an id. Asked for by htmx, the sources alone: their counts are live."""
    check_keeper(request)
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    context: dict[str, Any] = {"standings": standings(request.user.principal, now=now, midnight=midnight)}
    if request.htmx and request.htmx.target == LIVE:
        return render(request, "hooks/_sources.html", context)
    sources = [standing.source for standing in context["standings"]]
    source = next((one for one in sources if one.slug == request.GET.get("source")), None)
    state = chosen(request.GET.get("state", ""), InboxItem.State.values)
    before = number(request.GET.get("before"))
    found = messages(source=source, state=InboxItem.State(state) if state else None, before=before)
    kept = {name: text for name, text in (("source", source.slug if source else ""), ("state", state or "")) if text}
    context |= {
        "places": places("hooks"),
        "sources": sources,
        "source": source,
        "state": state,
        "states": InboxItem.State.choices,
        "rows": found.rows,
        "is_filtered": bool(kept),
        "newest_url": f"?{urlencode(kept)}" if before else "",
        "next_url": f"?{urlencode(kept | {'before': found.older_than})}" if found.older_than else "",
    }
    return render(request, "hooks/hooks.html", context)


@require_GET
def message(request: SignedInRequest, item_id: int) -> HttpResponse:
    """One message: what became of each event in it, and its body as text."""
    check_keeper(request)
    item = get_object_or_404(InboxItem.objects.select_related("source"), pk=item_id)
    return render(request, "hooks/message.html", {"shown": shown(item, request.user.principal)})


@require_POST
def replay_message(request: SignedInRequest, item_id: int) -> HttpResponse:
    check_keeper(request)
    get_object_or_404(InboxItem, pk=item_id)
    if replay(InboxItem.objects.filter(pk=item_id), at=timezone.now()):
        told.success(request, "The message waits to be processed again; it takes some seconds.")
    else:
        told.info(request, "The message waits to be processed already.")
    return redirect("hook-message", item_id)


@require_POST
def replay_source(request: SignedInRequest, source_id: int) -> HttpResponse:
    """All of its messages that failed or were given up, once more."""
    check_keeper(request)
    source = get_object_or_404(Source, pk=source_id)
    count = replay(InboxItem.objects.filter(source=source, state__in=REPLAYED), at=timezone.now())
    told.success(request, f"{count} message{'' if count == 1 else 's'} of {source} wait to be processed again.")
    return redirect("hooks")


@require_POST
def switch(request: SignedInRequest, source_id: int) -> HttpResponse:
    """`on` 1 or 0."""
    check_keeper(request)
    source = get_object_or_404(Source, pk=source_id)
    if not may_change(source, request.user.principal):
        raise PermissionDenied("A source is switched by whoever connected it, or by an admin.")
    switch_source(source, on=request.POST.get("on") == "1")
    told.success(request, f"{source} {'takes messages again' if source.is_active else 'takes no messages any more'}.")
    return redirect("hooks")


@require_GET
def connect(request: SignedInRequest) -> HttpResponse:
    """The tools there are guides for."""
    check_keeper(request)
    tools = [
        {
            "label": Source.Adapter(adapter).label,
            "tells": guide.tells,
            "url": reverse("hook-connect-tool", args=[adapter]),
        }
        for adapter, guide in GUIDES.items()
    ]
    return render(request, "hooks/connect.html", {"tools": tools})


@require_http_methods(["GET", "POST"])
def connect_tool(request: SignedInRequest, adapter: str) -> HttpResponse:
    """The guide of one tool, and the form that makes its source; its address and secret are shown once."""
    check_keeper(request)
    if adapter not in GUIDES:
        raise Http404
    guide = GUIDES[adapter]
    form = ConnectForm(request.POST if request.method == "POST" else None, guide=guide)
    if form.is_valid():
        source = _connected(form, adapter, by=request.user.pk)
        if source:
            values = [Shown("Address", address_of(source), is_secret=False), Shown("Secret", source.secret)]
            title = f"{source} is connected"
            text = "Copy both now: the secret is not shown again."
            back = reverse("hooks")
            return shown_once(request, title=title, text=text, values=values, steps=guide.there, back=back)
    context = {"form": form, "guide": guide, "label": Source.Adapter(adapter).label}
    return render(request, "hooks/connect_tool.html", context, status=422 if form.errors else 200)


def _connected(form: ConnectForm, adapter: str, *, by: int) -> Source | None:
    given = form.cleaned_data
    try:
        return create_source(
            adapter=adapter,
            name=given["name"],
            secret=given["secret"],
            settings_given=given["settings"],
            at=timezone.now(),
            by=by,
        )
    except InvalidSource as invalid:
        field = {"slug": "name", "field_map": "settings", "channel_rules": "settings", "options": "settings"}
        add_problem(form, field.get(invalid.field, invalid.field), str(invalid))
        return None
