"""The text inside attachments; all that are here already wait to be read, the newest first."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archive", "0007_body")]
    operations = [
        migrations.CreateModel(
            name="AttachmentText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.BinaryField(max_length=32)),
                ("kind", models.CharField(max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[("reading", "Reading"), ("read", "Read"), ("failed", "Failed")],
                        default="reading",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=16)),
                ("detail", models.TextField(blank=True, default="")),
                ("text", models.BinaryField(null=True)),
                ("characters", models.PositiveIntegerField(default=0)),
                ("extracted_at", models.DateTimeField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "failed")), fields=["reason"], name="attachment_text_failed"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("sha256", "kind"), name="attachment_text_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="part_texts",
                        to="archive.message",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="part_texts",
                        to="archive.attachmenttext",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("message", "position"), name="part_text_once")],
            },
        ),
        migrations.AddField("message", "texts_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "message",
            models.Index(
                condition=models.Q(("attachment_count__gt", 0), ("texts_at__isnull", True)),
                fields=["-received_at", "-id"],
                name="message_texts_wait",
            ),
        ),
    ]
