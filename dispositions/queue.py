"""A rep's queue: what to answer, what to work, what came back, each by deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Count, Q

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
    flag: str
    why: str

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
    mine = Q(owner=principal.user_id) | Q(owner=None, team__in=principal.team_ids)
    in_a_lane = reduce(or_, _LANES.values())
    return Lead.objects.visible_to(principal).filter(mine, in_a_lane, due_at__isnull=False)


def sections(principal: Principal, *, now: datetime, only: Lane | None = None, page: int = 1) -> list[Section]:
    """The lanes with up to 50 rows each. Constant queries: the counts, then rows and flags for each lane."""
    counts = lane_counts(principal)
    return [_section(principal, lane, counts[lane], now, page) for lane in Lane if only in {None, lane}]


def lane_counts(principal: Principal) -> dict[Lane, int]:
    found = queue_of(principal).aggregate(**{lane.value: Count("pk", filter=_LANES[lane]) for lane in Lane})
    return {lane: found[lane.value] for lane in Lane}


def _section(principal: Principal, lane: Lane, count: int, now: datetime, page: int) -> Section:
    start = (page - 1) * PAGE
    ordered = queue_of(principal).filter(_LANES[lane]).order_by("due_at", "pk").select_related("company", "channel")
    leads = list(ordered[start : start + PAGE]) if count else []
    return Section(lane, LANE_TITLES[lane], rows_of(leads, now), count, more=count > start + len(leads))


def rows_of(leads: Sequence[Lead], now: datetime) -> list[Row]:
    """One query, for the open flags."""
    flags = dict(Flag.objects.filter(lead__in=leads, cleared_at=None).values_list("lead_id", "kind")) if leads else {}
    return [Row(lead, lane_of(lead), countdown(lead.due_at, now), flags.get(lead.pk, ""), _why(lead)) for lead in leads]


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
