"""The sweep at work on a batch of leads: a flag for each missed deadline, and the steps of the ladder that are due."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from accounts.models import User
from accounts.notifications import Link, Message, mails_at_once, tell
from accounts.principals import SYSTEM
from accounts.superiors import Superiors
from funnel import ledger, quick_answers
from funnel.bulk import insert_rows, update_rows
from funnel.escalation import DEADLINE, Step, Told, still_said
from funnel.limits import ClockRules
from funnel.models import Escalation, Flag, Lead, LeadEvent
from funnel.services.episodes import flag_for, raised_kind
from funnel.services.ladder_texts import Waiting, sentence

# What a lead is read with before it climbs.
NEEDED = ("owner__team__calendar", "team__calendar", "hand_off__agreement", "company")

_KINDS = {Told.OWNER: "reminder", Told.MANAGER: "black_hole", Told.MANAGERS_MANAGER: "escalation"}
# The step at the deadline is counted as the flag that it raises.
_COUNTED = {Told.OWNER: "reminded", Told.MANAGERS_MANAGER: "escalated"}


@dataclass
class Rules:
    """What is the same for all leads of a sweep, read once."""

    clocks: ClockRules = field(default_factory=ClockRules)
    superiors: Superiors = field(default_factory=Superiors)


def climb(leads: Sequence[Lead], *, now: datetime, rules: Rules) -> Counter[str]:
    """Do all that is due at `now` for these leads, which the caller has locked; answers how many of what.

    Every missed step is done once and in order; one that says nothing any more is only noted. The number of queries
    does not depend on the number of leads.
    """
    if not leads:
        return Counter()
    flags = _missing_flags(leads, now)
    done = _done_before(leads)
    climbs = [Climb(lead, now, rules, done) for lead in leads]
    if flags:
        _raise(leads, flags, now)
    insert_rows([row for one in climbs for row in one.rows], keyed=False)
    tell((message for one in climbs for message in one.messages), at=now)
    _write_leads(climbs, flags, now)
    told = [_COUNTED[one] for climb in climbs for step in climb.said if (one := step.told) in _COUNTED]
    return Counter(told) + Counter("woken" if flag.clock == Lead.Clock.WAKE else flag.kind for flag in flags)


class Climb:
    """What is due for one lead."""

    def __init__(self, lead: Lead, now: datetime, rules: Rules, done: frozenset[tuple[object, ...]]) -> None:
        self.lead, self.now, self.rules = lead, now, rules
        self.steps = rules.clocks.ladder(lead)
        undone = [step for step in self.steps if (*_place(lead), step.share) not in done]
        self.due = [step for step in undone if step.at <= now]
        self.later = [step.at for step in undone if step.at > now]

    @cached_property
    def said(self) -> list[Step]:
        return [step for step in self.due if still_said(step, self.steps, self.now)]

    @property
    def next_at(self) -> datetime | None:
        """When the sweep has to look at this lead again."""
        if self.later:
            return min(self.later)
        due_at = self.lead.due_at
        return due_at if due_at and due_at > self.now else None

    @property
    def rows(self) -> list[Escalation]:
        return [self._row(step) for step in self.due]

    def _row(self, step: Step) -> Escalation:
        lead = self.lead
        assert lead.hand_off
        assert lead.due_at
        return Escalation(
            lead=lead,
            hand_off=lead.hand_off,
            clock=lead.due_clock,
            due_at=lead.due_at,
            owner=lead.owner,
            share=step.share,
            at=step.at,
            done_at=self.now,
            skipped=step not in self.said,
            hands_over=lead.hand_off.agreement.reassigns and step is self.steps[-1],
        )

    @property
    def messages(self) -> Iterable[Message]:
        lead = self.lead
        key = ":".join(["ladder", str(lead.pk), *map(str, _place(lead))])
        for step in self.said:
            for user in self._told(step):
                yield Message(
                    user=user,
                    kind=_KINDS[step.told],
                    key=f"{key}:{step.share}",
                    text=sentence(self._waiting(step), user),
                    url=f"/leads/{lead.pk}/",
                    lead=lead.pk,
                    links=self._links(step, user),
                    links_are="Say at once what happened. Each link asks once more before anything is recorded:",
                )

    def _links(self, step: Step, user: User) -> list[Link]:
        """Its owner can answer from the mail; a manager looks at the lead first."""
        lead = self.lead
        if step.told is not Told.OWNER or user != lead.owner or not mails_at_once(user):
            return []
        answers = quick_answers.offered(lead, user, at=self.now)
        return [*answers, Link("Open the lead", f"/leads/{lead.pk}/")] if answers else []

    def _told(self, step: Step) -> list[User]:
        owner = self.lead.owner
        if step.told is Told.OWNER and owner and owner.is_active:
            return [owner]
        level = 2 if step.told is Told.MANAGERS_MANAGER else 1
        return self.rules.superiors.told(level, owner=owner, team_id=self.lead.team_id)

    def _waiting(self, step: Step) -> Waiting:
        by = next(one.at for one in self.steps if one.share == DEADLINE)
        return Waiting(lead=self.lead, share=step.share, by=by)


def _place(lead: Lead) -> tuple[object, ...]:
    """For what a step is climbed once: this hand-off, clock, deadline and owner."""
    return (lead.hand_off_id, lead.due_clock, lead.due_at, lead.owner_id)


def _done_before(leads: Sequence[Lead]) -> frozenset[tuple[object, ...]]:
    hand_offs = [lead.hand_off_id for lead in leads if lead.due_clock in Lead.AGREED_CLOCKS]
    rows = Escalation.objects.filter(hand_off__in=hand_offs)
    return frozenset(rows.values_list("hand_off", "clock", "due_at", "owner", "share"))


def _missing_flags(leads: Sequence[Lead], now: datetime) -> list[Flag]:
    missed = [lead for lead in leads if lead.due_at and lead.due_at <= now]
    open_flags = Flag.objects.filter(lead__in=missed, cleared_at=None)
    flagged = set(open_flags.values_list("lead", flat=True))
    return [flag_for(lead, at=now) for lead in missed if lead.pk not in flagged]


def _raise(leads: Sequence[Lead], flags: Sequence[Flag], now: datetime) -> None:
    Flag.objects.bulk_create(
        flags,
        # The deadline came back by an undo: its episode goes on.
        update_conflicts=True,
        unique_fields=["lead", "cycle", "kind", "clock", "due_at"],
        update_fields=["cleared_at"],
    )
    insert_rows(ledger.chain(leads, [_event(flag, now) for flag in flags]), keyed=False)


def _event(flag: Flag, now: datetime) -> LeadEvent:
    return LeadEvent(
        lead=flag.lead,
        seq=flag.lead.ledger_seq + 1,
        kind=raised_kind(flag),
        at=flag.due_at,
        recorded_at=now,
        actor_name=SYSTEM.name,
        data={"clock": flag.clock, "due_at": flag.due_at.isoformat(), "hand_off": flag.cycle},
    )


def _write_leads(climbs: Sequence[Climb], flags: Sequence[Flag], now: datetime) -> None:
    for one in climbs:
        one.lead.sweep_at = one.next_at
    for flag in flags:
        flag.lead.ledger_seq += 1
        if flag.clock == Lead.Clock.WAKE:
            flag.lead.woken_at = now
    update_rows([one.lead for one in climbs], ["sweep_at", "ledger_seq", "woken_at"])
