"""What every story in the demo data shares: who works there, what is agreed, what time it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from accounts.models import Team, User
from accounts.principals import Principal
from funnel.limits import ClockRules
from funnel.models import Agreement, Reason
from funnel.services.ladder import Rules
from funnel.services.lookups import Lookups
from leadflow.demo.agreements import governing
from leadflow.demo.journal import Journal
from leadflow.demo.staff import Staff
from leadflow.demo.turns import Turns


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
    sweep_rules: Rules = field(init=False)
    turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        self.sweep_rules = Rules(clocks=self.rules)
        self.turns = Turns(self.staff, self.now)

    def agreement_at(self, at: datetime, team: Team) -> Agreement:
        """The version that governed this team's leads at that time."""
        return governing(self.agreements, team, at)

    def marketer(self, rng: Random) -> User:
        return rng.choice(self.staff.marketers)

    def write_journal(self) -> None:
        self.journal.write()
        self.journal = Journal()
