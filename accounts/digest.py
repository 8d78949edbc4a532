"""The mail that collects what a person was told, for those who want one a working day."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.db import transaction

from accounts.formats import as_read_by, moment, whole
from accounts.mail_days import MailDays
from accounts.models import Mail, Mails, Notification, User
from accounts.notifications import footer

logger = logging.getLogger(__name__)

LONGEST = 100  # lines of one mail
_TITLES = {
    "reminder": "Deadlines that come close",
    "black_hole": "In the Black Hole",
    "escalation": "Still in the Black Hole",
    "nobody_takes": "Leads that nobody can take",
    "assigned": "Leads that are yours now",
    "reassigned": "Leads that are with somebody else now",
    "orphans": "Leads back in the pool",
    "dispute": "Disputes",
    "erasure": "People who want to be erased",
}
_ORDER = list(_TITLES)
OTHER = "Other"


def compose_digests(*, now: datetime) -> Counter[str]:
    """Write the collecting mail of everybody whose next one is due; answers how many.

    Run twice, late or by two workers at once: each notification is in one mail, and nobody gets two on a day. What
    was read meanwhile is left out.
    """
    due = Notification.objects.filter(digest_at__lte=now).order_by()
    done: Counter[str] = Counter()
    for user_id in due.values_list("user", flat=True).distinct():
        try:
            done += _compose(user_id, now)
        except Exception:  # one mail at fault must not keep the others' from being written
            logger.exception("The daily mail of user %s could not be written.", user_id)
            done["digests failed"] += 1
    return done


@transaction.atomic
def _compose(user_id: int, now: datetime) -> Counter[str]:
    # Whoever composes for this person meanwhile waits here, and then finds nothing due any more.
    User.objects.select_for_update(no_key=True).values_list("pk", flat=True).get(pk=user_id)
    user = User.objects.select_related("team__calendar").get(pk=user_id)
    due = Notification.objects.filter(user=user, digest_at__lte=now)
    if not user.is_active or not user.email or user.mails == Mails.NEVER:
        due.update(digest_at=None)
        return Counter()
    key = f"digest:{user.pk}:{now.astimezone(user.zone).date().isoformat()}"
    if Mail.objects.filter(key=key).exists():
        due.update(digest_at=MailDays(now).next_for(user))
        return Counter()
    told = list(due.filter(read_at=None).order_by("created_at", "id"))
    due.update(digest_at=None)
    if not told:
        return Counter()
    with as_read_by(user):
        text = _text(told, user)
    Mail.objects.create(key=key, to=user.email, subject=_subject(told), text=text, created_at=now, next_attempt_at=now)
    return Counter({"digests": 1})


def _subject(told: Sequence[Notification]) -> str:
    return "LeadFlow: 1 notification" if len(told) == 1 else f"LeadFlow: {whole(len(told))} notifications"


def _text(told: Sequence[Notification], reader: User) -> str:
    """In groups of a kind, the most urgent first, and in each the oldest first."""
    parts = []
    newest = sorted(told[-LONGEST:], key=_rank)
    for title, group in groupby(newest, key=lambda one: _TITLES.get(one.kind, OTHER)):
        lines = [_line(one, reader) for one in group]
        parts.append("\n\n".join([f"{title} ({whole(len(lines))})", *lines]))
    if len(told) > LONGEST:
        parts.append(f"And {whole(len(told) - LONGEST)} older ones, on your notifications page.")
    return "\n\n\n".join([*parts, footer()])


def _rank(one: Notification) -> int:
    return _ORDER.index(one.kind) if one.kind in _ORDER else len(_ORDER)


def _line(one: Notification, reader: User) -> str:
    link = f"\n  {settings.BASE_URL}{one.url}" if one.url else ""
    return f"- {moment(one.created_at, reader)}: {one.text}{link}"
