from itertools import islice
from typing import Any

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from funnel.search import search_text

PAGE = 2_000
INDEX = "lead_search_trigrams"


def fill(apps: Any, _editor: Any) -> None:
    """The words of the leads that are there already."""
    search = apps.get_model("funnel", "LeadSearch")
    leads = apps.get_model("funnel", "Lead").objects.select_related("company").order_by("pk").iterator(PAGE)
    while page := [search(lead_id=lead.pk, text=_words(lead)) for lead in islice(leads, PAGE)]:
        search.objects.bulk_create(page)


def _words(lead: Any) -> str:
    company = f"{lead.company.name} {lead.company.domain}" if lead.company else ""
    return search_text(
        first_name=lead.first_name, last_name=lead.last_name, email=lead.email, phone=lead.phone, company=company
    )


def create_index(_apps: Any, editor: Any) -> None:
    """SQLite looks through the words; they are few beside the leads."""
    if editor.connection.vendor == "postgresql":
        editor.execute(f"CREATE INDEX {INDEX} ON funnel_leadsearch USING gin (text gin_trgm_ops)")


def drop_index(_apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP INDEX {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("funnel", "0003_desk")]

    operations = [
        TrigramExtension(),
        # First the index: PostgreSQL makes none on a table with rows of the same transaction.
        migrations.RunPython(create_index, drop_index),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
