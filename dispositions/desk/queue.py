"""A rep's queue: what to answer, what to work, what came back, each by deadline."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache, reduce
from hashlib import sha256
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.principals import Principal
from dispositions.desk.countdown import Countdown, time_left
from dispositions.precedents import COLUMNS as OF_LIKENESS
from dispositions.precedents import Likeness, chances_of, likeness
from funnel.lifecycle import Stage
from funnel.models import Flag, Lead
from funnel.querysets import LeadQuerySet

PAGE = 50
LANE_PREVIEW = 25


class Lane(StrEnum):
    ANSWER = "answer"
    WORK = "work"
    BACK = "back"


LANE_TITLES = {Lane.ANSWER: "Answer now", Lane.WORK: "Work now", Lane.BACK: "Back again"}
_LANES: dict[Lane, Q] = {
    Lane.ANSWER: Q(stage=Stage.MQL, cycle__lte=1),
    Lane.WORK: Q(stage__in=[Stage.SAL, Stage.SQL]),
    # Handed over once more, or woken: marketing has it, but the rep who knew the person is told.
    Lane.BACK: Q(stage=Stage.MQL, cycle__gt=1) | Q(stage=Stage.NURTURE, woken_at__isnull=False),
}
_NUMBERED = dict(enumerate(Lane))


@dataclass(frozen=True, slots=True)
class Row:
    """A lead as the queue shows it, ready for the template: there are many."""

    lead_id: int
    version: int
    lane: Lane
    name: str
    who: str
    stage: str
    stage_label: str
    countdown: Countdown
    flag: Flag.Kind | None
    why: str
    is_mine: bool
    like: Likeness


@dataclass(frozen=True)
class Section:
    """One lane. `more` is whether there are rows beyond those shown."""

    lane: Lane
    title: str
    rows: Sequence[Row]
    count: int
    more: bool


@dataclass(frozen=True)
class Places:
    """Which leads stand on a page of each lane, in their order; and how many there are in the lane.

    `fingerprint` is another as soon as anything that the page shows is: a place, a count, a lead.
    """

    ids: Mapping[Lane, Sequence[int]]
    counts: Mapping[Lane, int]
    fingerprint: str
    page: int
    size: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def places_of(principal: Principal, *, only: Lane | None = None, page: int = 1) -> Places:
    """Page `page` of the lane `only`, or the beginnings of all lanes. One query."""
    size = PAGE if only else LANE_PREVIEW
    queue, params = _statement(principal)
    wanted = [number for number, lane in _NUMBERED.items() if only in {None, lane}]
    begin = (page - 1) * PAGE if only else 0
    # The counts first, then each lane by itself: sorting the lanes as one would sort all of the queue.
    lanes = [
        f"SELECT * FROM (SELECT lane, due_at, id, version, ledger_seq FROM queue WHERE lane = {number} "  # noqa: S608
        f"ORDER BY due_at, id LIMIT {size} OFFSET {begin}) AS lane_{number}"
        for number in wanted
    ]
    statement = " UNION ALL ".join(["SELECT lane, NULL, COUNT(*), 0, 0 FROM queue GROUP BY lane", *lanes])
    with connection.cursor() as cursor:
        cursor.execute(f"WITH queue (lane, due_at, id, version, ledger_seq) AS ({queue}) {statement}", params)
        found = cursor.fetchall()
    return _places(found, page=page, size=size)


def _statement(principal: Principal) -> tuple[str, list[Any]]:
    """The rows of the queue in SQL, as the ORM writes them, and their parameters."""
    # Writing it takes longer than asking: it is written once for somebody whom keys of nobody stand for.
    stand_in, meant = principal.stand_in()
    sql, params = _written(stand_in, connection.vendor)
    return sql, [meant.get(one, one) for one in params]


@lru_cache(maxsize=256)
def _written(principal: Principal, vendor: str) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG001  # each has its own
    return _queue_of(principal).query.sql_with_params()


def _queue_of(principal: Principal) -> "QuerySet[Any, Any]":
    """The rep's own, and those of his teams that nobody has taken: two looks, each by its own index."""
    lane = Case(*(When(_LANES[lane], then=Value(n)) for n, lane in _NUMBERED.items()), output_field=IntegerField())
    halves = [
        queue.order_by().annotate(lane=lane).values_list("lane", "due_at", "pk", "version", "ledger_seq")
        for queue in _halves(principal)
    ]
    return halves[0].union(*halves[1:], all=True)


def _halves(principal: Principal) -> list[LeadQuerySet]:
    waiting = Lead.objects.visible_to(principal).filter(reduce(or_, _LANES.values()), due_at__isnull=False)
    pool = [waiting.filter(owner=None, team__in=sorted(principal.team_ids))] if principal.team_ids else []
    return [waiting.filter(owner=principal.user_id), *pool]


def of_queue(principal: Principal) -> LeadQuerySet:
    """The leads that stand in somebody's queue: his own, and those of his teams that nobody has taken."""
    his = Q(owner=principal.user_id) | Q(owner=None, team__in=sorted(principal.team_ids))
    return Lead.objects.visible_to(principal).filter(his)


def in_lanes(leads: LeadQuerySet, only: Lane | None = None) -> "QuerySet[Any]":
    """Those of the leads that are in a lane, each with its number `lane`: by lane, then by deadline."""
    number = Case(*(When(_LANES[lane], then=Value(n)) for n, lane in _NUMBERED.items()), output_field=IntegerField())
    condition = _LANES[only] if only else reduce(or_, _LANES.values())
    return leads.filter(condition, due_at__isnull=False).annotate(lane=number).order_by("lane", "due_at", "pk")


def _places(found: Sequence[tuple[Any, ...]], *, page: int, size: int) -> Places:
    ids: dict[Lane, list[int]] = {lane: [] for lane in Lane}
    counts = dict.fromkeys(Lane, 0)
    shown = sorted(one for one in found if one[1] is not None)
    for lane, due_at, pk, *_ in found:
        if due_at is None:
            counts[_NUMBERED[lane]] = pk
    for lane, _, pk, *_ in shown:
        ids[_NUMBERED[lane]].append(pk)
    seen = [sorted(counts.items()), [(lane, pk, version, seq) for lane, _, pk, version, seq in shown]]
    return Places(ids, counts, sha256(repr(seen).encode()).hexdigest()[:16], page, size)


def sections(places: Places, *, now: datetime, only: Lane | None = None) -> list[Section]:
    """The lanes with their rows. One query.

    Of the rows on the page that are due at the same moment those come first whose kind is won more often.
    """
    rows = _rows([pk for ids in places.ids.values() for pk in ids], now)
    begin = (places.page - 1) * PAGE if only else 0
    return [
        Section(
            lane,
            LANE_TITLES[lane],
            by_chance([rows[pk] for pk in places.ids[lane] if pk in rows]),
            places.counts[lane],
            more=places.counts[lane] > begin + places.size,
        )
        for lane in Lane
        if only in {None, lane}
    ]


def by_chance(rows: Sequence[Row]) -> list[Row]:
    """Rows in the order of their deadlines, each group of equal ones by the share of leads like them that were won.

    Those of which nothing can be said come after the others; rows that are equal in this too stay as they are.
    """
    deadlines = Counter(row.countdown.due_at for row in rows)
    tied = [row for row in rows if deadlines[row.countdown.due_at] > 1]
    if not tied:
        return list(rows)
    chances = dict(zip((row.lead_id for row in tied), chances_of([row.like for row in tied]), strict=True))
    return sorted(rows, key=lambda row: (row.countdown.due_at, -(chances.get(row.lead_id) or 0.0)))


# What a row is made of.
_COLUMNS = (
    "pk",
    "version",
    "first_name",
    "last_name",
    "email",
    *OF_LIKENESS,
    "company__name",
    "company__domain",
    "channel__name",
    "stage",
    "cycle",
    "due_at",
    "due_clock",
    "next_action_at",
    "owner_id",
)


def _rows(ids: Sequence[int], now: datetime) -> dict[int, Row]:
    """By lead. Plain values: a model for each lead, company and channel would take longer than the query."""
    if not ids:
        return {}
    flag = Flag.objects.filter(lead=OuterRef("pk"), cleared_at=None).values("kind")
    leads = Lead.objects.filter(pk__in=ids).annotate(flag=Subquery(flag[:1])).order_by()
    return {one["pk"]: _row(one, now) for one in leads.values(*_COLUMNS, "flag")}


def row_of(lead: Lead, principal: Principal, now: datetime, *, flag: Flag.Kind | None = None) -> Row | None:
    """The row of a lead that the caller has in hand; none where it is not, or no longer, in the queue.

    `flag`: its open one. Needs `company` and `channel` of the lead.
    """
    if lead.due_at is None or not _is_of(lead, principal):
        return None
    return _row({name: _value(lead, name) for name in _COLUMNS} | {"flag": flag}, now)


def _value(lead: Lead, name: str) -> Any:
    one: Any = lead
    for part in name.split("__"):
        one = getattr(one, part, None)
    return one


def _row(found: Mapping[str, Any], now: datetime) -> Row:
    company = found["company__name"] or found["company__domain"] or ""
    person = f"{found['first_name']} {found['last_name']}".strip()
    return Row(
        lead_id=found["pk"],
        version=found["version"],
        lane=_lane(found["stage"], found["cycle"]),
        name=person or found["email"] or company or f"Lead {found['pk']}",
        who=" · ".join(filter(None, (found["title"], company))),
        stage=found["stage"],
        stage_label=Stage(found["stage"]).label,
        countdown=time_left(found["due_at"], now),
        flag=Flag.Kind(found["flag"]) if found["flag"] else None,
        why=_why(found),
        is_mine=found["owner_id"] is not None,
        like=likeness(found),
    )


def waking_next(principal: Principal) -> list[Lead]:
    """The rep's own that sleep with marketing, the next to wake first: for a queue that is empty. One query."""
    asleep = Lead.objects.visible_to(principal).filter(
        owner=principal.user_id, stage=Stage.NURTURE, due_clock=Lead.Clock.WAKE, woken_at=None, due_at__isnull=False
    )
    return list(asleep.select_related("company").order_by("due_at", "pk")[:3])


def _is_of(lead: Lead, principal: Principal) -> bool:
    """As `_halves` and `_LANES` say it of many."""
    waits = lead.stage in {Stage.MQL, Stage.SAL, Stage.SQL} or (lead.stage == Stage.NURTURE and lead.woken_at)
    in_pool = lead.owner_id is None and lead.team_id in principal.team_ids
    return bool(waits) and (lead.owner_id == principal.user_id or in_pool)


def _lane(stage: str, cycle: int) -> Lane:
    if stage in {Stage.SAL, Stage.SQL}:
        return Lane.WORK
    return Lane.ANSWER if stage == Stage.MQL and cycle <= 1 else Lane.BACK


def _why(found: Mapping[str, Any]) -> str:
    """What to do next, in a few words."""
    match found["due_clock"]:
        case Lead.Clock.ACCEPT:
            again = f", hand-off {found['cycle']}" if found["cycle"] > 1 else ""
            return f"{found['channel__name']}{again}: accept or refuse"
        case Lead.Clock.FIRST_ATTEMPT:
            return "First attempt"
        case _ if found["stage"] == Stage.NURTURE:
            return "Woke up; with marketing"
        case _ if found["next_action_at"]:
            return "Next step agreed"
    return "Next disposition"
