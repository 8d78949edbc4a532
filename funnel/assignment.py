"""Who gets a lead: the rules in their order, over facts that the services have gathered. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import models

from accounts.availability import is_away
from accounts.models import Team
from accounts.roles import SALES_ROLES, Role

HINDRANCES_NAMED = 3


class Rule(models.TextChoices):
    """Which rule chose. The first five are asked in this order; the others are somebody's doing."""

    KEPT = "kept", "Kept by its owner"
    TEAM = "team", "Its team"
    TERRITORY = "territory", "Territory"
    COMPANY = "company", "Company already owned"
    SEGMENT = "segment", "Segment"
    NONE = "none", "No rule fits"
    TAKEN = "taken", "Taken from the pool"
    REASSIGNED = "reassigned", "Reassigned"
    RETURNED = "returned", "Back to the pool"


# Leads given by these rules went round the team, and count as a turn of whoever got them.
IN_TURN = (Rule.TEAM, Rule.TERRITORY, Rule.SEGMENT, Rule.REASSIGNED)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A person who might get a lead. `load`: leads with sales that he owns. `last_turn`: 0 where he never had one."""

    user_id: int
    name: str
    role: str = Role.REP
    is_active: bool = True
    is_on_duty: bool = True
    away_from: date | None = None
    away_until: date | None = None
    cap: int | None = None
    load: int = 0
    last_turn: int = 0


def hindrance(candidate: Candidate, today: date, *, roles: Iterable[str] = (Role.REP,)) -> str:
    """Why this person cannot get a lead on `today`, his team's own date; nothing if he can."""
    if not candidate.is_active:
        return "has left"
    if candidate.role not in set(roles):
        return "is not a sales rep"
    if not candidate.is_on_duty:
        return "is off duty"
    if is_away(today, candidate.away_from, candidate.away_until):
        return f"is on leave until {candidate.away_until:%-d %B}" if candidate.away_until else "is on leave"
    if candidate.cap is not None and candidate.load >= candidate.cap:
        return f"has {candidate.load} of at most {candidate.cap} leads"
    return ""


def owner_hindrance(owner: Candidate, today: date) -> str:
    """The same for whoever owns the lead already: managers may."""
    return hindrance(owner, today, roles=SALES_ROLES)


@dataclass(frozen=True)
class Choice:
    """Who was chosen and why; nobody where the lead goes to the pool."""

    candidate: Candidate | None
    why: str


def choose(candidates: Sequence[Candidate], distribution: str, today: date) -> Choice:
    """The next of a team. `today` is the team's own date."""
    hindrances = [(one, hindrance(one, today)) for one in candidates]
    free = [one for one, why_not in hindrances if not why_not]
    if not free:
        return Choice(None, _nobody([f"{one.name} {why_not}" for one, why_not in hindrances]))
    if distribution == Team.Distribution.LEAST_LOADED:
        chosen = min(free, key=lambda one: (one.load, one.last_turn, one.user_id))
        return Choice(chosen, f"has the fewest leads ({chosen.load}) of {_available(free)}")
    chosen = min(free, key=lambda one: (one.last_turn, one.user_id))
    return Choice(chosen, f"is next in turn of {_available(free)}")


def _available(free: Sequence[Candidate]) -> str:
    return f"{len(free)} available" if len(free) > 1 else "1 available"


def _nobody(reasons: Sequence[str]) -> str:
    if not reasons:
        return "it has no reps"
    named = "; ".join(reasons[:HINDRANCES_NAMED])
    more = len(reasons) - HINDRANCES_NAMED
    return f"{named}; and {more} more" if more > 0 else named


@dataclass(frozen=True, kw_only=True)
class Segment:
    """What a segment rule asks of a lead; what is empty asks nothing, so that a rule of only blanks takes the rest."""

    naics_prefix: str = ""
    min_employees: int | None = None
    channel_id: int | None = None
    campaign_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the segment rules look at."""

    naics: str = ""
    employees: int | None = None
    channel_id: int | None = None
    campaign_id: int | None = None


def fits(segment: Segment, facts: Facts) -> bool:
    return (
        facts.naics.startswith(segment.naics_prefix)
        and (segment.min_employees is None or (facts.employees or 0) >= segment.min_employees)
        and segment.channel_id in {None, facts.channel_id}
        and segment.campaign_id in {None, facts.campaign_id}
    )
