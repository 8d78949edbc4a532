"""A tool's message as it came over the wire, and the events that an adapter reads in it. Pure."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

# How old a signed message may be, or how far ahead of our clock.
WINDOW = timedelta(minutes=5)


class BadSignature(Exception):
    """The message is not from whom it says, or altered, or old. Nobody is told which."""


class Unreadable(Exception):
    """The message is signed well, and yet not one that this adapter can read; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """`headers` by lower-case name; `url` as the sender called it. `secrets`: the present one, and one being replaced.

    `field_map`, `channel_rules` and `options` are the source's.
    """

    body: bytes
    headers: Mapping[str, str]
    received_at: datetime
    content_type: str = ""
    method: str = "POST"
    url: str = ""
    secrets: Sequence[str] = ()
    field_map: Mapping[str, Any] = field(default_factory=dict)
    channel_rules: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def json(self) -> Any:
        """Raises Unreadable."""
        try:
            return json.loads(self.body.decode("utf-8-sig"), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise Unreadable("The body is not JSON in UTF-8.") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


@dataclass(frozen=True, kw_only=True)
class HeardTouch:
    """`words`: what the tool says of where it came from, the most telling first; the channel is found by them."""

    at: datetime
    kind: str = "other"
    words: Sequence[str] = ()
    campaign: str = ""
    external_id: str = ""
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One event of a message. `values` are our fields as the tool wrote them, to be read by the kinds of an import.

    `words`: where the lead came from, as of a touch. `fetch`: the tool's id of a contact of which the message says no
    more. `erases`: the person asked the tool to be forgotten. `ignored`: why nothing follows from it. `only`: “create”
    or “update” where the tool asks for no more than that. `notes`: what shall be told of it besides.
    """

    event: str
    values: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    words: Sequence[str] = ()
    touches: Sequence[HeardTouch] = ()
    consent: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    promotes: bool = False
    fetch: str = ""
    erases: bool = False
    ignored: str = ""
    only: str = ""
    notes: Sequence[str] = ()


class Adapter(Protocol):
    """One tool's way of sending.

    `repeats_after`: of a tool that tells neither id nor time, after how long the same body is news again; a contact
    whose score goes up and down says the same twice. None: the same body is the same message for ever.
    """

    repeats_after: timedelta | None

    def verify(self, message: Message, *, now: datetime) -> str:
        """The sender's own id of the message; empty where he gives none. Raises BadSignature."""
        ...

    def read(self, message: Message) -> list[Heard]:
        """The events in it, in their order. Raises Unreadable."""
        ...


# --- signatures -----------------------------------------------------------------------------------------------


def check_hmac(message: Message, *, signed: bytes, given: str) -> None:
    """`given`: the base64 HMAC-SHA256 over `signed` by one of the secrets. Raises BadSignature."""
    try:
        told = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature from error
    check_any(told, (hmac.digest(secret.encode(), signed, "sha256") for secret in message.secrets))


def check_shared_secret(message: Message, header: str) -> None:
    """Raises BadSignature where the header does not hold one of the secrets."""
    check_any(message.headers.get(header.lower(), "").encode(), (secret.encode() for secret in message.secrets))


def check_any(told: bytes, right: Iterable[bytes]) -> None:
    """In a time that tells nothing of which is nearly right."""
    matches = [hmac.compare_digest(told, one) for one in right]
    if not told or not any(matches):
        raise BadSignature


def check_time(milliseconds: str, now: datetime) -> None:
    """Raises BadSignature for a message older than five minutes, or as far ahead."""
    if not (milliseconds.isascii() and milliseconds.isdecimal() and len(milliseconds) < 16):
        raise BadSignature
    at = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    if abs(now - at) > WINDOW:
        raise BadSignature


# --- reading --------------------------------------------------------------------------------------------------


def text_of(value: object) -> str:
    """A value as text; null, lists and objects are none."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def time_of(value: object, default: datetime | None = None) -> datetime | None:
    """ISO 8601, or milliseconds since 1970; without a zone in UTC. The default where it is neither."""
    text = text_of(value)
    try:
        if text.isascii() and text.isdecimal() and len(text) in {10, 13}:
            return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
        at = datetime.fromisoformat(text)
    except ValueError:
        return default
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def mapped(values: Mapping[str, object], names: Mapping[str, str]) -> dict[str, str]:
    """`values` under our names; what has no name of ours, or no value, is left out."""
    found: dict[str, str] = {}
    for name, value in values.items():
        field_name, text = names.get(name, ""), text_of(value)
        if field_name and text and field_name not in found:
            found[field_name] = text
    return found
