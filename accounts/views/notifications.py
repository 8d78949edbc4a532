"""/notifications/: what LeadFlow has told this person, the newest first, day by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.formats import day as day_text
from accounts.formats import span, whole
from accounts.http import SignedInRequest
from accounts.models import Notification, User

PAGE = 50
UNREAD = "unread"


@dataclass(frozen=True)
class Day:
    name: str
    rows: list[Notification]


@require_GET
def notifications(request: SignedInRequest) -> HttpResponse:
    """`?show=unread` leaves out what was read; `?page=`."""
    count = getattr(request.user, "unread", 0)  # counted with the user: accounts.backends
    only_unread = _shows_unread(request)
    found = unread(request.user) if only_unread else request.user.notifications.all()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "days": days_of(page.object_list, today=timezone.localdate()),
        "unread": count,
        "only_unread": only_unread,
        "pills": [
            {"label": "All", "url": "?", "active": not only_unread},
            {"label": "Unread", "url": f"?show={UNREAD}", "active": only_unread, "count": count},
        ],
        "place": _query(page=page.number, only_unread=only_unread),
        "previous_url": _query(page=page.number - 1, only_unread=only_unread) if page.has_previous() else None,
        "next_url": _query(page=page.number + 1, only_unread=only_unread) if page.has_next() else None,
        "summary": span(page),
    }
    return render(request, "accounts/notifications.html", context)


def days_of(rows: Iterable[Notification], *, today: date) -> list[Day]:
    """Rows in order, put together by the viewer's days."""
    by_day = groupby(rows, key=lambda row: timezone.localdate(row.created_at))
    return [Day(_name(day, today), list(of_day)) for day, of_day in by_day]


def _name(day: date, today: date) -> str:
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return f"{day:%A}, {day_text(day)}"


@require_POST
def read_notification(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to the page it is about; with `stay` go back to where it was in the list."""
    notification = get_object_or_404(request.user.notifications, pk=pk)
    unread(request.user).filter(pk=pk).update(read_at=timezone.now())
    if notification.url and "stay" not in request.POST:
        return redirect(notification.url)
    return redirect(f"{reverse('notifications')}{_place(request)}#{_anchor(request, notification)}")


@require_POST
def read_all_notifications(request: SignedInRequest) -> HttpResponse:
    count = unread(request.user).update(read_at=timezone.now())
    messages.success(request, f"{whole(count)} marked as read.")
    return redirect("notifications")


def unread(user: User) -> QuerySet[Notification]:
    return user.notifications.filter(read_at=None)


def _shows_unread(request: HttpRequest) -> bool:
    return request.GET.get("show") == UNREAD


def _place(request: HttpRequest) -> str:
    page = request.GET.get("page", "")
    return _query(page=int(page) if page.isdecimal() and len(page) < 9 else 1, only_unread=_shows_unread(request))


def _query(*, page: int, only_unread: bool) -> str:
    return "?" + urlencode(({"show": UNREAD} if only_unread else {}) | ({"page": page} if page > 1 else {}))


def _anchor(request: SignedInRequest, read: Notification) -> str:
    """The row, or the one below it where it has just left the list."""
    below = unread(request.user).filter(created_at__lte=read.created_at).exclude(pk=read.pk)
    row = below.first() if _shows_unread(request) else read
    return f"notification-{row.pk}" if row else "main"
