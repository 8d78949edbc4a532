"""Telling people something: a line on their notifications page and a mail, in the transaction of what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

from accounts.mail_days import MailDays
from accounts.models import Mail, Mails, Notification, User

MAX_SUBJECT_CHARACTERS = 120


class Link(NamedTuple):
    """A line of a mail by which its reader answers at once. `url` is a path."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """One sentence for one person. `key` says what it is about: told twice under one key, it is told once.

    `lead`: the number of the lead that the text names. `url` is the path of the page it leads to. `links` stand in the
    mail alone, under the line `links_are`.
    """

    user: User
    kind: str
    key: str
    text: str
    url: str = ""
    lead: int | None = None
    links: Sequence[Link] = ()
    links_are: str = ""


def notify(
    users: Iterable[User], *, kind: str, key: str, text: str, url: str = "", lead: int | None = None, at: datetime
) -> None:
    """Tell each of these users the same. Call it inside the transaction that makes it true."""
    tell((Message(user=user, kind=kind, key=key, text=text, url=url, lead=lead) for user in users), at=at)


def tell(messages: Iterable[Message], *, at: datetime) -> None:
    """Write many messages with two statements. Who is not active any more is told nothing.

    The mail goes as its reader has chosen: at once, with the next day's collection, or not at all.
    """
    wanted = {(message.user.pk, message.key): message for message in messages if message.user.is_active}
    days = MailDays(at)
    Notification.objects.bulk_create(
        [_notification(message, days) for message in wanted.values()], ignore_conflicts=True, batch_size=500
    )
    Mail.objects.bulk_create(
        [_mail(message, at) for message in wanted.values() if mails_at_once(message.user)],
        ignore_conflicts=True,
        batch_size=500,
    )


def mails_at_once(user: User) -> bool:
    return bool(user.email) and user.mails == Mails.AT_ONCE


def _notification(message: Message, days: MailDays) -> Notification:
    user = message.user
    return Notification(
        user=user,
        kind=message.kind,
        key=message.key,
        text=message.text,
        url=message.url,
        lead_number=message.lead,
        created_at=days.at,
        digest_at=days.next_for(user) if user.email and user.mails == Mails.DAILY else None,
    )


def _mail(message: Message, at: datetime) -> Mail:
    return Mail(
        key=f"{message.key}:{message.user.pk}",
        to=message.user.email or "",
        subject=subject(message.text),
        text=_text(message),
        created_at=at,
        next_attempt_at=at,
    )


def _text(message: Message) -> str:
    parts = [message.text]
    if message.links:
        parts += [message.links_are, *(f"{link.label}:\n{settings.BASE_URL}{link.url}" for link in message.links)]
    elif message.url:
        parts.append(f"{settings.BASE_URL}{message.url}")
    parts.append(footer())
    return "\n\n".join(parts)


def footer() -> str:
    return (
        f"All your notifications: {settings.BASE_URL}/notifications/\n"
        f"How often LeadFlow writes to you: {settings.BASE_URL}/me/\n"
    )


def subject(text: str) -> str:
    """In one line: names come from forms, and a header must never hold a line break."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SUBJECT_CHARACTERS else f"{line[: MAX_SUBJECT_CHARACTERS - 1]}…"
