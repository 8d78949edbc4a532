from django.db import migrations

from funnel import fixed_terms
from funnel.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("funnel", "0001_initial")]

    operations = [append_only("funnel_leadevent", "funnel_stagechange", "funnel_assignment", *fixed_terms.TABLES)]
