"""How long an answer is kept for a request that may be told again."""

from datetime import datetime, timedelta

from integrations.models import IdempotentRequest

KEPT = timedelta(hours=72)


def purge(*, now: datetime) -> int:
    """Forget the keys that are older than they are kept; answers how many."""
    return IdempotentRequest.objects.filter(created_at__lt=now - KEPT).delete()[0]
