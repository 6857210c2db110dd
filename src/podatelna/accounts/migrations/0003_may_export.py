"""The right to export whole searches and correspondences; nobody has it until it is given."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_log")]
    operations = [migrations.AddField("person", "may_export", models.BooleanField(default=False))]
