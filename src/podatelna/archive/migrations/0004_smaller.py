"""Fewer bytes a delivery: its place as bytes and not as digits, and no index that another one answers for."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.utils import timezone


def shorten(apps: Any, editor: Any) -> None:
    """The first 20 bytes of what stands there as 64 hexadecimal digits."""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "UPDATE archive_delivery SET place = substring(decode(encode(place, 'escape'), 'hex') from 1 for 20)"
        )
        return
    # SQLite before 3.41 has no unhex().
    editor.connection.ensure_connection()
    editor.connection.connection.create_function("shortened", 1, lambda digits: _bytes(digits)[:20])
    editor.execute("UPDATE archive_delivery SET place = shortened(place)")


def _bytes(digits: str | bytes) -> bytes:
    return bytes.fromhex(digits if isinstance(digits, str) else digits.decode("ascii"))


class Migration(migrations.Migration):
    dependencies = [("archive", "0003_search_leftovers")]
    operations = [
        migrations.CreateModel(
            name="DoomedBlob",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("doomed_at", models.DateTimeField(default=timezone.now)),
                ("sha256", models.BinaryField(max_length=32)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Dictionary",
            fields=[
                ("id", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("data", models.BinaryField()),
                ("made_at", models.DateTimeField(default=timezone.now)),
            ],
        ),
        migrations.RemoveIndex(model_name="delivery", name="archive_del_origin__359803_idx"),
        migrations.AlterField("delivery", "due_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("delivery", "place", models.BinaryField(max_length=20)),
        migrations.RunPython(shorten, migrations.RunPython.noop),
    ]
