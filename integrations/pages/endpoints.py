"""Who is told of events: how each endpoint stands, and its deliveries with what the receiver answered."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery

from integrations.models import Delivery, Endpoint

State = Delivery.State

PAGE = 50
SHOWN_CHARACTERS = 64_000
LOOKS = {State.SENT: "good", State.DEAD: "bad", State.WAITING: ""}


@dataclass(frozen=True)
class Standing:
    """An endpoint as its row shows it."""

    endpoint: Endpoint
    waiting: int
    given_up: int
    last_sent_at: datetime | None


def standings() -> list[Standing]:
    """Every endpoint, those that work first. Three queries."""
    sent = Delivery.objects.filter(endpoint=OuterRef("pk"), state=State.SENT).order_by("-pk").values("done_at")[:1]
    endpoints = Endpoint.objects.annotate(last_sent_at=Subquery(sent)).order_by("-is_active", "name", "pk")
    counts: dict[tuple[int, str], int] = defaultdict(int)
    for state in (State.WAITING, State.DEAD):  # each by its own partial index
        rows = Delivery.objects.filter(state=state).order_by().values_list("endpoint").annotate(count=Count("pk"))
        counts |= {(endpoint, state.value): count for endpoint, count in rows}
    return [
        Standing(one, counts[one.pk, State.WAITING], counts[one.pk, State.DEAD], one.last_sent_at) for one in endpoints
    ]


@dataclass(frozen=True)
class Row:
    delivery: Delivery

    @property
    def look(self) -> str:
        return LOOKS[State(self.delivery.state)]

    @property
    def kind(self) -> str:
        return str(self.delivery.event.get_kind_display())


@dataclass(frozen=True)
class Listed:
    """`older_than`: the id from which the next page goes on; none where there is no more."""

    rows: Sequence[Row]
    older_than: int | None


def deliveries(endpoint: Endpoint, *, state: State | None, before: int | None) -> Listed:
    """A page of its deliveries, the newest first. One query."""
    found = Delivery.objects.filter(endpoint=endpoint).select_related("event", "lead").defer("body", "answer")
    if state:
        found = found.filter(state=state)
    if before:
        found = found.filter(pk__lt=before)
    page = list(found.order_by("-pk")[: PAGE + 1])
    return Listed([Row(one) for one in page[:PAGE]], page[PAGE - 1].pk if len(page) > PAGE else None)
