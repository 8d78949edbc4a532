"""Writing many rows, each with its own values, in a few statements.

Django's `bulk_create` compiles every value as an expression, and its `bulk_update` builds a CASE for every column and
row. Here the values go to the database as they are: no `auto_now`, no defaults of the database.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import chain
from operator import attrgetter
from typing import Any

from django.db import connection, models, transaction

# Larger statements are no faster and take more memory.
ROWS_A_STATEMENT = 500


def insert_rows(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> None:
    """Insert rows of one model and give them their keys; call it inside a transaction.

    A related row has to have its key when it is assigned: it is not asked again. With `ignore_conflicts`, rows that
    are there already are left out, and none is given its key.
    """
    if not rows:
        return
    meta = rows[0]._meta
    columns = [field for field in meta.concrete_fields if field is not meta.pk]
    names = ", ".join(_quoted(field.column) for field in columns)
    insert = f"INSERT INTO {_quoted(meta.db_table)} ({names}) VALUES "  # noqa: S608  # no value is in it
    end = " ON CONFLICT DO NOTHING" if ignore_conflicts else f" RETURNING {_quoted(meta.pk.column)}"
    row_marks = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for page in _pages(rows, len(columns)):
            marks = ", ".join([row_marks] * len(page))
            cursor.execute(insert + marks + end, list(chain.from_iterable(_values(page, columns))))
            if not ignore_conflicts:
                _give_keys(page, cursor.fetchall())


def update_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of rows of one model; call it inside a transaction."""
    if not rows or not fields:
        return
    meta = rows[0]._meta
    columns = [field for field in meta.concrete_fields if field.name in set(fields)]
    if connection.vendor == "postgresql":
        _update_from_values(rows, columns)
        return
    changes = ", ".join(f"{_quoted(field.column)} = %s" for field in columns)
    where = f"WHERE {_quoted(meta.pk.column)} = %s"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {_quoted(meta.db_table)} SET {changes} {where}",  # noqa: S608  # no value is in it
            list(_values(rows, [*columns, meta.pk])),
        )


def update_where(row: models.Model, fields: Sequence[str], **still: Any) -> bool:
    """Write these fields of a row if it is still as `still` says; whether it was."""
    meta = row._meta
    columns = [field for field in meta.concrete_fields if field.name in set(fields)]
    changes = ", ".join(f"{_quoted(field.column)} = %s" for field in columns)
    conditions = {str(meta.pk.column): row.pk} | {str(meta.get_field(name).column): one for name, one in still.items()}  # type: ignore[union-attr]
    where = " AND ".join(f"{_quoted(column)} = %s" for column in conditions)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_quoted(meta.db_table)} SET {changes} WHERE {where}",  # noqa: S608  # no value is in it
            [*next(_values([row], columns)), *conditions.values()],
        )
        return cursor.rowcount == 1


def _update_from_values(rows: Sequence[models.Model], columns: Sequence[models.Field]) -> None:
    """PostgreSQL would take a statement a row; so it takes one for hundreds. Nulls need the type of their column."""
    meta = rows[0]._meta
    changes = ", ".join(f"{_quoted(field.column)} = new.{_quoted(field.column)}" for field in columns)
    written = [*columns, meta.pk]
    names = ", ".join(_quoted(field.column) for field in written)
    row_marks = f"({', '.join(f'%s::{_type(field)}' for field in written)})"
    table, key = _quoted(meta.db_table), _quoted(meta.pk.column)
    with connection.cursor() as cursor:
        for page in _pages(rows, len(written)):
            values = f"(VALUES {', '.join([row_marks] * len(page))}) AS new ({names})"
            cursor.execute(
                f"UPDATE {table} SET {changes} FROM {values} WHERE {table}.{key} = new.{key}",  # noqa: S608
                list(chain.from_iterable(_values(page, written))),
            )


def _pages(rows: Sequence[models.Model], columns: int) -> Iterator[Sequence[models.Model]]:
    limit = connection.features.max_query_params
    size = min(ROWS_A_STATEMENT, limit // columns) if limit else ROWS_A_STATEMENT
    for begin in range(0, len(rows), size):
        yield rows[begin : begin + size]


def _give_keys(rows: Sequence[models.Model], keys: Sequence[tuple[Any]]) -> None:
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001  # as Django's own inserts do


def _quoted(name: str | None) -> str:
    """Names come from the models; values travel as parameters."""
    return connection.ops.quote_name(str(name))


def _type(field: models.Field) -> str:
    """PostgreSQL's, without the length of texts: a cast would cut them off where the column refuses them."""
    return "text" if isinstance(field, models.CharField) else str(field.rel_db_type(connection))


def _values(rows: Sequence[models.Model], fields: Sequence[models.Field]) -> Iterator[list[Any]]:
    """Each row's values in the database's form. Most are in it already."""
    values_of = attrgetter(*(field.attname for field in fields))
    to_adapt = [(index, _adapter(field)) for index, field in enumerate(fields) if not _is_plain(field)]
    for row in rows:
        values = list(values_of(row))
        for index, adapt in to_adapt:
            if values[index] is not None:
                values[index] = adapt(values[index])
        yield values


def _is_plain(field: models.Field) -> bool:
    """Whether its values are those of the database: texts, whole numbers, yes or no, and keys of other rows."""
    return isinstance(field, (models.CharField, models.TextField, models.IntegerField, models.BooleanField)) or (
        isinstance(field, models.ForeignKey) and _is_plain(field.target_field)
    )


def _adapter(field: models.Field) -> Callable[[Any], Any]:
    database = transaction.get_connection()  # `connection` looks for it with each value
    if isinstance(field, models.DateTimeField):
        return cache(database.ops.adapt_datetimefield_value)  # rows written together share most of their times
    return partial(field.get_db_prep_save, connection=database)
