"""Keeping the map of who must agree on the buyer's side, and what holds them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.principals import Principal
from dispositions.models import Blocker, BuyIn, Stance
from funnel.errors import MissingNeeds, NotAllowed
from funnel.lifecycle import Party
from funnel.models import LeadEvent
from funnel.services.changes import LeadChange, open_change
from funnel.services.moves import parties

MOST = 30  # people of one lead


@dataclass(frozen=True, kw_only=True)
class Stakeholder:
    """Somebody who must agree. `blocker` is empty where nothing is known to hold him."""

    person: str
    role: str = ""
    stance: str = Stance.UNKNOWN
    blocker: str = ""
    note: str = ""


@transaction.atomic
def add_buy_in(*, lead_id: int, given: Stakeholder, by: Principal, at: datetime) -> BuyIn:
    """Raises Lead.DoesNotExist outside the scope of `by`, NotAllowed, MissingNeeds (field -> sentence)."""
    change = _open(lead_id, by, at)
    people = list(BuyIn.objects.filter(lead=lead_id))
    _check(given, people)
    if len(people) >= MOST:
        raise MissingNeeds({"person": f"{MOST} people are in the map. Remove somebody who has no say."})
    buy_in = BuyIn(lead=change.lead, created_at=at)
    _fill(buy_in, given, by, at)
    buy_in.save(force_insert=True)
    _tell(change, buy_in, "added")
    return buy_in


@transaction.atomic
def change_buy_in(*, lead_id: int, buy_in_id: int, given: Stakeholder, by: Principal, at: datetime) -> BuyIn:
    """Raises Lead.DoesNotExist outside the scope of `by`, BuyIn.DoesNotExist, NotAllowed, MissingNeeds."""
    change = _open(lead_id, by, at)
    buy_in = BuyIn.objects.get(pk=buy_in_id, lead=lead_id)
    _check(given, BuyIn.objects.filter(lead=lead_id).exclude(pk=buy_in_id))
    _fill(buy_in, given, by, at)
    buy_in.save()
    _tell(change, buy_in, "changed")
    return buy_in


@transaction.atomic
def remove_buy_in(*, lead_id: int, buy_in_id: int, by: Principal, at: datetime) -> None:
    """Raises Lead.DoesNotExist outside the scope of `by`, BuyIn.DoesNotExist, NotAllowed."""
    change = _open(lead_id, by, at)
    buy_in = BuyIn.objects.get(pk=buy_in_id, lead=lead_id)
    _tell(change, buy_in, "removed")
    buy_in.delete()


def may_keep(by: Principal) -> bool:
    return Party.SALES in parties(by) and by.user_id is not None


def _open(lead_id: int, by: Principal, at: datetime) -> LeadChange:
    change = open_change(lead_id, by=by, at=at)
    if not may_keep(by):
        raise NotAllowed("Sales keeps the buy-in map; everybody reads it.")
    return change


def _check(given: Stakeholder, others: Iterable[BuyIn]) -> None:
    missing = {}
    if not given.person.strip():
        missing["person"] = "Say who must agree: a name, or a position."
    elif any(one.person.casefold() == given.person.strip().casefold() for one in others):
        missing["person"] = f"{given.person.strip()} is in the map already."
    if given.stance not in Stance:
        missing["stance"] = f"“{given.stance}” is not a stance. Use {', '.join(Stance.values)}."
    if given.blocker and given.blocker not in Blocker:
        missing["blocker"] = f"“{given.blocker}” is not a blocker. Use {', '.join(Blocker.values)}."
    if missing:
        raise MissingNeeds(missing)


def _fill(buy_in: BuyIn, given: Stakeholder, by: Principal, at: datetime) -> None:
    buy_in.person, buy_in.role = given.person.strip(), given.role.strip()
    buy_in.stance, buy_in.blocker, buy_in.note = given.stance, given.blocker, given.note.strip()
    assert by.user_id is not None
    buy_in.updated_at, buy_in.updated_by_id = at, by.user_id


def _tell(change: LeadChange, buy_in: BuyIn, did: str) -> None:
    """The version stays: whoever is in a call with this lead is not disturbed."""
    change.record(LeadEvent.Kind.NOTED, buy_in=buy_in.pk, did=did, stance=buy_in.stance, blocker=buy_in.blocker)
    change.write(raises_version=False)
