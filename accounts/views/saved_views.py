"""Keeping, renaming and deleting the filters of a page. Each answers with the page it was asked from."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import SavedView
from accounts.saved_views import ViewRefused, rename_view, roles_to_share_with, save_view, teams_to_share_with

LONGEST_PAGE = 50


@require_http_methods(["GET", "POST"])
def save(request: SignedInRequest) -> HttpResponse:
    """Takes `page`, `query`, `back` (the page's path), `name`, `team` (its id, a role, none). 422: the form again."""
    given = request.POST if request.method == "POST" else request.GET
    page, query, name = given.get("page", "")[:LONGEST_PAGE], given.get("query", ""), given.get("name", "")
    asked, teams, roles = given.get("team", ""), teams_to_share_with(request.user), roles_to_share_with(request.user)
    back = _back(request, given.get("back", ""))
    kept = {"page": page, "query": query, "name": name, "chosen": asked, "back": back, "teams": teams, "roles": roles}
    if request.method == "GET":
        return render(request, "accounts/saved_view.html", kept)

    def keep() -> SavedView:
        team = teams.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 19 else None
        role = next((one for one in roles if one.value == asked), None)
        if asked and team is None and role is None:
            raise ViewRefused("team", "You can share a view with your own teams only.")
        return save_view(owner=request.user, page=page, name=name, query=query, team=team, role=role, at=timezone.now())

    return _answer(request, kept, keep, "View “{}” saved.")


@require_http_methods(["GET", "POST"])
def rename(request: SignedInRequest, view_id: int) -> HttpResponse:
    """Of its owner alone."""
    view = get_object_or_404(SavedView, pk=view_id, owner=request.user)
    back = _back(request, (request.POST or request.GET).get("back", ""))
    name = request.POST.get("name", view.name)
    kept = {"view": view, "query": view.query, "name": name, "back": back}
    if request.method == "GET":
        return render(request, "accounts/saved_view.html", kept)

    def give_name() -> SavedView:
        rename_view(view, name=name)
        return view

    return _answer(request, kept, give_name, "The view is “{}” now.")


@require_POST
def delete(request: SignedInRequest, view_id: int) -> HttpResponse:
    """Of its owner alone."""
    view = get_object_or_404(SavedView, pk=view_id, owner=request.user)
    view.delete()
    messages.success(request, f"View “{view.name}” deleted.")
    return redirect(_back(request, request.POST.get("back", "")))


def _answer(request: SignedInRequest, kept: dict[str, Any], write: Callable[[], SavedView], said: str) -> HttpResponse:
    try:
        view = write()
    except ViewRefused as refused:
        problem = {"field": refused.field, "text": str(refused)}
        return render(request, "accounts/saved_view.html", kept | {"problem": problem}, status=422)
    messages.success(request, said.format(view.name))
    return redirect(f"{kept['back']}?{view.query}")


def _back(request: SignedInRequest, asked: str) -> str:
    """A path of ours, without its query."""
    path = asked.partition("?")[0]
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts={request.get_host()})
    return path if is_ours else reverse("home")
