"""What was shunted may be handed to a process by hand. No column changes."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archive", "0014_brought_by")]
    operations = [
        migrations.AlterField(
            "delivery",
            "state",
            models.CharField(
                choices=[
                    ("received", "Received"),
                    ("done", "Done"),
                    ("shunted", "Shunted"),
                    ("released", "Released"),
                ],
                default="received",
                max_length=8,
            ),
        ),
    ]
