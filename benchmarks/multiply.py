"""A crowd made larger inside the database: every lead again, with all that belongs to it, under a name of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max

from funnel.models import Lead, LeadIdentity

# What no two leads share: a copy has its number before it.
_OWN_NAMES = {Lead: ("email", "email_key"), LeadIdentity: ("external_id",)}


def multiply(times: int) -> None:
    """Each lead `times` times in all. The copies' ledgers are not chained: nobody verifies them."""
    tables = _tables()
    for number in range(1, times):
        with transaction.atomic():
            for model in tables:
                _copy(model, number, tables)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)


def _tables() -> Mapping[type[models.Model], int]:
    """Leads and what points at them, each with its highest key; what has no rows is left out."""
    pointing = [one.related_model for one in Lead._meta.related_objects if isinstance(one.related_model, type)]
    found = {
        model: model._meta.base_manager.aggregate(last=Max("pk"))["last"] for model in dict.fromkeys([Lead, *pointing])
    }
    return {model: last for model, last in found.items() if last}


def _copy(model: type[models.Model], number: int, tables: Mapping[type[models.Model], int]) -> None:
    fields = model._meta.concrete_fields
    quote, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)
    names = [quote(str(field.column)) for field in fields]
    values = [_value(field, name, number, tables) for field, name in zip(fields, names, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table} "
            f"WHERE {quote(str(model._meta.pk.column))} <= %s",
            [tables[model]],
        )


def _value(field: Any, name: str, number: int, tables: Mapping[type[models.Model], int]) -> str:
    """How a copy's column follows from the original's; every key is as far on as its table's are."""
    target = field.model if field.primary_key else field.related_model
    if target in tables:
        return f"{name} + {number * tables[target]}"
    return f"'{number}.' || {name}" if field.name in _own_names(field.model) else name


def _own_names(model: type[models.Model]) -> Sequence[str]:
    return _OWN_NAMES.get(model, ())
