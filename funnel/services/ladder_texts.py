"""What the ladder says, in the words and the time zone of whoever is told."""

from dataclasses import dataclass
from datetime import datetime

from accounts.formats import moment
from accounts.models import User
from funnel.escalation import DEADLINE
from funnel.models import Lead

_TO_DO = {Lead.Clock.ACCEPT: "Accept or refuse it", Lead.Clock.FIRST_ATTEMPT: "Make a first attempt"}
_NOT_DONE = {Lead.Clock.ACCEPT: "accepted or refused it", Lead.Clock.FIRST_ATTEMPT: "tried to reach it"}


@dataclass(frozen=True)
class Waiting:
    """A lead at a step of its ladder. `by`: until when its owner has, or had, to answer."""

    lead: Lead
    share: int
    by: datetime


def sentence(waiting: Waiting, reader: User) -> str:
    lead, by = waiting.lead, local_time(waiting.by, reader)
    clock = Lead.Clock(lead.due_clock)
    who = lead.owner.name if lead.owner else "nobody"
    verb = "has not" if lead.owner else "has"
    if waiting.share < DEADLINE:
        return f"{named(lead)}: {waiting.share} % of the agreed time has passed. {_TO_DO[clock]} by {by}."
    if waiting.share == DEADLINE:
        return f"{named(lead)} is in the Black Hole: by {by} {who} {verb} {_NOT_DONE[clock]}."
    return f"{named(lead)} has waited {waiting.share} % of the agreed time: {who} {verb} {_NOT_DONE[clock]}."


def named(lead: Lead) -> str:
    """The lead with its company. Needs `company`: select it with the lead."""
    company = str(lead.company) if lead.company else ""
    return f"{lead.name} ({company})" if company and company != lead.name else lead.name


def local_time(at: datetime, reader: User) -> str:
    """As on the reader's clock and in his formats. Needs `team.calendar`: select it with the user."""
    return moment(at, reader)
