"""The way an imported lead took through the funnel, from the few dates that are known of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from funnel.lifecycle import CLOSED_STAGES, Stage

_WAY = (Stage.INQUIRY, Stage.MQL, Stage.SAL, Stage.SQL)


@dataclass(frozen=True)
class Step:
    """One move of the past. `inferred`: its date is the nearest known one, not its own."""

    new: Stage
    at: datetime
    inferred: bool


class StepRefused(ValueError):
    """The dates or the outcome contradict what is known. Says which field, and why."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True, kw_only=True)
class Dates:
    """What the file says. Aware, UTC."""

    mql_at: datetime | None = None
    accepted_at: datetime | None = None
    qualified_at: datetime | None = None
    closed_at: datetime | None = None


def steps_of(*, current: Stage, since: datetime, created_at: datetime, outcome: Stage, dates: Dates) -> list[Step]:
    """The moves from `current` (entered at `since`) to `outcome`; none where it has been reached before.

    Raises StepRefused where the outcome contradicts an earlier one or a date the order of the stages.
    """
    if current == outcome or _is_past(current, outcome):
        return []
    if current in CLOSED_STAGES:
        raise StepRefused("outcome", f"It is {current.label} already; correct that on its page first.")
    stages = _stages_between(current, outcome, dates)
    known = _known_dates(stages, outcome, dates)
    _check_order(stages, known, since, created_at)
    return [_step(stages, index, known, since) for index in range(len(stages))]


def _is_past(current: Stage, outcome: Stage) -> bool:
    both_on_the_way = current in _WAY and outcome in _WAY
    return both_on_the_way and _WAY.index(outcome) <= _WAY.index(current)


def _stages_between(current: Stage, outcome: Stage, dates: Dates) -> list[Stage]:
    """Every stage entered on the way, the outcome included."""
    begin = _WAY.index(current) + 1 if current in _WAY else 1
    if outcome in _WAY:
        return list(_WAY[begin : _WAY.index(outcome) + 1])
    last = _last_stage_before(current, outcome, dates)
    return [*_WAY[begin : _WAY.index(last) + 1], outcome]


def _last_stage_before(current: Stage, outcome: Stage, dates: Dates) -> Stage:
    if outcome is Stage.WON or dates.qualified_at:
        return Stage.SQL
    if outcome in {Stage.LOST, Stage.NO_DECISION} or dates.accepted_at:
        return Stage.SAL
    return Stage.MQL if dates.mql_at or current is Stage.MQL else Stage.INQUIRY


def _known_dates(stages: list[Stage], outcome: Stage, dates: Dates) -> Mapping[Stage, datetime]:
    given = {Stage.MQL: dates.mql_at, Stage.SAL: dates.accepted_at, Stage.SQL: dates.qualified_at}
    if dates.closed_at:
        given[outcome] = dates.closed_at
    return {stage: at for stage in stages if (at := given.get(stage))}


_FIELDS = {Stage.MQL: "mql_at", Stage.SAL: "accepted_at", Stage.SQL: "qualified_at"}


def _check_order(stages: list[Stage], known: Mapping[Stage, datetime], since: datetime, created_at: datetime) -> None:
    before, what = since, "it entered its present stage"
    for stage in stages:
        at = known.get(stage)
        if at is None:
            continue
        if at < created_at:
            what, before = "its first contact", created_at
        if at < before:
            field = _FIELDS.get(stage, "closed_at")
            raise StepRefused(field, f"{stage.label} on {_day(at)}, before {what} on {_day(before)}.")
        before, what = at, f"it became {stage.label}"


def _step(stages: list[Stage], index: int, known: Mapping[Stage, datetime], since: datetime) -> Step:
    """A stage without a date had been entered by the next known one; the last known one where none follows."""
    stage = stages[index]
    if stage in known:
        return Step(stage, known[stage], inferred=False)
    later = [known[one] for one in stages[index:] if one in known]
    earlier = [since, *(known[one] for one in stages[:index] if one in known)]
    return Step(stage, later[0] if later else earlier[-1], inferred=True)


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
