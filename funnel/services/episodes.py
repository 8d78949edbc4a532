"""Episodes in the Black Hole and of staleness: begun by a missed deadline, ended by what stops the clock."""

from collections.abc import Iterable
from datetime import datetime

from funnel.models import Flag, Lead, LeadEvent
from funnel.services.changes import UNASKED, LeadChange


def flag_for(lead: Lead, *, at: datetime) -> Flag:
    """The flag of the deadline this lead has missed; not yet saved."""
    if lead.due_at is None:
        raise ValueError(f"lead {lead.pk} has no deadline to miss")
    return Flag(
        lead=lead,
        hand_off_id=lead.hand_off_id,
        cycle=lead.cycle,
        kind=Flag.Kind.BLACK_HOLE if lead.due_clock in Lead.AGREED_CLOCKS else Flag.Kind.STALE,
        clock=lead.due_clock,
        due_at=lead.due_at,
        raised_at=at,
        owner_id=lead.owner_id,
        team_id=lead.team_id,
    )


def raised_kind(flag: Flag) -> LeadEvent.Kind:
    """The event that tells of this flag."""
    if flag.kind == Flag.Kind.BLACK_HOLE:
        return LeadEvent.Kind.BLACK_HOLE
    return LeadEvent.Kind.WOKEN if flag.clock == Lead.Clock.WAKE else LeadEvent.Kind.STALE


def end_episode(change: LeadChange) -> None:
    """End the lead's open episode. One whose deadline passed since the last sweep is kept too: begun and ended now."""
    flag = _missed_deadline(change)
    if flag is None:
        return
    flag.cleared_at = change.at
    if change.open_flag is UNASKED:
        flag.save()
    else:
        change.flags.append(flag)  # with those of the other leads
        change.open_flag = None
    if flag.kind == Flag.Kind.BLACK_HOLE:
        change.record(LeadEvent.Kind.RECOVERED, clock=flag.clock, due_at=flag.due_at.isoformat())


def _missed_deadline(change: LeadChange) -> Flag | None:
    """The lead's open flag, or that which the sweep has not come to raise. Asks only where there can be one."""
    lead, at = change.lead, change.at
    if lead.due_at is None or lead.due_at > at:
        return None
    known = change.open_flag
    if known is UNASKED:
        known = Flag.objects.filter(lead=lead, cleared_at=None).first()  # also unseen: an undo has brought it back
    if known or not _missed_unseen(lead, at):
        return known
    flag = flag_for(lead, at=at)
    change.record(raised_kind(flag), clock=flag.clock, due_at=flag.due_at.isoformat())
    return flag


def open_flags(leads: Iterable[Lead], *, at: datetime) -> dict[int, Flag]:
    """Those of the leads that may have missed a deadline, by lead. One query, where there is any such lead."""
    late = [lead.pk for lead in leads if lead.due_at and lead.due_at <= at]
    return {flag.lead_id: flag for flag in Flag.objects.filter(lead__in=late, cleared_at=None)} if late else {}


def _missed_unseen(lead: Lead, at: datetime) -> bool:
    """The deadline has passed, and no sweep has told of it: it would have set `sweep_at` behind the deadline."""
    return bool(lead.due_at and lead.sweep_at and lead.due_at <= at and lead.sweep_at <= lead.due_at)
