from django.db import migrations

from funnel.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("dispositions", "0003_desk")]

    operations = [append_only("dispositions_forecast")]
