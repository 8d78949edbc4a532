"""Telling people something: a line on their notifications page and a mail, in the transaction of what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import Mail, Notification, User

MAX_SUBJECT_CHARACTERS = 120


@dataclass(frozen=True, kw_only=True)
class Message:
    """One sentence for one person. `key` says what it is about: told twice under one key, it is told once.

    `url` is the path of the page it leads to.
    """

    user: User
    kind: str
    key: str
    text: str
    url: str = ""


def notify(users: Iterable[User], *, kind: str, key: str, text: str, url: str = "", at: datetime) -> None:
    """Tell each of these users the same. Call it inside the transaction that makes it true."""
    tell((Message(user=user, kind=kind, key=key, text=text, url=url) for user in users), at=at)


def tell(messages: Iterable[Message], *, at: datetime) -> None:
    """Write many messages with two statements. Who is not active any more is told nothing."""
    wanted = {(message.user.pk, message.key): message for message in messages if message.user.is_active}
    Notification.objects.bulk_create(
        [_notification(message, at) for message in wanted.values()], ignore_conflicts=True, batch_size=500
    )
    Mail.objects.bulk_create(
        [_mail(message, message.user.email, at) for message in wanted.values() if message.user.email],
        ignore_conflicts=True,
        batch_size=500,
    )


def _notification(message: Message, at: datetime) -> Notification:
    return Notification(
        user=message.user, kind=message.kind, key=message.key, text=message.text, url=message.url, created_at=at
    )


def _mail(message: Message, address: str, at: datetime) -> Mail:
    link = f"{settings.BASE_URL}{message.url}\n\n" if message.url else ""
    return Mail(
        key=f"{message.key}:{message.user.pk}",
        to=address,
        subject=_subject(message.text),
        text=f"{message.text}\n\n{link}All your notifications: {settings.BASE_URL}/notifications/\n",
        created_at=at,
        next_attempt_at=at,
    )


def _subject(text: str) -> str:
    """In one line: names come from forms, and a header must never hold a line break."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SUBJECT_CHARACTERS else f"{line[: MAX_SUBJECT_CHARACTERS - 1]}…"
