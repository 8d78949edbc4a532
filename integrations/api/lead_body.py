"""What a caller may say of a lead, and how it becomes the input of the services."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from funnel.attributes import Attribute
from funnel.identity import OWN_NAME_PREFIX
from funnel.inputs import CompanyInput, LeadInput, TouchInput
from funnel.lifecycle import Stage
from funnel.models import Touch
from integrations.api.fields import (
    Choice,
    Country,
    Currency,
    Domain,
    Email,
    Integer,
    LongText,
    Moment,
    Money,
    Naics,
    Phone,
    Slug,
    Text,
    TrueOrFalse,
)
from integrations.api.strict import StrictSerializer

MOST_TOUCHES = 100
WRITABLE_STAGES = (Stage.INQUIRY, Stage.NURTURE, Stage.MQL)


NOT_WRITABLE = frozenset(
    {
        *("id", "owner", "team", "version", "ledger_seq", "hand_off", "due_at", "black_hole", "stale"),
        *("created_at", "updated_at", "amount", "is_staff", "role", "tenant", "merged_into"),
    }
)


class CompanyBody(StrictSerializer):
    name = Text(200)
    domain = Domain()
    naics = Naics()
    annual_revenue = Money(whole_digits=14)
    employees = Integer(min_value=0)
    locations = Integer(min_value=0)
    country = Country()


class PermissionBody(StrictSerializer):
    granted = TrueOrFalse()
    at = Moment(required=False, allow_null=True)
    how = Text(200)


class ConsentBody(StrictSerializer):
    email = PermissionBody(required=False, allow_null=True)
    phone = PermissionBody(required=False, allow_null=True)


class AttributesBody(StrictSerializer):
    """The ten attributes of a qualified lead: slug -> what is known of it."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {attribute.value: LongText(2000, help_text=attribute.label) for attribute in Attribute}


class TouchBody(StrictSerializer):
    at = Moment()
    channel = Slug(required=True)
    kind = Choice(choices=Touch.Kind.choices, default=Touch.Kind.OTHER)
    campaign = Slug()
    external_id = Text(200, help_text="Your own id of the touch: told again, it is not counted again.")
    subject = Text(500, help_text="What the person read, searched or asked.")


AT_HELP = (
    "When all this was so in your system; without it, now. Of what several say of a field the latest counts, whatever "
    "came first."
)


class LeadPatch(StrictSerializer):
    """What a PATCH may change: what marketing knows of a lead. Null and what is left out stay as they are."""

    not_writable = NOT_WRITABLE | {"email", "external_id", "source", "channel", "stage", "override_reason", "touches"}

    at = Moment(required=False, allow_null=True, help_text=AT_HELP)
    first_name = Text(100)
    last_name = Text(100)
    title = Text(150)
    phone = Phone()
    company = CompanyBody(required=False, allow_null=True)
    campaign = Slug(help_text="Where none is known yet.")
    self_reported_source = Text(200)
    score = Integer()
    expected_value = Money(whole_digits=12)
    currency = Currency()
    consent = ConsentBody(required=False, allow_null=True)
    attributes = AttributesBody(required=False, allow_null=True)


def _said_in_schema(name: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"type": "string"}}}


class LeadBody(StrictSerializer):
    not_writable = NOT_WRITABLE
    also_in_schema = {"anyOf": [_said_in_schema("email"), _said_in_schema("external_id")]}

    email = Email()
    external_id = Text(200, help_text="Your system's own id of the lead.")
    source = Text(  # type: ignore[assignment]  # a declared field, which REST framework takes off the class
        50, help_text="Your system. The key says it too; the two must agree."
    )
    at = Moment(required=False, allow_null=True, help_text=AT_HELP)
    first_name = Text(100)
    last_name = Text(100)
    title = Text(150)
    phone = Phone()
    company = CompanyBody(required=False, allow_null=True)
    channel = Slug(help_text="Where the lead came from; a new lead's first channel stays.")
    campaign = Slug()
    self_reported_source = Text(200)
    score = Integer()
    expected_value = Money(whole_digits=12)
    currency = Currency()
    consent = ConsentBody(required=False, allow_null=True)
    attributes = AttributesBody(required=False, allow_null=True)
    stage = Choice(choices=[(stage.value, stage.label) for stage in WRITABLE_STAGES], required=False, allow_null=True)
    override_reason = Text(500, help_text="With stage mql: why it shall go to sales though clauses fail.")
    touches = serializers.ListField(child=TouchBody(), required=False, allow_null=True, max_length=MOST_TOUCHES)

    def validate_external_id(self, external_id: str | None) -> str | None:
        if external_id and external_id.startswith(OWN_NAME_PREFIX):
            raise ValidationError(f"Ids that begin with {OWN_NAME_PREFIX} are LeadFlow's own.", "reserved-id")
        return external_id

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("email") and not attrs.get("external_id"):
            raise ValidationError({"email": [ErrorDetail("Give an email or an external_id.", "key-required")]})
        if attrs.get("expected_value") is not None and not attrs.get("currency"):
            raise ValidationError(
                {"currency": [ErrorDetail("Say the currency of expected_value.", "unknown-currency")]}
            )
        return attrs


_PLAIN = (
    *("email", "external_id", "first_name", "last_name", "title", "phone", "channel", "campaign"),
    *("self_reported_source", "score", "expected_value", "currency", "at"),
)


def lead_input(body: Mapping[str, Any], source: str) -> LeadInput:
    """A valid body as the services take it; null and what was left out are alike not said."""
    company = body.get("company")
    return LeadInput(
        source=source,
        company=CompanyInput(**_said(company)) if company else None,
        consent=_consent(body.get("consent") or {}),
        attributes=_said(body.get("attributes") or {}),
        touches=tuple(touch_input(touch) for touch in body.get("touches") or ()),
        stage=Stage.NURTURE if body.get("stage") == Stage.NURTURE else Stage.INQUIRY,
        **_said({name: body.get(name) for name in _PLAIN}),
    )


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def touch_input(touch: Mapping[str, Any]) -> TouchInput:
    """A valid touch as the services take it."""
    return TouchInput(**_said(touch))


def _consent(consent: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept in JSON: times in ISO 8601."""
    return {
        channel: {name: value.isoformat() if name == "at" else value for name, value in _said(permission).items()}
        for channel, permission in _said(consent).items()
    }
