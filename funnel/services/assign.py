"""Giving a lead its team and its owner, one at a time in each team, with a row in the log that says why."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Team, User
from accounts.principals import Kind
from accounts.roles import Role
from funnel.assignment import IN_TURN, Candidate, Facts, Rule, choose, fits, hindrance, owner_hindrance
from funnel.lifecycle import SALES_STAGES, Stage
from funnel.limits import ClockRules
from funnel.models import Assignment, Lead, LeadEvent, TeamRule
from funnel.querysets import LeadQuerySet
from funnel.services.changes import LeadChange

LONGEST_REASON = 500


@dataclass(frozen=True)
class _Decision:
    """`why` is a sentence."""

    rule: Rule
    rep: User | None
    team: Team | None
    why: str


def assign_owner(change: LeadChange) -> None:
    """Give the lead that is being promoted its team and its owner; one row in the log, whoever it is.

    An owner who is available keeps it. Else the team is its own, its territory's, its company's or its segment's, and
    within the team the next who is available gets it. Where nobody is, it waits in the team's pool.
    """
    decision, why_not = _kept(change)
    if decision is None:
        decision = _by_the_rules(change)
    why = f"{why_not} {decision.why}".strip()
    give_lead(change, rep=decision.rep, team=decision.team, rule=decision.rule, why=why)


def give_lead(change: LeadChange, *, rep: User | None, team: Team | None, rule: Rule, why: str) -> None:
    """Make `rep` the owner, in `team`: with the event, where that is a change, and the row in the log.

    `why` is a sentence. The clock is the caller's.
    """
    lead, by = change.lead, change.by
    rep_id, team_id = rep.pk if rep else None, team.pk if team else None
    if (lead.owner_id, lead.team_id) != (rep_id, team_id):
        change.set(owner=rep, team=team)
        change.record(LeadEvent.Kind.ASSIGNED, owner=rep_id, team=team_id, rule=rule.value)
    change.assignments.append(
        Assignment(
            lead=lead,
            at=change.at,
            rule=rule,
            rep=rep,
            team=team,
            why=why[:LONGEST_REASON],
            by_id=by.user_id,
            by_name="" if by.kind is Kind.USER else by.name[:50],
        )
    )


def take_for(change: LeadChange, rep: User) -> None:
    """A lead of the pool becomes the rep's, because he took it or worked on it."""
    give_lead(change, rep=rep, team=change.lead.team or rep.team, rule=Rule.TAKEN, why=f"{rep.name} took it.")


def next_rep(lead: Lead, *, at: datetime) -> tuple[User, str] | None:
    """Who of the lead's team gets it after its present owner, and why; None where nobody else is available.

    Locks the team until the transaction ends. The caller gives it: `give_lead(…, rule=Rule.REASSIGNED)`.
    """
    team = lead.team or (lead.owner.team if lead.owner else None)
    if team is None:
        return None
    rep, why = _next_of(team, at=at, rules=ClockRules(), instead_of=lead.owner_id)
    return (rep, why) if rep else None


# --- the rules, in their order --------------------------------------------------------------------------------


def _kept(change: LeadChange) -> tuple[_Decision | None, str]:
    """The present owner, where he is available; else why he is not."""
    owner = change.lead.owner
    if owner is None:
        return None, ""
    why_not = _why_not(owner, change, owner_hindrance)
    if why_not:
        return None, f"{owner.name} {why_not}."
    return _Decision(Rule.KEPT, owner, change.lead.team or owner.team, f"{owner.name} has it already."), ""


def _by_the_rules(change: LeadChange) -> _Decision:
    lead = change.lead
    account_rep = _account_rep(lead)
    found = _team_of(lead, account_rep)
    if found is None:
        return _Decision(Rule.NONE, None, None, "No rule names a team for it: an admin can add one.")
    rule, team, why = found
    if account_rep and account_rep.team_id == team.pk and not _why_not(account_rep, change, hindrance):
        known = f"{account_rep.name} has other leads of {lead.company}."
        return _Decision(Rule.COMPANY, account_rep, team, known)
    rep, who = _next_of(team, at=change.at, rules=change.rules, instead_of=None)
    return _Decision(rule, rep, team, f"{why} {who}")


def _team_of(lead: Lead, account_rep: User | None) -> tuple[Rule, Team, str] | None:
    if lead.team:
        return Rule.TEAM, lead.team, f"It belongs to {lead.team.name}."
    country = lead.company.country if lead.company else ""
    territory = _territory(country)
    if territory:
        return Rule.TERRITORY, territory, f"{territory.name} sells to {country}."
    if account_rep and account_rep.team:
        return Rule.COMPANY, account_rep.team, f"{account_rep.name} has other leads of {lead.company}."
    segment = _segment_rule(lead)
    if segment:
        return Rule.SEGMENT, segment.team, f"{segment.team.name} has the segment: {segment.sentence}."
    return None


def _territory(country: str) -> Team | None:
    """The team that sells there; of several the one with the smallest territory."""
    if not country:
        return None
    # Read whole: companies have hundreds of teams, and SQLite cannot look into a JSON list.
    claiming = [team for team in Team.objects.select_related("calendar").order_by("pk") if country in team.countries]
    return min(claiming, key=lambda team: len(team.countries), default=None)


def _account_rep(lead: Lead) -> User | None:
    """Whoever works with the lead's company, or sold to it; the last one where there were several."""
    if lead.company_id is None:
        return None
    others = Lead.objects.filter(
        company=lead.company_id, merged_into=None, erased_at=None, owner__isnull=False
    ).exclude(pk=lead.pk)
    newest = others.filter(stage__in=[*SALES_STAGES, Stage.WON]).order_by("-stage_entered_at", "-pk")
    other = newest.select_related("owner__team__calendar").first()
    return other.owner if other else None


def _segment_rule(lead: Lead) -> TeamRule | None:
    company = lead.company
    facts = Facts(
        naics=company.naics if company else "",
        employees=company.employees if company else None,
        channel_id=lead.channel_id,
        campaign_id=lead.campaign_id,
    )
    rules = TeamRule.objects.select_related("team__calendar", "channel", "campaign")
    return next((rule for rule in rules if fits(rule.segment, facts)), None)


# --- within a team --------------------------------------------------------------------------------------------


def _next_of(team: Team, *, at: datetime, rules: ClockRules, instead_of: int | None) -> tuple[User | None, str]:
    """Whoever is next in the team, and why, in a sentence. Locks the team."""
    _lock(team)
    members = {member.pk: member for member in _members(team) if member.pk != instead_of}
    candidates = [_candidate(one, load=one.load, last_turn=one.last_turn) for one in members.values()]
    choice = choose(candidates, team.distribution, _today(team, at, rules))
    if choice.candidate is None:
        return None, f"Nobody of {team.name} is available: {choice.why}."
    return members[choice.candidate.user_id], f"{choice.candidate.name} {choice.why}."


def _why_not(user: User, change: LeadChange, judge: Callable[[Candidate, date], str]) -> str:
    """Why this one person cannot have the lead; nothing if he can. His load is counted only against a cap."""
    load = 0
    if user.lead_cap is not None:
        if user.team:
            _lock(user.team)
        load = _with_sales().filter(owner=user).exclude(pk=change.lead.pk).count()
    return judge(_candidate(user, load=load), _today(user.team, change.at, change.rules))


def _lock(team: Team) -> None:
    """Until the transaction ends nobody else is chosen in this team: a turn is taken once, and a cap holds.

    All but its key, which rows that merely name the team need.
    """
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)


def _members(team: Team) -> list[Any]:
    """The team's reps, those who left apart, each with his `load` and the number of his `last_turn`."""
    load = _with_sales().filter(owner=OuterRef("pk")).order_by().values("owner").annotate(n=Count("pk")).values("n")
    turns = Assignment.objects.filter(rep=OuterRef("pk"), rule__in=IN_TURN).order_by("-pk").values("pk")[:1]
    reps = User.objects.filter(team=team, is_active=True, role=Role.REP).select_related("team__calendar")
    return list(reps.annotate(load=Coalesce(Subquery(load), 0), last_turn=Coalesce(Subquery(turns), 0)).order_by("pk"))


def _with_sales() -> LeadQuerySet:
    return Lead.objects.filter(stage__in=SALES_STAGES, due_at__isnull=False, merged_into=None, erased_at=None)


def _candidate(user: User, *, load: int, last_turn: int = 0) -> Candidate:
    return Candidate(
        user_id=user.pk,
        name=user.name,
        role=user.role,
        is_active=user.is_active,
        is_on_duty=user.is_on_duty,
        away_from=user.away_from,
        away_until=user.away_until,
        cap=user.lead_cap,
        load=load,
        last_turn=last_turn,
    )


def _today(team: Team | None, at: datetime, rules: ClockRules) -> date:
    return at.astimezone(rules.hours(None, team).time_zone).date()
