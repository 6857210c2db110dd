"""Names without diacritics, so that who types "novak" finds Novák."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from podatelna.mail.language import folded

_AT_ONCE = 500


def fold(apps: Any, editor: Any) -> None:
    """Every name that there is."""
    contacts = apps.get_model("contacts", "Contact").objects
    last = 0
    while rows := list(contacts.filter(pk__gt=last).exclude(name="").order_by("pk").only("pk", "name")[:_AT_ONCE]):
        for row in rows:
            row.folded = folded(row.name)[:300]
        contacts.bulk_update(rows, ["folded"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]
    operations = [
        migrations.AddField("contact", "folded", models.CharField(blank=True, default="", max_length=300)),
        migrations.RunPython(fold, migrations.RunPython.noop),
    ]
