"""The filters that reports share, and the leads they leave: the cohort."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import Q

from accounts.formats import day, whole
from accounts.models import Team, subtree_ids
from accounts.principals import Kind, Principal
from accounts.roles import Role
from funnel.models import Campaign, Channel, Lead
from funnel.querysets import LeadQuerySet
from reports.parameters import InvalidParameter, Option, Parameter, Parameters, read_date


@dataclass(frozen=True)
class Period:
    """Whole days of one time zone, both included; None where it is open."""

    first: date | None
    last: date | None

    def created_in(self, zone: tzinfo | None) -> Q:
        condition = Q()
        if self.first:
            condition &= Q(created_at__gte=datetime.combine(self.first, time(), zone))
        if self.last:
            condition &= Q(created_at__lt=datetime.combine(self.last + timedelta(days=1), time(), zone))
        return condition

    def __str__(self) -> str:
        first = f"from {day(self.first)}" if self.first else ""
        last = f"until {day(self.last)}" if self.last else ""
        return f"{first} {last}".strip()


def period_of(parameters: Parameters) -> Period:
    """Raises InvalidParameter where it ends before it begins."""
    first, last = parameters["from"], parameters["to"]
    if first and last and first > last:
        raise InvalidParameter(f"from: {first} is later than the end of the period, {last}.")
    return Period(first, last)


def cohort(principal: Principal, parameters: Parameters, now: datetime) -> LeadQuerySet:
    """The leads created in the period, in the time zone of `now`, that the principal may see and the filters leave."""
    leads = Lead.objects.visible_to(principal).filter(period_of(parameters).created_in(now.tzinfo))
    if parameters["team"]:
        leads = leads.filter(team__in=subtree_ids({parameters["team"].pk}))
    if parameters["channel"]:
        leads = leads.filter(channel=parameters["channel"])
    if parameters["campaign"]:
        leads = leads.filter(campaign=parameters["campaign"])
    return leads


def why_empty(principal: Principal, parameters: Parameters) -> str:
    """Why the filters leave no lead, and what to do about it."""
    visible = Lead.objects.visible_to(principal).count()
    if not visible:
        return _nothing_visible(principal)
    period = str(period_of(parameters))
    filters = [f"created {period}"] if period else []
    filters += [f"{name} {parameters[name]}" for name in ("team", "channel", "campaign") if parameters[name]]
    leads = f"{whole(visible)} lead{'' if visible == 1 else 's'}"
    return (
        f"You can see {leads}, but none fits these filters: {'; '.join(filters)}. Widen the period or clear a filter."
    )


def _nothing_visible(principal: Principal) -> str:
    match principal.role:
        case Role.REP:
            return "No lead is yours and none waits in your team's pool: your first hand-off will show here."
        case Role.MANAGER:
            return "None of your teams has a lead yet: their first hand-off will show here."
        case _:
            return "There are no leads yet: import a file of them, or connect the system that has them."


def _visible_teams(principal: Principal) -> Sequence[Team]:
    teams = Team.objects.all()
    return list(teams if principal.sees_everything else teams.filter(pk__in=principal.team_ids))


def _read_team(text: str, principal: Principal) -> Team:
    for team in _visible_teams(principal):
        if text in {str(team.pk), team.name}:
            return team
    raise ValueError(f"there is no team “{text}” among those you can see.")


def _read_channel(text: str, _: Principal) -> Channel:
    if channel := Channel.objects.filter(slug=text).first():
        return channel
    known = ", ".join(Channel.objects.order_by("slug").values_list("slug", flat=True)[:20])
    raise ValueError(f"there is no channel “{text}”. Known: {known or 'none yet'}.")


def _read_campaign(text: str, _: Principal) -> Campaign:
    if campaign := Campaign.objects.filter(slug=text).first():
        return campaign
    raise ValueError(f"there is no campaign “{text}”. Give its slug, as in the address of its page.")


def _team_options(principal: Principal) -> Sequence[Option]:
    return [Option(str(team.pk), team.name) for team in _visible_teams(principal)]


def _channel_options(_: Principal) -> Sequence[Option]:
    return [Option(slug, name) for slug, name in Channel.objects.values_list("slug", "name")]


def _campaign_options(_: Principal) -> Sequence[Option]:
    return [Option(slug, name) for slug, name in Campaign.objects.values_list("slug", "name")]


def sees_whole_company(principal: Principal, parameters: Parameters) -> bool:
    """Whether figures of the company, such as spend, can be set against these leads."""
    return principal.sees_everything and principal.kind is not Kind.API_KEY and not parameters["team"]


COHORT_PARAMETERS = (
    Parameter("from", "From", "The first day on which the leads were created, YYYY-MM-DD.", read_date),
    Parameter("to", "To", "The last day on which the leads were created, YYYY-MM-DD.", read_date),
    Parameter("team", "Team", "Leads of this team and all below it: its name or number.", _read_team, _team_options),
    Parameter("channel", "Channel", "Leads of this channel: its slug.", _read_channel, _channel_options),
    Parameter("campaign", "Campaign", "Leads of this campaign: its slug.", _read_campaign, _campaign_options),
)
