"""Whose scorecard it is: the whole company's, or that of one team with all below it; and its parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import F, QuerySet

from accounts.models import Team, subtree_ids
from accounts.principals import Kind, Principal
from accounts.roles import Role
from accounts.team_calendar import company_calendar
from accounts.working_time import WorkingHours
from reports.models import Target
from reports.parameters import Parameters
from reports.rows import Names, RowsBy
from reports.selection import Selection
from reports.target_periods import TargetPeriod


@dataclass(frozen=True)
class Scope:
    """`team` is None for the whole company. Only of a whole there are targets: `is_whole`.

    `selection` is narrowed to it.
    """

    team: Team | None
    is_whole: bool
    selection: Selection
    teams: Mapping[int, Team]

    @property
    def label(self) -> str:
        return str(self.team) if self.team else "the whole company"

    @cached_property
    def hours(self) -> WorkingHours:
        """Hidden query, once: the company's calendar."""
        calendar = self.team.calendar if self.team else None
        return (calendar or company_calendar()).hours


def scope_of(selection: Selection) -> Scope:
    """The team that was chosen; else of a manager the one that he heads, of those who see everything the company."""
    teams = {one.pk: one for one in Team.objects.select_related("calendar")}
    chosen = selection.parameters.get("team")
    principal = selection.principal
    if chosen is None and principal.role == Role.MANAGER:
        chosen = topmost(principal, teams)
    if chosen is None:
        is_whole = principal.sees_everything and principal.kind is not Kind.API_KEY
        return Scope(None, is_whole, selection, teams)
    given = selection.parameters
    narrowed = Parameters({**given.texts, "team": str(chosen.pk)}, {**given.values, "team": chosen})
    is_whole = principal.kind is not Kind.API_KEY
    return Scope(teams[chosen.pk], is_whole, replace(selection, parameters=narrowed), teams)


def topmost(principal: Principal, teams: Mapping[int, Team]) -> Team | None:
    """The one team that all of a manager's are below; None where he has several beside each other."""
    heads = [teams[pk] for pk in principal.team_ids if pk in teams and teams[pk].parent_id not in principal.team_ids]
    return heads[0] if len(heads) == 1 else None


def targets_of(periods: Iterable[TargetPeriod]) -> dict[tuple[int | None, TargetPeriod], Target]:
    """By team and period. One query."""
    wanted = set(periods)
    first_days = {one.first for one in wanted}
    found = Target.objects.filter(first_day__in=first_days).select_related("team", "marketing", "sales")
    return {(one.team_id, one.period): one for one in found if one.period in wanted}


# --- its parts --------------------------------------------------------------------------------------------------


def branches(scope: Scope) -> dict[int, str]:
    """Each team → the row in which it counts: that of the part below the whole to which it belongs.

    A row is named by its team: 7 is team 7 with all below it, 7.own the leads of team 7 itself.
    """
    node = scope.team or _only_root(scope.teams)
    return {pk: _branch(pk, node.pk if node else None, scope.teams) for pk in scope.teams}


def _only_root(teams: Mapping[int, Team]) -> Team | None:
    roots = [one for one in teams.values() if one.parent_id is None]
    return roots[0] if len(roots) == 1 else None


def _branch(pk: int, node: int | None, teams: Mapping[int, Team]) -> str:
    seen: set[int] = set()  # a ring of teams, made by hand in the database, must not hang a page
    at, above = pk, teams[pk].parent_id
    while node not in {at, above} and above is not None and above not in seen:
        seen.add(above)
        at, above = above, teams[above].parent_id
    return f"{pk}.own" if at == node else str(at)


def team_of(branch: str) -> int | None:
    """The team whose targets a row has; None for leads that a team has beside those of the teams below it."""
    return int(branch) if branch.isdecimal() else None


def _branch_names(_: Iterable[Any]) -> Names:
    """Of every row that there could be, by its name."""
    teams = Team.objects.values_list("pk", "name")
    below = {f"{pk}": (name, f"{pk}") for pk, name in teams}
    return below | {f"{pk}.own": (f"{name}, itself", f"{pk}.own") for pk, name in teams}


def _of_branch(facts: "QuerySet[Any]", code: str) -> "QuerySet[Any]":
    number, _, own = code.partition(".")
    if not number.isdecimal() or len(number) > 18:
        return facts.none()
    return facts.filter(team=int(number)) if own else facts.filter(team__in=subtree_ids({int(number)}))


BY_BRANCH = RowsBy("team", "Team", "Teams", F("team"), _branch_names, "No team", narrow=_of_branch)
