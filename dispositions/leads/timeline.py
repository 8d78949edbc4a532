"""The whole story of a lead in one line of time: the newest first, by day, page by page, filtered by kind.

What was merged into the lead belongs to it. The number of queries does not depend on how much happened.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.principals import Principal
from accounts.roles import Role
from dispositions.leads.timeline_words import Words, escalation_title, event_side, event_title, touch_title, words_for
from funnel.models import Escalation, Evidence, Flag, Lead, LeadEvent, Touch

PAGE = 30


class Show(StrEnum):
    """The kinds by which the timeline is filtered."""

    TOUCHES = "touches"
    MOVES = "moves"
    OUTCOMES = "outcomes"
    NOTES = "notes"
    LEARNED = "learned"
    REMINDERS = "reminders"
    FLAGS = "flags"
    ASSIGNMENTS = "assignments"
    CHANGES = "changes"


_KINDS: Mapping[LeadEvent.Kind, Show] = {
    LeadEvent.Kind.CREATED: Show.MOVES,
    LeadEvent.Kind.STAGE_CHANGED: Show.MOVES,
    LeadEvent.Kind.DISPOSITIONED: Show.OUTCOMES,
    LeadEvent.Kind.NOTED: Show.NOTES,
    LeadEvent.Kind.BLACK_HOLE: Show.FLAGS,
    LeadEvent.Kind.RECOVERED: Show.FLAGS,
    LeadEvent.Kind.STALE: Show.FLAGS,
    LeadEvent.Kind.WOKEN: Show.FLAGS,
    LeadEvent.Kind.ASSIGNED: Show.ASSIGNMENTS,
    LeadEvent.Kind.EDITED: Show.CHANGES,
    LeadEvent.Kind.CORRECTED: Show.CHANGES,
    LeadEvent.Kind.MERGED: Show.CHANGES,
}


@dataclass(frozen=True)
class Entry:
    """One line. `side` is marketing, sales or none: it colours the line. `of`: the merged lead that it happened to."""

    at: datetime
    show: Show
    title: str
    by: str = ""
    text: str = ""
    side: str = ""
    is_private: bool = False
    of: int | None = None


@dataclass(frozen=True)
class Day:
    date: date
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Timeline:
    """One page. `older`: where the next one begins; blank on the last. `counts`: of all pages."""

    days: Sequence[Day]
    older: str
    counts: Mapping[Show, int]
    shown: frozenset[Show]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def timeline_of(lead: Lead, principal: Principal, *, shown: Iterable[Show] = (), before: str = "") -> Timeline:
    """`shown`: kinds to show, all where none is named. `before`: the `older` of the page above."""
    chosen = frozenset(shown)
    sources = _sources(lead, principal)
    cursor = _Cursor.read(before)
    rows = sorted(
        (row for rank, source in enumerate(sources) for row in source.page(rank, chosen, cursor)),
        key=lambda row: (row.at, row.rank, row.pk),
        reverse=True,
    )
    page = rows[:PAGE]
    entries = _entries(page, words_for([row.thing for row in page], sees_notes=_sees_notes(principal)), lead)
    days = groupby(entries, key=lambda entry: timezone.localdate(entry.at))
    counts: Counter[Show] = Counter()
    for source in sources:
        counts.update(source.counts())
    return Timeline(
        days=[Day(day, list(of_day)) for day, of_day in days],
        older=page[-1].cursor if len(rows) > PAGE else "",
        counts={one: counts[one] for one in Show if counts[one]},
        shown=chosen,
    )


def _sees_notes(principal: Principal) -> bool:
    """Notes are private to sales."""
    return principal.role != Role.MARKETING


# --- where it comes from --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    at: datetime
    rank: int
    pk: int
    thing: Any

    @property
    def cursor(self) -> str:
        return f"{self.at.isoformat()}~{self.rank}~{self.pk}"


@dataclass(frozen=True)
class _Cursor:
    """The last row of a page. Rows of one moment are in the order of their source and number."""

    at: datetime
    rank: int
    pk: int

    @classmethod
    def read(cls, text: str) -> "_Cursor | None":
        """None for a text that is no cursor: the timeline begins anew."""
        try:
            at, rank, pk = text.split("~")
            return cls(datetime.fromisoformat(at), int(rank[:2]), int(pk[:18]))
        except ValueError:
            return None

    def beyond(self, rank: int, when: str) -> Q:
        earlier = Q(**{f"{when}__lt": self.at})
        if rank > self.rank:
            return earlier
        same_moment = Q(**{when: self.at})
        return earlier | (same_moment if rank < self.rank else same_moment & Q(pk__lt=self.pk))


@dataclass(frozen=True)
class _Source:
    """Rows of one table. `when` is its column of time; `kinds` what it shows, by the value of `column`."""

    rows: QuerySet[Any]
    when: str
    kinds: Mapping[Any, Show]
    column: str = ""

    def page(self, rank: int, chosen: frozenset[Show], cursor: _Cursor | None) -> list[_Row]:
        wanted = [value for value, show in self.kinds.items() if not chosen or show in chosen]
        if not wanted:
            return []
        rows = self.rows.filter(**{f"{self.column}__in": wanted}) if self.column else self.rows
        if cursor:
            rows = rows.filter(cursor.beyond(rank, self.when))
        found = rows.order_by(f"-{self.when}", "-pk")[: PAGE + 1]
        return [_Row(getattr(one, self.when), rank, one.pk, one) for one in found]

    def counts(self) -> Counter[Show]:
        if not self.column:
            (show,) = self.kinds.values()
            return Counter({show: self.rows.count()})
        by_value = self.rows.order_by().values_list(self.column).annotate(Count("pk"))
        counted: Counter[Show] = Counter()
        for value, count in by_value.filter(**{f"{self.column}__in": list(self.kinds)}):
            counted[self.kinds[value]] += count
        return counted


def _sources(lead: Lead, principal: Principal) -> list[_Source]:
    """In the order in which what happened at one moment is told, the last first."""
    ids = [lead.pk, *Lead.objects.filter(merged_into=lead).values_list("pk", flat=True)]
    escalations = Escalation.objects.filter(lead__in=ids, skipped=False).select_related("owner")
    cleared = Flag.objects.filter(lead__in=ids, kind=Flag.Kind.STALE, cleared_at__isnull=False, voided=False)
    return [
        _Source(Touch.objects.filter(lead__in=ids).select_related("channel", "by"), "at", {"": Show.TOUCHES}),
        _Source(Evidence.objects.filter(lead__in=ids).select_related("learned_by"), "learned_at", {"": Show.LEARNED}),
        _Source(escalations, "done_at", {"": Show.REMINDERS}),
        _Source(cleared, "cleared_at", {"": Show.FLAGS}),
        _Source(_events(ids, principal), "at", _KINDS, "kind"),
    ]


def _events(ids: Sequence[int], principal: Principal) -> QuerySet[LeadEvent]:
    """Without those that other rows tell: evidence added by hand, and a merge on the side of the lead that ended."""
    events = LeadEvent.objects.filter(lead__in=ids).select_related("actor")
    told = Q(kind=LeadEvent.Kind.EDITED, data__fields=[]) | Q(kind=LeadEvent.Kind.MERGED, data__has_key="into")
    if not _sees_notes(principal):
        told |= Q(kind=LeadEvent.Kind.NOTED, data__private=True)
    return events.exclude(pk__in=LeadEvent.objects.filter(told, lead__in=ids).values("pk"))


# --- what it says ---------------------------------------------------------------------------------------------


def _entries(rows: Sequence[_Row], words: Words, lead: Lead) -> list[Entry]:
    return [_entry(row, words, lead) for row in rows]


def _entry(row: _Row, words: Words, lead: Lead) -> Entry:
    thing = row.thing
    of = thing.lead_id if thing.lead_id != lead.pk else None
    match thing:
        case Touch():
            by = thing.by.name if thing.by else ""
            return Entry(row.at, Show.TOUCHES, touch_title(thing), by, thing.subject, "marketing", of=of)
        case Evidence():
            by = thing.learned_by.name if thing.learned_by else thing.source
            return Entry(row.at, Show.LEARNED, f"Learned: {thing.get_attribute_display()}", by, thing.text, of=of)
        case Escalation():
            return Entry(row.at, Show.REMINDERS, escalation_title(thing), "LeadFlow", of=of)
        case Flag():
            return Entry(row.at, Show.FLAGS, "No longer stale", of=of)
    return Entry(
        at=row.at,
        show=_KINDS[LeadEvent.Kind(thing.kind)],
        title=event_title(thing, words),
        by=thing.actor.name if thing.actor else thing.actor_name,
        text=words.text_of(thing),
        side=event_side(thing),
        is_private=words.is_private(thing),
        of=of,
    )
