"""/nurture/: who is to be developed now, in lanes; who sleeps until when; and the track each reason puts a lead on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from math import ceil
from operator import or_
from typing import Any

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.principals import Principal
from dispositions.desk.countdown import Countdown, countdown
from funnel.lifecycle import MARKETING_STAGES, Move, Stage
from funnel.models import Evidence, HandOff, Lead, Reason, StageChange, Touch
from funnel.querysets import LeadQuerySet
from funnel.services.develop import REMOVE_WITHIN

PAGE = 50
AT_A_GLANCE = 20  # rows of each lane where all are shown
COUNTED_UP_TO = 10_000
UNDO_SHOWN = 3


class Lane(StrEnum):
    STEP = "step"
    AWAKE = "awake"
    NEW = "new"
    ASLEEP = "asleep"


TITLES = {Lane.STEP: "Next step due", Lane.AWAKE: "Awake now", Lane.NEW: "New inquiries", Lane.ASLEEP: "Asleep"}
TO_DO = (Lane.STEP, Lane.AWAKE, Lane.NEW)


@dataclass(frozen=True)
class Row:
    """A lead in the list. `last`: the hand-off that it came back from, where it had one."""

    lead: Lead
    lane: Lane
    countdown: Countdown | None
    reason: Reason | None
    last: HandOff | None

    @property
    def stage(self) -> Stage:
        return Stage(self.lead.stage)

    @property
    def who(self) -> str:
        return " · ".join(filter(None, (self.lead.title, str(self.lead.company or ""))))

    @property
    def why(self) -> str:
        """Why it is here, in a few words."""
        if self.lead.stage == Stage.INQUIRY:
            return f"{self.lead.channel.name}: not answered yet" if self.lane is Lane.NEW else self.lead.channel.name
        came = self.reason.label if self.reason else "No reason given"
        return f"{came}, after hand-off {self.last.number}" if self.last else came


@dataclass(frozen=True)
class Section:
    """One lane. `count` stops at 10,000: then there are at least so many."""

    lane: Lane
    title: str
    rows: Sequence[Row]
    count: int
    more: bool
    page: int = 1

    @property
    def is_many(self) -> bool:
        return self.count >= COUNTED_UP_TO


def in_lane(principal: Principal, lane: Lane, *, now: datetime, reason: Reason | None = None) -> "QuerySet[Any]":
    """The leads of a lane, the longest waiting first. New: nobody has planned a step for it."""
    leads = Lead.objects.visible_to(principal).filter(_conditions(now)[lane])
    if reason:
        return _with_reason(leads).filter(reason_id=reason.pk).order_by("due_at", "pk")
    return leads.order_by("due_at", "pk")


def in_lanes(
    principal: Principal, lanes: Sequence[Lane], *, now: datetime, reason: Reason | None = None
) -> "QuerySet[Any]":
    """The leads of these lanes, each with the place of its `lane` among them: by lane, the longest waiting first."""
    wanted = [_conditions(now)[lane] for lane in lanes]
    number = Case(*(When(one, then=Value(n)) for n, one in enumerate(wanted)), output_field=IntegerField())
    leads: QuerySet[Any] = Lead.objects.visible_to(principal).filter(reduce(or_, wanted)).annotate(lane=number)
    if reason:
        leads = _with_reason(leads).filter(reason_id=reason.pk)
    return leads.order_by("lane", "due_at", "pk")


def _conditions(now: datetime) -> dict[Lane, Q]:
    nurture, inquiry = Q(stage=Stage.NURTURE), Q(stage=Stage.INQUIRY)
    return {
        Lane.STEP: Q(stage__in=sorted(MARKETING_STAGES), next_action_at__lte=now),
        Lane.AWAKE: Q(nurture, due_at__lte=now, next_action_at=None),
        Lane.NEW: Q(inquiry, next_action_at=None),
        Lane.ASLEEP: Q(nurture, due_at__gt=now) | Q(inquiry, next_action_at__gt=now),
    }


def _with_reason(leads: "LeadQuerySet | QuerySet[Any]") -> "QuerySet[Any]":
    """Each with `reason_id`: why it came to nurture."""
    entered = StageChange.objects.filter(lead=OuterRef("pk"), new=Stage.NURTURE).order_by("-seq")
    return leads.annotate(reason_id=Subquery(entered.values("reason")[:1]))


def sections(
    principal: Principal, *, now: datetime, only: Lane | None = None, page: int = 1, reason: Reason | None = None
) -> list[Section]:
    """Every lane with its count; rows of `only`, else of those with something to do. Nine queries at most.

    A `page` beyond the last shows the last.
    """
    size = PAGE if only else AT_A_GLANCE
    wanted = (only,) if only else TO_DO
    found = {lane: in_lane(principal, lane, now=now, reason=reason) for lane in Lane}
    counts = {lane: leads.order_by()[:COUNTED_UP_TO].count() for lane, leads in found.items()}
    page = min(page, max(ceil(counts[only] / size), 1)) if only else 1
    shown = {lane: _read(found[lane], (page - 1) * size, size) for lane in wanted}
    whole = [lead for leads in shown.values() for lead in leads]
    why, last = _reasons(whole), _last_hand_offs(whole)
    return [
        Section(
            lane,
            TITLES[lane],
            [_row(lead, lane, why, last, now) for lead in shown.get(lane, ())],
            counts[lane],
            more=lane in shown and counts[lane] > page * size,
            page=page,
        )
        for lane in Lane
    ]


def _read(leads: "QuerySet[Any]", start: int, size: int) -> list[Any]:
    return list(leads.select_related("company", "channel")[start : start + size])


def _row(lead: Any, lane: Lane, why: dict[int, Reason], last: dict[int, HandOff], now: datetime) -> Row:
    due_at = lead.next_action_at if lead.stage == Stage.INQUIRY and lead.next_action_at else lead.due_at
    return Row(lead, lane, countdown(due_at, now), why.get(lead.pk), last.get(lead.pk))


def _reasons(leads: Sequence[Any]) -> dict[int, Reason]:
    """Why each came to nurture the last time. One query."""
    moves = StageChange.objects.filter(lead__in=leads, new=Stage.NURTURE, reason__isnull=False)
    return {move.lead_id: move.reason for move in moves.select_related("reason").order_by("seq") if move.reason}


def _last_hand_offs(leads: Sequence[Any]) -> dict[int, HandOff]:
    return {one.lead_id: one for one in HandOff.objects.filter(lead__in=leads).order_by("number")}


def touches_by_hand(lead: Lead) -> int:
    """How often marketing has tried since the lead came where it is."""
    return Touch.objects.filter(lead=lead, by__isnull=False, at__gte=lead.stage_entered_at).count()


# --- what I did today ---


@dataclass(frozen=True)
class Tally:
    """One figure of my day."""

    label: str
    count: int


_TALLIED = {
    Touch.Kind.CALL: "Calls",
    Touch.Kind.VOICEMAIL: "Voicemails",
    Touch.Kind.EMAIL: "E-mails",
    Touch.Kind.DIRECT_MAIL: "Direct mail",
}


def my_day(principal: Principal, *, since: datetime) -> list[Tally]:
    """Touches by kind, attributes learned, leads handed over, `since` the morning. Three queries."""
    touches = Touch.objects.filter(by=principal.user_id, at__gte=since).order_by()
    by_kind = dict(touches.values_list("kind").annotate(Count("pk")))
    learned = Evidence.objects.filter(learned_by=principal.user_id, learned_at__gte=since).count()
    promoted = StageChange.objects.filter(by=principal.user_id, move=Move.PROMOTE, at__gte=since).count()
    return [
        *(Tally(label, by_kind.get(kind.value, 0)) for kind, label in _TALLIED.items()),
        Tally("Learned", learned),
        Tally("Handed over", promoted),
    ]


def just_logged(principal: Principal, *, now: datetime) -> list[Touch]:
    """My touches that can still be taken back, the latest last."""
    mine = Touch.objects.filter(by=principal.user_id, at__gt=now - REMOVE_WITHIN)
    return list(mine.select_related("lead__company").order_by("-at", "-pk")[:UNDO_SHOWN])[::-1]


# --- tracks ---


@dataclass(frozen=True)
class Track:
    """What a reason means for the leads that came back for it. `reason` is None for those without one."""

    reason: Reason | None
    awake: int
    asleep: int


def tracks(principal: Principal, *, now: datetime) -> list[Track]:
    """One query for the counts and one for the reasons; those with the most to do first."""
    awake = Count("pk", filter=Q(due_at__lte=now))
    leads = _with_reason(Lead.objects.visible_to(principal).filter(stage=Stage.NURTURE))
    counts = leads.order_by().values("reason_id").annotate(awake=awake, total=Count("pk"))
    reasons = Reason.objects.in_bulk()
    found = [Track(reasons.get(row["reason_id"]), row["awake"], row["total"] - row["awake"]) for row in counts]
    return sorted(found, key=lambda track: (-track.awake, -track.asleep))
