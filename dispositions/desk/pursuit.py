"""A lead as the cadence sees it: the attempts made, whose hours count, which channels may be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats

from accounts.working_time import WorkingHours
from dispositions.desk.agreed import CONSENTS, is_refused, refusals
from dispositions.desk.cadence import Pursuit, Slot, Try, follow_up_slot, next_slot, untried
from dispositions.desk.prospect import prospect_hours
from dispositions.desk.story import Happened
from dispositions.desk.tries import tries_told
from dispositions.outcomes import RULES, Channel, Outcome
from funnel.lifecycle import SALES_STAGES
from funnel.models import HandOff, Lead
from funnel.persistence import Progress, progress_of
from funnel.reference_cache import company_calendar


@dataclass(frozen=True)
class Cadence:
    """What the brief says of the attempts. `slot`: when to try next; `refused`: what they have not agreed to.

    `proposes`: the lead has no other next step ahead. `reached_at`: the last word was a conversation, then.
    `may_mail`: they have not refused e-mails.
    """

    progress: Progress
    slot: Slot | None
    refused: Sequence[str]
    untried: Sequence[Channel]
    proposes: bool
    reached_at: datetime | None
    may_mail: bool = True

    @property
    def tried(self) -> list[str]:
        return [Channel(slug).label for slug in self.progress.channels]

    @property
    def in_words(self) -> str:
        if self.slot:
            return slot_in_words(self.slot)
        way = "by e-mail" if self.may_mail else "in another way"
        return f"Your hours and theirs never meet: agree on a time {way}."


def cadence_of(lead: Lead, said: Sequence[Happened], now: datetime) -> Cadence | None:
    """None where sales is not at work under an agreement. `said`: the dispositions of the hand-off, in their order."""
    if lead.hand_off is None or lead.stage not in SALES_STAGES:
        return None
    pursuit = pursuit_of(lead, lead.hand_off, tries_told(said), hours_of(lead), now)
    reached_at = said[-1].at if said and RULES[Outcome(said[-1].data["outcome"])].is_contact else None
    slot = follow_up_slot(pursuit, reached_at, now) if reached_at else next_slot(pursuit, now)
    planned = lead.next_action_at
    return Cadence(
        pursuit.progress,
        slot,
        refusals(lead),
        untried(pursuit.channels, pursuit.progress),
        proposes=planned is None or planned <= now or (slot is not None and planned == slot.at),
        reached_at=reached_at,
        may_mail=not is_refused(lead, Channel.EMAIL),
    )


def pursuit_of(lead: Lead, hand_off: HandOff, tries: Sequence[Try], hours: WorkingHours, now: datetime) -> Pursuit:
    """`tries`: those of this hand-off, in their order. `hours`: of the owner's team."""
    country = lead.company.country if lead.company else ""
    return Pursuit(
        progress=progress_of(hand_off, hours, now),
        tries=tries,
        ours=hours,
        theirs=prospect_hours(lead.time_zone, country),
        channels=usable_channels(lead),
    )


def follow_up_of(lead: Lead, reached_at: datetime, now: datetime) -> Slot | None:
    """When to go on after a conversation; none for a lead without a hand-off."""
    if lead.hand_off is None:
        return None
    return follow_up_slot(pursuit_of(lead, lead.hand_off, (), hours_of(lead), now), reached_at, now)


def hours_of(lead: Lead) -> WorkingHours:
    """The hours that govern a lead, for pages. Needs what `ClockRules.hours` needs."""
    for responsible in (lead.owner.team if lead.owner else None, lead.team):
        if responsible and responsible.calendar:
            return responsible.calendar.hours
    return company_calendar().hours


def usable_channels(lead: Lead) -> list[Channel]:
    """By what the lead can be tried: an address is known, and nobody has refused it. The best first."""
    tried = lead.hand_off.attempt_channels if lead.hand_off else []
    known = {Channel.PHONE: bool(lead.phone), Channel.EMAIL: bool(lead.email)}
    direct = [
        channel for channel in CONSENTS if (known[channel] or channel.value in tried) and not is_refused(lead, channel)
    ]
    return [*direct, Channel.SOCIAL]


def slot_in_words(slot: Slot) -> str:
    """“Tue 10 Mar, 10:30 their time, 09:30 yours, by phone: not tried mornings yet”, in the reader's formats."""
    ours = _clock(slot.our_clock)
    if slot.their_clock is None:
        when = f"{_day(slot.our_clock)}, {ours} yours"
        when += ", working time wherever they are" if slot.everywhere else ""
    elif slot.their_clock == slot.our_clock:
        when = f"{_day(slot.our_clock)}, {ours}"
    else:
        other_day = f"{_day(slot.our_clock)}, " if slot.our_clock.date() != slot.their_clock.date() else ""
        when = f"{_day(slot.their_clock)}, {_clock(slot.their_clock)} their time, {other_day}{ours} yours"
    return f"{when}, {_BY[slot.channel]}: {slot.why}"


_BY = {
    Channel.PHONE: "by phone",
    Channel.EMAIL: "by e-mail",
    Channel.SOCIAL: "on a social network",
    Channel.MEETING: "in person",
}


def _day(clock: datetime) -> str:
    return f"{formats.date_format(clock, 'D')} {formats.date_format(clock, 'MONTH_DAY_FORMAT')}"


def _clock(clock: datetime) -> str:
    return formats.date_format(clock, "TIME_FORMAT")
