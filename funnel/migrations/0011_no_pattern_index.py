"""Django makes an index for patterns beside each unique text on PostgreSQL. Nobody looks addresses up by a pattern."""

from django.db import migrations


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        table = apps.get_model("funnel", "Lead")._meta.db_table
        name = schema_editor._create_index_name(table, ["email_key"], suffix="_like")
        schema_editor.execute(f"DROP INDEX IF EXISTS {schema_editor.quote_name(name)}")


def make(apps, schema_editor):
    lead = apps.get_model("funnel", "Lead")
    if statement := schema_editor._create_like_index_sql(lead, lead._meta.get_field("email_key")):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("funnel", "0010_spared_indexes")]
    operations = [migrations.RunPython(drop, make)]
