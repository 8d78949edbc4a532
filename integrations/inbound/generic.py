"""Any other tool: JSON or a form, read by a field map of JSON pointers or field names; signed in one of three ways."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from integrations.inbound.message import (
    BadSignature,
    Heard,
    HeardTouch,
    Message,
    Unreadable,
    check_hmac,
    check_shared_secret,
    text_of,
    time_of,
)
from integrations.inbound.salesforce import form_of

FORM = "application/x-www-form-urlencoded"
# Beside the fields of a lead, what a field map may say where to find.
EVENT, AT, CHANNEL, TOUCH_SUBJECT, STAGE = "event", "at", "channel", "touch.subject", "stage"
NOT_OF_THE_LEAD = {EVENT, AT, CHANNEL, TOUCH_SUBJECT, STAGE}


class Generic:
    """`options.signature`: “standard” (Standard Webhooks), “hmac” or “secret”, the latter two in `options.header`."""

    repeats_after: timedelta | None = None

    def verify(self, message: Message, *, now: datetime) -> str:  # noqa: ARG002  # the library reads the clock
        header = str(message.options.get("header", "x-leadflow-secret"))
        match message.options.get("signature", "standard"):
            case "hmac":
                check_hmac(message, signed=message.body, given=message.headers.get(header.lower(), ""))
                return ""
            case "secret":
                check_shared_secret(message, header)
                return ""
        return _check_standard(message)

    def read(self, message: Message) -> list[Heard]:
        document: Any = form_of(message) if message.content_type == FORM else message.json()
        where = str(message.options.get("list", ""))
        found = pick(document, where) if where else document
        events = [event for event in (found if isinstance(found, list) else [found]) if isinstance(event, dict)]
        if not events:
            raise Unreadable("The body holds no object to read a lead from.")
        return [_heard(event, message) for event in events]


def _check_standard(message: Message) -> str:
    message_id = message.headers.get("webhook-id", "")
    if not re.fullmatch(r"[!-\-/-~]{1,200}", message_id):  # visible ASCII, without the point that parts what is signed
        raise BadSignature
    for secret in message.secrets:
        try:
            Webhook(secret).verify(message.body, dict(message.headers))
        except (WebhookVerificationError, ValueError):
            continue
        return message_id
    raise BadSignature


def _heard(event: Mapping[str, Any], message: Message) -> Heard:
    found = {name: text_of(pick(event, str(where))) for name, where in message.field_map.items()}
    values = {name: text for name, text in found.items() if text and name not in NOT_OF_THE_LEAD}
    words = [found[CHANNEL]] if found.get(CHANNEL) else []
    at = time_of(found.get(AT))
    subject = found.get(TOUCH_SUBJECT, "")
    touches = [HeardTouch(at=at, words=words, subject=subject[:500])] if at and subject else []
    return Heard(
        event=found.get(EVENT) or "message",
        values=values,
        at=at,
        words=words,
        touches=touches,
        promotes=found.get(STAGE, "").lower() == "mql",
    )


def pick(document: object, pointer: str) -> object:
    """What a JSON pointer (RFC 6901) points at, or a plain name; None where there is nothing."""
    if not pointer.startswith("/"):
        return document.get(pointer) if isinstance(document, dict) else None
    found: Any = document
    for part in pointer[1:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found
