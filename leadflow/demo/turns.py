"""Who gets a lead at the demo company: the product's own choice within a team, over the reps as they were that day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Team, User
from funnel.assignment import Candidate, Rule, choose, hindrance
from funnel.lifecycle import SALES_STAGES, Stage
from funnel.models import Lead
from leadflow.demo.staff import LAST_LEADS_BEFORE_LEAVE, OFF_DUTY, OFF_DUTY_SINCE, ON_LEAVE, Rep, Staff

# What the demo rep works on now is made for him in `today`.
DEMO_REP_IS_BUSY = 45  # days


@dataclass(frozen=True)
class Turn:
    """`rep` is nobody where the lead waits in the team's pool; `why` is a sentence."""

    rep: Rep | None
    rule: Rule
    why: str


@dataclass
class Turns:
    """Remembers whose turn it was last, and who works with which company."""

    staff: Staff
    now: datetime
    _count: int = 0
    _last_turns: Counter[int] = field(default_factory=Counter)
    _accounts: dict[int, Lead] = field(default_factory=dict)

    def next(self, lead: Lead, region: str, at: datetime, *, nobody: bool) -> Turn:
        """`nobody`: the whole team is off duty that day."""
        reps = {rep.user.pk: rep for rep in self.staff.reps[region]}
        candidates = [self._candidate(rep, at, on_duty=not nobody) for rep in reps.values()]
        free = {one.user_id for one in candidates if not hindrance(one, at.date())}
        if lead.owner_id in free:
            return Turn(reps[lead.owner_id], Rule.KEPT, f"{reps[lead.owner_id].user.name} has it already.")
        account = self._account_rep(lead)
        if account in free and account is not None:
            rep = reps[account]
            return Turn(rep, Rule.COMPANY, f"{rep.user.name} has other leads of {lead.company}.")
        team = self.staff.teams[region]
        rule, why = _rule(lead, team)
        choice = choose(candidates, team.distribution, at.date())
        if choice.candidate is None:
            return Turn(None, rule, f"{why} Nobody of {team.name} is available: {choice.why}.")
        self._count += 1
        self._last_turns[choice.candidate.user_id] = self._count
        return Turn(reps[choice.candidate.user_id], rule, f"{why} {choice.candidate.name} {choice.why}.")

    def available(self, region: str, at: datetime) -> Sequence[Rep]:
        reps = self.staff.reps[region]
        return [rep for rep in reps if not hindrance(self._candidate(rep, at, on_duty=True), at.date())]

    def remember(self, lead: Lead) -> None:
        """From now on its owner works with its company."""
        if lead.company_id is not None and lead.owner_id is not None:
            self._accounts[lead.company_id] = lead

    def _account_rep(self, lead: Lead) -> int | None:
        other = self._accounts.get(lead.company_id or 0)
        if other is None or other is lead or other.stage not in {*SALES_STAGES, Stage.WON}:
            return None
        return other.owner_id

    def _candidate(self, rep: Rep, at: datetime, *, on_duty: bool) -> Candidate:
        ago = self.now - at
        busy = {
            self.staff.demo_rep.user.name: ago.days < DEMO_REP_IS_BUSY,
            OFF_DUTY: ago < OFF_DUTY_SINCE,
            ON_LEAVE: ago < LAST_LEADS_BEFORE_LEAVE,
        }
        user: User = rep.user
        return Candidate(
            user_id=user.pk,
            name=user.name,
            is_on_duty=on_duty and not busy.get(user.name, False),
            last_turn=self._last_turns[user.pk],
        )


def _rule(lead: Lead, team: Team) -> tuple[Rule, str]:
    if lead.team_id == team.pk:
        return Rule.TEAM, f"It belongs to {team.name}."
    country = lead.company.country if lead.company else ""
    return Rule.TERRITORY, f"{team.name} sells to {country}."
