"""Statements that the ORM writes once and that are asked many times: writing one takes longer than asking it."""

from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

T = TypeVar("T")


def _fits(number: int) -> bool:
    """Whether a column can hold it: the ORM asks for no other, and databases answer one with an error."""
    return -(2**63) <= number < 2**63


class Prepared(Generic[T]):
    """What a queryset asks, with stand-ins for what differs from one time to the next.

    A stand-in is a whole number or a moment that occurs nowhere else in the statement, such as -1 for a key. Keep it
    by whatever else shapes the statement, the vendor of the database among it: it is written for one.
    """

    def __init__(self, queryset: "QuerySet[Any, T]") -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(queryset.db)
        self._sql: str | None = None
        self._params: tuple[Any, ...] = ()
        with suppress(EmptyResultSet):  # nothing can fit, whoever asks: somebody without any scope
            self._sql, self._params = self._compiler.as_sql()
        self._compiler.connection = None  # that of the thread which wrote it, and may be long gone

    def ask(self, meant: Mapping[Any, Any]) -> list[T]:
        """The rows, of which nothing is kept. `meant`: each stand-in with what it stands for. One query."""
        if self._sql is None or any(type(value) is int and not _fits(value) for value in meant.values()):
            return []
        database = connections[self._queryset.db]

        def as_written(value: Any) -> Any:
            return database.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value

        values = {as_written(stand_in): as_written(value) for stand_in, value in meant.items()}
        params = tuple(values.get(one, one) if type(one) in {int, str, datetime} else one for one in self._params)
        compiler = copy(self._compiler)
        compiler.connection = database  # each thread has its own
        compiler.as_sql = lambda *_args, **_kwargs: (self._sql, params)
        asked = self._queryset.all()
        asked.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
        return list(asked)

    def first(self, meant: Mapping[Any, Any]) -> T | None:
        """The only row, where there is one."""
        return next(iter(self.ask(meant)), None)
