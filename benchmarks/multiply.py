"""A crowd made larger inside the database: every lead again, with all that belongs to it, under a name of its own."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max

from benchmarks.databases import analyze
from funnel.limits import ClockRules
from funnel.models import HandOff, Lead, LeadEvent, LeadIdentity, Touch
from reports.facts.refresh import write_facts
from reports.kept.blocks import mark_written
from reports.models import Cycle, FactsMark, Journey, LeadFact, Stay

# So many come by the services; beyond that they are copied inside the database.
BY_SERVICES = 100_000
FACTS_AT_ONCE = 2_000
# What no two leads share: a copy has its number before it.
_OWN_NAMES = {Lead: ("email", "email_key"), LeadIdentity: ("external_id",)}


def multiply(times: int) -> None:
    """Each lead `times` times in all. The copies' ledgers are not chained: nobody verifies them."""
    tables = _tables()
    for number in range(1, times):
        with transaction.atomic():
            for model in tables:
                _copy(model, number, tables)
    _reset_keys(list(tables))


def multiply_facts(leads: int) -> None:
    """The facts of a crowd that was multiplied: those of the leads that came by the services are read, then copied."""
    times = ceil(leads / BY_SERVICES)
    first = range(1, leads // times)
    rules = ClockRules()
    for begin in range(first.start, first.stop, FACTS_AT_ONCE):
        write_facts(first[begin - 1 : begin - 1 + FACTS_AT_ONCE], rules)
    hand_off = HandOff.objects.filter(lead__lte=first[-1]).aggregate(last=Max("pk"))["last"]
    facts = {model: model.objects.aggregate(last=Max("pk"))["last"] for model in (LeadFact, Stay, Cycle, Journey)}
    tables = {Lead: first[-1], HandOff: hand_off, **facts}
    for number in range(1, times):
        for model in facts:
            with transaction.atomic():
                _copy(model, number, tables)
    _reset_keys(list(facts))
    write_facts(range(times * first[-1] + 1, leads + 1), rules)
    mark_written(range(1, leads + 1))
    for name, model in (("events", LeadEvent), ("touches", Touch)):
        last = model._meta.base_manager.aggregate(last=Max("pk"))["last"]
        FactsMark.objects.update_or_create(table=name, defaults={"settled_id": last})
    analyze()


def _tables() -> Mapping[type[models.Model], int]:
    """Leads and what points at them, each with its highest key; what has no rows is left out."""
    pointing = [one.related_model for one in Lead._meta.related_objects if isinstance(one.related_model, type)]
    found = {
        model: model._meta.base_manager.aggregate(last=Max("pk"))["last"] for model in dict.fromkeys([Lead, *pointing])
    }
    return {model: last for model, last in found.items() if last}


def _reset_keys(tables: Sequence[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)


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
