"""A count can be asked for again on the same day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gateways", "0009_transcript")]
    operations = [
        migrations.AddField("count", "stale", models.BooleanField(db_default=False, default=False)),
    ]
