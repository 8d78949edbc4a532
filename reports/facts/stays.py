"""The stages a lead was in, read off its moves. Pure.

What its author took back within minutes never was: neither the stay that it began nor the return. What a manager
corrected, or the signers overruled, counts until then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from funnel.lifecycle import Move, Stage

VOIDING = frozenset({Move.CORRECT, Move.OVERRULE})


@dataclass(frozen=True)
class Moved:
    """One row of `StageChange`. `at` as it happened."""

    seq: int
    move: str
    old: str
    new: str
    at: datetime
    hand_off_id: int | None = None
    reason_id: int | None = None
    inferred: bool = False


@dataclass
class Stayed:
    """`left` is the move that ended it; None while it lasts."""

    begun: Moved
    left: Moved | None = None
    voided_at: datetime | None = None
    first: bool = False

    @property
    def stage(self) -> Stage:
        return Stage(self.begun.new)

    @property
    def minutes(self) -> int | None:
        """Whole minutes; None while it lasts. Never negative: imported dates may share a day."""
        return max(int((self.left.at - self.begun.at).total_seconds() // 60), 0) if self.left else None


def stays_of(moves: Iterable[Moved]) -> Sequence[Stayed]:
    """`moves`: all of one lead, in the order of seq."""
    stays: list[Stayed] = []
    for move in moves:
        if move.move == Move.UNDO:
            _take_back(stays, move)
            continue
        if stays:
            stays[-1].left = move
            if move.move in VOIDING:
                stays[-1].voided_at = move.at
        stays.append(Stayed(move))
    _mark_first(stays)
    return stays


def _take_back(stays: list[Stayed], undo: Moved) -> None:
    """Back to the stay that the disposition ended; it may have made two moves at once."""
    while len(stays) > 1 and stays[-1].begun.new != undo.new:
        stays.pop()
    stays[-1].left, stays[-1].voided_at = None, None


def _mark_first(stays: Sequence[Stayed]) -> None:
    """No earlier one in the stage stands. One that was corrected counted until then, and the next one since."""
    seen: set[Stage] = set()
    for stay in stays:
        stay.first = stay.stage not in seen
        if stay.voided_at is None:
            seen.add(stay.stage)
