import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


def as_it_is(apps, schema_editor):
    """Nobody has corrected a channel yet: what is recorded is what the lead has."""
    apps.get_model("reports", "LeadFact").objects.update(recorded_channel=F("channel"))


def _key(*, null):
    return models.ForeignKey(
        null=null,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="funnel.channel",
    )


class Migration(migrations.Migration):
    # Each step in a transaction of its own: PostgreSQL alters no table that it has just filled.
    atomic = False

    dependencies = [("reports", "0002_journeys")]

    operations = [
        migrations.AddField("leadfact", "recorded_channel", _key(null=True)),
        migrations.RunPython(as_it_is, migrations.RunPython.noop),
        migrations.AlterField("leadfact", "recorded_channel", _key(null=False)),
    ]
