"""The reasons of an outcome as its panel offers them: each with what follows from it, and with its digit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.utils import timezone

from accounts.formats import day
from dispositions.buying_decision.state import held_back
from dispositions.desk.clauses import ClauseFound
from dispositions.models import BuyIn
from dispositions.outcomes import Outcome
from dispositions.refusal import unmet, usual_clause
from funnel.models import HandOff, Reason
from funnel.persistence import Progress

BLOCKED = "blocked_"  # the reasons of “no decision” that name a blocker
UNABLE_TO_REACH = "unable_to_reach"


@dataclass(frozen=True, kw_only=True)
class ReasonChoice:
    """`clause`: what a refusal for it cites where the rep marks none. `wake_on`: when the lead wakes where he names no
    date. `holds`: whom the buy-in map says it holds. `shut`: why it cannot be given yet.
    """

    reason: Reason
    clause: int | None = None
    wake_on: date | None = None
    holds: str = ""
    shut: str = ""

    @cached_property
    def remark(self) -> str:
        """What its button adds, in the reader's formats."""
        if self.shut:
            return ""
        if self.wake_on:
            return f"wakes {day(self.wake_on)}"
        return f"holds {self.holds}" if self.holds else f"clause {self.clause}" if self.clause else ""


def refusing(reasons: Sequence[Reason], hand_off: HandOff | None, found: Sequence[ClauseFound]) -> list[ReasonChoice]:
    """Where clauses were found unmet those are cited, whatever the reason."""
    if hand_off is None or not found or unmet(hand_off):
        return [ReasonChoice(reason=reason) for reason in reasons]
    clauses = [one.clause for one in found]
    return [ReasonChoice(reason=reason, clause=usual_clause(reason, clauses)) for reason in reasons]


def recycling(reasons: Sequence[Reason], progress: Progress | None, now: datetime) -> list[ReasonChoice]:
    """Each with the date that it proposes."""
    return [
        ReasonChoice(
            reason=reason,
            wake_on=_wake_on(reason, now),
            shut=progress.shut if progress and reason.slug == UNABLE_TO_REACH else "",
        )
        for reason in reasons
    ]


def deciding_nothing(reasons: Sequence[Reason], people: Sequence[BuyIn]) -> list[ReasonChoice]:
    """The blockers that the buy-in map knows come first, with whom they hold."""
    held: dict[str, list[str]] = {}
    for one in held_back(people):
        held.setdefault(BLOCKED + one.blocker, []).append(one.role or one.person)
    choices = [ReasonChoice(reason=reason, holds=", ".join(held.get(reason.slug, ()))) for reason in reasons]
    return sorted(choices, key=lambda choice: not choice.holds)


def choices_of(
    outcome: Outcome,
    reasons: Iterable[Reason],
    *,
    hand_off: HandOff | None,
    found: Sequence[ClauseFound],
    people: Sequence[BuyIn],
    progress: Progress | None,
    now: datetime,
) -> list[ReasonChoice]:
    """`found`: the clauses of the hand-off that this outcome refuses; none where it refuses nothing."""
    fitting = [reason for reason in reasons if outcome in reason.outcomes]
    if outcome is Outcome.RECYCLE:
        return recycling(fitting, progress, now)
    if outcome is Outcome.NO_DECISION:
        return deciding_nothing(fitting, people)
    return refusing(fitting, hand_off, found)


def _wake_on(reason: Reason, now: datetime) -> date | None:
    return timezone.localdate(now + timedelta(days=reason.wake_after_days)) if reason.wake_after_days else None
