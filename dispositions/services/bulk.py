"""The same for many leads: what happened to them, or a new owner. Each lead in a transaction of its own.

A disposition given to many leads is what sales says of each of them, with its reason, and so it stops their clocks.
Edits and reassignments in bulk never do. What only work on the one lead can know is not offered for many: an attempt or
a conversation, which would stop clocks without work, accepting, and all that asks for the lead's own facts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, connection

from accounts.formats import whole
from accounts.models import User
from accounts.principals import Principal
from dispositions.outcomes import Outcome, OutcomeNotPossible
from dispositions.services.record import Statement, record_disposition
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed, StaleVersion
from funnel.lifecycle import Stage
from funnel.models import Lead
from funnel.services.reassign import reassign_lead

MOST = 500
OUTCOMES = (Outcome.REFUSE, Outcome.RECYCLE, Outcome.DISQUALIFY, Outcome.LOST, Outcome.NO_DECISION)
NOT_FOUND = "There is no such lead among yours."


class BulkRefused(Exception):
    """Nothing was done to any lead. The sentence says why."""


@dataclass(frozen=True)
class Result:
    """What became of one lead. `lead` as it was before; none where `by` sees no such lead."""

    lead_id: int
    lead: Lead | None
    done: bool
    text: str


def bulk_disposition(*, lead_ids: Sequence[int], statement: Statement, by: Principal, at: datetime) -> list[Result]:
    """Record the same for up to 500 leads; the answers are in their order, each lead once.

    Raises BulkRefused for an outcome that is not said of many, or for too many leads; then nothing was done.
    """
    if statement.outcome not in OUTCOMES:
        raise BulkRefused(f"“{statement.outcome.label}” is said of one lead at a time: open it.")

    def say(lead_id: int) -> str:
        said = record_disposition(lead_id=lead_id, statement=statement, by=by, at=at)
        return f"{said.get_outcome_display()}: now {Stage(said.lead.stage).label}."

    return _each(lead_ids, by, say)


def bulk_reassign(*, lead_ids: Sequence[int], to: User, by: Principal, at: datetime) -> list[Result]:
    """Give up to 500 leads to one rep, as `bulk_disposition`. Raises BulkRefused."""

    def give(lead_id: int) -> str:
        lead = reassign_lead(lead_id=lead_id, to=to, by=by, at=at)
        return f"With {lead.owner.name if lead.owner else 'nobody'} now."

    return _each(lead_ids, by, give)


def _each(lead_ids: Sequence[int], by: Principal, act: Callable[[int], str]) -> list[Result]:
    ids = list(dict.fromkeys(lead_ids))
    if not ids:
        raise BulkRefused("No lead is chosen: tick those you mean.")
    if len(ids) > MOST:
        raise BulkRefused(f"{whole(len(ids))} leads are chosen: {MOST} at most at a time.")
    known = Lead.objects.visible_to(by).select_related("company").in_bulk(ids)
    return [_one(pk, known.get(pk), act) for pk in ids]


def _one(lead_id: int, lead: Lead | None, act: Callable[[int], str]) -> Result:
    if lead is None:
        return Result(lead_id, None, done=False, text=NOT_FOUND)
    try:
        return Result(lead_id, lead, done=True, text=act(lead_id))
    except Lead.DoesNotExist:  # it has left the scope in this very moment
        return Result(lead_id, None, done=False, text=NOT_FOUND)
    except MissingNeeds as missing:
        text = " ".join(missing.fields.values())
    except (StaleVersion, OutcomeNotPossible, InvalidTransition, NotAllowed) as refused:
        text = str(refused)
    except OperationalError:
        if not connection.is_usable():
            raise
        text = "Somebody else is changing it right now: try it again."
    return Result(lead_id, lead, done=False, text=text)
