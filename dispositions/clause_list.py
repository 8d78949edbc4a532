"""The clauses of a hand-off's agreement as people see them: what was found of each, and which a refusal may cite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispositions.refusal import unmet, usual_clause
from funnel.models import Clause, HandOff, Reason


@dataclass(frozen=True)
class ClauseFound:
    """`met` is None where people judge it. `state` is met, unmet or open: how it is shown."""

    clause: Clause
    met: bool | None
    evidence: str

    @property
    def state(self) -> str:
        return {True: "met", False: "unmet", None: "open"}[self.met]

    @property
    def state_in_words(self) -> str:
        return {True: "met", False: "not met", None: "to be judged"}[self.met]


@dataclass(frozen=True)
class ClauseChoice:
    """A clause in the panel of a refusal. `is_marked`: the rep marked it, or it was found unmet."""

    found: ClauseFound
    is_marked: bool
    typed: str = ""


@dataclass(frozen=True)
class ReasonChoice:
    """A reason, and the clause that a refusal for it cites where the rep marks none."""

    reason: Reason
    clause: int | None = None


def clauses_found(hand_off: HandOff | None, evidence: Mapping[int, str]) -> list[ClauseFound]:
    """`evidence`: what was found of each, in words. One query; an imported hand-off has none."""
    if hand_off is None or not hand_off.clause_results:
        return []
    met = {result["number"]: result["met"] for result in hand_off.clause_results}
    return [
        ClauseFound(clause, met.get(clause.number), evidence.get(clause.number, ""))
        for clause in hand_off.agreement.clauses.all()
    ]


def clause_choices(
    found: Sequence[ClauseFound], *, marked: Sequence[int] | None = None, typed: Mapping[int, str] | None = None
) -> list[ClauseChoice]:
    """`marked`, `typed`: what the rep has said already, where the panel is shown again."""
    words = typed or {}
    return [
        ClauseChoice(
            one,
            one.met is False if marked is None else one.clause.number in marked,
            words.get(one.clause.number, ""),
        )
        for one in found
    ]


def reason_choices(
    reasons: Sequence[Reason], hand_off: HandOff | None, found: Sequence[ClauseFound]
) -> list[ReasonChoice]:
    """Where clauses were found unmet those are cited, whatever the reason."""
    if hand_off is None or not found or unmet(hand_off):
        return [ReasonChoice(reason) for reason in reasons]
    clauses = [one.clause for one in found]
    return [ReasonChoice(reason, usual_clause(reason, clauses)) for reason in reasons]
