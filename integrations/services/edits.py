"""What a system changes on a lead that it names: fields by PATCH, and touches."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.principals import Principal
from funnel.inputs import LeadInput, TouchInput
from funnel.services.changes import open_change
from funnel.services.lookups import Lookups
from funnel.services.touches import add_touches, touch_rows
from funnel.services.update import Updated, update_lead


@transaction.atomic
def patch_lead(lead_id: int, given: LeadInput, *, by: Principal, at: datetime, version: int) -> Updated:
    """Take over what is new in `given`; the version rises where anything was, so that of two who write one learns it.

    Raises Lead.DoesNotExist outside the scope of `by`, StaleVersion.
    """
    change = open_change(lead_id, by=by, at=at, version=version)
    return update_lead(change, given, None, Lookups([given], by=by, at=at), raises_version=True)


@transaction.atomic
def tell_touches(lead_id: int, touches: Sequence[TouchInput], *, source: str, by: Principal, at: datetime) -> int:
    """Keep the touches that were not told before; answers how many. Raises Lead.DoesNotExist."""
    change = open_change(lead_id, by=by, at=at)
    lookups = Lookups([LeadInput(source=source, touches=tuple(touches))])
    added = add_touches(change, touch_rows(change.lead, touches, source=source, lookups=lookups))
    if change.values:
        change.write(raises_version=False)
    return added
