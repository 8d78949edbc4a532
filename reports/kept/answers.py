"""A question to the facts, answered from what is kept of it.

A question is a query that counts and sums rows of leads, and nothing else. Its answer is kept as a whole and by blocks
of leads. Where facts of some blocks were written since, what these contributed then is taken off, what they contribute
now is added. So it is exactly what counting everything would answer, whatever the question, and costs as much as what
moved. All of it is read in one view of the database (`reports.snapshot`), and kept afterwards.

What a question reads beside the facts may only change together with them: each change of it is an event of the lead,
whose facts are then read again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Count, QuerySet, Sum

from dispositions.models import Disposition, Forecast
from funnel.bulk import insert_rows
from funnel.models import Campaign, Flag, HandOff, Lead, Touch
from reports.kept import blocks
from reports.kept.table import Table
from reports.models import Cycle, FactsBlock, KeptAnswer, KeptPart, LeadFact, Stay

# With fewer leads it is as fast to count them.
WORTH_IT_FROM_BLOCKS = 40
ANSWERS_AT_MOST = 400
# Of a new question so many are counted at once: that it is not all in memory.
BLOCKS_AT_ONCE = 200
FORGOTTEN_AFTER = timedelta(days=3)
# How many rows an answer has: those without any are no answer.
_ROWS = "rows_counted"
_BLOCK = "block_counted"
_NONE_KEPT = -1
_FOLLOWED = {
    model._meta.db_table for model in (Cycle, Disposition, Flag, Forecast, HandOff, Lead, LeadFact, Stay, Touch)
}
# Changes by itself: what is read of it is part of the question.
_CAMPAIGNS = Campaign._meta.db_table
_TABLES = re.compile(r'(?:FROM|JOIN) "(\w+)"')


@dataclass
class _News:
    """What there is to keep of one question. `before`: the version that was kept; _NONE_KEPT where none was."""

    question: str
    before: int
    table: Table
    parts: dict[int, str]
    dirty: list[int] = field(default_factory=list)


class Answers:
    """The kept answers within one view of the database."""

    def __init__(self, *, today: date) -> None:
        self._today = today
        self._version = blocks.latest_version()
        self._news: list[_News] = []
        self._asked: list[int] = []
        self._known: dict[str, Table] = {}

    def tally(self, counts: "QuerySet[Any]") -> Iterable[dict[str, Any]]:
        """The rows of a query that counts and sums, as dictionaries. A sum of nothing may be 0."""
        sums = _sums(counts)
        question = _question(counts) if sums else None
        if question is None:
            return list(counts)
        keys = [name for name in _names(counts) if name not in sums]
        counts = counts.annotate(**{_ROWS: Count("pk")})
        if question not in self._known:
            kept = KeptAnswer.objects.filter(question=question).first()
            self._known[question] = (
                self._again(kept, counts, keys, [*sums, _ROWS])
                if kept
                else self._first(question, counts, keys, [*sums, _ROWS])
            )
        return self._known[question].rows()

    def _first(self, question: str, counts: "QuerySet[Any]", keys: list[str], sums: list[str]) -> Table:
        table = Table(keys, sums)
        parts: dict[int, str] = {}
        for some in blocks.all_of_them(BLOCKS_AT_ONCE):
            parts |= _added(table, counts.filter(blocks.within(some)))
        self._news.append(_News(question, _NONE_KEPT, table, parts))
        return table

    def _again(self, kept: KeptAnswer, counts: "QuerySet[Any]", keys: list[str], sums: list[str]) -> Table:
        table = Table(keys, sums).read(kept.answer)
        if kept.asked_on < self._today:
            self._asked.append(kept.pk)
        if kept.version < self._version and (dirty := blocks.written_since(kept.version)):
            for part in KeptPart.objects.filter(kept=kept, block__in=dirty):
                table.take_off(Table(keys, sums).read(part.answer))
            parts = _added(table, counts.filter(blocks.within(dirty)))
            self._news.append(_News(kept.question, kept.version, table, parts, dirty))
        return table

    def keep(self) -> None:
        """Once the view is closed. Of two who have the same news one keeps it."""
        for news in self._news:
            with transaction.atomic():
                if news.before == _NONE_KEPT:
                    self._keep_first(news)
                else:
                    self._keep_again(news)
        if self._asked:
            KeptAnswer.objects.filter(pk__in=self._asked).update(asked_on=self._today)

    def _keep_first(self, news: _News) -> None:
        if KeptAnswer.objects.count() >= ANSWERS_AT_MOST:
            return
        kept, is_new = KeptAnswer.objects.get_or_create(
            question=news.question,
            defaults={"version": self._version, "asked_on": self._today, "answer": news.table.written()},
        )
        if is_new:
            _keep_parts(kept.pk, news.parts)

    def _keep_again(self, news: _News) -> None:
        same = KeptAnswer.objects.filter(question=news.question, version=news.before)
        if same.update(version=self._version, answer=news.table.written()):
            kept = KeptAnswer.objects.get(question=news.question)
            KeptPart.objects.filter(kept=kept, block__in=news.dirty).delete()
            _keep_parts(kept.pk, news.parts)


def is_worth_it() -> bool:
    """Whether there are so many leads that counting them takes time."""
    return FactsBlock.objects.count() >= WORTH_IT_FROM_BLOCKS


def forget_unasked(today: date) -> int:
    """Answers that nobody has asked for; how many."""
    unasked = KeptAnswer.objects.filter(asked_on__lt=today - FORGOTTEN_AFTER)
    number = unasked.count()
    unasked.delete()
    return number


def forget_all() -> None:
    KeptAnswer.objects.all().delete()


def _keep_parts(kept: int, parts: dict[int, str]) -> None:
    insert_rows([KeptPart(kept_id=kept, block=block, answer=answer) for block, answer in parts.items()])


def _added(table: Table, counts: "QuerySet[Any]") -> dict[int, str]:
    """What these rows contribute, by block, once it is added to the table."""
    parts: dict[int, Table] = {}
    for row in counts.annotate(**{_BLOCK: blocks.block_of_row()}):
        part = parts.setdefault(row[_BLOCK], Table(table.keys, table.sums))
        part.add(tuple(row[name] for name in table.keys), [row[name] for name in table.sums])
    for part in parts.values():
        table.add_all(part)
    return {block: part.written() for block, part in parts.items()}


def _names(counts: "QuerySet[Any]") -> list[str]:
    return [*counts.query.values_select, *counts.query.annotation_select]


def _sums(counts: "QuerySet[Any]") -> list[str]:
    """The columns that add up; none where some do not."""
    found = {name: one for name, one in counts.query.annotation_select.items() if one.contains_aggregate}
    adds_up = all(isinstance(one, (Count, Sum)) and not getattr(one, "distinct", False) for one in found.values())
    return list(found) if adds_up else []


def _question(counts: "QuerySet[Any]") -> str | None:
    """Its fingerprint; None where it reads what changes by itself."""
    try:
        sql, parameters = counts.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # its filters exclude each other: there is nothing to keep
        return None
    read = set(_TABLES.findall(sql))
    if not read <= _FOLLOWED | {_CAMPAIGNS}:
        return None
    worth = Campaign.objects.order_by("pk").values_list("pk", "expected_value", "currency")
    campaigns = list(worth) if _CAMPAIGNS in read else []
    return sha256(repr((sql, parameters, blocks.LEADS_A_BLOCK, campaigns)).encode()).hexdigest()
