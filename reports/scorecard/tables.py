"""The two tables of the scorecard: each figure over three periods, and each team in this one."""

from collections.abc import Mapping, Sequence

from django.conf import settings

from reports.models import Target
from reports.queries.scorecard import ScoreFacts
from reports.report import Column, Kind, Row, Value
from reports.scorecard.board import Board, Score
from reports.scorecard.kpis import KPIS, Kpi
from reports.scorecard.pace import pace_of
from reports.scorecard.scope import BY_BRANCH, Scope, branches, team_of
from reports.target_periods import TargetPeriod

KPI, KPI_CODE = Column("kpi_name", "Figure", Kind.TEXT), Column("kpi", "Figure, key", Kind.CODE)
# The periods before, by the beginning of their columns' keys.
BEFORE = ("last", "before_last")
CURRENCY = settings.REPORTING_CURRENCY


def kpi_columns(board: Board) -> tuple[Column, ...]:
    name = board.now.period.label
    columns = [
        *(KPI, KPI_CODE, Column("kind", "Kind", Kind.CODE), Column("side", "Side", Kind.TEXT, meaning=SIDE)),
        _varied("target", "Target", name, "What both sides agreed to reach in the period."),
        _varied("actual", "Actual", name, "What came so far. A rate opens those that it counts for."),
        _varied(
            "due",
            "Due by now",
            name,
            "Of a count or a sum the share of the target that is the share of the "
            "working time passed; of a rate all of it.",
        ),
        _varied(
            "forecast",
            "At this pace",
            name,
            "Where it ends if it goes on like this: a count or a sum divided by "
            "the share of the working time passed; a rate as it is.",
        ),
        Column(
            "standing",
            "Stands",
            Kind.TEXT,
            name,
            "Met: the target is reached. On pace: as much as was due by now. "
            "Behind: less. Missed: less when the period was over.",
        ),
        Column("gap_part", "Effect on revenue", Kind.MONEY, name, EFFECT, CURRENCY),
    ]
    for key, score in zip(BEFORE, board.scores[1:], strict=True):
        label = score.period.label
        columns += [
            Column(f"{key}_period", f"{label}, key", Kind.CODE, label),
            _varied(f"{key}_target", "Target", label),
            _varied(f"{key}_actual", "Actual", label),
            Column(f"{key}_standing", "Stands", Kind.TEXT, label),
            Column(f"{key}_gap_part", "Effect on revenue", Kind.MONEY, label, currency=CURRENCY),
        ]
    return tuple(columns)


SIDE = "Whose figure it is: of marketing or of sales."
EFFECT = (
    "What this part of the funnel cost revenue, or brought, against what was due by now: what is missing at a step is "
    "worth what it would have brought by the agreed rates of all later ones. The parts sum to the gap, to the cent. A "
    "rate without a target is taken as it came."
)


def _varied(key: str, label: str, group: str, meaning: str = "") -> Column:
    return Column(key, label, Kind.VARIES, group, meaning, CURRENCY, kind_key="kind")


def kpi_rows(board: Board) -> tuple[Row, ...]:
    return tuple(_kpi_row(board, kpi) for kpi in KPIS)


def _kpi_row(board: Board, kpi: Kpi) -> Row:
    now = board.now
    row: dict[str, Value] = {
        "kpi_name": kpi.label,
        "kpi": kpi.key,
        "kind": kpi.kind,
        "side": kpi.side.label,
        "target": now.set_for(kpi),
        "actual": now.actual(kpi),
        "due": now.due(kpi),
        "forecast": now.forecast(kpi),
        "standing": now.standing(kpi),
        "gap_part": now.parts.get(kpi.key),
    }
    for key, score in zip(BEFORE, board.scores[1:], strict=True):
        row |= {
            f"{key}_period": score.period.code,
            f"{key}_target": score.set_for(kpi),
            f"{key}_actual": score.actual(kpi),
            f"{key}_standing": score.standing(kpi),
            f"{key}_gap_part": score.parts.get(kpi.key),
        }
    return row


def kpi_totals(board: Board, columns: Sequence[Column]) -> tuple[Row, ...]:
    """The gap in revenue, which the parts sum to."""
    if not any(score.parts for score in board.scores):
        return ()
    total: dict[str, Value] = dict.fromkeys((one.key for one in columns), None)
    total |= {"kpi_name": "Gap in revenue", "kpi": "gap", "kind": Kind.MONEY, "side": ""}
    total |= {f"{key}_period": score.period.code for key, score in zip(BEFORE, board.scores[1:], strict=True)}
    for key, score in zip(("gap_part", *(f"{one}_gap_part" for one in BEFORE)), board.scores, strict=True):
        total[key] = score.gap if score.parts else None
    return (total,)


# --- by team ----------------------------------------------------------------------------------------------------


def team_columns() -> tuple[Column, ...]:
    columns = [*BY_BRANCH.columns]
    for kpi in KPIS:
        due = "Due by now" if kpi.grows else "Target"
        columns += [
            Column(kpi.key, "Actual", kpi.kind, kpi.label, kpi.meaning, CURRENCY if kpi.kind is Kind.MONEY else ""),
            Column(f"{kpi.key}_due", due, kpi.kind, kpi.label, currency=CURRENCY if kpi.kind is Kind.MONEY else ""),
        ]
    return (
        *columns,
        Column("gap", "Against due", Kind.MONEY, "Gap in revenue", "Revenue less what was due by now.", CURRENCY),
        Column("weakest", "Weakest part", Kind.TEXT, "Gap in revenue", "The part that cost most of it."),
    )


def team_rows(
    scope: Scope,
    period: TargetPeriod,
    facts: Mapping[int | None, ScoreFacts],
    targets: Mapping[tuple[int | None, TargetPeriod], Target],
) -> tuple[Row, ...]:
    """Every lead in one row: those of a team with all below it, those of the team above itself, those of none."""
    row_of = branches(scope)
    found: dict[str | None, ScoreFacts] = {}
    for team, one in facts.items():
        row = row_of[team] if team is not None else None
        found[row] = found.get(row, ScoreFacts()) + one
    for row in row_of.values():
        if (number := team_of(row)) and (number, period) in targets:
            found.setdefault(row, ScoreFacts())
    names = BY_BRANCH.names(found)
    order = sorted(found, key=lambda row: (row is None, -found[row]["mqls"], str(row)))
    name, code = BY_BRANCH.columns
    return tuple(
        {
            name.key: names[row][0] if row else BY_BRANCH.nobody,
            code.key: row or "",
            **_team_figures(_score(scope, period, row, found[row], targets)),
        }
        for row in order
    )


def _score(
    scope: Scope,
    period: TargetPeriod,
    row: str | None,
    facts: ScoreFacts,
    targets: Mapping[tuple[int | None, TargetPeriod], Target],
) -> Score:
    team = scope.teams[number] if row and (number := team_of(row)) else None
    hours = team.calendar.hours if team and team.calendar else scope.hours
    target = targets.get((team.pk, period)) if team else None
    return Score(period, pace_of(period, scope.selection.at, hours), facts, target)


def _team_figures(score: Score) -> Row:
    figures: dict[str, Value] = {}
    for kpi in KPIS:
        figures |= {kpi.key: score.actual(kpi), f"{kpi.key}_due": score.due(kpi)}
    weakest = score.weakest
    return {**figures, "gap": score.gap, "weakest": weakest.part if weakest else None}


def team_totals(board: Board) -> tuple[Row, ...]:
    name, code = BY_BRANCH.columns
    return ({name.key: "Total", code.key: "total", **_team_figures(board.now)},)
