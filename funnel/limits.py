"""Where a lead's limits come from: the agreement of its hand-off, the definition of its stage, its owner's hours."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property

from accounts.models import Team, User
from accounts.working_time import WorkingHours
from funnel.deadlines import Limits
from funnel.escalation import Clock, Step, ladder
from funnel.models import Agreement, Lead
from funnel.reference import STALE_AFTER_DAYS
from funnel.reference_cache import company_calendar, stale_after_days


class ClockRules:
    """The admin's limits and calendars, each read once: make one for a request, a sweep or a batch of an import.

    A limit that has just been changed may take 10 seconds until all processes know it (funnel.reference_cache).
    """

    @cached_property
    def stale_after_days(self) -> Mapping[str, int]:
        """Days of silence per stage: the admin's, else the default."""
        return STALE_AFTER_DAYS | stale_after_days()

    @cached_property
    def company_hours(self) -> WorkingHours:
        """The default calendar's hours."""
        return company_calendar().hours

    def hours(self, owner: User | None, team: Team | None) -> WorkingHours:
        """The hours that govern a lead: its owner's team's, else its team's, else the company's.

        Needs `owner.team.calendar` and `team.calendar`: select them with the lead.
        """
        for responsible in (owner.team if owner else None, team):
            if responsible and responsible.calendar:
                return responsible.calendar.hours
        return self.company_hours

    def limits(self, lead: Lead) -> Limits:
        agreement = lead.hand_off.agreement if lead.hand_off else Agreement()
        return Limits(
            accept_within=timedelta(minutes=agreement.accept_within_minutes),
            first_attempt_within=timedelta(minutes=agreement.first_attempt_within_minutes),
            stale_after_days=self.stale_after_days.get(lead.stage, 0),
        )

    def ladder(self, lead: Lead) -> list[Step]:
        """The steps that lead up to this lead's deadline and beyond.

        None where no clock of an agreement runs. Needs what `hours` needs, and `hand_off.agreement`.
        """
        hand_off = lead.hand_off
        if lead.due_clock not in Lead.AGREED_CLOCKS or hand_off is None or hand_off.imported or lead.due_at is None:
            return []
        limits = self.limits(lead)
        clock = Clock(
            started_at=lead.clock_started_at or lead.stage_entered_at,
            due_at=lead.due_at,
            allowed=limits.accept_within if lead.due_clock == Lead.Clock.ACCEPT else limits.first_attempt_within,
            hours=self.hours(lead.owner, lead.team),
        )
        return ladder(clock, hand_off.agreement.escalation_shares)
