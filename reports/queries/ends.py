"""How hand-offs ended, as of any instant: one that went on since, corrected or overruled, was over until then."""

from django.db.models import Exists, OuterRef, Q

from funnel.lifecycle import SALES_STAGES, Move
from funnel.models import HandOff
from reports.models import Stay
from reports.selection import Selection

ENDING = {
    HandOff.Outcome.REFUSED: Move.REFUSE,
    HandOff.Outcome.WITHDRAWN: Move.WITHDRAW,
    HandOff.Outcome.RECYCLED: Move.RECYCLE,
    HandOff.Outcome.WON: Move.WIN,
    HandOff.Outcome.LOST: Move.LOSE,
    HandOff.Outcome.NO_DECISION: Move.NO_DECISION,
    HandOff.Outcome.DISQUALIFIED: Move.DISQUALIFY,
}


def ended(selection: Selection, *outcomes: HandOff.Outcome, path: str = "") -> Q:
    """Hand-offs that were over, in one of these ways if any are named. `path`: from the rows to the hand-off's fact."""
    if selection.as_of is None:
        by_outcome = Q(**{f"{path}outcome__in": outcomes}) if outcomes else Q()
        return Q(**{f"{path}ended_at__isnull": False}) & by_outcome
    moves = [ENDING[one] for one in outcomes or ENDING]
    ends = Stay.objects.filter(hand_off=OuterRef("hand_off"), move__in=moves, entered_at__lte=selection.as_of)
    # A correction that leads back to marketing leaves the hand-off ended.
    return Q(Exists(ends.exclude(voided_at__lte=selection.as_of, left_to__in=SALES_STAGES)))
