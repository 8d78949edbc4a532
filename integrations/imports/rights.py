"""What whoever imports a file may say in it. The commands are LeadFlow's own hand, and may say anything.

A refusal says the same whether what was named exists or not.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import Team, User
from accounts.principals import Kind, Principal
from accounts.roles import SALES_ROLES, Role
from accounts.services import People, PersonUnclear, Teams
from funnel.lifecycle import Stage
from funnel.models import HandOff, Lead
from integrations.files.errors import quoted
from integrations.imports.records import RowRefused

# Where marketing brings a lead; what comes after is for sales to say, or for a file of outcomes of the past.
MARKETING_MAY_SET = frozenset({Stage.INQUIRY, Stage.NURTURE, Stage.MQL, Stage.DISQUALIFIED})
WITH_SALES = frozenset({Stage.SAL, Stage.SQL, Stage.WON, Stage.LOST, Stage.NO_DECISION})

STAGE_BEYOND = "not-allowed: marketing brings leads up to MQL. What became of them later is a file of outcomes."
WITH_SALES_NOW = "not-allowed: sales was handed this lead here, and says itself what becomes of it."


def owner_for(by: Principal, people: People, name: str) -> User:
    """The person, new where need be. Raises PersonUnclear; of marketing, which adds nobody, also RowRefused."""
    if by.role != Role.MARKETING:
        return people.named_or_new(name, role=Role.REP)
    refused = RowRefused(
        "owner", f"not-allowed: you cannot give leads to {quoted(name)}. Name somebody of sales, or ask an admin."
    )
    try:
        found = people.named(name)
    except PersonUnclear as unclear:
        raise refused from unclear
    if found is None or found.role not in SALES_ROLES or not found.is_active:
        raise refused
    return found


def team_for(by: Principal, teams: Teams, path: str) -> Team:
    """The team, new where need be. Raises TeamRefused; of marketing, which adds no team, also RowRefused."""
    if by.role == Role.MARKETING and not teams.has(path):
        raise RowRefused("team", f"not-allowed: you cannot give leads to the team {quoted(path)}. Ask an admin.")
    return teams.find_or_add(path)


def check_stage(values: Mapping[str, Any], by: Principal) -> None:
    """Raises RowRefused."""
    if by.role == Role.MARKETING and Stage(values.get("stage", Stage.INQUIRY)) not in MARKETING_MAY_SET:
        raise RowRefused("stage", STAGE_BEYOND)


def check_role(by: Principal, known: User | None, values: Mapping[str, Any]) -> None:
    """No file that somebody uploads takes an admin his role: it may be the last one. Raises RowRefused."""
    takes_it = known is not None and known.role == Role.ADMIN and values.get("role", Role.ADMIN) != Role.ADMIN
    if by.kind is Kind.USER and takes_it:
        raise RowRefused("role", "not-allowed: a file takes nobody's admin role. Change it in the admin's pages.")


def out_of_hand(by: Principal, leads: Iterable[Lead]) -> frozenset[int]:
    """The leads whose outcome this principal may not tell: of marketing's, those that sales was handed live."""
    if by.role != Role.MARKETING:
        return frozenset()
    found = {lead.pk: lead for lead in leads}
    live = set(HandOff.objects.filter(lead__in=found, imported=False).values_list("lead", flat=True))
    own = {pk for pk, lead in found.items() if lead.hand_off_id is None and lead.stage in WITH_SALES}
    return frozenset(live | own)
