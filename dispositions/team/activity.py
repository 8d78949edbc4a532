"""What each rep has said today and this week: read off the dispositions themselves, so nobody has to report it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Count, Q

from dispositions.models import Disposition
from dispositions.outcomes import RULES, Outcome
from dispositions.team.moments import Moments

_ATTEMPT = Q(outcome__in=[rule.outcome for rule in RULES.values() if rule.is_attempt])
_CONVERSATION = Q(outcome__in=[rule.outcome for rule in RULES.values() if rule.is_contact])


@dataclass(frozen=True)
class Activity:
    """What was taken back does not count."""

    attempts_today: int = 0
    attempts: int = 0
    conversations_today: int = 0
    conversations: int = 0

    def __add__(self, more: "Activity") -> "Activity":
        return Activity(*(getattr(self, one.name) + getattr(more, one.name) for one in fields(self)))


def activities(user_ids: Collection[int], moments: Moments) -> Mapping[int, Activity]:
    """This week's, of those who said anything. One query, by the index of who said what when."""
    today = Q(at__gte=moments.today)
    said = Disposition.objects.filter(by__in=list(user_ids), at__gte=moments.week, corrected_by=None)
    rows: Any = (
        said.exclude(outcome=Outcome.UNDO)
        .order_by()
        .values("by")
        .annotate(
            attempts_today=Count("pk", filter=_ATTEMPT & today),
            attempts=Count("pk", filter=_ATTEMPT),
            conversations_today=Count("pk", filter=_CONVERSATION & today),
            conversations=Count("pk", filter=_CONVERSATION),
        )
    )
    return {row.pop("by"): Activity(**row) for row in rows}
