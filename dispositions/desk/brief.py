"""What a rep needs to know before he calls: who it is, how they came, what is known, what to begin with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.principals import Principal
from accounts.roles import Role
from dispositions.buying_decision.state import Buying, buying_of
from dispositions.desk.agreed import Agreed, agreed
from dispositions.desk.clauses import ClauseFound, Promise, clauses_found, promise_of
from dispositions.desk.countdown import Countdown, countdown
from dispositions.desk.cycles import Cycle, earlier_cycles
from dispositions.desk.forms import StatementForm
from dispositions.desk.history import Entry, clause_evidence, history_of
from dispositions.desk.openers import Opener, Told, openers_from
from dispositions.desk.panels import Ask, Ground, panels
from dispositions.desk.proofs import Match, active_proofs, matching_proofs
from dispositions.desk.pursuit import Cadence, cadence_of, follow_up_of
from dispositions.desk.said import LastSaid, conversations_in, last_said, said_in
from dispositions.desk.story import Guess, Heard, Learned, Story, story_of
from dispositions.outcomes import Outcome, Rule, possible_at
from dispositions.precedents import Precedents, precedents_of
from dispositions.services.forecasts import OCCASIONS
from funnel.attributes import BANT, Attribute
from funnel.knowledge import known_attributes
from funnel.lifecycle import SALES_STAGES, Stage
from funnel.models import Assignment, Flag, HandOff, Lead, LeadEvent, StageDefinition
from funnel.reference_cache import every_reason, stage_definition

# What moves a buyer: pulled out of the evidence, before all else that is known.
DRIVERS: Mapping[Attribute, str] = {
    Attribute.PAIN: "Pain",
    Attribute.COMPELLING_EVENT: "Event",
    Attribute.COMPETITION: "Competition",
}
TOUCHES_AT_A_GLANCE = 3
EVENTS_AT_A_GLANCE = 8  # the lead's own page has all of them
_HURTS = (Attribute.PAIN, Attribute.COMPELLING_EVENT, Attribute.ENVIRONMENT)


@dataclass(frozen=True)
class Known:
    """An attribute that is known: by evidence, else read off the company. `is_driver`: shown on its own above."""

    attribute: Attribute
    learned: Learned | None

    @property
    def is_driver(self) -> bool:
        return self.attribute in DRIVERS


@dataclass(frozen=True)
class Missing:
    """An attribute that nobody knows yet. `bant`: what it is called in BANT, where it is part of it."""

    attribute: Attribute
    bant: str


@dataclass(frozen=True)
class Driver:
    """Something that moves the buyer. `by`: who learned it, or how it shows."""

    name: str
    text: str
    by: str
    at: datetime | None


@dataclass(frozen=True)
class Brief:
    lead: Lead
    countdown: Countdown | None
    flag: Flag.Kind | None
    stage: StageDefinition | None
    assignment: Assignment | None
    can_take: bool
    hand_off: HandOff | None
    touches: Sequence[Heard]
    drivers: Sequence[Driver]
    openers: Sequence[Opener]
    proofs: Sequence[Match]
    known: Sequence[Known]
    missing: Sequence[Missing]
    bant: Sequence[tuple[str, bool]]
    cycles: Sequence[Cycle]
    buying: Buying
    guesses: Sequence[Guess]
    promise: Promise | None
    history: Sequence[Entry]
    rules: Sequence[Rule]
    asks: Sequence[Ask]
    cadence: Cadence | None
    said: LastSaid | None
    precedents: Precedents
    agreed: Sequence[Agreed] = ()

    @property
    def newest_touches(self) -> Sequence[Heard]:
        return self.touches[:TOUCHES_AT_A_GLANCE]

    @property
    def older_touches(self) -> Sequence[Heard]:
        return self.touches[TOUCHES_AT_A_GLANCE:]


@dataclass(frozen=True)
class Answered:
    """A statement that could not be recorded: its outcome and its form with the errors."""

    outcome: Outcome
    form: StatementForm


def brief_of(
    lead: Lead,
    principal: Principal,
    *,
    flag: Flag.Kind | None,
    now: datetime,
    answered: Answered | None = None,
    opened: Outcome | None = None,
    whole: bool = False,
) -> Brief:
    """One query, one more for a lead in a later cycle; and now and then those for the lists that are kept.

    `answered`: what the rep just tried to say, shown again with what it lacks.
    `opened`: the panel to show at once, where there is no JavaScript to open it. `whole`: what the stage means and
    who assigned the lead too, which a page of its own has room for.
    """
    may_act = principal.role in {Role.REP, Role.MANAGER, Role.ADMIN}
    story = story_of(lead, sees_notes=principal.role != Role.MARKETING)
    attributes = known_attributes(lead, story.learned)
    cycles = earlier_cycles(lead)
    rules = possible_at(Stage(lead.stage)) if may_act else []
    found = clauses_found(lead.hand_off, clause_evidence(story.texts, lead.hand_off))
    missing = _missing(attributes)
    cadence = cadence_of(lead, said_in(story.events, lead.hand_off), now)
    hurts = [story.learned[one].text for one in _HURTS if one in story.learned]
    return Brief(
        lead=lead,
        countdown=countdown(lead.due_at, now),
        flag=flag,
        stage=stage_definition(Stage(lead.stage)) if whole else None,
        assignment=Assignment.objects.filter(lead=lead).last() if whole else None,
        can_take=may_act and lead.owner_id is None and lead.stage in SALES_STAGES,
        hand_off=lead.hand_off,
        touches=story.touches,
        drivers=_drivers(lead, story),
        openers=openers_from(_told(lead, story, cycles, missing), now=timezone.localtime(now)),
        proofs=matching_proofs(active_proofs(), lead, hurts),
        known=[Known(one, story.learned.get(one)) for one in Attribute if one in attributes],
        missing=missing,
        bant=[(name, attribute in attributes) for name, attribute in BANT.items()],
        cycles=cycles,
        buying=buying_of(story.buy_ins, [one.attribute for one in missing]),
        guesses=story.guesses,
        promise=promise_of(lead.hand_off, found) if lead.hand_off else None,
        history=history_of(story.events[:EVENTS_AT_A_GLANCE], story.texts, every_reason()),
        rules=rules,
        asks=panels(
            _ground(lead, story, attributes, found, cadence, now=now),
            rules,
            forms={answered.outcome: answered.form} if answered else {},
            opened=opened,
        ),
        cadence=cadence,
        said=last_said(story.events, story.guesses, lead.hand_off, principal.name) if may_act else None,
        precedents=precedents_of(lead),
        agreed=agreed(lead),
    )


def open_flag(lead: Lead) -> Flag.Kind | None:
    flag = Flag.objects.filter(lead=lead, cleared_at=None).first()
    return Flag.Kind(flag.kind) if flag else None


def _ground(
    lead: Lead,
    story: Story,
    known: set[Attribute],
    found: Sequence[ClauseFound],
    cadence: Cadence | None,
    *,
    now: datetime,
) -> Ground:
    """What the panels are prefilled with."""
    go_on = follow_up_of(lead, now, now)
    conversations = conversations_in(said_in(story.events, lead.hand_off))
    return Ground(
        lead=lead,
        now=now,
        reasons=[reason for reason in every_reason() if reason.is_active],
        known={one: story.learned[one].text if one in story.learned else "" for one in known},
        found=found,
        people=story.buy_ins,
        progress=cadence.progress if cadence else None,
        go_on_at=go_on.at if go_on else None,
        asks_forecast=len(conversations) + 1 in OCCASIONS,
    )


def _missing(known: set[Attribute]) -> list[Missing]:
    """Those of BANT first: without them nothing is qualified."""
    bant = {attribute: name for name, attribute in BANT.items()}
    order = [*bant, *(one for one in Attribute if one not in bant)]
    return [Missing(one, bant.get(one, "")) for one in order if one not in known]


def _drivers(lead: Lead, story: Story) -> list[Driver]:
    """Pain, event and competition as somebody learned them, and what the prospect himself came back to."""
    drivers = [
        Driver(name, story.learned[one].text, story.learned[one].by, story.learned[one].at)
        for one, name in DRIVERS.items()
        if one in story.learned
    ]
    if lead.competitor and Attribute.COMPETITION not in story.learned:
        drivers.append(Driver("Competition", lead.competitor, "", None))
    for subject, times in Counter(touch.subject for touch in story.touches if touch.subject).most_common(1):
        if times > 1:
            latest = next(touch.at for touch in story.touches if touch.subject == subject)
            drivers.append(Driver("Hot button", subject, f"{times} times", latest))
    return drivers


def _told(lead: Lead, story: Story, cycles: Sequence[Cycle], missing: Sequence[Missing]) -> Told:
    ended_at = cycles[0].ended_at if cycles else lead.created_at
    return Told(
        touches=story.touches,
        evidence=story.learned,
        cycles=cycles,
        missing=[one.attribute for one in missing],
        self_reported_source=lead.self_reported_source,
        campaign=lead.campaign.name if lead.campaign else "",
        woken=any(event.kind == LeadEvent.Kind.WOKEN and event.at > ended_at for event in story.events),
    )
