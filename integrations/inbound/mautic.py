"""Mautic: `Webhook-Signature` over the raw bytes; several events in a body, each a list or a bare object."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from integrations.inbound.message import (
    Heard,
    HeardTouch,
    Message,
    Unreadable,
    check_hmac,
    mapped,
    text_of,
    time_of,
)

FIELDS = {
    "email": "email",
    "firstname": "first_name",
    "lastname": "last_name",
    "position": "title",
    "phone": "phone",
    "mobile": "phone",
    "company": "company.name",
    "website": "company.domain",
    "country": "company.country",
}
EVENT_PREFIX = "mautic."

Fields = Mapping[str, Any]


class Mautic:
    repeats_after: timedelta | None = None

    def verify(self, message: Message, *, now: datetime) -> str:  # noqa: ARG002  # it sends no time
        check_hmac(message, signed=message.body, given=message.headers.get("webhook-signature", ""))
        return ""

    def read(self, message: Message) -> list[Heard]:
        document = message.json()
        if not isinstance(document, dict):
            raise Unreadable("The body is not an object of Mautic's events.")
        names = {**FIELDS, **message.field_map}
        return [
            _heard(name, event, names, message.options)
            for name, events in document.items()
            if str(name).startswith(EVENT_PREFIX)
            for event in (events if isinstance(events, list) else [events])
            if isinstance(event, dict)
        ]


def _heard(name: str, event: Fields, names: Mapping[str, str], options: Fields) -> Heard:
    kind = name.removeprefix(EVENT_PREFIX)
    reader = _READERS.get(kind)
    if reader is None:
        return Heard(event=kind, ignored="LeadFlow makes nothing of this kind of event.")
    return reader(kind, event, names, options)


def _saved(kind: str, event: Fields, names: Mapping[str, str], _options: Fields) -> Heard:
    contact = _object(event, "contact", "lead")
    touches = [_utm_touch(tag, event) for tag in _objects(contact.get("utmtags"))]
    return _contact(kind, event, contact, names, touches=tuple(filter(None, touches)))


def _points(kind: str, event: Fields, names: Mapping[str, str], _options: Fields) -> Heard:
    contact = _object(event, "contact", "lead")
    points = _object(event, "points").get("new_points", contact.get("points"))
    return _contact(kind, event, {**contact, "points": points}, names)


def _form(kind: str, event: Fields, names: Mapping[str, str], _options: Fields) -> Heard:
    submission = _object(event, "submission")
    form = _object(submission, "form")
    tags = _query_of(text_of(submission.get("referer")))
    at = time_of(submission.get("dateSubmitted")) or time_of(event.get("timestamp"))
    asked = [f"{key}: {text_of(value)}" for key, value in _object(submission, "results").items() if text_of(value)]
    contact = _object(submission, "lead", "contact")
    known = {**dict(_values(_object(submission, "results"))), **dict(_values(_fields(contact)))}
    touch = (
        HeardTouch(
            at=at,
            kind="form",
            words=_utm_words(tags) or _utm_words(submission),
            campaign=_utm(tags, "Campaign"),
            external_id=f"form-{text_of(submission.get('id'))}" if submission.get("id") else "",
            subject=": ".join(filter(None, (text_of(form.get("name")), "; ".join(asked))))[:500],
        )
        if at
        else None
    )
    return _contact(kind, event, contact, names, values=known, touches=(touch,) if touch else ())


def _hit(kind: str, event: Fields, names: Mapping[str, str], _options: Fields) -> Heard:
    hit = _object(event, "hit")
    at = time_of(hit.get("dateHit")) or time_of(event.get("timestamp"))
    # Webhooks of Mautic leave a contact's utmtags empty: what is known stands in the address that was visited.
    tags = _object(hit, "query") or _query_of(text_of(hit.get("url")))
    title = text_of(_object(hit, "page").get("title")) or text_of(hit.get("urlTitle")) or text_of(hit.get("url"))
    touch = (
        HeardTouch(
            at=at,
            kind="visit",
            words=_utm_words(tags) or _utm_words(hit) or list(filter(None, [text_of(hit.get("source"))])),
            campaign=_utm(tags, "Campaign"),
            external_id=f"hit-{text_of(hit.get('id'))}" if hit.get("id") else "",
            subject=title[:500],
        )
        if at
        else None
    )
    return _contact(kind, event, _object(hit, "lead", "contact"), names, touches=(touch,) if touch else ())


def _subscription(kind: str, event: Fields, names: Mapping[str, str], _options: Fields) -> Heard:
    channel = {"email": "email", "sms": "phone", "phone": "phone"}.get(text_of(event.get("channel")))
    at = time_of(event.get("timestamp"))
    if channel is None:
        return Heard(event=kind, ignored="LeadFlow keeps no consent for this channel.")
    granted = text_of(event.get("new_status")) == "contactable"
    consent = {channel: {"granted": granted, "at": at.isoformat() if at else None, "how": "mautic"}}
    return _contact(kind, event, _object(event, "contact", "lead"), names, consent=consent)


def _deleted(kind: str, event: Fields, names: Mapping[str, str], options: Fields) -> Heard:
    # The contact is gone: its own id is null, and the event has it.
    contact = {**_object(event, "contact", "lead"), "id": event.get("id")} if event.get("id") else event
    if not options.get("delete_erases"):
        return Heard(event=kind, ignored="Deleted in Mautic; LeadFlow keeps the lead until it is erased here.")
    return Heard(event=kind, values=_with_id(contact, mapped(dict(_values(_fields(contact))), names)), erases=True)


_READERS: dict[str, Callable[[str, Fields, Mapping[str, str], Fields], Heard]] = {
    "lead_post_save_new": _saved,
    "lead_post_save_update": _saved,
    "lead_points_change": _points,
    "form_on_submit": _form,
    "page_on_hit": _hit,
    "lead_channel_subscription_changed": _subscription,
    "lead_post_delete": _deleted,
}


def _contact(
    kind: str,
    event: Fields,
    contact: Fields,
    names: Mapping[str, str],
    *,
    values: Mapping[str, object] | None = None,
    touches: tuple[HeardTouch, ...] = (),
    consent: Mapping[str, Mapping[str, Any]] | None = None,
) -> Heard:
    known = values if values is not None else dict(_values(_fields(contact)))
    ours = _with_id(contact, mapped(known, names))
    if points := text_of(contact.get("points")):
        ours["score"] = points
    at = time_of(event.get("timestamp"))
    words = next((_utm_words(tag) for tag in _objects(contact.get("utmtags"))), [])
    return Heard(
        event=kind,
        values=ours,
        at=at,
        words=words,
        touches=touches,
        consent=consent if consent is not None else _do_not_contact(contact, at),
    )


def _with_id(contact: Fields, values: dict[str, str]) -> dict[str, str]:
    return values | ({"external_id": text_of(contact["id"])} if text_of(contact.get("id")) else {})


def _do_not_contact(contact: Fields, at: datetime | None) -> dict[str, dict[str, Any]]:
    refused: dict[str, dict[str, Any]] = {}
    for entry in _objects(contact.get("doNotContact")):
        channel = {"email": "email", "sms": "phone", "phone": "phone"}.get(text_of(entry.get("channel")))
        if channel:
            refused[channel] = {"granted": False, "at": at.isoformat() if at else None, "how": "mautic do not contact"}
    return refused


def _utm_touch(tag: Fields, event: Fields) -> HeardTouch | None:
    at = time_of(tag.get("dateAdded")) or time_of(event.get("timestamp"))
    words = _utm_words(tag)
    if at is None or not words:
        return None
    return HeardTouch(
        at=at,
        kind="ad_click" if _utm(tag, "Medium").lower() in {"cpc", "ppc", "paid"} else "other",
        words=words,
        campaign=_utm(tag, "Campaign"),
        external_id=f"utm-{text_of(tag.get('id'))}" if text_of(tag.get("id")) else "",
        subject=_utm(tag, "Content")[:500],
    )


def _query_of(url: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(url).query, max_num_fields=100))
    except ValueError:
        return {}


def _utm_words(of: Fields) -> list[str]:
    return list(filter(None, (_utm(of, "Source"), _utm(of, "Medium"))))


def _utm(of: Fields, part: str) -> str:
    return text_of(of.get(f"utm{part}") or of.get(f"utm_{part.lower()}"))


def _fields(contact: Fields) -> Fields:
    """The contact's fields, group by group in `fields`; some versions put them flat."""
    groups = _object(contact, "fields")
    return {name: value for group in groups.values() if isinstance(group, dict) for name, value in group.items()}


def _values(fields: Fields) -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        yield str(name), value.get("value") if isinstance(value, dict) else value


def _object(of: Fields, *names: str) -> Fields:
    return next((of[name] for name in names if isinstance(of.get(name), dict)), {})


def _objects(value: object) -> list[Fields]:
    if isinstance(value, dict):
        value = list(value.values())
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
