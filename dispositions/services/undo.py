"""Taking a disposition back: a correcting row, never a deletion."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.principals import Principal
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.disputes import take_back
from dispositions.services.snapshot import hand_off_values, lead_values, snapshot
from funnel.bulk import insert_rows
from funnel.errors import NotAllowed
from funnel.lifecycle import Move, Stage
from funnel.models import Evidence, Flag, LeadEvent, StageChange
from funnel.services.changes import LeadChange, open_change

UNDO_WITHIN = timedelta(minutes=15)
_MOVED_ON = (
    LeadEvent.Kind.STAGE_CHANGED,
    LeadEvent.Kind.DISPOSITIONED,
    LeadEvent.Kind.ASSIGNED,
    LeadEvent.Kind.CORRECTED,
)
_MONEY = frozenset({"amount", "currency"})


@transaction.atomic
def undo_disposition(*, disposition_id: int, by: Principal, at: datetime) -> Disposition:
    """Put the lead back to where it stood: stage, owner, deadline, episode, attempts, and what was known of it.

    Raises Disposition.DoesNotExist for an unknown one, NotAllowed (with the sentence the user sees) for somebody
    else's, one older than 15 minutes, or one after which the lead has moved on.
    """
    taken_back = Disposition.objects.get(pk=disposition_id)
    check_undo(taken_back, by=by, at=at)
    change = open_change(taken_back.lead_id, by=by, at=at)
    _check_nothing_happened_since(change, taken_back)
    take_back(taken_back, at=at)
    _forget_evidence(taken_back)
    undo = Disposition(lead=change.lead, outcome=Outcome.UNDO, by_id=taken_back.by_id, at=at, corrects=taken_back)
    undo.before = snapshot(change.lead)
    undo.hand_off = taken_back.hand_off
    _restore(change, taken_back)
    undo.seq = undo.last_seq = change.record(LeadEvent.Kind.CORRECTED, undoes=taken_back.seq)
    _tell_move(change, undo)
    change.write()
    insert_rows([undo])
    return undo


def check_undo(taken_back: Disposition, *, by: Principal, at: datetime) -> None:
    """Raises NotAllowed."""
    if taken_back.by_id != by.user_id:
        raise NotAllowed("Only its author may take a disposition back.")
    if taken_back.outcome == Outcome.UNDO:
        raise NotAllowed("An undo cannot be undone. Record the outcome again.")
    if at - taken_back.at > UNDO_WITHIN:
        raise NotAllowed("A disposition can be taken back for 15 minutes. Ask your manager for a correction.")


def _check_nothing_happened_since(change: LeadChange, taken_back: Disposition) -> None:
    later = LeadEvent.objects.filter(lead=change.lead, seq__gt=taken_back.last_seq, kind__in=_MOVED_ON)
    if later.exists():
        raise NotAllowed("This lead has moved on since; it cannot be put back any more.")


def _forget_evidence(taken_back: Disposition) -> None:
    """What it taught was never learned. What its author added to it later bears its time too."""
    Evidence.objects.filter(lead=taken_back.lead_id, learned_at=taken_back.at, learned_by=taken_back.by_id).delete()


def _restore(change: LeadChange, taken_back: Disposition) -> None:
    old_stage = change.lead.stage
    values = lead_values(taken_back.before)
    # The deadline that the disposition set is gone: if it was missed meanwhile, that never was an episode.
    Flag.objects.filter(lead=change.lead, cleared_at=None).update(cleared_at=change.at, voided=True)
    episodes = Flag.objects.filter(lead=change.lead, cleared_at=taken_back.at, due_at=values["due_at"])
    episodes.update(cleared_at=None)
    if taken_back.hand_off:
        change.lead.hand_off = taken_back.hand_off
        change.set_hand_off(**hand_off_values(taken_back.before))
    edited = _edited_since(taken_back)
    change.set(**{name: value for name, value in values.items() if name not in edited})
    if old_stage != change.lead.stage:
        change.stage_changes.append(
            StageChange(
                lead=change.lead,
                hand_off=taken_back.hand_off,
                move=Move.UNDO,
                old=old_stage,
                new=Stage(change.lead.stage),
                at=change.at,
                recorded_at=change.at,
                by_id=change.by.user_id,
            )
        )


def _edited_since(taken_back: Disposition) -> set[str]:
    """What somebody has edited by hand meanwhile stays as it is; an amount goes with its currency."""
    edits = LeadEvent.objects.filter(lead=taken_back.lead_id, seq__gt=taken_back.last_seq, kind=LeadEvent.Kind.EDITED)
    edited = {name for data in edits.values_list("data", flat=True) for name in data["fields"]}
    return edited | _MONEY if edited & {*_MONEY, "expected_value"} else edited


def _tell_move(change: LeadChange, undo: Disposition) -> None:
    for row in change.stage_changes:
        row.seq = undo.last_seq = change.record(
            LeadEvent.Kind.STAGE_CHANGED, move=Move.UNDO, old=row.old, new=row.new, reason=None
        )
