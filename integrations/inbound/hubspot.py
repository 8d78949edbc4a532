"""HubSpot: signature v3 with its time; an array of subscription events that name a contact and say little of it.

What the contact holds is fetched (`integrations.inbound.contacts`); then its CRM v3 object is read here too.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from integrations.inbound.message import Heard, HeardTouch, Message, Unreadable, check_hmac, check_time, mapped, text_of

PROPERTIES = {
    "email": "email",
    "firstname": "first_name",
    "lastname": "last_name",
    "jobtitle": "title",
    "phone": "phone",
    "mobilephone": "phone",
    "company": "company.name",
    "website": "company.domain",
    "numemployees": "company.employees",
    "annualrevenue": "company.annual_revenue",
    "country": "company.country",
    "hubspotscore": "score",
    "how_did_you_hear_about_us": "self_reported_source",
}
REDACTED = "REDACTED"
CONTACTS = "0-1"  # among the kinds of object that HubSpot's newer events name by number


class HubSpot:
    repeats_after: timedelta | None = None

    def verify(self, message: Message, *, now: datetime) -> str:
        """v3: method, decoded URI, body and timestamp, one after the other."""
        timestamp = message.headers.get("x-hubspot-request-timestamp", "")
        check_time(timestamp, now)
        signed = message.method.encode() + unquote(message.url).encode() + message.body + timestamp.encode()
        check_hmac(message, signed=signed, given=message.headers.get("x-hubspot-signature-v3", ""))
        return ""

    def read(self, message: Message) -> list[Heard]:
        events = message.json()
        if isinstance(events, dict):
            events = [events]
        if not isinstance(events, list):
            raise Unreadable("The body is not a list of HubSpot's subscription events.")
        return [_heard(event) for event in events if isinstance(event, dict)]


def _heard(event: Mapping[str, Any]) -> Heard:
    kind, contact_id = text_of(event.get("subscriptionType")), text_of(event.get("objectId"))
    at = _time(event.get("occurredAt"))
    if kind in {"contact.merge", "object.merge"}:
        contact_id = text_of(event.get("newObjectId") or event.get("primaryObjectId")) or contact_id
    is_contact = kind.startswith("contact.") or text_of(event.get("objectTypeId")) == CONTACTS
    if not contact_id or not is_contact:
        return Heard(event=kind or "?", ignored="LeadFlow makes nothing of this kind of event.")
    if kind == "contact.privacyDeletion":
        return Heard(event=kind, values={"external_id": contact_id}, at=at, erases=True)
    if kind in {"contact.deletion", "object.deletion"}:
        return Heard(event=kind, ignored="Deleted in HubSpot; LeadFlow keeps the lead until it is erased here.")
    return Heard(event=kind, values={"external_id": contact_id}, at=at, fetch=contact_id)


def contact_heard(event: Heard, contact: Mapping[str, Any], field_map: Mapping[str, str]) -> Heard:
    """The event with what the fetched contact (a CRM v3 object) holds. All its properties are texts or null.

    It holds what was so when it was last changed there, which may be after the event.
    """
    properties = {
        name: value
        for name, value in (contact.get("properties") or {}).items()
        if value is not None and value != REDACTED
    }
    values = mapped(properties, {**PROPERTIES, **field_map}) | {"external_id": text_of(contact.get("id"))}
    promotes, notes = _wish(properties)
    words = [
        text_of(properties[name])
        for name in ("hs_analytics_source_data_1", "hs_analytics_source", "hs_latest_source")
        if properties.get(name)
    ]
    seen_at = _time(properties.get("recent_conversion_date"))
    subject = text_of(properties.get("recent_conversion_event_name"))
    touches = [HeardTouch(at=seen_at, kind="form", words=words, subject=subject[:500])] if seen_at and subject else []
    at = _time(contact.get("updatedAt")) or event.at
    return Heard(
        event=event.event,
        values=values,
        at=at,
        words=words,
        touches=touches,
        consent=_consent(properties, at),
        promotes=promotes,
        notes=notes,
    )


def _wish(properties: Mapping[str, Any]) -> tuple[bool, list[str]]:
    """Whether their stage asks for a hand-off to sales, and what is to be told of a stage that only sales gives.

    A lead status by which HubSpot was told that sales wants it no more stands against it: else the lead that was
    refused here would come back with the next change there.
    """
    stage = text_of(properties.get("lifecyclestage")).lower()
    status = text_of(properties.get("hs_lead_status")).upper()
    ours = LIFECYCLE_TO_STAGE.get(stage, "")
    if ours == "mql":
        refused = f"Not handed to sales: its lead status in HubSpot is {status}."
        return status not in HELD_BACK, [refused] if status in HELD_BACK else []
    is_of_sales = ours not in {"", "inquiry"}
    return False, [f"HubSpot says “{stage}”: stages of sales are given in LeadFlow."] if is_of_sales else []


def _consent(properties: Mapping[str, Any], at: datetime | None) -> dict[str, dict[str, Any]]:
    opted_out = text_of(properties.get("hs_email_optout")).lower()
    if opted_out not in {"true", "false"}:
        return {}
    return {"email": {"granted": opted_out == "false", "at": at.isoformat() if at else None, "how": "hubspot"}}


def _time(value: object) -> datetime | None:
    """Milliseconds since 1970, or ISO 8601."""
    text = text_of(value)
    if text.isascii() and text.isdecimal() and len(text) <= 14:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# Their stages in our words, and ours in theirs (docs/integrations/hubspot.md). An endpoint of a HubSpot source is told
# the latter with every event.
LIFECYCLE_TO_STAGE = {
    "subscriber": "inquiry",
    "lead": "inquiry",
    "marketingqualifiedlead": "mql",
    "salesqualifiedlead": "sal",
    "opportunity": "sql",
    "customer": "won",
    "evangelist": "won",
}
HELD_BACK = frozenset({"UNQUALIFIED", "BAD_TIMING"})
STAGE_TO_LIFECYCLE = {
    "inquiry": "lead",
    "nurture": "lead",
    "mql": "marketingqualifiedlead",
    "sal": "salesqualifiedlead",
    "sql": "opportunity",
    "won": "customer",
    "lost": "other",
    "no_decision": "other",
    "disqualified": "other",
}
STAGE_TO_LEAD_STATUS = {
    "inquiry": "NEW",
    "nurture": "BAD_TIMING",
    "mql": "OPEN",
    "sal": "IN_PROGRESS",
    "sql": "OPEN_DEAL",
    "won": "CONNECTED",
    "lost": "UNQUALIFIED",
    "no_decision": "UNQUALIFIED",
    "disqualified": "UNQUALIFIED",
}
