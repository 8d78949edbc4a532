from django.db import migrations

from funnel.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("dispositions", "0001_initial")]

    operations = [append_only("dispositions_disposition")]
