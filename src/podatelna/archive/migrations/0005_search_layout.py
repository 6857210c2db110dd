"""A smaller and quicker search index, which the worker fills from the newest message down."""

from __future__ import annotations

from typing import Any

import django.utils.timezone
from django.db import migrations, models

from podatelna.archive.search import layout


def clear(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        layout.run(layout.drop_triggers(), editor)
    else:
        editor.execute("DROP TRIGGER archive_search_left")
    editor.execute(f"DROP TABLE {layout.ACTIVE}")


def make(apps: Any, editor: Any) -> None:
    layout.run((*layout.create(layout.ACTIVE), *layout.create_helpers(), *layout.create_triggers()), editor)
    # Nothing of it stands in the new one yet, so there is nothing left over either.
    apps.get_model("archive", "LeftoverDocument").objects.all().delete()
    messages = apps.get_model("archive", "Message").objects
    newest = messages.order_by("-pk").values_list("pk", flat=True).first()
    if newest is not None:
        total = messages.filter(search_id__isnull=False).count()
        apps.get_model("archive", "IndexBuild").objects.create(kind="filling", cursor=newest + 1, total=total)


class Migration(migrations.Migration):
    dependencies = [("archive", "0004_smaller")]
    operations = [
        migrations.RunPython(clear),
        migrations.AddField("leftoverdocument", "also_new", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="IndexBuild",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("filling", "Filling"), ("beside", "Beside"), ("clearing", "Clearing")], max_length=8
                    ),
                ),
                ("cursor", models.BigIntegerField()),
                ("total", models.BigIntegerField()),
                ("done", models.BigIntegerField(default=0)),
                ("unread", models.BigIntegerField(default=0)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.RunPython(make),
    ]
