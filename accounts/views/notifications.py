"""/notifications/: what LeadFlow has told this person, the newest first."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import SignedInRequest
from accounts.models import Notification, User

PAGE = 50


@require_GET
def notifications(request: SignedInRequest) -> HttpResponse:
    page = Paginator(request.user.notifications.all(), PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": page.object_list,
        "unread": unread(request.user).count(),
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else None,
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else None,
        "summary": f"{page.start_index()}–{page.end_index()} of {page.paginator.count:,}",
    }
    return render(request, "accounts/notifications.html", context)


@require_POST
def read_notification(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to the page it is about."""
    notification = get_object_or_404(request.user.notifications, pk=pk)
    unread(request.user).filter(pk=pk).update(read_at=timezone.now())
    return redirect(notification.url or "notifications")


@require_POST
def read_all_notifications(request: SignedInRequest) -> HttpResponse:
    count = unread(request.user).update(read_at=timezone.now())
    messages.success(request, f"{count:,} marked as read.")
    return redirect("notifications")


def unread(user: User) -> QuerySet[Notification]:
    return user.notifications.filter(read_at=None)
