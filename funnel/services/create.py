"""A lead that somebody enters by hand: a rep his own find, marketing one that no form told of."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.notifications import notify
from accounts.principals import Kind, Principal
from accounts.roles import SALES_ROLES, Role
from accounts.superiors import Superiors
from funnel.errors import MissingNeeds, NotAllowed
from funnel.identity import InvalidEmail, email_key
from funnel.inputs import LeadInput, Status
from funnel.lifecycle import Move, Stage
from funnel.models import Channel, Lead
from funnel.services.edit import EmailTaken, holder_of
from funnel.services.moves import move_lead
from funnel.services.receive import receive_leads

SOURCE = "page"
SELF_SOURCED = "self-sourced"


@transaction.atomic
def create_lead(*, given: LeadInput, by: Principal, at: datetime, accept: bool = False) -> Lead:
    """Make a lead of what was typed; sent twice under one `external_id` it is made once.

    What sales finds is the owner's from the start, in the channel of self-sourced leads. `accept`: it is a SAL at once.

    Raises EmailTaken where the person is known already, NotAllowed, MissingNeeds; nothing is written then.
    """
    if by.kind is not Kind.USER:
        raise NotAllowed("Only people enter leads by hand.")
    owner = _owner(given.owner, by)
    _check_known_person(given)
    known = Lead.objects.filter(identities__source=SOURCE, identities__external_id=given.external_id).first()
    if known:
        return known.merged_into or known
    channel = _self_sourced().slug if owner else given.channel
    full = replace(given, source=SOURCE, owner=owner, team=owner.team if owner else None, channel=channel)
    (received,) = receive_leads([full], by=by, at=at)
    if received.lead is None:
        raise MissingNeeds({received.field: received.problem})
    if received.status is not Status.CREATED:
        raise EmailTaken(received.lead.pk)  # somebody entered the same person at the same moment
    if accept:
        move_lead(lead_id=received.lead.pk, to=Stage.SAL, move=Move.SELF_SOURCE, by=by, at=at)
    return received.lead


def _owner(chosen: User | None, by: Principal) -> User | None:
    """A rep is the owner of what he finds; a manager may enter it for somebody of his teams."""
    assert by.user_id is not None
    if by.role == Role.REP or (by.role == Role.MANAGER and chosen is None):
        return User.objects.select_related("team").get(pk=by.user_id)
    if chosen is None:
        return None
    if by.role == Role.MARKETING or chosen.role not in SALES_ROLES or not chosen.is_active:
        raise NotAllowed("Only somebody who works in sales can own a lead that sales found.")
    if by.role == Role.MANAGER and chosen.pk != by.user_id and chosen.team_id not in by.team_ids:
        raise NotAllowed(f"{chosen.name} is in none of your teams.")
    return chosen


def _check_known_person(given: LeadInput) -> None:
    if not (given.email or given.phone):
        raise MissingNeeds({"email": "Give an e-mail address or a phone number: how else is the person reached?"})
    try:
        holder = holder_of(email_key(given.email)) if given.email else None
    except InvalidEmail as wrong:
        raise MissingNeeds({"email": str(wrong)}) from wrong
    if holder and not _is_the_same_try(holder, given.external_id):
        raise EmailTaken(holder)


def _is_the_same_try(lead_id: int, external_id: str) -> bool:
    own = {"identities__source": SOURCE, "identities__external_id": external_id}
    return Lead.objects.filter(pk=lead_id, **own).exists()


def _self_sourced() -> Channel:
    channel, _ = Channel.objects.get_or_create(slug=SELF_SOURCED, defaults={"name": "Self-sourced by sales"})
    return channel


@transaction.atomic
def ask_for_lead(*, email: str, by: Principal, at: datetime) -> bool:
    """Tell whoever manages the lead with this address that somebody else met the person; answers whether there is one.

    Who asks learns nothing of the lead. Asked again the same day, nobody is told twice.
    """
    try:
        holder = holder_of(email_key(email))
    except InvalidEmail:
        return False
    if holder is None:
        return False
    lead = Lead.objects.select_related("owner", "company").get(pk=holder)
    notify(
        Superiors().told(1, owner=lead.owner, team_id=lead.team_id),
        kind="asked_for",
        key=f"asked-for:{lead.pk}:{by.user_id}:{at:%Y-%m-%d}",
        text=f"{by.name} has met {lead} too and asks to work on this lead.",
        url=f"/leads/{lead.pk}/",
        lead=lead.pk,
        at=at,
    )
    return True
