"""What /targets/ shows: the targets of a period side by side, whose names are on them, and what was changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from accounts.models import Team, User
from accounts.roles import Role
from reports.models import Target, TargetChange
from reports.models.targets import COUNTS, FIGURES
from reports.presentation import UNKNOWN, text_of
from reports.report import Kind
from reports.scorecard.kpis import BY_KEY, KPIS, Kpi
from reports.target_periods import TargetPeriod
from reports.targets.agreeing import may_confirm, may_set


@dataclass(frozen=True)
class Cell:
    label: str
    text: str


@dataclass(frozen=True)
class TargetRow:
    """A team, or the company where `team` is None, with its target where one is set."""

    team: Team | None
    target: Target | None
    cells: Sequence[Cell]
    may_confirm: bool

    @property
    def label(self) -> str:
        return str(self.team) if self.team else "The whole company"


@dataclass(frozen=True)
class Difference:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangeRow:
    change: TargetChange
    differences: Sequence[Difference]


def rows_of(period: TargetPeriod, user: User) -> list[TargetRow]:
    """The company, then each team whose targets this user may see. Two queries."""
    targets = {
        one.team_id: one
        for one in Target.objects.filter(first_day=period.first, months=period.months).select_related(
            "team", "marketing", "sales"
        )
    }
    return [_row(team, targets.get(team.pk if team else None), user) for team in (None, *teams_of(user))]


def teams_of(user: User) -> list[Team]:
    teams = Team.objects.all()
    return list(teams.filter(pk__in=user.principal.team_ids) if user.role == Role.MANAGER else teams)


def _row(team: Team | None, target: Target | None, user: User) -> TargetRow:
    cells = [Cell(kpi.label, in_words(kpi, getattr(target, kpi.key, None))) for kpi in KPIS]
    return TargetRow(team, target, cells, bool(target and not target.is_agreed and may_confirm(user, target)))


def in_words(kpi: Kpi, value: Any) -> str:
    if value is None:
        return UNKNOWN
    number = int(value) if kpi.key in COUNTS else Decimal(value)
    return text_of(number, kpi.kind, settings.REPORTING_CURRENCY, cents=kpi.kind is Kind.MONEY and number % 1 != 0)


def changes_of(target: Target) -> list[ChangeRow]:
    """The latest first, each with what it changed. One query."""
    return [ChangeRow(one, _differences(one)) for one in target.changes.select_related("by")]


def _differences(change: TargetChange) -> list[Difference]:
    pairs: Iterable[tuple[str, Any, Any]] = (
        (name, change.before.get(name), change.after.get(name)) for name in FIGURES
    )
    return [
        Difference(BY_KEY[name].label, in_words(BY_KEY[name], before), in_words(BY_KEY[name], after))
        for name, before, after in pairs
        if before != after
    ]


def advice(rows: Sequence[TargetRow], period: TargetPeriod, user: User) -> str:
    """What to do where no target is set."""
    if any(row.target for row in rows):
        return ""
    if may_set(user):
        return f"Set those of {period.label} below, or copy the ones of {period.shifted(-1).label}."
    return (
        "A marketing leader sets them, somebody of marketing with the right to sign; an admin gives that right. Then "
        "a sales manager agrees to them here."
    )
