"""What follows from an attempt: sent, tried again later, given up; and an endpoint that fails for days is disabled."""

import logging
import random
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from accounts.notifications import notify
from accounts.roles import Role
from funnel.models import LeadEvent
from integrations.models import Delivery, Endpoint
from integrations.outbound.attempt import Outcome

logger = logging.getLogger(__name__)

# After the n-th failure, ± a fifth.
PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
MAX_ATTEMPTS = len(PAUSES) + 1
LONGEST_PAUSE = timedelta(hours=24)
DISABLED_AFTER = timedelta(days=5)
GONE = 410


@transaction.atomic
def settle(delivery: Delivery, outcome: Outcome, *, now: datetime) -> str:
    """Write what became of the attempt; answers “sent”, “put off” or “given up”."""
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING)
    told = {"status": outcome.status, "error": outcome.error[:300], "answer": outcome.answer, "leased_until": None}
    if outcome.is_success:
        mine.update(**told, state=Delivery.State.SENT, done_at=now)
        if delivery.event.kind == LeadEvent.Kind.ERASED:
            Delivery.objects.filter(pk=delivery.pk).update(body="", answer="")  # it had the receiver's own id of him
        if delivery.endpoint.failing_since:
            Endpoint.objects.filter(pk=delivery.endpoint_id).update(failing_since=None)
        return "sent"
    _note_failure(delivery.endpoint, outcome, now)
    if delivery.attempts >= MAX_ATTEMPTS:
        # Given up, it no longer holds up the lead's next events.
        mine.update(**told, state=Delivery.State.DEAD, done_at=now)
        return "given up"
    mine.update(**told, next_attempt_at=now + pause_after(delivery.attempts, outcome))
    return "put off"


def pause_after(attempts: int, outcome: Outcome) -> timedelta:
    """How long to wait after so many attempts; as long as the receiver asks for, up to a day."""
    planned = PAUSES[min(attempts, len(PAUSES)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, not a secret
    asked = outcome.headers.get("retry-after", "")
    if asked.isascii() and asked.isdecimal():
        return max(planned, min(timedelta(seconds=min(int(asked[:9]), 10**6)), LONGEST_PAUSE))
    return planned


def _note_failure(endpoint: Endpoint, outcome: Outcome, now: datetime) -> None:
    Endpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=now)
    since = Endpoint.objects.values_list("failing_since", flat=True).get(pk=endpoint.pk) or now
    endpoint.failing_since = since
    if outcome.status == GONE:
        disable(endpoint, "It answered 410: gone.", now=now)
    elif now - since >= DISABLED_AFTER:
        disable(endpoint, f"It has failed since {since:%d %b %Y}. The last time: {outcome.error}", now=now)


def disable(endpoint: Endpoint, because: str, *, now: datetime) -> None:
    """Stop sending to it, and tell the people who can mend it. What waits is sent once it is enabled again."""
    stopped = Endpoint.objects.filter(pk=endpoint.pk, is_active=True)
    if stopped.update(is_active=False, disabled_because=because[:300]):
        logger.warning("Endpoint %s was disabled: %s", endpoint.pk, because)
        notify(
            User.objects.filter(role__in=[Role.ADMIN, Role.MARKETING], is_active=True),
            kind="endpoint_disabled",
            key=f"endpoint-disabled:{endpoint.pk}:{now.isoformat()}",
            text=f"Webhooks to {endpoint.name} are stopped. {because}",
            url=f"/endpoints/{endpoint.pk}/",
            at=now,
        )
