"""The clauses of a hand-off's agreement as people see them: what was found of each, and which a refusal may cite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from funnel.models import Agreement, Clause, HandOff
from funnel.reference_cache import Signed, clauses_of, signatures_of


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
class Promise:
    """What the agreement of a hand-off promised: its clauses as they were found, and who signed it."""

    agreement: Agreement
    clauses: Sequence[ClauseFound]
    signed: Sequence[Signed]

    @property
    def met(self) -> int:
        return sum(one.met is True for one in self.clauses)

    @property
    def unmet(self) -> int:
        return sum(one.met is False for one in self.clauses)

    @property
    def open(self) -> int:
        """Those that people judge."""
        return sum(one.met is None for one in self.clauses)

    @property
    def signed_at(self) -> datetime | None:
        """When the second of the two signed; an imported agreement is signed by nobody."""
        return max((one.at for one in self.signed), default=None)


def promise_of(hand_off: HandOff, found: Sequence[ClauseFound]) -> Promise:
    return Promise(hand_off.agreement, found, signatures_of(hand_off.agreement_id))


def clauses_found(hand_off: HandOff | None, evidence: Mapping[int, str]) -> list[ClauseFound]:
    """`evidence`: what was found of each, in words. An imported hand-off has none."""
    if hand_off is None or not hand_off.clause_results:
        return []
    met = {result["number"]: result["met"] for result in hand_off.clause_results}
    return [
        ClauseFound(clause, met.get(clause.number), evidence.get(clause.number, ""))
        for clause in clauses_of(hand_off.agreement_id)
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
