"""Whether a delivery is from whom it says."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archive", "0005_search_layout")]
    operations = [
        migrations.CreateModel(
            name="Verdict",
            fields=[
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                (
                    "delivery",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="verdict",
                        serialize=False,
                        to="archive.delivery",
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("summary", models.CharField(blank=True, default="", max_length=16)),
                ("found", models.JSONField(default=dict)),
                ("judged_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="verdict_due")
                ],
            },
        ),
    ]
