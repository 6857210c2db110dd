"""A gateway may receive mail that is brought to us, without any mailbox."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gateways", "0004_alarms")]
    operations = [
        migrations.AddField(
            "gateway",
            "kind",
            models.CharField(
                choices=[("mailbox", "Mailbox"), ("receiving", "Receiving")],
                db_default="mailbox",
                default="mailbox",
                max_length=9,
            ),
        ),
    ]
