"""The rule book: the stages of a lead, every allowed move, who may make it and what it needs.

Every channel (page, API, hook, job, admin) moves leads through `funnel.services.move_lead`, which asks this table.
`docs/lifecycle.md` is generated from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import models


class Stage(models.TextChoices):
    INQUIRY = "inquiry", "Inquiry"
    NURTURE = "nurture", "Nurture"
    MQL = "mql", "MQL"
    SAL = "sal", "SAL"
    SQL = "sql", "SQL"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    NO_DECISION = "no_decision", "No decision"
    DISQUALIFIED = "disqualified", "Disqualified"


OPEN_STAGES = (Stage.INQUIRY, Stage.NURTURE, Stage.MQL, Stage.SAL, Stage.SQL)
CLOSED_STAGES = (Stage.WON, Stage.LOST, Stage.NO_DECISION, Stage.DISQUALIFIED)
MARKETING_STAGES = frozenset({Stage.INQUIRY, Stage.NURTURE})
SALES_STAGES = frozenset({Stage.MQL, Stage.SAL, Stage.SQL})


class Party(StrEnum):
    """Who may make a move. A manager may do in his subtree all that sales may; an admin anything, with a reason."""

    MARKETING = "marketing"
    SALES = "sales"
    MANAGER = "manager"
    OWNER = "its owner in sales"
    SIGNERS = "both signers"
    AUTHOR = "author of the disposition"


class Need(StrEnum):
    """What a move asks for before it is made."""

    AGREEMENT = "an agreement in force"
    CLAUSES = "every clause met, or an override reason"
    REASON = "reason"
    FAILED_CLAUSES = "the clauses that fail, with evidence"
    BANT = "budget, authority, need and timeframe known"
    AMOUNT = "amount and currency"
    EXPECTED_CLOSE = "expected close date"
    CLOSE_DATE = "close date"
    WAKE_AT = "wake-up date"
    ATTEMPTS = "the agreed attempts, where the reason is “unable to reach”"
    BLOCKER = "the buy-in blocker as the reason"
    DISPUTE = "the dispute"
    RECENT = "within 15 minutes, while nothing moved since"


class Move(StrEnum):
    """Why a lead changes its stage. Two moves may join the same stages: a promotion is not an overruling."""

    PROMOTE = "promote"
    PARK = "park"
    DISCARD = "discard"
    SELF_SOURCE = "self-source"
    ACCEPT = "accept"
    REFUSE = "refuse"
    QUALIFY = "qualify"
    RECYCLE = "recycle"
    DISQUALIFY = "disqualify"
    WIN = "win"
    LOSE = "lose"
    NO_DECISION = "no decision"
    WITHDRAW = "withdraw"
    STEP_BACK = "step back"
    REOPEN = "reopen"
    CORRECT = "correct"
    OVERRULE = "overrule"
    UNDO = "undo"


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    move: Move
    old: Stage
    new: Stage
    by: frozenset[Party]
    needs: tuple[Need, ...] = ()


def _rows(move: Move, old: Iterable[Stage], new: Stage, by: Iterable[Party], *needs: Need) -> tuple[Transition, ...]:
    return tuple(Transition(move, stage, new, frozenset(by), needs) for stage in old)


_MARKETING, _SALES = (Party.MARKETING,), (Party.SALES,)

TRANSITIONS: tuple[Transition, ...] = (
    *_rows(Move.PROMOTE, (Stage.INQUIRY, Stage.NURTURE), Stage.MQL, _MARKETING, Need.AGREEMENT, Need.CLAUSES),
    *_rows(Move.PARK, (Stage.INQUIRY,), Stage.NURTURE, _MARKETING, Need.REASON),
    *_rows(Move.DISCARD, (Stage.INQUIRY, Stage.NURTURE), Stage.DISQUALIFIED, _MARKETING, Need.REASON),
    *_rows(Move.SELF_SOURCE, (Stage.INQUIRY,), Stage.SAL, (Party.OWNER,)),
    *_rows(Move.ACCEPT, (Stage.MQL,), Stage.SAL, _SALES),
    *_rows(Move.REFUSE, (Stage.MQL,), Stage.NURTURE, _SALES, Need.REASON, Need.FAILED_CLAUSES),
    *_rows(Move.REFUSE, (Stage.MQL,), Stage.DISQUALIFIED, _SALES, Need.REASON, Need.FAILED_CLAUSES),
    *_rows(Move.QUALIFY, (Stage.SAL,), Stage.SQL, _SALES, Need.BANT, Need.AMOUNT, Need.EXPECTED_CLOSE),
    *_rows(Move.RECYCLE, (Stage.SAL, Stage.SQL), Stage.NURTURE, _SALES, Need.REASON, Need.WAKE_AT, Need.ATTEMPTS),
    *_rows(Move.DISQUALIFY, (Stage.SAL,), Stage.DISQUALIFIED, _SALES, Need.REASON),
    *_rows(Move.LOSE, (Stage.SAL, Stage.SQL), Stage.LOST, _SALES, Need.REASON),
    *_rows(Move.NO_DECISION, (Stage.SAL,), Stage.NO_DECISION, _SALES, Need.REASON),
    *_rows(Move.NO_DECISION, (Stage.SQL,), Stage.NO_DECISION, _SALES, Need.BLOCKER),
    *_rows(Move.WITHDRAW, (Stage.MQL,), Stage.INQUIRY, _MARKETING, Need.REASON),
    *_rows(Move.STEP_BACK, (Stage.SQL,), Stage.SAL, _SALES, Need.REASON),
    *_rows(Move.WIN, (Stage.SQL,), Stage.WON, _SALES, Need.AMOUNT, Need.CLOSE_DATE),
    *_rows(
        Move.REOPEN,
        (Stage.LOST, Stage.NO_DECISION),
        Stage.NURTURE,
        (Party.MARKETING, Party.MANAGER),
        Need.WAKE_AT,
    ),
    *_rows(Move.CORRECT, (Stage.DISQUALIFIED,), Stage.INQUIRY, (Party.MANAGER,), Need.REASON),
    *_rows(Move.CORRECT, (Stage.WON, Stage.LOST, Stage.NO_DECISION), Stage.SQL, (Party.MANAGER,), Need.REASON),
    *_rows(Move.OVERRULE, (Stage.NURTURE, Stage.DISQUALIFIED), Stage.MQL, (Party.SIGNERS,), Need.DISPUTE),
)

HAND_OFF_MOVES = frozenset({Move.PROMOTE})


class InvalidTransition(Exception):
    """The table has no such move. The sentence names what is possible instead."""

    def __init__(self, old: Stage, new: Stage) -> None:
        self.old, self.new = old, new
        allowed = ", ".join(stage.label for stage in reachable(old)) or "nothing"
        super().__init__(f"A lead cannot go from {old.label} to {new.label}. From {old.label} it can go to: {allowed}.")


class NotAllowed(Exception):
    """The move exists, but not for this person. The sentence says whose it is."""


def reachable(old: Stage) -> list[Stage]:
    """The stages a lead can be moved to from `old`, in the order of the funnel; undo apart."""
    reached = {row.new for row in TRANSITIONS if row.old == old}
    return [stage for stage in Stage if stage in reached]


def find_transition(old: Stage, new: Stage, move: Move | None = None) -> Transition:
    """The row for this move; without `move` the everyday one, the first in the table. Raises InvalidTransition."""
    for row in TRANSITIONS:
        if row.old == old and row.new == new and move in {None, row.move}:
            return row
    raise InvalidTransition(old, new)


def check_party(transition: Transition, parties: frozenset[Party]) -> None:
    """Raises NotAllowed with the sentence the user sees."""
    if not transition.by & parties:
        whose = " or ".join(sorted(transition.by))
        raise NotAllowed(f"Only {whose} may move a lead from {transition.old.label} to {transition.new.label}.")
