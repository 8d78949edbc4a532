"""Keeping the facts true: whatever moved since they were read is read again, by a query and never by a message."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple
from datetime import datetime

from django.db import models, transaction
from django.db.models import F, Max

from funnel.bulk import insert_rows
from funnel.horizon import Horizon, moved_up, oldest_running
from funnel.limits import ClockRules
from funnel.models import Lead, LeadEvent, Touch
from reports.facts.build import facts_of
from reports.kept.answers import forget_all
from reports.kept.blocks import mark_written
from reports.models import Cycle, FactsMark, Journey, LeadFact, Stay

# Leads whose facts are written in one transaction: nobody waits long for it.
BATCH = 500
# More than that the sweep reads: nobody waits for it in front of a report.
PATIENCE = 10_000
# Each table whose new rows change the facts of a lead.
_TABLES: Mapping[str, type[models.Model]] = {"events": LeadEvent, "touches": Touch}


def catch_up() -> int:
    """Read again every lead that moved since the last time; answers how many. Nothing moved: a few short queries.

    Call it outside of a transaction. Two at once write the same facts, one after another.
    """
    reading = _Reading()
    ids = reading.moved()
    _read(ids)
    reading.keep()
    return len(ids)


def catch_up_or_wait() -> int:
    """The same before a report is computed, unless its reader would wait for long: how many leads the sweep will read.

    What was read before, and is only read again in case that somebody else was still writing, is left to the sweep too.
    """
    reading = _Reading()
    ids = reading.moved()
    if len(ids) <= PATIENCE:
        _read(ids)
        reading.keep()
        return 0
    unread = reading.moved(unread=True)
    if len(unread) > PATIENCE:
        return len(unread)
    _read(unread)
    return 0


def _read(ids: list[int]) -> None:
    rules = ClockRules()
    for begin in range(0, len(ids), BATCH):
        write_facts(ids[begin : begin + BATCH], rules)


def refresh_facts(*, now: datetime) -> Counter[str]:  # noqa: ARG001  # every step of the sweep is given the time
    """The sweep's step. It has nothing to tell: no lead is any different for having been read."""
    catch_up()
    return Counter()


def rebuild() -> Iterator[int]:
    """Read all leads anew; yields how many are done so far."""
    reading, rules, done, last = _Reading(), ClockRules(), 0, 0
    while ids := list(Lead.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        write_facts(ids, rules)
        last, done = ids[-1], done + len(ids)
        yield done
    reading.keep()
    forget_all()


@transaction.atomic
def write_facts(lead_ids: Collection[int], rules: ClockRules) -> None:
    """Replace the facts of these leads. One at a time: the mark is everybody's lock."""
    list(FactsMark.objects.select_for_update().filter(table="events"))
    for model in (Stay, Cycle, LeadFact, Journey):
        model.objects.filter(lead__in=lead_ids).order_by().delete()
    for rows in facts_of(lead_ids, rules):
        insert_rows(rows, keyed=False)
    mark_written(lead_ids)


class _Reading:
    """What was there when the reading began, and what of it has moved since the last."""

    def __init__(self) -> None:
        self._marks = FactsMark.objects.in_bulk()
        if missing := [FactsMark(table=name) for name in _TABLES if name not in self._marks]:
            FactsMark.objects.bulk_create(missing, ignore_conflicts=True)
            self._marks = FactsMark.objects.in_bulk()
        self._running = oldest_running()
        self._last = {
            name: model._meta.base_manager.aggregate(last=Max("pk"))["last"] or 0 for name, model in _TABLES.items()
        }

    def moved(self, *, unread: bool = False) -> list[int]:
        """Leads with a new row; `unread`: with one that has come since the last reading.

        Those whose facts know all of their ledger need not be read again for it.
        """
        found: set[int] = set()
        for name, model in _TABLES.items():
            mark = self._marks[name]
            known = max(mark.settled_id, mark.watched_id) if unread else mark.settled_id
            if self._last[name] > known:
                new = model._meta.base_manager.filter(pk__gt=known)
                if model is LeadEvent:
                    new = new.exclude(lead__fact__ledger_seq=F("lead__ledger_seq"))
                found |= set(new.values_list("lead_id", flat=True).distinct())
        return sorted(found)

    def keep(self) -> None:
        """Once all of it has been written."""
        for name, mark in self._marks.items():
            if mark.settled_id == self._last[name]:
                continue
            before = Horizon(mark.settled_id, mark.watched_id, mark.watched_transaction)
            after = moved_up(before, last=self._last[name], running=self._running)
            if astuple(after)[:2] != astuple(before)[:2]:
                FactsMark.objects.filter(pk=mark.pk).update(
                    settled_id=after.settled_id,
                    watched_id=after.watched_id,
                    watched_transaction=after.watched_transaction,
                )
