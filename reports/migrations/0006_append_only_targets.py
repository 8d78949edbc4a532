from django.db import migrations

from funnel.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_targets")]

    operations = [append_only("reports_targetchange")]
