"""What was heard becomes the input that pages, files and the API give too."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from funnel.inputs import CompanyInput, LeadInput, TouchInput
from integrations.files.columns import kind_of
from integrations.files.kinds import CellRefused
from integrations.imports.fields import LEAD_FIELDS
from integrations.inbound.message import Heard, HeardTouch

# Without one of these nobody can be found: what is wrong with it fails the event. Other fields are left out and named.
KEYS = ("email", "external_id")
NOT_FROM_HOOKS = frozenset({"stage", "owner", "team", "created_at", "at"})
KINDS = frozenset(
    {"form", "webinar", "ad_click", "email", "event", "direct_mail", "call", "visit", "download", "chat", "other"}
)
MOST_SLUG_CHARACTERS = 100


@dataclass(frozen=True)
class Understood:
    """`left_out`: fields that could not be read, each with its sentence."""

    given: LeadInput
    left_out: Sequence[str] = ()


class NotALead(Exception):
    """The event names nobody who could be found; the sentence says what it lacks."""


def lead_input(heard: Heard, *, source: str, rules: Mapping[str, Any], received_at: datetime) -> Understood:
    """What was heard, as of when the tool says it was so, else as of when the message came. Raises NotALead."""
    values: dict[str, Any] = {}
    left_out: list[str] = []
    for name, text in heard.values.items():
        kind = None if name in NOT_FROM_HOOKS else kind_of(name, LEAD_FIELDS)
        if kind is None:
            left_out.append(f"{name}: there is no such field")
            continue
        try:
            values[name] = kind.convert(_tidy(name, text))
        except CellRefused as refusal:
            if name in KEYS:
                raise NotALead(f"{name}: {refusal}.") from refusal
            left_out.append(f"{name}: {refusal}")
    if not any(values.get(key) for key in KEYS):
        raise NotALead("It has neither an e-mail address nor an id: a lead is found by them.")
    channel = channel_of(heard.words, rules)
    touches = tuple(_touch(touch, rules, received_at) for touch in heard.touches)
    company = _part(values, "company.")
    return Understood(
        LeadInput(
            source=source,
            channel=channel,
            company=CompanyInput(**company) if company else None,
            consent=heard.consent or None,
            attributes=_part(values, "attributes."),
            touches=touches,
            at=min(heard.at or received_at, received_at),
            **{name: value for name, value in values.items() if "." not in name and name != "channel"},
        ),
        left_out,
    )


def channel_of(words: Sequence[str], rules: Mapping[str, Any]) -> str:
    """The channel for a tool's words: as the source's rules translate them, else the first word itself.

    `rules`: `{"values": {their word: our slug}, "default": our slug}`. Empty: not known.
    """
    values = {str(word).lower(): str(slug) for word, slug in (rules.get("values") or {}).items()}
    for word in words:
        if word.lower() in values:
            return values[word.lower()]
    own = next((slug for word in words if (slug := slug_of(word))), "")
    return own or str(rules.get("default", ""))


def slug_of(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")[:MOST_SLUG_CHARACTERS].strip("-")


def _touch(heard: HeardTouch, rules: Mapping[str, Any], received_at: datetime) -> TouchInput:
    return TouchInput(
        at=min(heard.at, received_at),
        kind=heard.kind if heard.kind in KINDS else "other",
        channel=channel_of(heard.words, rules) or "unknown",
        campaign=slug_of(heard.campaign),
        external_id=heard.external_id or None,
        subject=heard.subject,
    )


def _tidy(name: str, text: str) -> str:
    """What tools write otherwise than files: a whole address for a domain, a decimal for a count, a long country."""
    if name == "campaign":
        return slug_of(text)
    if name == "company.domain":
        return re.sub(r"^https?://", "", text.lower()).split("/", maxsplit=1)[0].removeprefix("www.")
    if name in {"company.employees", "score", "company.locations"} and re.fullmatch(r"-?\d+\.\d+", text):
        return text.split(".", maxsplit=1)[0]
    return text


def _part(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
