"""Touches of many leads in one call."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.principals import Principal
from funnel.identity import email_key
from funnel.inputs import LeadInput, TouchInput
from funnel.models import Lead, LeadIdentity, Touch
from funnel.services.changes import open_change
from funnel.services.lookups import Lookups
from funnel.services.touches import add_touches, touch_rows
from integrations.services.retrying import retrying


@dataclass(frozen=True, kw_only=True)
class ToldTouch:
    """A touch, and its lead by one of three keys."""

    touch: TouchInput
    lead_id: int | None = None
    email: str = ""
    lead_external_id: str = ""


@dataclass(frozen=True)
class ToldAnswer:
    """`lead_id` is none where the caller's source knows no such lead. `added`: it was not told before."""

    lead_id: int | None
    added: bool = False


def tell_many(told: Sequence[ToldTouch], *, by: Principal, at: datetime) -> list[ToldAnswer]:
    """Keep what was not told before, in one transaction; the answers are in the order of `told`."""
    return retrying(lambda: tell(told, by=by, at=at))


@transaction.atomic
def tell(told: Sequence[ToldTouch], *, by: Principal, at: datetime) -> list[ToldAnswer]:
    """The same within somebody else's transaction, and tried once. `by.source` is the system that speaks."""
    leads = _leads(told, by)
    known = _known([one.touch for one in told], by.source)
    lookups = Lookups([LeadInput(source=by.source, touches=tuple(one.touch for one in told))])
    of_lead: dict[int, list[TouchInput]] = defaultdict(list)
    for one, lead_id in zip(told, leads, strict=True):
        if lead_id is not None:
            of_lead[lead_id].append(one.touch)
    # In the order of ids: two calls about the same leads wait for each other once, and not for ever.
    for lead_id in sorted(of_lead):
        change = open_change(lead_id, by=by, at=at)
        add_touches(change, touch_rows(change.lead, of_lead[lead_id], source=by.source, lookups=lookups))
        if change.values:
            change.write(raises_version=False)
    return [
        ToldAnswer(lead_id, added=lead_id is not None and one.touch.external_id not in known)
        for one, lead_id in zip(told, leads, strict=True)
    ]


def _known(touches: Iterable[TouchInput], source: str) -> set[str | None]:
    ids = {touch.external_id for touch in touches if touch.external_id}
    return set(Touch.objects.filter(source=source, external_id__in=ids).values_list("external_id", flat=True))


def _leads(told: Sequence[ToldTouch], by: Principal) -> list[int | None]:
    """The lead of each, found with three queries in all."""
    visible = Lead.objects.visible_to(by)
    ids = set(visible.filter(pk__in=[one.lead_id for one in told if one.lead_id]).values_list("pk", flat=True))
    keys = {one.email: email_key(one.email) for one in told if one.email}
    by_email = dict(visible.filter(email_key__in=keys.values()).values_list("email_key", "pk"))
    names = [one.lead_external_id for one in told if one.lead_external_id]
    identities = LeadIdentity.objects.filter(source=by.source, external_id__in=names, lead__in=visible)
    by_name = dict(identities.values_list("external_id", "lead"))
    return [
        (one.lead_id if one.lead_id in ids else None)
        if one.lead_id
        else by_email.get(keys[one.email])
        if one.email
        else by_name.get(one.lead_external_id)
        for one in told
    ]
