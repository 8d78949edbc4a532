"""The scorecard of one whole: three periods side by side, each figure with its target and where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.models import Target
from reports.queries.amounts import ZERO, Rates, to_cents
from reports.queries.scorecard import ScoreFacts, score_facts
from reports.scorecard.gap import Expected, decompose
from reports.scorecard.kpis import BY_KEY, CHAIN, Kpi
from reports.scorecard.pace import Number, Pace, Standing, pace_of
from reports.scorecard.scope import Scope
from reports.target_periods import TargetPeriod


@dataclass(frozen=True)
class Score:
    """What came of a period, against its target where there is one."""

    period: TargetPeriod
    pace: Pace
    facts: ScoreFacts
    target: Target | None

    def actual(self, kpi: Kpi) -> Number | None:
        return kpi.formula(self.facts)

    def set_for(self, kpi: Kpi) -> Number | None:
        """Its target; a share as a number where 1 is the whole."""
        found = getattr(self.target, kpi.key, None)
        return float(found) if found is not None and not kpi.grows else found

    def due(self, kpi: Kpi) -> Number | None:
        return self.pace.due(kpi, self.set_for(kpi))

    def forecast(self, kpi: Kpi) -> Number | None:
        return self.pace.forecast(kpi, self.actual(kpi))

    def standing(self, kpi: Kpi) -> Standing:
        return self.pace.standing(kpi, self.actual(kpi), self.set_for(kpi))

    @property
    def earned(self) -> Decimal:
        """The revenue that is known; where nothing was won, none came in."""
        return to_cents(self.facts.revenue.total)

    @property
    def gap(self) -> Decimal | None:
        """Revenue less what was due by now; None without a target for it, and before the period begins."""
        due = self.due(BY_KEY["revenue"])
        return self.earned - Decimal(due) if due is not None and self.pace.passed else None

    @property
    def parts(self) -> Mapping[str, Decimal]:
        """What each figure of the chain has done to the gap: they sum to it. Empty where that cannot be told."""
        if self.gap is None or self.target is None or not self.target.mqls:
            return {}
        rates = [getattr(self.target, kpi.key) for kpi in CHAIN[1:-1]]
        volume = self.target.mqls * self.pace.passed
        found = decompose(self.facts.steps, self.earned, Expected(volume, rates, self.earned - self.gap))
        return {kpi.key: part for kpi, part in zip(CHAIN, found, strict=True)} if found else {}

    @property
    def weakest(self) -> Kpi | None:
        """The figure that cost most revenue; None where none cost any."""
        lowest = min(self.parts.items(), key=lambda one: one[1], default=("", ZERO))
        return BY_KEY[lowest[0]] if lowest[1] < 0 else None


@dataclass(frozen=True)
class Board:
    """`scores`: this period's first, then those of the periods before it."""

    scope: Scope
    scores: Sequence[Score]

    @property
    def now(self) -> Score:
        return self.scores[0]


def facts_of(scope: Scope, periods: Sequence[TargetPeriod], rates: Rates) -> list[dict[int | None, ScoreFacts]]:
    """Of each period, by the team that has the lead now."""
    return [score_facts(scope.selection, one.days, rates) for one in periods]


def board_of(
    scope: Scope,
    periods: Sequence[TargetPeriod],
    facts: Sequence[Mapping[int | None, ScoreFacts]],
    targets: Mapping[tuple[int | None, TargetPeriod], Target],
) -> Board:
    hours, at = scope.hours, scope.selection.at
    team = scope.team.pk if scope.team else None
    return Board(
        scope,
        [
            Score(
                period,
                pace_of(period, at, hours),
                sum(by_team.values(), ScoreFacts()),
                targets.get((team, period)) if scope.is_whole else None,
            )
            for period, by_team in zip(periods, facts, strict=True)
        ],
    )
