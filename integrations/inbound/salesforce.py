"""Salesforce Web-to-Lead: a form post of a browser. Nothing is signed; the hook's address and the `oid` are the key."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from integrations.inbound.message import (
    WINDOW,
    BadSignature,
    Heard,
    HeardTouch,
    Message,
    Unreadable,
    check_any,
    mapped,
)

FIELDS = {
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "title": "title",
    "phone": "phone",
    "mobile": "phone",
    "company": "company.name",
    "URL": "company.domain",
    "employees": "company.employees",
    "revenue": "company.annual_revenue",
    "country_code": "company.country",
}
# Boxes that somebody ticks who does not want to be written to or called.
OPT_OUTS = {"emailOptOut": "email", "doNotCall": "phone"}
TICKED = frozenset({"1", "on", "true", "yes"})
MOST_FIELDS = 300


class SalesforceWebToLead:
    repeats_after: timedelta | None = WINDOW

    def verify(self, message: Message, *, now: datetime) -> str:  # noqa: ARG002  # a form has no time
        try:
            oid = form_of(message).get("oid", "")
        except Unreadable as error:
            raise BadSignature from error
        check_any(oid.encode(), (secret.encode() for secret in message.secrets))
        return ""

    def read(self, message: Message) -> list[Heard]:
        form = form_of(message)
        campaign, described = form.get("Campaign_ID", ""), form.get("description", "")
        words = [form["lead_source"]] if form.get("lead_source") else []
        values = mapped(form, {**FIELDS, **message.field_map}) | ({"campaign": campaign} if campaign else {})
        touch = HeardTouch(at=message.received_at, kind="form", words=words, campaign=campaign, subject=described[:500])
        consent = {
            channel: {"granted": False, "at": message.received_at.isoformat(), "how": f"web form: {box}"}
            for box, channel in OPT_OUTS.items()
            if form.get(box, "").lower() in TICKED
        }
        return [Heard(event="web-to-lead", values=values, words=words, touches=[touch], consent=consent)]


def form_of(message: Message) -> dict[str, str]:
    """The fields of the post, the first of each name. Raises Unreadable."""
    try:
        pairs = parse_qsl(message.body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (ValueError, UnicodeDecodeError) as error:
        raise Unreadable("The body is not a form in UTF-8.") from error
    form: dict[str, str] = {}
    for name, value in pairs:
        form.setdefault(name, value.strip())
    return form


def return_url(form: Mapping[str, str], allowed_hosts: object) -> str:
    """Where the browser goes on: `retURL`, where its host is one that the source allows; else nowhere."""
    url = form.get("retURL", "")
    hosts = allowed_hosts if isinstance(allowed_hosts, list) else []
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_plain = parts.scheme in {"http", "https"} and "\\" not in url and not parts.username
    return url if is_plain and parts.hostname in hosts else ""
