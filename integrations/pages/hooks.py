"""The messages of connected tools: how each source stands, a page of messages, one message and what became of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery

from accounts.principals import Principal
from funnel.models import Lead
from integrations.models import InboxItem, Source
from integrations.services.sources import may_change

State = InboxItem.State

PAGE = 50
WEEK = timedelta(days=7)
SHOWN_BYTES = 64_000
REPLAYED = (State.FAILED, State.DEAD)
LOOKS = {State.DONE: "good", State.UNMAPPED: "warn", State.FAILED: "bad", State.DEAD: "bad", State.WAITING: ""}


@dataclass(frozen=True)
class Counted:
    """How many messages are in a state. `look`: the badge that shows it."""

    state: State
    count: int

    @property
    def look(self) -> str:
        return LOOKS[self.state]


@dataclass(frozen=True)
class Standing:
    """A source as its row shows it. `to_replay`: how many of its messages failed or were given up, of any day."""

    source: Source
    last_at: datetime | None
    today: Sequence[Counted]
    week: Sequence[Counted]
    to_replay: int
    may_change: bool


def standings(by: Principal, *, now: datetime, midnight: datetime) -> list[Standing]:
    """Every source. `midnight`: the beginning of the viewer's day. Three queries."""
    newest = InboxItem.objects.filter(source=OuterRef("pk")).order_by("-received_at").values("received_at")[:1]
    sources = list(Source.objects.annotate(last_at=Subquery(newest)))
    recent = _recent(sources, now=now, midnight=midnight)
    failed = dict(
        InboxItem.objects.filter(source__in=sources, state__in=REPLAYED)
        .order_by()
        .values_list("source")
        .annotate(count=Count("pk"))
    )
    return [
        Standing(
            source=source,
            last_at=source.last_at,  # annotated above
            today=[Counted(state, today) for state, today, _week in recent[source.pk] if today],
            week=[Counted(state, week) for state, _today, week in recent[source.pk]],
            to_replay=failed.get(source.pk, 0),
            may_change=may_change(source, by),
        )
        for source in sources
    ]


def _recent(
    sources: Sequence[Source], *, now: datetime, midnight: datetime
) -> Mapping[int, Sequence[tuple[State, int, int]]]:
    """By source: each state with its count of today and of seven days, in the order of the states."""
    rows = (
        InboxItem.objects.filter(source__in=sources, received_at__gt=min(now - WEEK, midnight))
        .order_by()
        .values_list("source", "state")
        .annotate(today=Count("pk", filter=Q(received_at__gte=midnight)), week=Count("pk"))
    )
    order = list(State)
    found: dict[int, list[tuple[State, int, int]]] = defaultdict(list)
    for source, state, today, week in sorted(rows, key=lambda row: order.index(State(row[1]))):
        found[source].append((State(state), today, week))
    return found


@dataclass(frozen=True)
class Row:
    """A message in the list. `told`: its error, or how many events came of it to what."""

    item: InboxItem
    told: str

    @property
    def look(self) -> str:
        return LOOKS[State(self.item.state)]


@dataclass(frozen=True)
class Listed:
    """`older_than`: the id from which the next page goes on; none where there is no more."""

    rows: Sequence[Row]
    older_than: int | None


def messages(*, source: Source | None, state: State | None, before: int | None) -> Listed:
    """A page of messages, the newest first, of those with an id below `before`. One query; no body is read."""
    found = InboxItem.objects.select_related("source").defer("body", "headers")
    if source:
        found = found.filter(source=source)
    if state:
        found = found.filter(state=state)
    if before:
        found = found.filter(pk__lt=before)
    items = list(found.order_by("-pk")[: PAGE + 1])
    rows = [Row(item, item.error or _counted(item)) for item in items[:PAGE]]
    return Listed(rows, items[PAGE - 1].pk if len(items) > PAGE else None)


def _counted(item: InboxItem) -> str:
    counts: dict[str, int] = defaultdict(int)
    for result in item.results:
        counts[result["status"]] += 1
    return ", ".join(f"{count} {status}" for status, count in counts.items())


@dataclass(frozen=True)
class Event:
    """What became of one event in a message. `lead`: who came of it, where the viewer may know of him."""

    name: str
    status: str
    told: str
    lead: Lead | None


@dataclass(frozen=True)
class Shown:
    """A message as its page shows it. `text` is its body's beginning; `size` is of the whole, in bytes."""

    item: InboxItem
    events: Sequence[Event]
    text: str
    size: int

    @property
    def look(self) -> str:
        return LOOKS[State(self.item.state)]

    @property
    def is_cut(self) -> bool:
        return self.size > SHOWN_BYTES


def shown(item: InboxItem, by: Principal) -> Shown:
    """One query, for the leads."""
    body = bytes(item.body)
    leads = Lead.objects.visible_to(by).in_bulk([result["lead"] for result in item.results if result.get("lead")])
    events = [
        Event(result["event"], result["status"], result["told"], leads.get(result.get("lead") or 0))
        for result in item.results
    ]
    return Shown(item, events, body[:SHOWN_BYTES].decode("utf-8", "replace").replace("\x00", "␀"), len(body))
