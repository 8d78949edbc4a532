"""A condition on a great many values, handed to the database as one."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Lookup
from django.db.models.expressions import Combinable


class OneOf(Lookup):
    """Whether a column is one of these numbers, or of these texts; `column`: its name, or an expression.

    As `__in`, which looks at each of thousands of values several times over, and writes each into the statement.
    """

    prepare_rhs = False

    def __init__(self, column: str | Combinable, among: Iterable[int] | Iterable[str]) -> None:
        super().__init__(F(column) if isinstance(column, str) else column, list(among))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        sql, values = self.process_lhs(compiler, connection)
        kind = "text" if isinstance(self.rhs[0], str) else "bigint"
        return f"{sql} = ANY(%s::{kind}[])", [*values, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        sql, values = self.process_lhs(compiler, connection)
        # What it is about is Django's own; the values are a parameter.
        return f"{sql} IN (SELECT value FROM json_each(%s))", [*values, json.dumps(self.rhs)]  # noqa: S608
