"""The right side of /nurture/: the brief of a lead in marketing's hands, and all that may be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.forms import Form

from accounts.principals import Principal
from dispositions.desk.agreed import channel_of_touch, is_refused, refusals
from dispositions.desk.brief import Brief, brief_of, open_flag
from dispositions.desk.forms import DIGITS
from dispositions.marketing.next_step import proposed_step
from dispositions.marketing.nurture import touches_by_hand
from dispositions.marketing.nurture_forms import DevelopForm, SleepForm
from dispositions.marketing.offers import MoveForm, Offer, offers
from dispositions.marketing.promotion import Readiness, readiness
from funnel.lifecycle import MARKETING_STAGES, Move, Stage
from funnel.limits import ClockRules
from funnel.models import Lead, Reason
from funnel.services.develop import BY_HAND

# The key of each touch, and its icon.
KEYS: Mapping[str, tuple[str, str]] = {
    "call": ("c", "phone"),
    "voicemail": ("v", "voicemail"),
    "email": ("e", "mail"),
    "direct_mail": ("d", "campaign"),
}


@dataclass(frozen=True)
class Answered:
    """What could not be done, shown again: the form of the touch, of the sleep, or of a move."""

    develop: DevelopForm | None = None
    sleep: SleepForm | None = None
    move: tuple[Move, MoveForm] | None = None

    @property
    def form(self) -> Form | None:
        return self.develop or self.sleep or (self.move[1] if self.move else None)

    @property
    def opened(self) -> str:
        """The panel in which it is shown."""
        if self.develop:
            return "learned"
        if self.sleep:
            return "sleep"
        return {Move.PROMOTE: "promote", Move.PARK: "sleep", Move.DISCARD: "discard"}.get(
            self.move[0] if self.move else Move.UNDO, ""
        )


@dataclass(frozen=True)
class Action:
    """A touch that one key logs."""

    kind: str
    label: str
    key: str
    icon: str


ACTIONS = [
    Action(kind.value, label, *KEYS[kind.value])
    for kind, label in zip(BY_HAND, ("Called", "Voicemail", "E-mail sent", "Direct mail"), strict=True)
]


@dataclass(frozen=True)
class Desk:
    """`park` is the move by which an inquiry goes to sleep; a lead in nurture has `sleep`. `opened`: a panel's name.

    A lead that has left marketing's hands has a brief alone, and `refused`: what could not be done any more.
    """

    brief: Brief
    tries: int = 0
    develop: DevelopForm | None = None
    readiness: Readiness | None = None
    promote: Offer | None = None
    discard: Offer | None = None
    park: Offer | None = None
    sleep: SleepForm | None = None
    reasons: Sequence[Reason] = ()
    opened: str = ""
    refused: Form | None = None

    @property
    def lead(self) -> Lead:
        return self.brief.lead

    @property
    def refusals(self) -> list[str]:
        """What the person has not agreed to, in sentences."""
        return refusals(self.lead)

    @property
    def proposed(self) -> str:
        """The touch that comes first: the first that the person has not refused."""
        by = {action.kind: channel_of_touch(action.kind) for action in ACTIONS}
        return next(kind for kind, channel in by.items() if channel is None or not is_refused(self.lead, channel))

    @property
    def discard_reasons(self) -> list[tuple[str, Reason]]:
        return _numbered(self.reasons, self.discard)

    @property
    def park_reasons(self) -> list[tuple[str, Reason]]:
        return _numbered(self.reasons, self.park)


def _numbered(reasons: Sequence[Reason], offer: Offer | None) -> list[tuple[str, Reason]]:
    """Each reason of a move with its digit; beyond ten there is none left."""
    fitting = [one for one in reasons if offer and offer.kind.reasons_of in one.outcomes]
    return [(DIGITS[place] if place < len(DIGITS) else "", one) for place, one in enumerate(fitting)]


def desk_of(
    lead: Lead, principal: Principal, *, now: datetime, answered: Answered | None = None, opened: str = ""
) -> Desk:
    """Needs what `readable` selects with the lead."""
    told = answered or Answered()
    brief = brief_of(lead, principal, flag=open_flag(lead), now=now)
    if lead.stage not in MARKETING_STAGES:
        return Desk(brief, refused=told.form)
    reasons = list(Reason.objects.filter(is_active=True))
    possible = {one.kind.move: one for one in offers(lead, principal, reasons, answered=told.move)}
    tries = touches_by_hand(lead)
    return Desk(
        brief,
        tries=tries,
        develop=told.develop or _develop_form(brief, tries, now),
        readiness=readiness(lead),
        promote=possible.get(Move.PROMOTE),
        discard=possible.get(Move.DISCARD),
        park=possible.get(Move.PARK),
        sleep=None if lead.stage == Stage.INQUIRY else told.sleep or SleepForm(),
        reasons=reasons,
        opened=told.opened or opened,
    )


def _develop_form(brief: Brief, tries: int, now: datetime) -> DevelopForm:
    lead, rules = brief.lead, ClockRules()
    hours = rules.company_hours
    planned = lead.wake_at or lead.next_action_at
    wakes_on = planned.astimezone(hours.time_zone).date() if planned else None
    next_on = proposed_step(touches=tries, wakes_on=wakes_on, now=now, hours=hours)
    unknown = [one.attribute for one in brief.missing]
    return DevelopForm(initial={"next_on": next_on}, unknown=unknown)
