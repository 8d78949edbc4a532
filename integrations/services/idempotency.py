"""How long an answer is kept for a request that may be told again."""

from datetime import datetime

from integrations.models import IdempotentRequest


def purge(*, before: datetime) -> int:
    """Forget the keys that are older; answers how many."""
    return IdempotentRequest.objects.filter(created_at__lt=before).delete()[0]
