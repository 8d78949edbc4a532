"""What became of the demo company's mails and notifications: sent and read, but for the last few."""

from datetime import datetime, timedelta

from django.db.models import F

from accounts.models import Mail, Notification, User

MAILS_LEFT = 3
UNREAD = 4  # of each user
READ_AFTER = timedelta(minutes=25)


def deliver(*, now: datetime) -> None:
    """Nobody is sent mails of a past that never was: at most MAILS_LEFT wait, for addresses that nobody has."""
    last = Mail.objects.filter(sent_at=None).order_by("-created_at", "-pk").values("pk")[:MAILS_LEFT]
    done = Mail.objects.filter(sent_at=None).exclude(pk__in=list(last.values_list("pk", flat=True)))
    done.update(attempts=1, sent_at=F("created_at"), next_attempt_at=F("created_at"))
    for user in User.objects.filter(notifications__isnull=False).distinct():
        unread = user.notifications.values_list("pk", flat=True)[:UNREAD]
        read = Notification.objects.filter(user=user).exclude(pk__in=list(unread))
        read.update(read_at=F("created_at") + READ_AFTER)
        read.filter(read_at__gt=now).update(read_at=now)
