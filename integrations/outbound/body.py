"""The request of a delivery: a body that is made once and kept, and the signatures of Standard Webhooks 1.0.0."""

import json
from datetime import datetime

from standardwebhooks import Webhook

from funnel.models import LeadEvent
from integrations.models import Delivery, Endpoint
from integrations.outbound.attempt import Request
from integrations.outbound.events import adapter_of, event_data

USER_AGENT = "LeadFlow-Webhooks/1"


def request_for(delivery: Delivery, *, now: datetime) -> Request:
    """The same body and webhook-id at each attempt; timestamp and signature are of this one.

    A body that is made here, the caller has to write before he sends it.
    """
    if not delivery.body:
        delivery.body = _body(delivery)
    signatures = (Webhook(secret).sign(delivery.message_id, now, delivery.body) for secret in secrets(delivery, now))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Request(delivery.endpoint.url, headers, delivery.body.encode())


def _body(delivery: Delivery) -> str:
    needed = ("lead__owner", "lead__channel", "lead__campaign", "actor")
    event = LeadEvent.objects.select_related(*needed).get(pk=delivery.event_id)
    return written(event, source=delivery.endpoint.source)


def written(event: LeadEvent, *, source: str) -> str:
    """The body for an endpoint of this source."""
    message = {
        "type": event.kind,
        "timestamp": event.recorded_at.isoformat(),
        "data": event_data(event, source=source, adapter=adapter_of(source)),
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def secrets(delivery: Delivery, now: datetime) -> list[str]:
    """The new secret first; the old one too while it is good, so that the receiver can change over in peace."""
    endpoint: Endpoint = delivery.endpoint
    is_rotating = endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > now
    return [endpoint.secret, endpoint.old_secret] if is_rotating else [endpoint.secret]
