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
from funnel.lifecycle import CLOSED_STAGES, Stage
from funnel.models import HandOff, Lead, LeadEvent, Touch
from funnel.services.changes import LeadChange
from funnel.services.episodes import flag_for, raised_kind
from funnel.services.moves import move_within
from funnel.services.needs import MoveDetails
from funnel.services.touches import add_touches
from leadflow.demo.journal import JournalChange
from leadflow.demo.world import World

SWEEP_EVERY = timedelta(minutes=1)
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
        """What happens by itself until now: touches, and a deadline that nobody met."""
        self._catch_up(self.world.now)
        if self._heard_unsaved:
            self.world.journal.keep_lead(self.lead, ["last_touch_at"])

    # --- steps ---

    def promote(self, owner: User | None, team: Team, by: User) -> None:
        """Marketing hands the lead to sales; without an owner it waits in the team's pool."""
        change = self._change(by.principal)
        change.set(team=team)
        if owner and owner != self.lead.owner:
            change.set(owner=owner)
            change.record(LeadEvent.Kind.ASSIGNED, owner=owner.pk, rule="territory")
        details = MoveDetails(agreement=self.world.agreement_at(self.at))
        move_within(change, to=Stage.MQL, details=details)
        change.write()

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

    def _catch_up(self, until: datetime) -> None:
        while self._later and self._later[0].at <= until:
            self._hear(self._later.popleft())
        self._let_deadline_pass(until)

    def _hear(self, touch: Touch) -> None:
        lead = self.lead
        if lead.stage in CLOSED_STAGES:
            return
        self._let_deadline_pass(touch.at)
        if lead.due_clock == Lead.Clock.TOUCH:
            change = self._change(self.world.automation, at=touch.at)
            add_touches(change, [touch])
            change.write(raises_version=False)
            return
        self.world.journal.keep_touch(touch)
        lead.last_touch_at = max(filter(None, (lead.last_touch_at, touch.at)))
        self._heard_unsaved = True

    def _let_deadline_pass(self, until: datetime) -> None:
        """What the sweep would have done when this lead's deadline was missed."""
        lead = self.lead
        if lead.sweep_at is None or lead.sweep_at > until:
            return
        swept_at = min(lead.sweep_at + SWEEP_EVERY, until)
        change = self._change(SYSTEM, at=lead.sweep_at, recorded_at=swept_at)
        flag = flag_for(lead, at=swept_at)
        change.record(raised_kind(flag), clock=flag.clock, due_at=flag.due_at.isoformat(), hand_off=flag.cycle)
        change.set(sweep_at=None)
        if lead.due_clock == Lead.Clock.WAKE:
            change.set(woken_at=swept_at)
        flag.save(force_insert=True)
        change.write(raises_version=False)
