"""The one delivery that still names somebody who was erased: receivers know him by their own id alone.

It is made in the erasure's own transaction, before that id is gone, and emptied once it was received.
"""

from datetime import datetime

from funnel.models import LeadEvent
from integrations.models import Delivery
from integrations.outbound.body import written
from integrations.outbound.fan_out import fan_out


def tell_of_erasure(event: LeadEvent, *, at: datetime) -> None:
    """Write the bodies of a `lead.erased`, behind the deliveries of all that happened to the lead before."""
    fan_out(now=at)
    for delivery in Delivery.objects.filter(event=event).select_related("endpoint"):
        delivery.body = written(event, source=delivery.endpoint.source)
        delivery.save(update_fields=["body"])
