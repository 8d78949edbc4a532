"""What the won leads of a selection brought, and to whom it is credited."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from funnel.lifecycle import Stage
from funnel.models import Touch
from reports.queries.amounts import Amounts, Rates
from reports.queries.grouping import Grouping, Key
from reports.selection import Selection


def _by_key() -> dict[Key, Amounts]:
    return defaultdict(Amounts)


@dataclass(frozen=True)
class Revenue:
    """The same revenue three times: by the lead's own channel, by that of its first, and of its last touch."""

    own: dict[Key, Amounts] = field(default_factory=_by_key)
    first_touch: dict[Key, Amounts] = field(default_factory=_by_key)
    last_touch: dict[Key, Amounts] = field(default_factory=_by_key)


def revenue(selection: Selection, by: Grouping, rates: Rates) -> Revenue:
    """Touches count up to the close, in the order of (time, id). Won without a touch is credited to nothing.

    Amounts in other currencies at the rate of the month in which they closed.
    """
    won = selection.stays_now().filter(stage=Stage.WON)
    touched = won.annotate(
        **{f"first_{name}": _touched(name, "at", "id") for name in by.fields},
        **{f"last_{name}": _touched(name, "-at", "-id") for name in by.fields},
    )
    groups = [f"{prefix}{name}" for prefix in ("", "first_", "last_") for name in by.fields]
    rows = (
        touched.order_by()
        .values(*groups, currency=F("lead__currency"), month=TruncMonth("day"))
        .annotate(count=Count("pk"), known=Count("lead__amount"), total=Sum("lead__amount"))
    )
    answer = Revenue()
    for row in selection.tally(rows):
        amounts = Amounts.of(
            currency=row["currency"],
            count=row["count"],
            known=row["known"],
            total=row["total"],
            rate=rates.of_month(row["currency"], row["month"]),
        )
        answer.own[by.key(row)] += amounts
        answer.first_touch[by.key(row, "first_")] += amounts
        answer.last_touch[by.key(row, "last_")] += amounts
    return answer


def _touched(name: str, *order: str) -> Subquery:
    """The channel or campaign of the touch that comes first in this order. A won lead was closed when it was won."""
    until_close: QuerySet[Touch] = Touch.objects.filter(lead=OuterRef("lead"), at__lte=OuterRef("entered_at"))
    return Subquery(until_close.order_by(*order).values(name)[:1])
