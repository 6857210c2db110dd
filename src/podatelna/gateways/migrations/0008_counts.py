"""What a folder's last look found, what is to be fetched of its history, and the daily counts against the server."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Max


def one_current_ledger(apps: Any, schema_editor: Any) -> None:
    """Of a folder's ledgers the newest is in use; those closed by a relocation have names that no server has."""
    Folder = apps.get_model("gateways", "Folder")
    Folder.objects.filter(name__contains=" // ").update(current=False)
    newest = Folder.objects.values("gateway", "name").annotate(newest=Max("pk")).values_list("newest", flat=True)
    Folder.objects.exclude(pk__in=list(newest)).update(current=False)


class Migration(migrations.Migration):
    dependencies = [("gateways", "0007_sign_in")]

    operations = [
        migrations.AddField(
            "gateway",
            "history",
            models.CharField(
                choices=[("everything", "Everything"), ("since", "Since"), ("new", "New")],
                db_default="everything",
                default="everything",
                max_length=10,
            ),
        ),
        migrations.AddField("gateway", "history_since", models.DateField(blank=True, null=True)),
        migrations.AddField("gateway", "history_closed_days", models.PositiveIntegerField(db_default=14, default=14)),
        migrations.AddField("folder", "current", models.BooleanField(db_default=True, default=True)),
        migrations.AddField(
            "folder", "closed_why", models.CharField(blank=True, db_default="", default="", max_length=12)
        ),
        migrations.AddField("folder", "uidnext", models.BigIntegerField(null=True)),
        migrations.AddField("folder", "exists", models.BigIntegerField(null=True)),
        migrations.AddField("folder", "history_end", models.BigIntegerField(null=True)),
        migrations.AddField("folder", "connected_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "folder", "history_done", models.CharField(blank=True, db_default="", default="", max_length=24)
        ),
        migrations.AddField("folder", "processed_uidvalidity", models.BigIntegerField(null=True)),
        migrations.AddField("folder", "processed_uidnext", models.BigIntegerField(null=True)),
        migrations.AddField("folder", "processed_moved", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("folder", "backlog", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField("folder", "backlog_left", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField("folder", "backlog_rate", models.FloatField(null=True)),
        migrations.AddField("ledgerentry", "stood_at", models.DateTimeField(null=True)),
        migrations.AddField("ledgerentry", "past", models.BooleanField(null=True)),
        migrations.AlterField(
            "ledgerentry",
            "end",
            models.CharField(
                choices=[
                    ("archived", "Archived"),
                    ("duplicate", "Duplicate"),
                    ("failed", "Failed"),
                    ("left", "Left"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            "ledgerentry",
            "move",
            models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("moved", "Moved"),
                    ("marked", "Marked"),
                    ("gone", "Gone"),
                    ("stays", "Stays"),
                ],
                default="pending",
                max_length=8,
            ),
        ),
        migrations.RemoveIndex("ledgerentry", "gateways_le_folder__4e8a65_idx"),
        migrations.AddIndex("ledgerentry", models.Index(fields=["folder", "end", "move", "uid"], name="ledger_by_end")),
        migrations.AddIndex(
            "ledgerentry",
            models.Index(condition=models.Q(("move", "pending")), fields=["folder", "uid"], name="ledger_pending"),
        ),
        migrations.CreateModel(
            name="Count",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("on_server", models.PositiveIntegerField()),
                ("in_ledger", models.PositiveIntegerField()),
                ("unknown", models.PositiveIntegerField()),
                ("entries", models.PositiveIntegerField()),
                ("lost_entries", models.PositiveIntegerField()),
                ("moved", models.PositiveIntegerField()),
                ("arrived", models.PositiveIntegerField(null=True)),
                ("unarrived", models.PositiveIntegerField()),
                ("gap", models.PositiveIntegerField()),
                (
                    "folder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="counts", to="gateways.folder"
                    ),
                ),
            ],
            options={"ordering": ["-day", "-pk"]},
        ),
        migrations.AddConstraint("count", models.UniqueConstraint(fields=("folder", "day"), name="count_once_a_day")),
        migrations.RunPython(one_current_ledger, migrations.RunPython.noop, elidable=True),
    ]
