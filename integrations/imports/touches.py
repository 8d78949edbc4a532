"""What marketing did with leads, from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from accounts.principals import Principal
from funnel.inputs import Status, TouchInput
from funnel.models import Campaign, Channel, Lead
from funnel.services.lookups import UNKNOWN_CHANNEL
from integrations.imports.known_leads import KnownLeads
from integrations.imports.leads import NewSlugs
from integrations.imports.records import Answer, Record, RowRefused, check_past
from integrations.services.touches import ToldTouch, tell

LEAD_FIELDS = ("lead_external_id", "email")


class TouchImporter:
    """A touch is known by (source, external id); one without an id of its own by all that its row says."""

    def __init__(self, *, source: str, by: Principal, at: datetime) -> None:
        self._source, self._by, self._at = source, by, at
        self._channels, self._campaigns = NewSlugs(Channel.objects.all()), NewSlugs(Campaign.objects.all())
        self._lines: dict[str, int] = {}

    def prepare(self, record: Record) -> Record:
        self.recall(record)
        return record

    def recall(self, record: Record) -> None:
        values = record.values
        if not values.keys() & set(LEAD_FIELDS):
            raise RowRefused("", "Give the lead's external id (lead_external_id) or e-mail address.")
        if "at" not in values:
            raise RowRefused("at", "Give the time of the touch.")
        check_past(values, ["at"], self._at)
        self._lines.setdefault(_id_of(values), record.line)

    def forget(self) -> None:
        """Nothing that was written is kept in mind."""

    def write(self, prepared: Mapping[int, Record]) -> Mapping[int, Answer]:
        leads = KnownLeads(self._source, [one.values for one in prepared.values()], id_field="lead_external_id")
        answers: dict[int, Answer] = {}
        told: dict[int, ToldTouch] = {}
        for line, record in prepared.items():
            try:
                lead = leads.find(record.values)
            except RowRefused as refused:
                answers[line] = refused.answer
                continue
            if self._lines[_id_of(record.values)] == line:
                told[line] = _touch(lead, record.values)
            else:
                answers[line] = Answer(Status.UNCHANGED)  # told by a row above
        heard = tell(list(told.values()), by=replace(self._by, source=self._source), at=self._at)
        if told:
            self._channels.add({one.touch.channel or UNKNOWN_CHANNEL for one in told.values()})
            self._campaigns.add({one.touch.campaign for one in told.values()})
        return answers | {
            line: Answer(Status.CREATED if one.added else Status.UNCHANGED, lead_id=one.lead_id)
            for line, one in zip(told, heard, strict=True)
        }

    def created(self) -> Mapping[str, Sequence[str]]:
        return {"channels": self._channels.created, "campaigns": self._campaigns.created}


def _touch(lead: Lead, values: Mapping[str, Any]) -> ToldTouch:
    said = {field: values[field] for field in ("kind", "campaign", "subject") if field in values}
    touch = TouchInput(at=values["at"], channel=values.get("channel", ""), external_id=_id_of(values), **said)
    return ToldTouch(touch=touch, lead_id=lead.pk)


def _id_of(values: Mapping[str, Any]) -> str:
    """The touch's own; without one a digest, so that the same row again is the same touch."""
    if "external_id" in values:
        return str(values["external_id"])
    said = "\x1f".join(f"{field}={values[field]}" for field in sorted(values))
    return f"row:{sha256(said.encode()).hexdigest()[:32]}"
