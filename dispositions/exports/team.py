"""/team/ as files: the pipeline, the workload, what is at risk, and a rep's queue as his manager sees it."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.http import Http404

from accounts.exports import Contents, snapshot
from accounts.files import Column, Value
from accounts.files.values import MOMENT, MONEY, WHOLE
from accounts.http import SignedInRequest
from accounts.presence import Presence
from accounts.team_calendar import people
from dispositions.desk.queue import LANE_TITLES, Lane, in_lanes
from dispositions.exports.lead_rows import lane_contents, lead_contents
from dispositions.team.outlook import Outlook
from dispositions.team.page import team_page
from dispositions.team.pipeline import Figure, Line
from dispositions.team.workload import DEFAULT_SORT, SORTS, Load
from dispositions.views.team import outlook_of

_WORKLOAD = (
    *(Column("rep", width=24), Column("team"), Column("open", WHOLE), Column("cap", WHOLE), Column("to_answer", WHOLE)),
    *(Column("overdue", WHOLE), Column("attempts_today", WHOLE), Column("conversations_today", WHOLE)),
    *(Column("attempts_this_week", WHOLE), Column("conversations_this_week", WHOLE)),
    *(Column("last_disposition_at", MOMENT, 20), Column("available", width=30)),
)


def workload(request: SignedInRequest, now: datetime) -> Contents:
    """`?team=` and `?sort=` as on the page."""
    asked = request.GET.get("sort", "")
    sort = asked if asked.removeprefix("-") in SORTS else DEFAULT_SORT
    loads = team_page(_outlook(request), now=now, sort=sort).loads
    return Contents(_WORKLOAD, len(loads), map(_load, loads))


def _load(load: Load) -> Sequence[Value]:
    done = load.activity
    return (
        *(load.user.name, load.user.team.name if load.user.team else "", load.open, load.user.lead_cap),
        *(load.answer_now, load.standing.overdue, done.attempts_today, done.conversations_today),
        *(done.attempts, done.conversations, load.last_at, _available(load.presence)),
    )


def _available(presence: Presence) -> str:
    until = f" until {presence.until}" if presence.until else ""
    ahead = f", leave from {presence.leaves_on}" if presence.leaves_on else ""
    return f"{presence.state}{until}{ahead}"


def pipeline(request: SignedInRequest, now: datetime) -> Contents:
    """`?team=` as on the page. Of each figure the leads, their worth in the company's currency, and in others."""
    lines = team_page(_outlook(request), now=now, sort=DEFAULT_SORT)
    columns = [Column("team_or_rep", width=24), Column("note")]
    for figure in lines.total.figures:
        name = figure.label.lower().replace(" ", "_")
        columns += [Column(name, WHOLE), Column(f"{name}_{settings.REPORTING_CURRENCY.lower()}", MONEY)]
        columns += [Column(f"{name}_in_others")]
    return Contents(columns, len(lines.lines), map(_line, lines.lines))


def _line(line: Line) -> Sequence[Value]:
    return line.label, line.note, *(value for figure in line.figures for value in _figure(figure))


def _figure(figure: Figure) -> Sequence[Value]:
    sums = figure.stock.money.sums
    others = [f"{amount:.2f} {name}" for name, amount in sums.items() if name != settings.REPORTING_CURRENCY]
    return figure.stock.count, sums.get(settings.REPORTING_CURRENCY), "; ".join(others)


def at_risk(request: SignedInRequest, now: datetime) -> Contents:
    """All leads whose answer is due within two working hours, the nearest deadline first; `?team=` as on the page."""
    outlook = _outlook(request)
    found = outlook.with_sales.filter(outlook.at_risk(now)).order_by("due_at", "pk")
    return lead_contents(outlook.principal, snapshot(found.values_list("pk", flat=True)))


def rep(request: SignedInRequest, _now: datetime) -> Contents:
    """`?rep=`: his own leads and his team's pool, by the lanes in which he sees them."""
    outlook, asked = outlook_of(request), request.GET.get("rep", "")
    person = people(outlook.tree).filter(pk=asked).first() if asked.isdecimal() and len(asked) < 19 else None
    if person is None:
        raise Http404("There is no such rep in your teams.")
    his = outlook.leads.filter(Q(owner=person) | Q(owner=None, team=person.team_id))
    return lane_contents(
        outlook.principal, in_lanes(his), {number: LANE_TITLES[lane] for number, lane in enumerate(Lane)}
    )


def _outlook(request: SignedInRequest) -> Outlook:
    return outlook_of(request, request.GET.get("team", ""))
