"""Writing many rows, each with its own values, in a few statements.

Django's `bulk_create` compiles every value as an expression, and its `bulk_update` builds a CASE for every column and
row. Here the values go to the database as they are: no `auto_now`, no defaults of the database. PostgreSQL takes many
rows by COPY (`funnel/copying.py`); few rows, and those of SQLite, are parameters of an INSERT.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

from django.db import connection, models, transaction

from funnel.copying import Column, copy_into, quoted

# Larger statements are no faster and take more memory.
ROWS_A_STATEMENT = 500
# Fewer are there sooner without asking for their keys first, or without a COPY.
MANY = 25


def insert_rows(rows: Sequence[models.Model], *, ignore_conflicts: bool = False, keyed: bool = True) -> None:
    """Insert rows of one model and give them their keys; call it inside a transaction.

    A related row has to have its key when it is assigned: it is not asked again. With `ignore_conflicts`, rows that
    are there already are left out. Then none is given its key, but one alone that is new; nor is any without `keyed`:
    of many they cost a query.
    """
    if not rows:
        return
    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if field is not model._meta.pk]
    columns = _columns_of(rows, fields)
    if ignore_conflicts and keyed and len(rows) == 1:
        _give_keys(rows[:1], _insert_for_keys(model, columns, ignore_conflicts=True))
        return
    if ignore_conflicts or not keyed:
        _insert(model, columns, ignore_conflicts=ignore_conflicts)
        return
    if len(rows) < min(MANY, _most_rows(len(fields))):
        keys = _insert_for_keys(model, columns)
    else:
        keys = _next_keys(model, len(rows))
        _insert(model, [(model._meta.pk, keys), *columns])
    _give_keys(rows, keys)


@contextmanager
def in_one_trip() -> Iterator[None]:
    """What is inserted within and asks for no keys goes to PostgreSQL together, in its order, when the block ends.

    Few rows of several tables: a trip takes longer than such an insert. Read none of them within.
    """
    waiting: list[_Statement] = []
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    _execute_all(waiting)


_Statement = tuple[str, list[Any]]
_waiting: ContextVar[list[_Statement] | None] = ContextVar("waiting", default=None)


def _execute_all(waiting: list[_Statement]) -> None:
    if waiting:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(sql for sql, _ in waiting), list(chain.from_iterable(one for _, one in waiting)))
        waiting.clear()


def _give_keys(rows: Sequence[models.Model], keys: Iterable[Any]) -> None:
    for row, key in zip(rows, keys, strict=False):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001  # as Django's own inserts do


def insert_values(
    model: type[models.Model], values: Mapping[str, Sequence[Any]], *, ignore_conflicts: bool = False, **same: Any
) -> None:
    """Insert rows told column by column, without an object for each; call it inside a transaction.

    `values`: attribute (`lead_id`, not `lead`) -> its value in each row; `same`: those that all rows share. What
    neither names has its field's default. With `ignore_conflicts`, rows that are there already are left out.
    """
    count = len(next(iter(values.values())))
    fields = {field.attname: field for field in model._meta.concrete_fields if field is not model._meta.pk}
    if unknown := (values.keys() | same.keys()) - fields.keys():
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    if count:
        shared = {name: same.get(name, field.get_default()) for name, field in fields.items() if name not in values}
        columns = [(field, values.get(name) or [shared[name]] * count) for name, field in fields.items()]
        _insert(model, columns, ignore_conflicts=ignore_conflicts)


def update_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of rows of one model; call it inside a transaction."""
    if not rows or not fields:
        return
    meta = rows[0]._meta
    written = [field for field in meta.concrete_fields if field.name in set(fields)]
    columns = _columns_of(rows, [*written, meta.pk])
    if connection.vendor == "postgresql":
        _update_at_once(meta, columns)
        return
    changes = ", ".join(f"{quoted(field.column)} = %s" for field in written)
    where = f"WHERE {quoted(meta.pk.column)} = %s"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quoted(meta.db_table)} SET {changes} {where}",  # noqa: S608  # no value is in it
            list(_adapted(columns)),
        )


def update_where(row: models.Model, fields: Sequence[str], **still: Any) -> bool:
    """Write these fields of a row if it is still as `still` says; whether it was."""
    meta = row._meta
    written = [field for field in meta.concrete_fields if field.name in set(fields)]
    changes = ", ".join(f"{quoted(field.column)} = %s" for field in written)
    conditions = {str(meta.pk.column): row.pk} | {str(meta.get_field(name).column): one for name, one in still.items()}  # type: ignore[union-attr]
    where = " AND ".join(f"{quoted(column)} = %s" for column in conditions)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quoted(meta.db_table)} SET {changes} WHERE {where}",  # noqa: S608  # no value is in it
            [*next(_adapted(_columns_of([row], written))), *conditions.values()],
        )
        return cursor.rowcount == 1


def _update_at_once(meta: Any, columns: Sequence[Column]) -> None:
    """PostgreSQL would take a statement a row; so it takes one for all, each column an array."""
    written = [field for field, _ in columns]
    changes = ", ".join(f"{quoted(field.column)} = new.{quoted(field.column)}" for field in written[:-1])
    names = ", ".join(quoted(field.column) for field in written)
    arrays = ", ".join(f"%s::{_type(field)}[]" for field in written)
    table, key = quoted(meta.db_table), quoted(meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS new ({names})"  # noqa: S608  # no value is in it
            f" WHERE {table}.{key} = new.{key}",
            [list(values) for values in zip(*_adapted(columns), strict=True)],
        )


def _insert(model: type[models.Model], columns: Sequence[Column], *, ignore_conflicts: bool = False) -> None:
    """Keys that are not among the columns, the database gives."""
    count = len(columns[0][1])
    waiting = _waiting.get()
    if connection.vendor == "postgresql" and not ignore_conflicts and count >= MANY:
        _execute_all(waiting or [])  # these come first
        copy_into(model._meta.db_table, columns)
        return
    end = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    begin, row_marks = _insert_words(model, columns)
    if connection.vendor == "postgresql" and waiting is not None:
        waiting += [
            (begin + ", ".join([row_marks] * len(page)) + end, list(chain.from_iterable(page)))
            for page in _pages(columns)
        ]
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(f"{begin}{row_marks}{end}", list(_adapted(columns)))
            return
        for page in _pages(columns):
            cursor.execute(begin + ", ".join([row_marks] * len(page)) + end, list(chain.from_iterable(page)))


def _insert_for_keys(
    model: type[models.Model], columns: Sequence[Column], *, ignore_conflicts: bool = False
) -> list[Any]:
    """In one statement."""
    begin, row_marks = _insert_words(model, columns)
    rows = list(_adapted(columns))
    end = f"{' ON CONFLICT DO NOTHING' if ignore_conflicts else ''} RETURNING {quoted(model._meta.pk.column)}"
    with connection.cursor() as cursor:
        cursor.execute(begin + ", ".join([row_marks] * len(rows)) + end, list(chain.from_iterable(rows)))
        return [key for (key,) in cursor.fetchall()]


def _insert_words(model: type[models.Model], columns: Sequence[Column]) -> tuple[str, str]:
    names = ", ".join(quoted(field.column) for field, _ in columns)
    marks = ", ".join(["%s"] * len(columns))
    begin = f"INSERT INTO {quoted(model._meta.db_table)} ({names}) VALUES "  # noqa: S608  # no value is in it
    return begin, f"({marks})"


def _next_keys(model: type[models.Model], count: int) -> list[int]:
    """Keys that no row has or will be given. On SQLite this transaction is the only one that writes."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "pg_get_serial_sequence(%s, %s)"
            cursor.execute(
                f"SELECT nextval({sequence}) FROM generate_series(1, %s)",  # noqa: S608  # no value is in it
                [quoted(table), model._meta.pk.column, count],
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


def _pages(columns: Sequence[Column]) -> Iterator[list[tuple[Any, ...]]]:
    size, rows = _most_rows(len(columns)), list(_adapted(columns))
    for begin in range(0, len(rows), size):
        yield rows[begin : begin + size]


def _most_rows(columns: int) -> int:
    limit = connection.features.max_query_params
    return min(ROWS_A_STATEMENT, limit // columns) if limit else ROWS_A_STATEMENT


def _columns_of(rows: Sequence[models.Model], fields: Sequence[models.Field]) -> list[Column]:
    values_of = attrgetter(*(field.attname for field in fields))
    return list(zip(fields, zip(*map(values_of, rows), strict=True), strict=True))


def _adapted(columns: Sequence[Column]) -> Iterator[tuple[Any, ...]]:
    """The rows, in the form the database's driver takes. Most values are in it already."""
    database = transaction.get_connection()  # `connection` looks for it with each value
    moment = cache(database.ops.adapt_datetimefield_value)  # rows written together share most of their times

    def adapted(field: models.Field, values: Sequence[Any]) -> Iterable[Any]:
        if _is_plain(field):
            return values
        if isinstance(field, models.DateTimeField):
            return map(moment, values)
        return (None if value is None else field.get_db_prep_save(value, connection=database) for value in values)

    return zip(*(adapted(field, values) for field, values in columns), strict=True)


def _is_plain(field: models.Field) -> bool:
    """Whether its values are those of the database: texts, whole numbers, yes or no, and keys of other rows."""
    return isinstance(field, (models.CharField, models.TextField, models.IntegerField, models.BooleanField)) or (
        isinstance(field, models.ForeignKey) and _is_plain(field.target_field)
    )


def _type(field: models.Field) -> str:
    """PostgreSQL's, without the length of texts: a cast would cut them off where the column refuses them."""
    return "text" if isinstance(field, models.CharField) else str(field.rel_db_type(connection))
