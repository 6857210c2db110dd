"""Who brought a delivery by SMTP or LMTP."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archive", "0013_origin_kinds")]
    operations = [
        migrations.CreateModel(
            name="BroughtBy",
            fields=[
                (
                    "delivery",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="brought_by",
                        serialize=False,
                        to="archive.delivery",
                    ),
                ),
                ("address", models.CharField(blank=True, default="", max_length=45)),
                ("helo", models.CharField(blank=True, default="", max_length=255)),
                ("protocol", models.CharField(max_length=8)),
                ("tls", models.CharField(blank=True, default="", max_length=16)),
                ("named", models.BooleanField(default=False)),
            ],
        ),
    ]
