"""What became of leads, from a file: so that a company starts with its past."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.principals import Principal
from accounts.services import People, PersonUnclear
from funnel.inputs import Past, Status
from funnel.lifecycle import CLOSED_STAGES, Stage
from funnel.models import Lead, Reason
from funnel.services.past import record_history
from integrations.imports.known_leads import KnownLeads
from integrations.imports.records import Answer, Record, RowRefused, check_currency, check_past
from integrations.imports.rights import WITH_SALES_NOW, out_of_hand, owner_for

# The furthest stage that a row has a date for is the one its lead has reached.
STAGE_DATES = {"qualified_at": Stage.SQL, "accepted_at": Stage.SAL, "mql_at": Stage.MQL}
DATES = (*STAGE_DATES, "closed_at")
PAST_FIELDS = (*DATES, "amount", "currency", "competitor")


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
        leads = KnownLeads(self._source, [record.values for record in prepared.values()])
        answers: dict[int, Answer] = {}
        found: dict[int, Lead] = {}
        for line, record in prepared.items():
            try:
                found[line] = leads.find(record.values)
            except RowRefused as refused:
                answers[line] = refused.answer
        refused_leads = out_of_hand(self._by, found.values())
        pasts: dict[int, Past] = {}
        for line, lead in found.items():
            if lead.pk in refused_leads:
                answers[line] = Answer(Status.REJECTED, "", WITH_SALES_NOW)
                continue
            try:
                pasts[line] = self._past(lead, prepared[line].values)
            except RowRefused as refused:
                answers[line] = refused.answer
        for lines in _rounds(pasts):
            received = record_history([pasts[line] for line in lines], by=self._by, recorded_at=self._at)
            answers |= {line: Answer.to(one) for line, one in zip(lines, received, strict=True)}
        return answers

    def recall(self, record: Record) -> None:
        """Nothing is to be known of rows that were written."""

    def forget(self) -> None:
        self._people = People()

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
            return owner_for(self._by, self._people, values["owner"])
        except PersonUnclear as unclear:
            raise RowRefused("owner", str(unclear)) from unclear


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
