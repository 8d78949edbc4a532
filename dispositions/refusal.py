"""Which clauses a refusal cites: what the rep marked, else what the record or the reason says. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from funnel.clauses import subject_of
from funnel.models import Clause, HandOff, Reason


def unmet(hand_off: HandOff) -> tuple[int, ...]:
    """The clauses that were found to fail when it was handed over."""
    return tuple(result["number"] for result in hand_off.clause_results if result["met"] is False)


def usual_clause(reason: Reason, clauses: Iterable[Clause]) -> int | None:
    """The clause that this reason usually means: the one about what the reason is about."""
    by_subject: dict[str, int] = {}
    for clause in clauses:
        by_subject.setdefault(subject_of(clause.test, clause.arguments), clause.number)
    return next((by_subject[subject] for subject in reason.about if subject in by_subject), None)


def cited_clauses(
    marked: Sequence[int], hand_off: HandOff, clauses: Iterable[Clause], reason: Reason | None
) -> tuple[int, ...]:
    """What the rep marked; else the clauses found unmet at the hand-off; else the one the reason usually means."""
    if marked:
        return tuple(sorted(set(marked)))
    if found := unmet(hand_off):
        return found
    usual = usual_clause(reason, clauses) if reason else None
    return () if usual is None else (usual,)


def contradicts_the_record(hand_off: HandOff, cited: Sequence[int]) -> bool:
    """Whether sales refuses what the agreement says was met.

    Not where a clause failed and was overridden, not where no machine judged any, and not where the refusal cites a
    clause that people judge: citing it is that judgement.
    """
    results: Mapping[int, bool | None] = {one["number"]: one["met"] for one in hand_off.clause_results}
    if False in results.values() or True not in results.values():
        return False
    return all(results.get(number) for number in cited) if cited else True
