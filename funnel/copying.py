"""PostgreSQL's COPY: rows as lines of text, several times as fast as an INSERT with parameters."""

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection, models

# A field and its value in each row.
Column = tuple[models.Field, Sequence[Any]]

NULL = r"\N"
_SPECIAL = "\\\t\n\r"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
BLOCK_BYTES = 1 << 20


def copy_into(table: str, columns: Sequence[Column]) -> None:
    """Append rows to a table of PostgreSQL. Raises the database's errors, as an INSERT would."""
    names = ", ".join(quoted(field.column) for field, _ in columns)
    statement = f"COPY {quoted(table)} ({names}) FROM STDIN"
    text = io.StringIO("".join(lines(columns)))
    connection.validate_no_broken_transaction()
    with connection.cursor() as cursor, connection.wrap_database_errors, _logged(cursor, statement):
        cursor.cursor.copy_expert(statement, text, size=BLOCK_BYTES)


def _logged(cursor: Any, statement: str) -> AbstractContextManager[Any]:
    """Counted with the other statements, wherever those are."""
    logged: AbstractContextManager[Any] = cursor.debug_sql(statement) if connection.queries_logged else nullcontext()
    return logged


def lines(columns: Sequence[Column]) -> Iterable[str]:
    """A line for each row in COPY's text format. What all rows share is written into the pattern of their lines."""
    pattern, varying = [], []
    for field, values in columns:
        texts = _texts(field, values)
        if texts.count(texts[0]) == len(texts):
            pattern.append(str(texts[0]).replace("%", "%%"))
        else:
            pattern.append("%s")
            varying.append(texts)
    line = "\t".join(pattern) + "\n"
    if not varying:
        return [line % ()] * len(columns[0][1])
    return map(line.__mod__, zip(*varying, strict=True))


def quoted(name: str | None) -> str:
    """Names come from the models; values travel apart from the statement."""
    return connection.ops.quote_name(str(name))


def _texts(field: models.Field, values: Sequence[Any]) -> Sequence[Any]:
    """What `%s` writes of them is what COPY reads."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    for kind, write in _WRITERS.items():
        if isinstance(field, kind):
            return write(field, values)
    raise TypeError(f"COPY does not know how to write {type(field).__name__}")


def _numbers(_field: models.Field, values: Sequence[Any]) -> Sequence[Any]:
    return [NULL if value is None else value for value in values] if None in values else values


def _strings(_field: models.Field, values: Sequence[Any]) -> Sequence[Any]:
    if None in values:
        return [NULL if value is None else value.translate(_ESCAPES) for value in values]
    every = "".join(values)
    if any(one in every for one in _SPECIAL):
        return [value.translate(_ESCAPES) for value in values]
    return values


def _moments(_field: models.Field, values: Sequence[Any]) -> Sequence[Any]:
    """Also days."""
    return list(map(_moment, values))


@lru_cache(maxsize=10_000)
def _moment(value: date | None) -> str:
    """Rows written together share most of their times, also with those of other tables."""
    return NULL if value is None else value.isoformat()


def _amounts(field: models.Field, values: Sequence[Any]) -> Sequence[Any]:
    return [NULL if value is None else format(field.to_python(value), "f") for value in values]


def _documents(field: models.Field, values: Sequence[Any]) -> Sequence[Any]:
    encode = (getattr(field, "encoder", None) or json.JSONEncoder)().encode
    return [NULL if value is None else encode(value).translate(_ESCAPES) for value in values]


def _bytes(_field: models.Field, values: Sequence[Any]) -> Sequence[Any]:
    """The backslash of PostgreSQL's hexadecimal form is written twice, as COPY wants it."""
    return [NULL if value is None else f"\\\\x{bytes(value).hex()}" for value in values]


_WRITERS: Mapping[type[models.Field], Callable[[models.Field, Sequence[Any]], Sequence[Any]]] = {
    models.BooleanField: _numbers,
    models.IntegerField: _numbers,
    models.DecimalField: _amounts,
    models.JSONField: _documents,
    models.DateField: _moments,
    models.CharField: _strings,
    models.TextField: _strings,
    models.BinaryField: _bytes,
}
