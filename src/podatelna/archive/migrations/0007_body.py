"""The bytes of a message stand in a table of their own: what lists read and the pipeline writes becomes small."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

COPY = "INSERT INTO archive_body (message_id, skeleton) SELECT id, skeleton FROM archive_message ORDER BY id"
# Only where a migration is taken back.
COPY_BACK = """UPDATE archive_message SET skeleton =
    (SELECT body.skeleton FROM archive_body body WHERE body.message_id = archive_message.id)"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0006_verdict")]
    operations = [
        migrations.CreateModel(
            name="Body",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="body",
                        serialize=False,
                        to="archive.message",
                    ),
                ),
                ("skeleton", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(COPY, COPY_BACK),
        migrations.RemoveField(model_name="message", name="skeleton"),
    ]
