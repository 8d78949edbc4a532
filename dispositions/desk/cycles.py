"""The earlier passages of a lead through sales: what became of each, for whoever gets it again."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from funnel.models import HandOff, Lead, StageChange


@dataclass(frozen=True)
class Cycle:
    """One hand-off that is over. `reason` and `by` are empty where nobody said them."""

    number: int
    opened_at: datetime
    ended_at: datetime
    outcome: str
    reason: str
    by: str
    attempts: int
    reason_slug: str = ""


def earlier_cycles(lead: Lead) -> list[Cycle]:
    """The latest cycle first. One query; none for a lead in its first."""
    if lead.cycle <= (1 if lead.hand_off_id else 0):
        return []
    over = StageChange.objects.filter(lead=lead, hand_off__ended_at__isnull=False).exclude(hand_off=lead.hand_off_id)
    moves = over.select_related("hand_off", "reason", "by").order_by("seq")
    last = {move.hand_off: move for move in moves if move.hand_off}
    return [_cycle(hand_off, last[hand_off]) for hand_off in sorted(last, key=attrgetter("number"), reverse=True)]


def _cycle(hand_off: HandOff, end: StageChange) -> Cycle:
    return Cycle(
        number=hand_off.number,
        opened_at=hand_off.opened_at,
        ended_at=hand_off.ended_at or hand_off.opened_at,
        outcome=hand_off.get_outcome_display(),
        reason=end.reason.label if end.reason else "",
        by=end.by.name if end.by else "",
        attempts=hand_off.attempts,
        reason_slug=end.reason.slug if end.reason else "",
    )
