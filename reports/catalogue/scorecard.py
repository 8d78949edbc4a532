"""The scorecard: one target set for both teams, their figures side by side, and which part of the funnel missed."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.principals import Principal
from accounts.roles import Role
from reports.days import company_day
from reports.engine import Behind, CatalogueEntry, Drilling, Named, PageLink
from reports.filters import AS_OF, TEAM
from reports.models import LeadFact, Target
from reports.parameters import Option, Parameter, choice
from reports.queries.amounts import Rates
from reports.queries.scorecard import counted
from reports.report import Contents, Definition, Figure, Kind, definitions_of
from reports.scorecard import tables
from reports.scorecard.board import Board, Score, board_of, facts_of
from reports.scorecard.kpis import BY_KEY, KPIS
from reports.scorecard.pictures import pictures
from reports.scorecard.scope import BY_BRANCH, scope_of, targets_of
from reports.scorecard.verdict import agreed, figure, left_out, verdict
from reports.selection import Selection
from reports.target_periods import TargetPeriod, month_of, quarter_of, read_period

PERIODS_SHOWN = 3
OPTIONS_AT_MOST = {"quarters": 12, "months": 18}
# A share opens what it has in its numerator.
COUNTED_FOR = {"follow_up": "followed", "acceptance": "accepted", "qualification": "qualified", "winning": "won"}


def _read_period(text: str, _: Principal) -> TargetPeriod:
    return read_period(text)


def _period_options(_: Principal) -> list[Option]:
    """From the first lead to the last one, or to the last target: the latest first."""
    first = LeadFact.objects.order_by("cohort_day").values_list("cohort_day", flat=True).first()
    days = [
        LeadFact.objects.order_by("-cohort_day").values_list("cohort_day", flat=True).first(),
        *[one.period.last for one in Target.objects.order_by("-first_day", "-months")[:1]],
    ]
    known = [day for day in days if day]
    if not known:
        return []
    begin, end = first or min(known), max(known)
    quarters = _back(quarter_of(end), quarter_of(begin), OPTIONS_AT_MOST["quarters"])
    months = _back(month_of(end), month_of(begin), OPTIONS_AT_MOST["months"])
    return [Option(one.code, one.label) for one in (*quarters, *months)]


def _back(latest: TargetPeriod, first: TargetPeriod, most: int) -> list[TargetPeriod]:
    found = [latest.shifted(-number) for number in range(most)]
    return [one for one in found if one.first >= first.first]


PERIOD = Parameter(
    "period",
    "Period",
    "A quarter such as 2026-Q4 or a month such as 2026-11; without it the quarter of the day.",
    _read_period,
    _period_options,
    blank="The present quarter",
)
BY = choice(
    "by",
    "Rows",
    [Option("kpi", "Figures"), Option("team", "Teams")],
    text="What a row stands for: kpi (each figure, over three periods) or team.",
)


def _period(selection: Selection) -> TargetPeriod:
    chosen: TargetPeriod | None = selection.parameters["period"]
    return chosen or quarter_of(company_day(selection.at))


def compute(selection: Selection) -> Contents:
    scope, period = scope_of(selection), _period(selection)
    periods = [period.shifted(-number) for number in range(PERIODS_SHOWN)]
    facts, targets = facts_of(scope, periods, Rates()), targets_of(periods)
    board = board_of(scope, periods, facts, targets)
    if selection.parameters["by"] == "team":
        columns = tables.team_columns()
        rows = tables.team_rows(scope, period, facts[0], targets)
        totals = tables.team_totals(board)
    else:
        columns, rows = tables.kpi_columns(board), tables.kpi_rows(board)
        totals = tables.kpi_totals(board, columns)
    return Contents(
        headline=_headline(board),
        columns=columns,
        rows=rows,
        totals=totals if rows else (),
        charts=pictures(board),
        definitions=definitions_of(columns, *_general_definitions()),
        verdict=verdict(scope, board.now),
        remarks=_remarks(board),
    )


def _headline(board: Board) -> tuple[Figure, ...]:
    """Each side's one number, and the time there was for it."""
    now = board.now
    passed = round(float(now.pace.passed), 6)
    return (
        _side(now, "mqls", "Marketing: MQLs handed over"),
        _side(now, "revenue", "Sales: revenue"),
        Figure("passed", "Working time passed", passed, Kind.SHARE, note=f"of {now.period.label}"),
    )


def _side(score: Score, key: str, label: str) -> Figure:
    kpi = BY_KEY[key]
    target, due, standing = score.set_for(kpi), score.due(kpi), score.standing(kpi)
    note = ""
    if target is not None:
        by_now = "" if score.pace.is_over else f", {figure(kpi, due)} due by now"
        note = f"{standing}: target {figure(kpi, target)}{by_now}"
    currency = settings.REPORTING_CURRENCY if kpi.kind is Kind.MONEY else ""
    return Figure(key, label, score.actual(kpi), kpi.kind, currency, note, standing.state)


def _remarks(board: Board) -> tuple[str, ...]:
    now = board.now
    before = [verdict(board.scope, one) for one in board.scores[1:] if one.target]
    return (*([agreed(now.target)] if now.target else []), *before, *left_out(now))


def _general_definitions() -> tuple[Definition, ...]:
    return (
        *(Definition(one.label, one.meaning, one.key) for one in KPIS),
        Definition(
            "Pace",
            "The share of the working time of the period that has passed, in the hours of the team, for the company in "
            "its own.",
        ),
        Definition(
            "Targets",
            "Marketing sets them for a month or a quarter, for the company or for a team with all below it; they are "
            "proposed until a sales manager has agreed. A team's count the leads that it has now.",
        ),
    )


def _counting(name: str) -> Behind:
    def rows(selection: Selection) -> "QuerySet[Any]":
        return counted(scope_of(selection).selection, _period(selection).days, COUNTED_FOR.get(name, name))

    return rows


ENTRY = CatalogueEntry(
    name="scorecard",
    title="Scorecard",
    question="Do marketing and sales reach what they agreed on, and if not, which part of the funnel missed?",
    parameters=(PERIOD, AS_OF, TEAM, BY),
    compute=compute,
    roles=frozenset({Role.MANAGER, Role.MARKETING, Role.ADMIN}),
    drilling=Drilling(
        figures={one.key: _counting(one.key) for one in KPIS},
        kinds={"team": BY_BRANCH},
        named={
            "actual": Named("kpi"),
            **{f"{key}_actual": Named("kpi", {"period": f"{key}_period"}) for key in tables.BEFORE},
        },
    ),
    pages=(PageLink("Targets", "targets"),),
    position=12,
)
