"""A condition on a great many numbers, handed to the database as one value."""

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Lookup
from django.db.models.expressions import Combinable


class OneOf(Lookup):
    """Whether a number is among these. As `__in`, which looks at each of thousands of numbers several times over."""

    prepare_rhs = False

    def __init__(self, number: Combinable, among: Sequence[int]) -> None:
        super().__init__(number, list(among))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        sql, values = self.process_lhs(compiler, connection)
        return f"{sql} = ANY(%s::bigint[])", [*values, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        sql, values = self.process_lhs(compiler, connection)
        # What it is about is Django's own; the numbers are a parameter.
        return f"{sql} IN (SELECT value FROM json_each(%s))", [*values, json.dumps(self.rhs)]  # noqa: S608
