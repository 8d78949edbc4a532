"""The pipeline now, part by part: each team below, then each rep, with the way to the leads behind every figure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse

from accounts.models import Team, User
from dispositions.desk.countdown import spell
from dispositions.team.links import leads_url
from dispositions.team.moments import Moments
from dispositions.team.outlook import Outlook
from dispositions.team.standing import OPEN, OVER, Standing, Standings, Stock, together
from funnel.lifecycle import Stage
from funnel.models import Flag

NOBODY = "none"


@dataclass(frozen=True)
class Figure:
    """`url`: the leads that it counts; none where there are none."""

    label: str
    stock: Stock
    url: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Line:
    """One team, one rep, or the pool. `url` leads a level down; `oldest`: how long its oldest MQL waits."""

    label: str
    url: str
    note: str
    figures: Sequence[Figure]
    oldest: str


@dataclass(frozen=True)
class AgeLine:
    """One stage: how many of its leads are how old."""

    stage: Stage
    figures: Sequence[Figure]
    total: Figure


def lines(outlook: Outlook, found: Standings, people: Mapping[int, User], moments: Moments) -> list[Line]:
    """Teams first, then the reps and the pool of the team itself, then what belongs to none of them."""
    top, tree = outlook.top, outlook.tree
    parts = tree.children(top) if top else tree.roots
    made = [_team_line(one, tree.below(one), found, moments) for one in parts]
    if top:
        made += _rep_lines(top, found, people, moments)
    if outlook.team is None:
        made += _line_of_no_team(tree.teams, found, moments)
    return made


def total_line(outlook: Outlook, found: Standings, moments: Moments) -> Line:
    scope = {"team": outlook.team.pk} if outlook.team else {}
    return _line("All", together(found.values()), scope, moments)


def age_lines(outlook: Outlook, total: Standing, moments: Moments) -> list[AgeLine]:
    """The open stages, each by how long its leads are in it."""
    team = outlook.team.pk if outlook.team else None
    return [_age_line(stage, total, moments, team) for stage in OPEN if total.stages[stage].count]


def _age_line(stage: Stage, total: Standing, moments: Moments, team: int | None) -> AgeLine:
    figures = []
    for age, count in zip(moments.ages, total.ages.get(stage, ()), strict=True):
        last = age.before - timedelta(days=1) if age.before else None
        url = leads_url(stage=stage, team=team, entered_from=age.first, entered_to=last) if count else ""
        figures.append(Figure(age.label, Stock(count), url))
    return AgeLine(stage, figures, Figure("All", total.stages[stage], leads_url(stage=stage, team=team)))


def _team_line(team: Team, ids: frozenset[int], found: Standings, moments: Moments) -> Line:
    standing = together(one for (team_id, _), one in found.items() if team_id in ids)
    manager = team.manager.name if team.manager else "no manager"
    url = f"{reverse('team')}?team={team.pk}"
    return _line(team.name, standing, {"team": team.pk}, moments, url=url, note=manager)


def _rep_lines(team: Team, found: Standings, people: Mapping[int, User], moments: Moments) -> Iterable[Line]:
    here = {owner: one for (team_id, owner), one in found.items() if team_id == team.pk}
    reps = [user for user in people.values() if user.team_id == team.pk or user.pk in here]
    for user in reps:
        url = reverse("team-rep", args=[user.pk]) if user.team_id == team.pk else ""
        note = "" if user.is_active else "has left"
        yield _line(
            user.name,
            here.get(user.pk, Standing()),
            {"owner": user.pk, "team": team.pk},
            moments,
            url=url,
            note=note,
        )
    if None in here:
        yield _line("Nobody yet", here[None], {"owner": NOBODY, "team": team.pk}, moments, note=f"pool of {team.name}")


def _line_of_no_team(teams: Mapping[int, Team], found: Standings, moments: Moments) -> Iterable[Line]:
    outside = [one for (team_id, _), one in found.items() if team_id not in teams]
    if outside:
        yield _line("No team", together(outside), None, moments, note="or a team that is not yours")


def _line(
    label: str, standing: Standing, scope: Mapping[str, Any] | None, moments: Moments, *, url: str = "", note: str = ""
) -> Line:
    """`scope`: the filters of its leads; none where no filter finds them."""

    def behind(**filters: Any) -> str:
        return "" if scope is None else leads_url(**filters, **scope)

    since = standing.unanswered_since
    return Line(label, url, note, _figures(standing, behind, moments), spell(moments.now - since) if since else "")


def _figures(standing: Standing, behind: Callable[..., str], moments: Moments) -> list[Figure]:
    month = moments.month.date()
    found: list[tuple[str, Stock, dict[str, Any], str]] = [
        *((stage.label, standing.stages[stage], {"stage": stage}, "") for stage in OPEN),
        ("Black Hole", standing.hole, {"flag": Flag.Kind.BLACK_HOLE}, "hole"),
        *((stage.label, standing.stages[stage], {"stage": stage, "entered_from": month}, stage) for stage in OVER),
    ]
    return [
        Figure(label, stock, behind(**filters) if stock.count else "", kind) for label, stock, filters, kind in found
    ]
