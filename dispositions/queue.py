"""A rep's queue: what to answer, what to work, what came back, each by deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import RowNumber

from accounts.principals import Principal
from dispositions.countdown import Countdown, countdown
from funnel.lifecycle import Stage
from funnel.models import Flag, Lead
from funnel.querysets import LeadQuerySet

PAGE = 50


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


@dataclass(frozen=True)
class Row:
    """A lead as the queue shows it."""

    lead: Lead
    lane: Lane
    countdown: Countdown | None
    flag: Flag.Kind | None
    why: str

    @property
    def stage(self) -> Stage:
        return Stage(self.lead.stage)

    @property
    def who(self) -> str:
        """What the person does, and where."""
        return " · ".join(filter(None, (self.lead.title, str(self.lead.company or ""))))

    @property
    def is_mine(self) -> bool:
        return self.lead.owner_id is not None


@dataclass(frozen=True)
class Section:
    """One lane. `more` is whether there are rows beyond those shown."""

    lane: Lane
    title: str
    rows: Sequence[Row]
    count: int
    more: bool


def queue_of(principal: Principal) -> LeadQuerySet:
    """The leads a rep is to act on: his own, and those of his teams that nobody has taken."""
    # “Has a deadline” in either half: only so does SQLite find each of them by its index.
    has_deadline = Q(due_at__isnull=False)
    mine = Q(has_deadline, owner=principal.user_id) | Q(has_deadline, owner=None, team__in=principal.team_ids)
    return Lead.objects.visible_to(principal).filter(mine)


def sections(principal: Principal, *, now: datetime, only: Lane | None = None, page: int = 1) -> list[Section]:
    """The lanes with up to 50 rows each, those not asked for without rows. Two queries: places, then leads."""
    places = _places(principal, page)
    wanted = [pk for lane, ids in places.ids.items() if only in {None, lane} for pk in ids]
    leads = _for_rows(Lead.objects.all()).in_bulk(wanted)
    rows = {pk: _row(lead, now) for pk, lead in leads.items()}
    return [
        Section(
            lane,
            LANE_TITLES[lane],
            [rows[pk] for pk in places.ids[lane] if pk in rows],
            places.counts[lane],
            more=places.counts[lane] > page * PAGE,
        )
        for lane in Lane
    ]


@dataclass(frozen=True)
class _Places:
    """Which leads stand on a page of each lane, in their order; and how many there are in the lane."""

    ids: dict[Lane, list[int]]
    counts: dict[Lane, int]


def _places(principal: Principal, page: int) -> _Places:
    in_lane = Case(*(When(condition, then=Value(lane.value)) for lane, condition in _LANES.items()))
    by_deadline = Window(RowNumber(), partition_by="lane", order_by=["due_at", "pk"])
    placed = (
        queue_of(principal)
        .order_by()
        .annotate(lane=in_lane, place=by_deadline, in_all=Window(Count("pk"), partition_by="lane"))
        .filter(lane__isnull=False)
    )
    # The first of each lane tells the count, also where the page is beyond the last.
    shown = placed.filter(Q(place=1) | Q(place__gt=(page - 1) * PAGE, place__lte=page * PAGE))
    ids: dict[Lane, list[int]] = {lane: [] for lane in Lane}
    counts = dict.fromkeys(Lane, 0)
    for pk, lane, place, in_all in shown.order_by("place").values_list("pk", "lane", "place", "in_all"):
        counts[Lane(lane)] = in_all
        if place > (page - 1) * PAGE:
            ids[Lane(lane)].append(pk)
    return _Places(ids, counts)


def row_of(lead_id: int, principal: Principal, now: datetime) -> Row | None:
    """The row of one lead; none where it is not, or no longer, in the queue."""
    in_a_lane = reduce(or_, _LANES.values())
    lead = _for_rows(queue_of(principal)).filter(in_a_lane, pk=lead_id).first()
    return _row(lead, now) if lead else None


def _for_rows(leads: LeadQuerySet) -> LeadQuerySet:
    """With what a row shows, and no more: there are many."""
    flag = Flag.objects.filter(lead=OuterRef("pk"), cleared_at=None).values("kind")
    return leads.select_related("company", "channel").annotate(open_flag=Subquery(flag[:1]))


def _row(lead: Any, now: datetime) -> Row:
    """Of a lead from `_for_rows`, which knows its open flag."""
    flag = Flag.Kind(lead.open_flag) if lead.open_flag else None
    return Row(lead, lane_of(lead), countdown(lead.due_at, now), flag, _why(lead))


def lane_of(lead: Lead) -> Lane:
    if lead.stage in {Stage.SAL, Stage.SQL}:
        return Lane.WORK
    return Lane.ANSWER if lead.stage == Stage.MQL and lead.cycle <= 1 else Lane.BACK


def _why(lead: Lead) -> str:
    """What to do next, in a few words."""
    match lead.due_clock:
        case Lead.Clock.ACCEPT:
            again = f", hand-off {lead.cycle}" if lead.cycle > 1 else ""
            return f"{lead.channel.name}{again}: accept or refuse"
        case Lead.Clock.FIRST_ATTEMPT:
            return "First attempt"
        case _ if lead.stage == Stage.NURTURE:
            return "Woke up; with marketing"
        case _ if lead.next_action_at:
            return "Next step agreed"
    return "Next disposition"
