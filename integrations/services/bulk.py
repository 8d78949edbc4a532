"""Many leads in one call: in chunks, each of them wholly written or not at all, with an answer for every item."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from accounts.principals import Principal
from funnel.authority import Ignored
from funnel.identity import email_key
from funnel.inputs import LeadInput, Status
from funnel.services.receive import receive_leads
from integrations.services.ingest import Promotion, make_known, promote_lead
from integrations.services.retrying import retrying

CHUNK = 250


@dataclass(frozen=True, kw_only=True)
class Item:
    """One lead of a call. `promote`: it shall be handed to sales, though clauses fail for `override_reason`."""

    given: LeadInput
    promote: bool = False
    override_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of an item. `superseded_by`: the item of the call that says something later of the same person.

    `code`: why it was rejected; `ignored`: what of it was not taken.
    """

    status: str
    lead_id: int | None = None
    field: str = ""
    problem: str = ""
    code: str = ""
    ignored: Sequence[Ignored] = ()
    superseded_by: int | None = None
    promotion: Promotion | None = None


class NotAll(Exception):
    """One item was refused, so none was written."""

    def __init__(self, index: int, answer: Answer) -> None:
        self.index, self.answer = index, answer
        super().__init__(answer.problem)


SUPERSEDED = "superseded"


def ingest_leads(items: Sequence[Item], *, by: Principal, at: datetime, all_or_none: bool = False) -> list[Answer]:
    """Create or update the leads; the answers are in the items' order. Raises NotAll, and then nothing is written."""
    answers: dict[int, Answer] = {
        index: Answer(status=SUPERSEDED, superseded_by=later) for index, later in _superseded(items, at).items()
    }
    left = [index for index in range(len(items)) if index not in answers]
    if all_or_none:
        answers |= retrying(lambda: _write(items, left, by=by, at=at, all_or_none=True))
    else:
        for start in range(0, len(left), CHUNK):
            chunk = left[start : start + CHUNK]
            answers |= retrying(lambda chunk=chunk: _write(items, chunk, by=by, at=at))  # type: ignore[misc]
    return [answers[index] for index in range(len(items))]


@transaction.atomic
def _write(
    items: Sequence[Item], indexes: Sequence[int], *, by: Principal, at: datetime, all_or_none: bool = False
) -> dict[int, Answer]:
    received = receive_leads([items[index].given for index in indexes], by=by, at=at)
    named = zip(indexes, received, strict=True)
    make_known([one.lead for index, one in named if one.lead and not items[index].given.external_id], source=by.source)
    answers = {}
    for index, one in zip(indexes, received, strict=True):
        if one.lead is None:
            answers[index] = Answer(status=Status.REJECTED, field=one.field, problem=one.problem, code=one.code)
            if all_or_none:
                raise NotAll(index, answers[index])
            continue
        answers[index] = Answer(status=one.status, lead_id=one.lead.pk, ignored=one.ignored)
        item = items[index]
        if item.promote:
            promotion = promote_lead(one.lead, item.override_reason, by=by, at=at)
            answers[index] = replace(answers[index], promotion=promotion)
    return answers


def _superseded(items: Sequence[Item], at: datetime) -> dict[int, int]:
    """Of several items about one person the one of the latest time is taken, of the same time the last: its index."""
    last: dict[tuple[str, str], int] = {}
    for index in _by_time(items, at):
        for key in _keys(items[index].given):
            last[key] = index
    found: dict[int, int] = {}
    places = {index: place for place, index in enumerate(_by_time(items, at))}
    for index, item in enumerate(items):
        later = max((last[key] for key in _keys(item.given)), default=index, key=places.__getitem__)
        if later != index:
            found[index] = later
    return found


def _by_time(items: Sequence[Item], at: datetime) -> list[int]:
    return sorted(range(len(items)), key=lambda index: min(items[index].given.at or at, at))


def _keys(given: LeadInput) -> list[tuple[str, str]]:
    keys = [("external_id", given.external_id)] if given.external_id else []
    return [*keys, ("email", email_key(given.email))] if given.email else keys
