"""Erasing a person: his data and all words about him go, the history of his lead stays as ids, codes and amounts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.notifications import notify
from accounts.principals import SYSTEM, Principal
from accounts.roles import Role
from funnel.errors import NotAllowed
from funnel.identity import OWN_NAME_PREFIX, InvalidEmail, email_key
from funnel.models import HandOff, Lead, LeadEvent, LeadIdentity
from funnel.personal import Subject, places
from funnel.services.changes import LeadChange
from funnel.services.episodes import end_episode
from funnel.services.suppression import suppress

# Shorter words, and mere numbers, stand in too many texts that are not about him.
SHORTEST_MARK = 6


class AlreadyErased(Exception):
    """The sentence says when."""

    def __init__(self, lead: Lead) -> None:
        self.lead = lead
        super().__init__(f"Lead {lead.pk} was erased on {lead.erased_at:%Y-%m-%d}.")


@dataclass(frozen=True)
class Erased:
    """`rows`: how many were emptied, by what they held. `suppressed`: keys that must not come back."""

    lead: Lead
    rows: Mapping[str, int]
    suppressed: int


def find_person(asked: str) -> Lead:
    """The lead with this number or e-mail address, as it is today, erased or not. Raises Lead.DoesNotExist."""
    if asked.isascii() and asked.isdecimal() and len(asked) < 19:
        found = Lead.objects.select_related("merged_into").get(pk=int(asked))
        return found.merged_into or found
    try:
        key = email_key(asked)
    except InvalidEmail as wrong:
        raise Lead.DoesNotExist(str(wrong)) from wrong
    found = Lead.objects.select_related("merged_into").get(email_key=key)
    return found.merged_into or found


def may_erase(by: Principal) -> bool:
    return by is SYSTEM or by.role == Role.ADMIN


@transaction.atomic
def erase_lead(
    *, lead_id: int, by: Principal, at: datetime, asked_by_source: bool = False, suppresses: bool = True
) -> Erased:
    """Empty all that is known of a person, in one transaction, with the leads that were merged into his.

    `asked_by_source`: a system that knows him passes his wish on. `suppresses`: his addresses and ids must not come
    back; not where his time is merely over. Endpoints and the feed hear of it as `lead.erased`.

    Raises Lead.DoesNotExist, NotAllowed, AlreadyErased; nothing is written then.
    """
    if not (asked_by_source or may_erase(by)):
        raise NotAllowed("Only an admin erases a lead. Ask one.")
    lead, leads = _locked(lead_id)
    if lead.erased_at:
        raise AlreadyErased(lead)
    subject = subject_of(lead, at=at)
    identities = LeadIdentity.objects.filter(lead__in=subject.lead_ids)
    suppressed = suppress(leads, identities, of=lead, at=at) if suppresses else 0
    _end(lead, by, at)
    rows: Counter[str] = Counter()
    for place in places():
        if place.erase:
            rows[place.what] += place.erase(subject)
    Lead.objects.filter(pk__in=subject.lead_ids).update(
        erased_at=at, updated_at=at, sweep_at=None, next_action_at=None, woken_at=None
    )
    lead.refresh_from_db()
    return Erased(lead, rows, suppressed)


def _locked(lead_id: int) -> tuple[Lead, list[Lead]]:
    """The lead as it is today and all that became part of it, locked in the order of ids."""
    root = Lead.objects.values_list("merged_into", flat=True).get(pk=lead_id) or lead_id
    whole = Lead.objects.filter(Q(pk=root) | Q(merged_into=root)).order_by("pk")
    leads = list(whole.select_for_update())
    lead = next(one for one in leads if one.pk == root)
    # Merged into another one while this waited for the lock: that one it is then.
    return _locked(root) if lead.merged_into_id else (lead, leads)


def subject_of(lead: Lead, *, at: datetime) -> Subject:
    """Needs the lead that somebody is today, not one that was merged into it."""
    leads = list(Lead.objects.filter(Q(pk=lead.pk) | Q(merged_into=lead)).order_by("pk"))
    ids = [one.pk for one in leads]
    names = LeadIdentity.objects.filter(lead__in=ids).values_list("external_id", flat=True)
    marks = {one.email for one in leads} | {one.email_key or "" for one in leads} | {one.phone for one in leads}
    marks |= {name for name in names if not name.isdecimal() and not name.startswith(OWN_NAME_PREFIX)}
    return Subject(lead, ids, frozenset(mark.lower() for mark in marks if len(mark) >= SHORTEST_MARK), at)


def _end(lead: Lead, by: Principal, at: datetime) -> None:
    """Nobody works on it any more: no sweep, no open episode, no open hand-off. Its stage stays, as with a merge."""
    change = LeadChange(lead, by=by, at=at)
    end_episode(change)
    if lead.hand_off and lead.hand_off.ended_at is None:
        change.set_hand_off(ended_at=at, outcome=HandOff.Outcome.WITHDRAWN)
    change.record(LeadEvent.Kind.ERASED)
    change.write()


@transaction.atomic
def ask_to_erase(*, lead_id: int, by: Principal, at: datetime) -> Lead:
    """Marketing passes a person's wish on to the admins, who erase; told once a day, however often it is asked.

    Raises Lead.DoesNotExist outside the scope of `by`, NotAllowed.
    """
    if by.role != Role.MARKETING:
        raise NotAllowed("Marketing asks for an erasure; an admin erases at once.")
    lead = Lead.objects.visible_to(by).select_related("company").get(pk=lead_id)
    notify(
        User.objects.filter(role=Role.ADMIN, is_active=True),
        kind="erasure",
        key=f"erasure:{lead.pk}:{at:%Y-%m-%d}",
        text=f"{by.name} asks to erase {lead} (lead {lead.pk}).",
        url=f"/leads/{lead.pk}/erase/",
        lead=lead.pk,
        at=at,
    )
    return lead
