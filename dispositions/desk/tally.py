"""What a rep has done today, counted from his own dispositions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from accounts.prepared import Prepared
from dispositions.models import Disposition
from dispositions.outcomes import RULES, Outcome
from funnel.lifecycle import Stage

_CONVERSATIONS = (Outcome.CONVERSATION, Outcome.MEETING_SET)


@dataclass(frozen=True)
class Tally:
    """How many of each today. An attempt or a conversation on a lead that waited to be accepted accepted it too."""

    attempts: int = 0
    conversations: int = 0
    accepted: int = 0
    refused: int = 0
    qualified: int = 0
    won: int = 0

    @property
    def is_empty(self) -> bool:
        return not any(count for _, count in self)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """What each is called, and the number."""
        yield "attempts", self.attempts
        yield "conversations", self.conversations
        yield "accepted", self.accepted
        yield "refused", self.refused
        yield "qualified", self.qualified
        yield "won", self.won


def tally_of(user_id: int, now: datetime) -> Tally:
    """Since midnight in the time zone that is active, without what was taken back. One query."""
    midnight = datetime.combine(timezone.localdate(now), time(), tzinfo=timezone.get_current_timezone())
    return _tally(_counted(connection.vendor).ask({_NOBODY: user_id, _SOME_DAY: midnight}))


# They stand for the rep and his midnight in the statement that is kept.
_NOBODY, _SOME_DAY = -1, datetime(1970, 1, 1, tzinfo=UTC)


@cache
def _counted(vendor: str) -> Prepared[tuple[str, int, int]]:  # noqa: ARG001  # each has its own
    said = Disposition.objects.filter(by=_NOBODY, at__gte=_SOME_DAY, corrected_by=None).exclude(outcome=Outcome.UNDO)
    waited = Count("pk", filter=Q(before__lead__stage=Stage.MQL))
    return Prepared(said.order_by().values_list("outcome").annotate(said=Count("pk"), waited=waited))


def _tally(counted: Iterable[tuple[str, int, int]]) -> Tally:
    counts: dict[str, int] = {}
    accepted = 0
    for outcome, count, waited in counted:
        counts[outcome] = count
        accepted += waited if outcome == Outcome.ACCEPT or RULES[Outcome(outcome)].works_the_lead else 0
    return Tally(
        attempts=sum(counts.get(rule.outcome, 0) for rule in RULES.values() if rule.is_attempt),
        conversations=sum(counts.get(outcome, 0) for outcome in _CONVERSATIONS),
        accepted=accepted,
        refused=counts.get(Outcome.REFUSE, 0),
        qualified=counts.get(Outcome.QUALIFY, 0),
        won=counts.get(Outcome.WON, 0),
    )
