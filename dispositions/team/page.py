"""What /team/ shows, put together from a handful of grouped queries whatever the number of reps and leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.defaultfilters import floatformat
from django.urls import reverse

from dispositions.desk.countdown import spell
from dispositions.team.activity import Activity, activities
from dispositions.team.at_risk import Risk, at_risk, oldest_unanswered, owners_at_risk
from dispositions.team.links import leads_url
from dispositions.team.moments import Moments
from dispositions.team.money import Money
from dispositions.team.outlook import Outlook
from dispositions.team.pipeline import AgeLine, Line, age_lines, lines, total_line
from dispositions.team.standing import Standing, standings, together
from dispositions.team.workload import Load, people_of, workload
from funnel.lifecycle import Stage
from funnel.models import Lead


@dataclass(frozen=True)
class Tile:
    """A headline figure. `state` is good, warn, bad or nothing."""

    label: str
    value: str
    note: str = ""
    url: str = ""
    state: str = ""


@dataclass(frozen=True)
class TeamPage:
    tiles: Sequence[Tile]
    risks: Sequence[Risk]
    risks_in_all: int
    lines: Sequence[Line]
    total: Line
    ages: Sequence[AgeLine]
    loads: Sequence[Load]
    has_leads: bool


def team_page(outlook: Outlook, *, now: datetime, sort: str) -> TeamPage:
    """`now` in the viewer's time zone. Nine queries, the tree of teams apart."""
    moments = Moments.at(now, outlook.hours)
    found = standings(outlook, moments)
    total = together(found.values())
    people = people_of(outlook, found)
    done = activities(people, moments)
    loads = workload(outlook, found, people, done, now=now, sort=sort)
    oldest = oldest_unanswered(outlook, found)
    said = sum((load.activity for load in loads), Activity())
    return TeamPage(
        tiles=_tiles(outlook, total, said, oldest, moments),
        risks=at_risk(outlook, owners=owners_at_risk(found), now=now),
        risks_in_all=total.at_risk,
        lines=lines(outlook, found, people, moments),
        total=total_line(outlook, found, moments),
        ages=age_lines(outlook, total, moments),
        loads=loads,
        has_leads=bool(total.load or total.hole.count or any(one.count for one in total.stages.values())),
    )


def _tiles(outlook: Outlook, total: Standing, said: Activity, oldest: Lead | None, moments: Moments) -> Sequence[Tile]:
    team = outlook.team.pk if outlook.team else None
    hole, won = total.hole, total.stages[Stage.WON]
    return [
        Tile(
            "In the Black Hole",
            _count(hole.count),
            _worth(hole.money),
            leads_url(flag="black_hole", team=team) if hole.count else "",
            "bad" if hole.count else "good",
        ),
        Tile(
            "At risk",
            _count(total.at_risk),
            "due in 2 working hours" if total.at_risk else "nothing due in 2 working hours",
            "#at-risk" if total.at_risk else "",
            "warn" if total.at_risk else "good",
        ),
        _oldest_tile(oldest, moments.now),
        Tile(
            "Attempts today",
            _count(said.attempts_today),
            f"{_plural(said.conversations_today, 'conversation')}; {_plural(said.attempts, 'attempt')} this week",
            "#workload",
        ),
        _accepted_tile(total),
        Tile(
            "Open with sales",
            _count(total.load),
            _worth(sum((total.stages[stage].money for stage in (Stage.MQL, Stage.SAL, Stage.SQL)), Money())),
            "#pipeline",
        ),
        Tile(
            "Won this month",
            _count(won.count),
            _worth(won.money) if won.count else "",
            leads_url(stage=Stage.WON, team=team, entered_from=moments.month.date()) if won.count else "",
            "good" if won.count else "",
        ),
    ]


def _oldest_tile(oldest: Lead | None, now: datetime) -> Tile:
    if oldest is None:
        return Tile("Oldest unanswered", "none", "every hand-off is answered", state="good")
    whose = oldest.owner.name if oldest.owner else "nobody's"
    return Tile(
        "Oldest unanswered",
        spell(now - oldest.stage_entered_at),
        f"{oldest.name}, {whose}",
        reverse("lead", args=[oldest.pk]),
    )


def _accepted_tile(total: Standing) -> Tile:
    answered = total.accepted + total.refused
    if not answered:
        return Tile("Accepted", "–", "no hand-off answered this month")
    share = floatformat(100 * total.accepted / answered, "0")
    return Tile("Accepted", f"{share} %", f"{_count(total.accepted)} of {_count(answered)} answered this month")


def _count(number: int) -> str:
    return floatformat(number, "0g")


def _plural(number: int, word: str) -> str:
    return f"{_count(number)} {word}{'' if number == 1 else 's'}"


def _worth(money: Money) -> str:
    """The sums, and of how many leads nobody has said an amount."""
    unknown = f"{_count(money.unknown)} without an amount" if money.unknown else ""
    return "; ".join(filter(None, (str(money), unknown)))
