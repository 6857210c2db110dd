"""People may live by another clock than the installation."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_may_export")]
    operations = [
        migrations.AddField(
            "person", "time_zone", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
    ]
