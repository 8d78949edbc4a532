"""How often each kind of lead is won, kept ready for pages that have no time to count: see `SegmentMonth`."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Count, F, Max, Q, Value
from django.db.models.functions import Cast, TruncMonth

from funnel.bulk import insert_rows
from funnel.models import HandOff
from reports.days import company_zone
from reports.models import Cycle, FactsMark, SegmentMonth
from reports.traits import TRAITS

EVERYTHING = "all"
COUNTED_EVERY = timedelta(hours=1)


def refresh_segments(*, now: datetime) -> Counter[str]:
    """The sweep's step: counts anew what was counted an hour ago, or never."""
    counted_at = SegmentMonth.objects.aggregate(last=Max("counted_at"))["last"]
    if counted_at is not None and now - COUNTED_EVERY < counted_at <= now:
        return Counter()
    return Counter({"segments counted": count_segments(now=now)})


def count_segments(*, now: datetime) -> int:
    """Count them all anew; answers how many rows there are. Nobody waits while it counts.

    They are written one at a time: the mark of the facts is everybody's lock.
    """
    rows = list(_counted(now))
    with transaction.atomic():
        list(FactsMark.objects.select_for_update().filter(table="events"))
        SegmentMonth.objects.all().delete()
        insert_rows(rows)
    return len(rows)


def _counted(now: datetime) -> Iterator[SegmentMonth]:
    over = Cycle.objects.as_of(None).filter(ended_at__isnull=False)
    months = over.annotate(month=TruncMonth("ended_at", tzinfo=company_zone())).order_by()
    by_kind = {EVERYTHING: Value("", output_field=CharField())} | {one: Cast(F(one), CharField()) for one in TRAITS}
    for kind, value in by_kind.items():
        rows = months.annotate(value=value).values_list("value", "month")
        for text, month, count, won in rows.annotate(
            count=Count("pk"), won_ones=Count("pk", filter=Q(outcome=HandOff.Outcome.WON))
        ):
            if text or kind == EVERYTHING:
                yield SegmentMonth(kind=kind, value=text, month=month.date(), over=count, won=won, counted_at=now)
