"""Marketo: a JSON template that the customer writes with tokens, or its REST form `input[]`; a shared header secret."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from integrations.inbound.generic import pick
from integrations.inbound.message import (
    WINDOW,
    Heard,
    HeardTouch,
    Message,
    Unreadable,
    check_shared_secret,
    mapped,
    text_of,
)
from integrations.inbound.message import time_of as moment

UPSERT = "createOrUpdate"
# What each action of the REST form may do; empty: both.
ACTIONS = {UPSERT: "", "createOnly": "create", "updateOnly": "update", "createDuplicate": ""}
DEFAULT_HEADER = "x-leadflow-secret"
# Marketo's REST names; and ours, which the documented template uses.
REST_NAMES = {
    "id": "external_id",
    "email": "email",
    "firstName": "first_name",
    "lastName": "last_name",
    "title": "title",
    "phone": "phone",
    "company": "company.name",
    "website": "company.domain",
    "numberOfEmployees": "company.employees",
    "annualRevenue": "company.annual_revenue",
    "country": "company.country",
    "leadScore": "score",
}
OUR_NAMES = {
    name: name
    for name in (
        *("external_id", "email", "first_name", "last_name", "title", "phone", "score", "self_reported_source"),
        *("company.name", "company.domain", "company.country", "company.employees", "company.annual_revenue"),
    )
}


class Marketo:
    repeats_after: timedelta | None = WINDOW

    def verify(self, message: Message, *, now: datetime) -> str:  # noqa: ARG002  # it sends no time
        check_shared_secret(message, str(message.options.get("header", DEFAULT_HEADER)))
        return ""

    def read(self, message: Message) -> list[Heard]:
        document = message.json()
        if not isinstance(document, dict):
            raise Unreadable("The body is not a JSON object.")
        if isinstance(document.get("input"), list):
            leads = [one for one in document["input"] if isinstance(one, dict)]
            action, by = text_of(document.get("action")) or UPSERT, text_of(document.get("lookupField")) or "email"
            return [_of_rest(lead, message, action, by) for lead in leads]
        return [_heard(text_of(document.get("event")) or "webhook", document, message)]


def _of_rest(lead: Mapping[str, Any], message: Message, action: str, lookup_field: str) -> Heard:
    """One of `input[]`. It is found by `lookupField`; a field of the customer's own is the lead's id then."""
    event = f"{action} by {lookup_field}"
    if action not in ACTIONS:
        return Heard(event=event, ignored=f"There is no action {action}. Marketo has: {', '.join(ACTIONS)}.")
    key = text_of(lead.get(lookup_field))
    if not key:
        return Heard(event=event, ignored=f"It has no {lookup_field}, by which it is to be found.")
    own = {} if lookup_field in REST_NAMES else {"external_id": key}
    return replace(_heard(event, lead, message, own), only=ACTIONS[action])


def _heard(event: str, lead: Mapping[str, Any], message: Message, own: Mapping[str, str] | None = None) -> Heard:
    """`own`: what is known of it beside its fields."""
    values = mapped(_flat(lead), {**REST_NAMES, **OUR_NAMES}) | dict(own or {})
    values |= {name: text for name, where in message.field_map.items() if (text := text_of(pick(lead, str(where))))}
    at = moment(lead.get("at") or lead.get("updatedAt"))
    words = [text for name in ("channel", "leadSource") if (text := text_of(lead.get(name)))]
    subject = text_of(lead.get("interesting_moment"))
    touches = [HeardTouch(at=at, words=words, subject=subject[:500])] if at and subject else []
    return Heard(
        event=event,
        values=values,
        at=at,
        words=words,
        touches=touches,
        promotes=text_of(lead.get("stage")).lower() == "mql",
    )


def _flat(lead: Mapping[str, Any]) -> dict[str, object]:
    """`{"company": {"name": …}}` as `company.name`; the template may write either."""
    flat: dict[str, object] = {}
    for name, value in lead.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": one for inner, one in value.items()}
        else:
            flat[name] = value
    return flat
