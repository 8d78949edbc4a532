"""What was said of a lead in its present hand-off, read off its ledger: who may add what to it now. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispositions.desk.story import Guess, Happened
from dispositions.outcomes import RULES, Outcome
from dispositions.services.forecasts import OCCASIONS
from funnel.models import HandOff, LeadEvent


@dataclass(frozen=True)
class LastSaid:
    """The reader's own disposition, the last of the hand-off. `asks_forecast`: it waits for one."""

    seq: int
    outcome: Outcome
    at: datetime
    asks_forecast: bool

    @property
    def is_contact(self) -> bool:
        return RULES[self.outcome].is_contact


def last_said(
    events: Iterable[Happened], guesses: Iterable[Guess], hand_off: HandOff | None, reader: str
) -> LastSaid | None:
    """None where the last word was somebody else's, or no attempt and no conversation."""
    standing = said_in(events, hand_off)
    if not standing or standing[-1].by != reader:
        return None
    last = standing[-1]
    outcome = Outcome(last.data["outcome"])
    if not RULES[outcome].works_the_lead:
        return None
    return LastSaid(last.seq, outcome, last.at, RULES[outcome].is_contact and _waits(standing, guesses, hand_off))


def said_in(events: Iterable[Happened], hand_off: HandOff | None) -> list[Happened]:
    """The dispositions of a hand-off (of a lead without one: those without), the oldest first, none taken back."""
    number = hand_off.number if hand_off else None
    told = list(events)
    undone = {event.data.get("undoes") for event in told if event.kind == LeadEvent.Kind.CORRECTED}
    standing = [
        event
        for event in told
        if event.kind == LeadEvent.Kind.DISPOSITIONED
        and event.data.get("hand_off") == number
        and event.seq not in undone
    ]
    return sorted(standing, key=lambda event: event.seq)


def conversations_in(said: Iterable[Happened]) -> list[Happened]:
    return [event for event in said if RULES[Outcome(event.data["outcome"])].is_contact]


def _waits(said: Sequence[Happened], guesses: Iterable[Guess], hand_off: HandOff | None) -> bool:
    conversations = conversations_in(said)
    since, number = conversations[-1].at, hand_off.pk if hand_off else None
    given = any(guess.hand_off_id == number and guess.at >= since for guess in guesses)
    return len(conversations) in OCCASIONS and not given
