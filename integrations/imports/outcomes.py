"""What became of leads, from a file: so that a company starts with its past."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.principals import Principal
from accounts.roles import Role
from accounts.services import People, PersonUnclear
from funnel.identity import InvalidEmail, email_key
from funnel.inputs import Past
from funnel.lifecycle import CLOSED_STAGES, Stage
from funnel.models import Lead, LeadIdentity, Reason
from funnel.services.past import record_history
from integrations.imports.records import Answer, Record, RowRefused, check_currency, check_past

# The furthest stage that a row has a date for is the one its lead has reached.
STAGE_DATES = {"qualified_at": Stage.SQL, "accepted_at": Stage.SAL, "mql_at": Stage.MQL}
DATES = (*STAGE_DATES, "closed_at")
PAST_FIELDS = (*DATES, "amount", "currency", "competitor")

UNKNOWN_LEAD = "No lead is known by this: import the leads first."


class OutcomeImporter:
    """A lead may have several rows, one for each stage: they are written in the file's order."""

    def __init__(self, *, source: str, by: Principal, at: datetime) -> None:
        self._source, self._by, self._at = source, by, at
        self._people = People()
        self._reasons = {reason.slug: reason for reason in Reason.objects.all()}

    def prepare(self, record: Record) -> Record:
        values = record.values
        if not values.keys() & {"external_id", "email"}:
            raise RowRefused("", "Give the lead's external id or e-mail address.")
        check_past(values, DATES, self._at)
        check_currency(values, "amount")
        return Record(record.line, {**values, "outcome": _outcome(values)})

    def write(self, prepared: Mapping[int, Record]) -> Mapping[int, Answer]:
        leads = _Leads(self._source, [record.values for record in prepared.values()])
        answers: dict[int, Answer] = {}
        pasts: dict[int, Past] = {}
        for line, record in prepared.items():
            try:
                pasts[line] = self._past(leads.find(record.values), record.values)
            except RowRefused as refused:
                answers[line] = refused.answer
        for lines in _rounds(pasts):
            received = record_history([pasts[line] for line in lines], by=self._by, recorded_at=self._at)
            answers |= {line: Answer.to(one) for line, one in zip(lines, received, strict=True)}
        return answers

    def created(self) -> Mapping[str, Sequence[str]]:
        return {"owners": [user.name for user in self._people.created]}

    def _past(self, lead: Lead, values: Mapping[str, Any]) -> Past:
        return Past(
            lead=lead,
            outcome=values["outcome"],
            reason=self._reasons.get(values.get("reason", "")),
            owner=self._owner(values),
            **{field: values[field] for field in PAST_FIELDS if field in values},
        )

    def _owner(self, values: Mapping[str, Any]) -> User | None:
        if "owner" not in values:
            return None
        try:
            return self._people.named_or_new(values["owner"], role=Role.REP)
        except PersonUnclear as unclear:
            raise RowRefused("owner", str(unclear)) from unclear


class _Leads:
    """The leads that rows name, found with two queries for all of them."""

    def __init__(self, source: str, rows: Sequence[Mapping[str, Any]]) -> None:
        identities = LeadIdentity.objects.filter(
            source=source, external_id__in=[values["external_id"] for values in rows if "external_id" in values]
        )
        self._by_id = {one.external_id: one.lead for one in identities.select_related("lead")}
        keys = [_email_key(values["email"]) for values in rows if "email" in values]
        named = Lead.objects.filter(email_key__in=keys).select_related("merged_into")
        self._by_email = {lead.email_key: lead.merged_into or lead for lead in named}

    def find(self, values: Mapping[str, Any]) -> Lead:
        """Raises RowRefused."""
        by_id = self._by_id.get(values.get("external_id", ""))
        by_email = self._by_email.get(_email_key(values["email"])) if "email" in values else None
        if by_id and by_email and by_id != by_email:
            raise RowRefused("external_id", "The e-mail address and the external id belong to two different leads.")
        lead = by_id or by_email
        if lead is None:
            raise RowRefused("external_id" if "external_id" in values else "email", UNKNOWN_LEAD)
        return lead


def _email_key(address: str) -> str:
    """Empty for what no lead can have."""
    try:
        return email_key(address)
    except InvalidEmail:
        return ""


def _outcome(values: Mapping[str, Any]) -> Stage:
    if "outcome" in values:
        outcome = Stage(values["outcome"])
        if "closed_at" in values and outcome not in CLOSED_STAGES:
            raise RowRefused("outcome", f"{outcome.label} is open, but the row has the date of its close.")
        return outcome
    if "closed_at" in values:
        raise RowRefused("closed_at", "Give the outcome: how the lead was closed.")
    for field, stage in STAGE_DATES.items():
        if field in values:
            return stage
    raise RowRefused("", "Give an outcome, or the date of a stage.")


def _rounds(pasts: Mapping[int, Past]) -> Iterable[list[int]]:
    """The lines in rounds in which no lead comes twice: `record_history` takes one past a lead in each call."""
    rounds: list[list[int]] = []
    seen: dict[int, int] = {}
    for line, past in pasts.items():
        number = seen.get(past.lead.pk, 0)
        seen[past.lead.pk] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(line)
    return rounds
