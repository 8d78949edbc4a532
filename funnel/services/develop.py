"""What marketing does with a lead before it is ready for sales: touches by hand, what they taught, the next step."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from accounts.principals import Principal
from funnel.attributes import Attribute
from funnel.errors import MissingNeeds, NotAllowed, StaleVersion
from funnel.lifecycle import MARKETING_STAGES, Party, Stage
from funnel.models import Channel, Evidence, Flag, Lead, LeadEvent, LeadText, Touch
from funnel.services.changes import LeadChange, last_change, open_change
from funnel.services.episodes import end_episode
from funnel.services.moves import parties
from funnel.services.touches import note_touch

BY_HAND = (Touch.Kind.CALL, Touch.Kind.VOICEMAIL, Touch.Kind.EMAIL, Touch.Kind.DIRECT_MAIL)
REMOVE_WITHIN = timedelta(minutes=15)
OWN_SOURCE = "leadflow"
_PLAN = ("wake_at", "woken_at", "next_action_at")


@transaction.atomic
def log_touch(
    *,
    lead_id: int,
    kind: Touch.Kind,
    by: Principal,
    at: datetime,
    subject: str = "",
    channel: Channel | None = None,
    evidence: Mapping[str, str] | None = None,
    learned: str = "",
    next_at: datetime | None = None,
) -> Touch:
    """Keep a touch that somebody of marketing made himself, with what was learned in it and when to go on.

    `channel`: without one it belongs to “nurture”. `next_at`: until then the lead sleeps. A touch raises neither the
    version nor the ledger; a note and a new date have their events.

    Raises Lead.DoesNotExist outside the scope, NotAllowed, MissingNeeds, StaleVersion once sales has the lead.
    """
    if kind not in BY_HAND:
        raise MissingNeeds({"kind": "Log a call, a voicemail, an e-mail or direct mail."})
    change = _open(lead_id, by=by, at=at)
    touch = Touch.objects.create(
        lead=change.lead,
        at=at,
        kind=kind,
        channel=channel or _nurture_channel(),
        source=OWN_SOURCE,
        subject=subject,
        by_id=by.user_id,
    )
    _learn(change, evidence or {}, learned)
    note_touch(change, at)
    if next_at:
        _plan(change, next_at)
    change.write(raises_version=False)
    return touch


@transaction.atomic
def learn(*, lead_id: int, by: Principal, at: datetime, evidence: Mapping[str, str], learned: str = "") -> int:
    """Keep what marketing found out without a touch; answers how many attributes. Raises as `log_touch`."""
    if not any(evidence.values()) and not learned.strip():
        raise MissingNeeds({"learned": "Say what was learned: of an attribute, or in a note."})
    change = _open(lead_id, by=by, at=at)
    kept = _learn(change, evidence, learned)
    change.write(raises_version=False)
    return kept


@transaction.atomic
def sleep_until(*, lead_id: int, until: datetime, by: Principal, at: datetime, learned: str = "") -> Lead:
    """Let a lead in nurture sleep until its new date. An inquiry is parked: that is a move. Raises as `log_touch`."""
    change = _open(lead_id, by=by, at=at)
    if change.lead.stage != Stage.NURTURE:
        raise NotAllowed("An inquiry is parked in nurture, with a reason.")
    _learn(change, {}, learned)
    _plan(change, until, is_step=False)
    change.write()
    return change.lead


@transaction.atomic
def remove_touch(*, touch_id: int, by: Principal, at: datetime) -> Lead:
    """Take back a touch logged by mistake, with what was written with it; the lead waits again as it did before.

    Raises Touch.DoesNotExist, Lead.DoesNotExist outside the scope, NotAllowed for somebody else's or an old one.
    """
    touch = Touch.objects.get(pk=touch_id)
    if touch.by_id is None or touch.by_id != by.user_id:
        raise NotAllowed("Only who logged a touch takes it back.")
    if at - touch.at > REMOVE_WITHIN:
        raise NotAllowed("A touch can be taken back for 15 minutes.")
    change = open_change(touch.lead_id, by=by, at=at)
    touch.delete()
    Evidence.objects.filter(lead=change.lead, learned_by=touch.by_id, learned_at=touch.at).delete()
    LeadText.objects.filter(lead=change.lead, by=touch.by_id, at=touch.at, kind=LeadText.Kind.LEARNED).delete()
    change.set(
        last_touch_at=Touch.objects.filter(lead=change.lead).order_by("-at").values_list("at", flat=True).first()
    )
    if change.lead.stage in MARKETING_STAGES:
        _wait_as_before(change, touch.at)
    change.write(raises_version=False)
    return change.lead


def _open(lead_id: int, *, by: Principal, at: datetime) -> LeadChange:
    change = open_change(lead_id, by=by, at=at)
    if Party.MARKETING not in parties(by) or by.user_id is None:
        raise NotAllowed("Only marketing develops leads before they are handed to sales.")
    if change.lead.stage not in MARKETING_STAGES:
        raise StaleVersion(change.lead.version, last_change(change.lead))
    return change


def _nurture_channel() -> Channel:
    channel, _ = Channel.objects.get_or_create(slug="nurture", defaults={"name": "Nurture"})
    return channel


def _learn(change: LeadChange, evidence: Mapping[str, str], learned: str) -> int:
    unknown = {slug: f"“{slug}” is not an attribute of a lead." for slug in evidence if slug not in Attribute}
    if unknown:
        raise MissingNeeds(unknown)
    lead, by = change.lead, change.by.user_id
    told = {slug: text.strip() for slug, text in evidence.items() if text.strip()}
    Evidence.objects.bulk_create(
        [
            Evidence(lead=lead, attribute=slug, text=text, learned_at=change.at, learned_by_id=by)
            for slug, text in told.items()
        ]
    )
    if learned.strip():
        change.write_text(LeadText.Kind.LEARNED, learned.strip(), change.record(LeadEvent.Kind.NOTED, private=False))
    return len(told)


def _plan(change: LeadChange, next_at: datetime, *, is_step: bool = True) -> None:
    """Set when marketing goes on with the lead; the event keeps what stood there. `is_step`: a next step, no sleep."""
    lead = change.lead
    if next_at <= change.at:
        raise MissingNeeds({"next_on": "The next date must lie in the future."})
    if next_at in {lead.wake_at, lead.next_action_at}:
        return
    before = {name: value.isoformat() if (value := getattr(lead, name)) else None for name in _PLAN}
    end_episode(change)
    change.set(next_action_at=next_at if is_step else None)
    if lead.stage == Stage.NURTURE:
        change.set(wake_at=next_at, woken_at=None)
    change.restart_clock()
    change.record(LeadEvent.Kind.EDITED, fields=["next_action_at" if is_step else "wake_at"], before=before)


def _wait_as_before(change: LeadChange, touched_at: datetime) -> None:
    """Dates, clock and episode as they were before the touch, unless somebody planned or moved the lead since."""
    lead = change.lead
    ended = Flag.objects.filter(lead=lead, cleared_at=touched_at).first()
    later = LeadEvent.objects.filter(
        lead=lead, at__gt=touched_at, kind__in=[LeadEvent.Kind.EDITED, LeadEvent.Kind.STAGE_CHANGED]
    )
    if later.exists():
        return
    planned = LeadEvent.objects.filter(lead=lead, at=touched_at, kind=LeadEvent.Kind.EDITED).first()
    if planned:
        change.set(**_dates(planned.data.get("before", {})))
    change.restart_clock()
    if ended and not Flag.objects.filter(lead=lead, cleared_at=None).exists():
        Flag.objects.filter(pk=ended.pk).update(cleared_at=None)
        change.set(sweep_at=None)  # the flag is raised: there is nothing left to do


def _dates(before: Mapping[str, Any]) -> dict[str, datetime | None]:
    return {name: parse_datetime(text) if (text := before.get(name)) else None for name in _PLAN}
