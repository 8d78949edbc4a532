"""What every story in the demo data shares: who works there, what is agreed, what time it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from accounts.models import User
from accounts.principals import Principal
from funnel.limits import ClockRules
from funnel.models import Agreement, Reason
from funnel.services.lookups import Lookups
from leadflow.demo.journal import Journal
from leadflow.demo.staff import Staff


@dataclass
class World:
    """`now` ends every story. `agreements` are in order, the first in force since the demo company began."""

    now: datetime
    staff: Staff
    agreements: Sequence[Agreement]
    reasons: Mapping[str, Reason]
    automation: Principal
    rules: ClockRules = field(default_factory=ClockRules)
    lookups: Lookups = field(default_factory=lambda: Lookups([]))
    journal: Journal = field(default_factory=Journal)

    def agreement_at(self, at: datetime) -> Agreement:
        """The version in force at that time."""
        in_force = [one for one in self.agreements if one.in_force_from and one.in_force_from <= at]
        return in_force[-1]

    def marketer(self, rng: Random) -> User:
        return rng.choice(self.staff.marketers)

    def write_journal(self) -> None:
        self.journal.write()
        self.journal = Journal()
