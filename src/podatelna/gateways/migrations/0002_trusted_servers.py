"""Whose Authentication-Results are believed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gateways", "0001_initial")]
    operations = [
        migrations.AddField("gateway", "trusted_servers", models.CharField(blank=True, default="", max_length=1000)),
    ]
