"""Touches: what marketing did with a lead. They move the touch clock, and nothing of sales'."""

from collections.abc import Iterable
from datetime import datetime

from funnel.inputs import TouchInput
from funnel.models import Lead, Touch
from funnel.services.changes import LeadChange
from funnel.services.episodes import end_episode
from funnel.services.lookups import Lookups


def touch_rows(lead: Lead, given: Iterable[TouchInput], *, source: str, lookups: Lookups) -> list[Touch]:
    """The rows for these touches; not yet saved."""
    return [
        Touch(
            lead=lead,
            at=touch.at,
            kind=touch.kind,
            channel=lookups.channel(touch.channel),
            campaign=lookups.campaign(touch.campaign),
            source=source,
            external_id=touch.external_id or None,
            subject=touch.subject,
        )
        for touch in given
    ]


def add_touches(change: LeadChange, touches: list[Touch]) -> int:
    """Save those that were not reported before; answers how many. A touch ends the silence of a lead in marketing."""
    known = set(
        Touch.objects.filter(
            source__in={touch.source for touch in touches}, external_id__in=[touch.external_id for touch in touches]
        ).values_list("source", "external_id")
    )
    new = [touch for touch in touches if touch.external_id is None or (touch.source, touch.external_id) not in known]
    if not new:
        return 0
    Touch.objects.bulk_create(new, ignore_conflicts=True)
    note_touches(change, new)
    return len(new)


def note_touches(change: LeadChange, touches: Iterable[Touch]) -> None:
    """The latest of them moves the touch clock. A tool whose own clock is wrong must not silence a lead for years."""
    note_touch(change, min(max(touch.at for touch in touches), change.at))


def note_touch(change: LeadChange, at: datetime) -> None:
    """The lead was touched at `at`: its touch clock starts again, where that is the latest touch."""
    lead = change.lead
    if lead.last_touch_at is None or at > lead.last_touch_at:
        change.set(last_touch_at=at)
        if lead.due_clock == Lead.Clock.TOUCH:
            end_episode(change)
            change.restart_clock()
