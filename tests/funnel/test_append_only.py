"""No event, move or disposition is ever changed or deleted, by whatever way into the database."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from dispositions.models import Disposition
from funnel.models import Assignment, Channel, Lead, LeadEvent, SourceRuling, StageChange
from funnel.services.sources import name_channel
from tests.factories import NOW, LeadFactory

HISTORY = (LeadEvent, StageChange, Disposition, Assignment, SourceRuling)
on_all_history = pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)


@pytest.fixture
def lead(rep, marketing):
    lead = LeadFactory(accepted=True, owner=rep)
    webinar = Channel.objects.create(slug="webinar", name="Webinar")
    name_channel(lead_id=lead.pk, channel=webinar, by=marketing.principal, at=NOW)
    return lead


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def delete_raw(model):
    """Past Django's own look at foreign keys, so that only the database can refuse."""
    rows = model.objects.all()
    rows._raw_delete(rows.db)


def replace_rows(model):
    """SQLite's REPLACE puts a row out of the way without asking the trigger for deletions."""
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    rows = f"SELECT {columns} FROM {table} WHERE true"
    if connection.vendor == "sqlite":
        sql(f"REPLACE INTO {table} ({columns}) {rows}")
    else:
        sql(f"INSERT INTO {table} ({columns}) {rows} ON CONFLICT (id) DO UPDATE SET lead_id = excluded.lead_id + 1")


WAYS = {
    "update of a queryset": lambda model: model.objects.update(at=NOW),
    "save of a row": lambda model: model.objects.last().save(),
    "bulk_update": lambda model: model.objects.bulk_update(model.objects.all(), ["at"]),
    "deletion of a queryset": delete_raw,
    "UPDATE": lambda model: sql(f"UPDATE {model._meta.db_table} SET lead_id = lead_id + 1"),
    "UPDATE of nothing new": lambda model: sql(f"UPDATE {model._meta.db_table} SET at = at"),
    "REPLACE": replace_rows,
    "DELETE": lambda model: sql(f"DELETE FROM {model._meta.db_table}"),
}


@on_all_history
@pytest.mark.parametrize("way", WAYS)
def test_history_is_neither_changed_nor_deleted(lead, model, way):
    before = list(model.objects.order_by("pk").values())

    with pytest.raises(DatabaseError, match=f"{model._meta.db_table} is append-only"), transaction.atomic():
        WAYS[way](model)

    assert before
    assert list(model.objects.order_by("pk").values()) == before


@on_all_history
def test_history_is_not_replaced_by_an_insert(lead, model):
    row = model.objects.last()

    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.bulk_create([row], update_conflicts=True, unique_fields=["pk"], update_fields=["at"])


@on_all_history
def test_a_row_of_history_is_not_deleted(lead, model):
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.last().delete()

    assert model.objects.exists()


def test_a_lead_with_a_history_is_not_deleted(lead):
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.filter(pk=lead.pk).delete()

    assert LeadEvent.objects.filter(lead=lead).exists()


@pytest.mark.postgres
@on_all_history
def test_history_is_not_truncated(lead, model):
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # what the transaction has yet to check would keep TRUNCATE out anyway

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql(f"TRUNCATE {model._meta.db_table} CASCADE")

    assert model.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_history_is_protected_again_after_a_test_has_been_cleaned_up(turn, rep):
    lead = LeadFactory(accepted=True, owner=rep)

    with pytest.raises(DatabaseError, match="append-only"):
        LeadEvent.objects.filter(lead=lead).update(seq=999)
