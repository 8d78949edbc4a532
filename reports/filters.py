"""The filters that reports share, and why they may leave nothing."""

from collections.abc import Sequence

from django.db.models import Q

from accounts.formats import whole
from accounts.models import Team, User
from accounts.principals import Kind, Principal
from accounts.roles import SALES_ROLES, Role
from funnel.models import Agreement, Campaign, Channel
from reports.parameters import Option, Parameter, Parameters, choice, read_date
from reports.period import Period
from reports.segments import Segment, known_segments, read_segment

_NAMED = ("team", "owner", "channel", "campaign", "segment", "agreement")


def why_empty(principal: Principal, parameters: Parameters, visible: int) -> str:
    """Why the filters leave nothing to count of the `visible` leads, and what to do about it."""
    if not visible:
        return _nothing_visible(principal)
    period = str(Period(parameters.get("from"), parameters.get("to")))
    filters = [period] if period else []
    filters += [f"week {week}"] if (week := parameters.get("week")) else []
    filters += [f"{name} {parameters[name]}" for name in _NAMED if parameters.get(name)]
    if day := parameters.get("as_of"):
        filters.append(f"as of {day}")
    leads = f"{whole(visible)} lead{'' if visible == 1 else 's'}"
    if not filters:
        return f"You can see {leads}, but nothing of what this report counts has happened to them yet."
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


def sees_whole_company(principal: Principal, parameters: Parameters) -> bool:
    """Whether figures of the company, such as spend, can be set against these leads."""
    of_a_part = any(parameters.get(name) for name in ("team", "owner", "segment", "agreement"))
    return principal.sees_everything and principal.kind is not Kind.API_KEY and not of_a_part


# --- what can be chosen ---------------------------------------------------------------------------------------


def _visible_teams(principal: Principal) -> Sequence[Team]:
    teams = Team.objects.all()
    return list(teams if principal.sees_everything else teams.filter(pk__in=principal.team_ids))


def _visible_owners(principal: Principal) -> Sequence[User]:
    """Those of sales whose leads he may see."""
    people = User.objects.filter(role__in=SALES_ROLES)
    if principal.sees_everything:
        return list(people)
    own = Q(pk=principal.user_id) if principal.user_id else Q(pk__in=())
    return list(people.filter(own | Q(team__in=principal.team_ids) if principal.role == Role.MANAGER else own))


def _read_team(text: str, principal: Principal) -> Team:
    for team in _visible_teams(principal):
        if text in {str(team.pk), team.name}:
            return team
    raise ValueError(f"there is no team “{text}” among those you can see.")


def _read_owner(text: str, principal: Principal) -> User:
    for user in _visible_owners(principal):
        if text.lower() in {str(user.pk), user.email or "", user.name.lower()}:
            return user
    raise ValueError(f"there is no rep “{text}” among those you can see. Give the e-mail address or the name.")


def _read_channel(text: str, _: Principal) -> Channel:
    if channel := Channel.objects.filter(slug=text).first():
        return channel
    known = ", ".join(Channel.objects.order_by("slug").values_list("slug", flat=True)[:20])
    raise ValueError(f"there is no channel “{text}”. Known: {known or 'none yet'}.")


def _read_campaign(text: str, _: Principal) -> Campaign:
    if campaign := Campaign.objects.filter(slug=text).first():
        return campaign
    raise ValueError(f"there is no campaign “{text}”. Give its slug, as in the address of its page.")


def _read_agreement(text: str, _: Principal) -> Agreement:
    for agreement in Agreement.objects.exclude(state=Agreement.State.DRAFT):
        if text in {str(agreement.pk), str(agreement)}:
            return agreement
    raise ValueError(f"there is no agreement “{text}”. Give its number, or its name and version.")


def _read_segment(text: str, _: Principal) -> Segment:
    return read_segment(text)


def _team_options(principal: Principal) -> Sequence[Option]:
    return [Option(str(team.pk), team.name) for team in _visible_teams(principal)]


def _owner_options(principal: Principal) -> Sequence[Option]:
    return [Option(str(user.pk), user.name) for user in _visible_owners(principal)]


def _channel_options(_: Principal) -> Sequence[Option]:
    return [Option(slug, name) for slug, name in Channel.objects.values_list("slug", "name")]


def _campaign_options(_: Principal) -> Sequence[Option]:
    return [Option(slug, name) for slug, name in Campaign.objects.values_list("slug", "name")]


def _agreement_options(_: Principal) -> Sequence[Option]:
    return [Option(str(one.pk), str(one)) for one in Agreement.objects.exclude(state=Agreement.State.DRAFT)]


def _segment_options(_: Principal) -> Sequence[Option]:
    return [Option(value, label) for value, label in known_segments()]


FROM = Parameter("from", "From", "The first day of the period, YYYY-MM-DD.", read_date)
TO = Parameter("to", "To", "The last day of the period, YYYY-MM-DD.", read_date)
AS_OF = Parameter("as_of", "As of", "What was known at the end of this day, YYYY-MM-DD; without it now.", read_date)
TEAM = Parameter("team", "Team", "Leads of this team and all below it: its name or number.", _read_team, _team_options)
OWNER = Parameter("owner", "Rep", "Leads of this rep: e-mail address, name or number.", _read_owner, _owner_options)
CHANNEL = Parameter("channel", "Channel", "Leads of this channel: its slug.", _read_channel, _channel_options)
CAMPAIGN = Parameter("campaign", "Campaign", "Leads of this campaign: its slug.", _read_campaign, _campaign_options)
SEGMENT = Parameter(
    "segment",
    "Segment",
    "Leads of companies like this: industry:NAME, size:BAND or country:XX.",
    _read_segment,
    _segment_options,
)
AGREEMENT = Parameter(
    "agreement",
    "Agreement",
    "Leads handed over under this version: its number, or name and version.",
    _read_agreement,
    _agreement_options,
)
# Whose period it is; the first is meant when nothing is said.
BY_COHORT = choice(
    "dates",
    "The period is that of",
    [Option("cohort", "Leads created then"), Option("event", "What happened then")],
    text="Whose days the period means: cohort (leads created in it) or event (what happened in it).",
)
BY_EVENT = choice(
    "dates",
    "The period is that of",
    [Option("event", "What happened then"), Option("cohort", "Leads created then")],
    text="Whose days the period means: event (what happened in it) or cohort (leads created in it).",
)

COMMON_PARAMETERS = (FROM, TO, AS_OF, TEAM, OWNER, CHANNEL, CAMPAIGN, SEGMENT, AGREEMENT)
