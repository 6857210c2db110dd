"""Mail also comes by SMTP and by web forms. No column changes."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archive", "0012_blob_stored")]
    operations = [
        migrations.AlterField(
            "origin",
            "kind",
            models.CharField(
                choices=[
                    ("imap", "Imap"),
                    ("smtp", "Smtp"),
                    ("form", "Form"),
                    ("import", "Import"),
                    ("sent", "Sent"),
                ],
                max_length=8,
            ),
        ),
    ]
