"""Leads from a file. What a lead is and how it is found, `receive_leads` knows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.principals import Principal
from accounts.services import People, PersonUnclear, TeamRefused, Teams
from funnel.identity import InvalidEmail, email_key
from funnel.inputs import CompanyInput, LeadInput, Past, Received, Status
from funnel.lifecycle import Stage
from funnel.models import Campaign, Channel, Lead
from funnel.services.lookups import UNKNOWN_CHANNEL
from funnel.services.past import record_history
from funnel.services.receive import receive_leads
from integrations.imports.records import Answer, Record, RowRefused, check_currency, check_past
from integrations.imports.rights import check_stage, owner_for, team_for
from integrations.services.retrying import retrying

PLAIN_FIELDS = (
    "email",
    "external_id",
    "first_name",
    "last_name",
    "title",
    "phone",
    "channel",
    "campaign",
    "self_reported_source",
    "score",
    "expected_value",
    "currency",
    "created_at",
    "at",
)

# What the row says, and whose it shall be: sent to another process it is half as large as a LeadInput.
LeadRow = tuple[Mapping[str, Any], Mapping[str, Any]]


class LeadImporter:
    """The same person again in one file is refused: which of the two rows is right, nobody can know.

    So no two rows are about one lead, but where one of them names it by its address and the other by its id.
    """

    in_order = ("owner", "team", "stage")  # these make people and teams, and give leads to whose turn it is

    def __init__(self, *, source: str, by: Principal, at: datetime) -> None:
        self._source, self._by, self._at = source, by, at
        self._people, self._teams = People(), Teams()
        self._channels, self._campaigns = NewSlugs(Channel.objects.all()), NewSlugs(Campaign.objects.all())
        self._lines: dict[tuple[str, str], int] = {}

    def prepare(self, record: Record) -> LeadRow:
        self.recall(record)
        return record.values, self._responsible(record.values)

    def recall(self, record: Record) -> None:
        check_past(record.values, ["created_at", "at"], self._at)
        check_currency(record.values, "expected_value")
        check_stage(record.values, self._by)
        self._check_first(record)

    def forget(self) -> None:
        self._people, self._teams = People(), Teams()

    def write(self, prepared: Mapping[int, LeadRow]) -> Mapping[int, Answer]:
        answers = self._write(prepared)
        self.note(prepared)
        return answers

    def write_apart(self, prepared: Mapping[int, LeadRow]) -> Mapping[int, Answer]:
        return retrying(lambda: self._write(prepared, apart=True))

    def note(self, prepared: Mapping[int, LeadRow]) -> None:
        if prepared:
            self._channels.add({UNKNOWN_CHANNEL} | {said.get("channel", "") for said, _ in prepared.values()})
            self._campaigns.add({said.get("campaign", "") for said, _ in prepared.values()})

    def _write(self, prepared: Mapping[int, LeadRow], *, apart: bool = False) -> Mapping[int, Answer]:
        inputs = [self._input(*row) for row in prepared.values()]
        received = receive_leads(inputs, by=self._by, at=self._at, apart=apart)
        answers = dict(zip(prepared, received, strict=True))
        moved = self._reach_stages(answers, prepared)
        told = {line: Answer.to(one) for line, one in answers.items()}
        return {
            line: replace(one, status=Status.UPDATED) if one.status is Status.UNCHANGED and line in moved else one
            for line, one in told.items()
        }

    def created(self) -> Mapping[str, Sequence[str]]:
        return {
            "channels": self._channels.created,
            "campaigns": self._campaigns.created,
            "owners": [user.name for user in self._people.created],
            "teams": [team.name for team in self._teams.created],
        }

    def _check_first(self, record: Record) -> None:
        for field, key in _keys(record.values).items():
            first = self._lines.setdefault((field, key), record.line)
            if first != record.line:
                raise RowRefused(field, f"duplicate-in-file: line {first} names the same lead.")

    def _input(self, values: Mapping[str, Any], responsible: Mapping[str, Any]) -> LeadInput:
        company = _part(values, "company.")
        return LeadInput(
            source=self._source,
            company=CompanyInput(**company) if company else None,
            attributes=_part(values, "attributes."),
            **{field: values[field] for field in PLAIN_FIELDS if field in values},
            **responsible,
        )

    def _responsible(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        try:
            if "team" in values:
                found["team"] = team_for(self._by, self._teams, values["team"])
            if "owner" in values:
                found["owner"] = owner_for(self._by, self._people, values["owner"])
        except TeamRefused as refused:
            raise RowRefused("team", str(refused)) from refused
        except PersonUnclear as unclear:
            raise RowRefused("owner", str(unclear)) from unclear
        return found

    def _reach_stages(self, answers: Mapping[int, Received], prepared: Mapping[int, LeadRow]) -> set[int]:
        """Bring leads that marketing has done nothing with yet to the stages of their rows; answers which lines."""
        pasts: dict[int, Past] = {}
        lines: dict[int, int] = {}
        for line, answer in answers.items():
            said, _ = prepared[line]
            stage, lead = Stage(said.get("stage", Stage.INQUIRY)), answer.lead
            if lead and stage is not Stage.INQUIRY and _is_untouched(lead) and lead.pk not in lines:
                lines[lead.pk] = line
                pasts[line] = self._past(lead, stage, said.get("created_at") or self._at)
        new = {answer.lead.pk for answer in answers.values() if answer.lead and answer.status is Status.CREATED}
        record_history(list(pasts.values()), by=self._by, recorded_at=self._at, created=new)
        return set(pasts)

    def _past(self, lead: Lead, stage: Stage, since: datetime) -> Past:
        """A lead that arrives as an MQL was handed over then; of later stages the file does not say when."""
        at = max(since, lead.stage_entered_at)
        return Past(lead=lead, outcome=stage, mql_at=at if stage is Stage.MQL else None)


class NewSlugs:
    """Which slugs of a list were not there when the import began."""

    def __init__(self, rows: QuerySet[Channel] | QuerySet[Campaign]) -> None:
        self.created: list[str] = []
        self._known = set(rows.values_list("slug", flat=True))

    def add(self, slugs: set[str]) -> None:
        new = sorted(slugs - self._known - {""})
        self.created += new
        self._known.update(new)


def _keys(values: Mapping[str, Any]) -> dict[str, str]:
    """By what the lead is found, spellings that mean the same made equal."""
    keys = {}
    if "external_id" in values:
        keys["external_id"] = values["external_id"]
    if "email" in values:
        try:
            keys["email"] = email_key(values["email"])
        except InvalidEmail as error:
            raise RowRefused("email", str(error)) from error
    return keys


def _part(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {field.removeprefix(prefix): value for field, value in values.items() if field.startswith(prefix)}


def _is_untouched(lead: Lead) -> bool:
    return lead.stage == Stage.INQUIRY and lead.cycle == 0
