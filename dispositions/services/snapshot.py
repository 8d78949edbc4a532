"""How a lead stood before a disposition, and putting it back."""

from datetime import datetime
from typing import Any

from django.db import models

from funnel.models import HandOff, Lead

_LEAD_FIELDS = (
    "stage",
    "stage_entered_at",
    "owner_id",
    "team_id",
    "hand_off_id",
    "due_at",
    "due_clock",
    "clock_started_at",
    "sweep_at",
    "last_disposition_at",
    "next_action_at",
    "wake_at",
    "woken_at",
    "amount",
    "currency",
    "expected_close_on",
    "closed_on",
    "competitor",
)
_HAND_OFF_FIELDS = (
    "accepted_at",
    "first_attempt_at",
    "ended_at",
    "outcome",
    "attempts",
    "attempt_channels",
    "last_attempt_at",
    "attempts_on_last_day",
)


def snapshot(lead: Lead) -> dict[str, dict[str, Any]]:
    """Codes, times and amounts only; nothing personal. Ready for a JSON column."""
    hand_off = {name: _stored(lead.hand_off, name) for name in _HAND_OFF_FIELDS} if lead.hand_off else {}
    return {"lead": {name: _stored(lead, name) for name in _LEAD_FIELDS}, "hand_off": hand_off}


def _stored(row: models.Model, name: str) -> Any:
    """To the microsecond: Django's JSON encoder keeps milliseconds, by which no missed deadline is found again."""
    value = getattr(row, name)
    return value.isoformat() if isinstance(value, datetime) else value


def lead_values(before: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return _read(Lead, before["lead"])


def hand_off_values(before: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return _read(HandOff, before["hand_off"])


def _read(model: type[models.Model], stored: dict[str, Any]) -> dict[str, Any]:
    """JSON's strings as the columns' own types."""
    columns = {field.attname: field for field in model._meta.concrete_fields}
    return {name: columns[name].to_python(value) for name, value in stored.items()}
