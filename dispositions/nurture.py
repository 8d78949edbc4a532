"""/nurture/: who is to be developed now, who sleeps until when, and the track that each reason puts a lead on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.principals import Principal
from funnel.lifecycle import Stage
from funnel.models import HandOff, Lead, Reason, StageChange

PAGE = 50


class Show(StrEnum):
    AWAKE = "awake"
    ASLEEP = "asleep"


@dataclass(frozen=True)
class Row:
    """A lead in nurture. `last`: the hand-off that it came back from, where it had one."""

    lead: Lead
    reason: Reason | None
    last: HandOff | None


@dataclass(frozen=True)
class Track:
    """What a reason means for the leads that came back for it. `reason` is None for those without one."""

    reason: Reason | None
    awake: int
    asleep: int


def nurtured(principal: Principal) -> "QuerySet[Any]":
    """The leads in nurture, each with `reason_id`: why it came there."""
    entered = StageChange.objects.filter(lead=OuterRef("pk"), new=Stage.NURTURE).order_by("-seq")
    leads = Lead.objects.visible_to(principal).filter(stage=Stage.NURTURE)
    return leads.annotate(reason_id=Subquery(entered.values("reason")[:1]))


def shown(principal: Principal, show: Show, *, now: datetime, reason: Reason | None = None) -> "QuerySet[Any]":
    """Awake: its date has come, or nobody has touched it for too long. The longest waiting first."""
    leads = nurtured(principal)
    leads = leads.filter(due_at__lte=now) if show is Show.AWAKE else leads.filter(due_at__gt=now)
    if reason:
        leads = leads.filter(reason_id=reason.pk)
    return leads.select_related("company", "channel", "campaign", "owner", "team").order_by("due_at", "pk")


def rows_of(leads: Sequence[Any]) -> list[Row]:
    """Two queries for any number of leads, which carry their `reason_id`."""
    reasons = Reason.objects.in_bulk([lead.reason_id for lead in leads if lead.reason_id])
    last: dict[int, HandOff] = {}
    for hand_off in HandOff.objects.filter(lead__in=leads).order_by("number"):
        last[hand_off.lead_id] = hand_off
    return [Row(lead, reasons.get(lead.reason_id), last.get(lead.pk)) for lead in leads]


def tracks(principal: Principal, *, now: datetime) -> list[Track]:
    """One query for the counts and one for the reasons; those with the most to do first."""
    awake = Count("pk", filter=Q(due_at__lte=now))
    counts = nurtured(principal).order_by().values("reason_id").annotate(awake=awake, total=Count("pk"))
    reasons = Reason.objects.in_bulk()
    found = [Track(reasons.get(row["reason_id"]), row["awake"], row["total"] - row["awake"]) for row in counts]
    return sorted(found, key=lambda track: (-track.awake, -track.asleep))
