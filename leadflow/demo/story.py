"""One lead's story, told through the live services: each step is what a person would have done on that day."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accounts.models import Team, User
from accounts.principals import SYSTEM, Principal
from accounts.working_time import WorkingHours, add_working_days, add_working_time, next_opening
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, disposition_within
from funnel.assignment import Rule
from funnel.bulk import insert_rows
from funnel.lifecycle import CLOSED_STAGES, Stage
from funnel.models import HandOff, Lead, Touch
from funnel.services.assign import give_lead
from funnel.services.changes import LeadChange
from funnel.services.episodes import end_episode, flag_for, raised_kind
from funnel.services.ladder import Climb
from funnel.services.moves import move_within
from funnel.services.needs import MoveDetails
from leadflow.demo.channels import BY_SLUG
from leadflow.demo.journal import JournalChange
from leadflow.demo.people import SOURCE
from leadflow.demo.world import World

SWEEP_EVERY = timedelta(minutes=1)
NEWSLETTER_SHARE = 0.93
TOLD_FOR = timedelta(days=4)  # older notifications and mails have been deleted
_NO_STATEMENT = Statement(outcome=Outcome.ACCEPT)


class PresentReached(Exception):
    """The next step of a story lies after now: it ends here, in the middle."""


class Story:
    """Holds the lead as it stands at `at`; nobody else changes it meanwhile, so it is not read again."""

    def __init__(self, world: World, lead: Lead, *, later: Iterable[Touch], rng: Random) -> None:
        self.world, self.lead, self.rng = world, lead, rng
        self.at = lead.updated_at
        self._later = deque(later)
        self._heard_unsaved = False
        self._climbed: frozenset[tuple[object, ...]] = frozenset()

    @property
    def hours(self) -> WorkingHours:
        return self.world.rules.hours(self.lead.owner, self.lead.team)

    @property
    def hand_off(self) -> HandOff:
        if self.lead.hand_off is None:
            raise ValueError(f"lead {self.lead.pk} is not handed off")
        return self.lead.hand_off

    # --- time ---

    def wait(self, working_hours: float) -> None:
        """Go on after so much of the team's working time, within its hours."""
        moment = add_working_time(self.at, timedelta(hours=working_hours), self.hours)
        self.wait_until(next_opening(moment, self.hours))

    def wait_days(self, working_days: int) -> None:
        self.wait_until(add_working_days(self.at, working_days, self.hours))

    def rest(self, days: float, hours: WorkingHours | None = None) -> None:
        """Go on after so many calendar days, at the next hour somebody works."""
        self.wait_until(next_opening(self.at + timedelta(days=days), hours or self.hours))

    def wait_until(self, at: datetime) -> None:
        """Raises PresentReached."""
        if at > self.world.now:
            raise PresentReached
        self.at = max(self.at, at)
        self._catch_up(self.at)

    def finish(self) -> None:
        """What happens by itself until now: touches, and deadlines that nobody met."""
        self._write_newsletters()
        self._catch_up(self.world.now)
        if self._heard_unsaved:
            self.world.journal.keep_lead(self.lead, ["last_touch_at"])

    # --- steps ---

    def promote(
        self,
        owner: User | None,
        team: Team,
        by: User,
        *,
        rule: Rule,
        why: str,
        override: str,
    ) -> None:
        """Marketing hands the lead to sales; without an owner it waits in the team's pool.

        `override` is kept where a clause fails.
        """
        change = self._change(by.principal)
        give_lead(change, rep=owner, team=team, rule=rule, why=why)
        details = MoveDetails(agreement=self.world.agreement_at(self.at, team), assigned=True, override_reason=override)
        move_within(change, to=Stage.MQL, details=details)
        change.write()
        self.world.turns.remember(self.lead)

    def move(self, to: Stage, by: User, reason: str = "", wake_at: datetime | None = None) -> None:
        change = self._change(by.principal)
        given = self.world.reasons[reason] if reason else None
        move_within(change, to=to, details=MoveDetails(reason=given, wake_at=wake_at))
        change.write()

    def say(self, outcome: Outcome, by: User | None = None, **said: Any) -> None:
        """A disposition of the owner, or of whoever takes the lead from the pool."""
        speaker = by or self.lead.owner
        if speaker is None:
            raise ValueError(f"nobody owns lead {self.lead.pk}")
        disposition_within(self._change(speaker.principal), replace(_NO_STATEMENT, outcome=outcome, **said))
        if self.lead.owner_id == speaker.pk:
            self.lead.owner = speaker  # with his team and its hours, which taking from the pool does not load

    def _change(self, by: Principal, *, at: datetime | None = None, recorded_at: datetime | None = None) -> LeadChange:
        change = JournalChange(
            self.lead,
            journal=self.world.journal,
            by=by,
            at=at or self.at,
            recorded_at=recorded_at,
            rules=self.world.rules,
        )
        if self._heard_unsaved:
            change.set(last_touch_at=self.lead.last_touch_at)
            self._heard_unsaved = False
        return change

    # --- what happens by itself ---

    def _write_newsletters(self) -> None:
        """To whom marketing nurtures, until it forgets him."""
        lead, now, newsletter = self.lead, self.world.now, BY_SLUG["email"]
        if lead.stage != Stage.NURTURE or lead.wake_at:
            return
        at = max(self.at, *(touch.at for touch in self._later)) if self._later else self.at
        while self.rng.random() < NEWSLETTER_SHARE:
            at += timedelta(days=self.rng.uniform(25, 80))
            if at > now:
                return
            subject = self.rng.choice(newsletter.subjects)
            channel = self.world.lookups.channel(newsletter.slug)
            self._later.append(
                Touch(lead=lead, at=at, kind=newsletter.kind, channel=channel, source=SOURCE, subject=subject)
            )

    def _catch_up(self, until: datetime) -> None:
        while self._later and self._later[0].at <= until:
            self._hear(self._later.popleft())
        self._sweep_until(until)

    def _hear(self, touch: Touch) -> None:
        lead = self.lead
        if lead.stage in CLOSED_STAGES:
            return
        self._sweep_until(touch.at)
        self.world.journal.keep_touch(touch)
        lead.last_touch_at = max(filter(None, (lead.last_touch_at, touch.at)))
        self._heard_unsaved = True
        if lead.due_clock == Lead.Clock.TOUCH:
            change = self._change(self.world.automation, at=touch.at)
            end_episode(change)
            change.restart_clock()
            change.write(raises_version=False)

    def _sweep_until(self, until: datetime) -> None:
        """What the sweep would have done for this lead: the steps of its ladder, and the flag of its deadline."""
        while (step_at := self.lead.sweep_at) and step_at <= until:
            self._sweep(min(step_at + SWEEP_EVERY, until))

    def _sweep(self, at: datetime) -> None:
        lead, journal = self.lead, self.world.journal
        climb = Climb(lead, at, self.world.sweep_rules, self._climbed)
        rows = climb.rows
        journal.keep_steps(rows)
        self._climbed |= {(one.hand_off_id, one.clock, one.due_at, one.owner_id, one.share) for one in rows}
        if at > self.world.now - TOLD_FOR:
            journal.keep_messages(climb.messages, at=at)
        assert lead.due_at
        assert lead.sweep_at
        next_at = climb.next_at
        if lead.sweep_at <= lead.due_at <= at:
            self._raise_flag(at, next_at)
            return
        lead.sweep_at = next_at
        journal.keep_lead(lead, ["sweep_at"])

    def _raise_flag(self, at: datetime, next_at: datetime | None) -> None:
        lead = self.lead
        change = self._change(SYSTEM, at=lead.due_at, recorded_at=at)
        flag = flag_for(lead, at=at)
        change.record(raised_kind(flag), clock=flag.clock, due_at=flag.due_at.isoformat(), hand_off=flag.cycle)
        change.set(sweep_at=next_at)
        if lead.due_clock == Lead.Clock.WAKE:
            change.set(woken_at=at)
        insert_rows([flag])
        change.write(raises_version=False)
