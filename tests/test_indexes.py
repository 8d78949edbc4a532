"""Every index is written with every row: none of ours only repeats the beginning of another."""

from django.apps import apps
from django.db import connection

OURS = {"accounts", "funnel", "dispositions", "reports", "integrations"}


def whole_indexes(model):
    """The columns of each index over all rows, in its order, and whether it may not be spared: it is unique."""
    meta = model._meta
    for field in meta.concrete_fields:
        if field.unique:
            yield (field.name,), True
        elif field.db_index:
            yield (field.name,), False
    for index in meta.indexes:
        if index.condition is None and index.fields:
            yield tuple(name.removeprefix("-") for name in index.fields), False
    for unique in meta.constraints:
        if getattr(unique, "fields", ()) and unique.condition is None:
            yield tuple(unique.fields), True


def repeated(model):
    found = list(whole_indexes(model))
    return [
        f"{model._meta.label}: {columns} repeats {other}"
        for place, (columns, is_unique) in enumerate(found)
        for elsewhere, (other, _) in enumerate(found)
        if not is_unique and place != elsewhere and other[: len(columns)] == columns
    ]


def test_no_index_of_ours_repeats_the_beginning_of_another():
    models = [model for model in apps.get_models() if model._meta.app_label in OURS]

    assert [line for model in models for line in repeated(model)] == []


def test_a_foreign_key_that_is_the_beginning_of_an_index_has_none_of_its_own_in_the_database(db):
    """The migrations spare them without making a table anew, which would lose the triggers of history on SQLite."""
    with connection.cursor() as cursor:
        for table in ("funnel_touch", "funnel_leadevent", "funnel_stagechange", "dispositions_disposition"):
            found = connection.introspection.get_constraints(cursor, table)
            indexes = [one["columns"] for one in found.values() if one["index"] or one["unique"]]
            assert indexes.count(["lead_id"]) == 0
            assert any(columns[:1] == ["lead_id"] for columns in indexes)
