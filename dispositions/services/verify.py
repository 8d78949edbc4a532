"""Holds every disposition against the event that tells of it."""

from collections.abc import Iterator

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from funnel.models import LeadEvent
from funnel.services.verify import CHUNK, Facts, Key, first_difference


def first_broken_disposition() -> str | None:
    return first_difference("disposition", _dispositions(), _dispositions_told())


def _dispositions() -> Iterator[tuple[Key, int, Facts]]:
    columns = ("lead_id", "seq", "pk", "outcome", "reason__slug", "corrects__seq", "by_id", "at")
    rows = Disposition.objects.order_by("lead_id", "seq").values_list(*columns)
    for lead_id, seq, pk, *facts in rows.iterator(CHUNK):
        yield (lead_id, seq), pk, tuple(facts)


def _dispositions_told() -> Iterator[tuple[Key, Facts]]:
    events = LeadEvent.objects.filter(kind__in=[LeadEvent.Kind.DISPOSITIONED, LeadEvent.Kind.CORRECTED])
    for event in events.order_by("lead_id", "seq").iterator(CHUNK):
        data = event.data
        if event.kind == LeadEvent.Kind.CORRECTED and "undoes" not in data:
            continue
        said = (data.get("outcome", Outcome.UNDO.value), data.get("reason"), data.get("undoes"))
        yield (event.lead_id, event.seq), (*said, event.actor_id, event.at)
