"""Imported mail is history: it never was news on the desk, whoever opens its conversation first."""

import django.utils.timezone
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Exists, OuterRef


def forget_when_history_entered(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Entry = apps.get_model("desk", "Entry")
    Delivery = apps.get_model("archive", "Delivery")
    copies = Delivery.objects.filter(message=OuterRef("message"))
    imported = Entry.objects.filter(Exists(copies.filter(origin__kind="import")), kind="message")
    imported.filter(~Exists(copies.exclude(origin__kind="import"))).update(entered_at=None)


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_forward_as_file"), ("archive", "0008_attachment_text")]
    operations = [
        migrations.AlterField(
            model_name="entry",
            name="entered_at",
            field=models.DateTimeField(default=django.utils.timezone.now, null=True),
        ),
        migrations.RunPython(forget_when_history_entered, migrations.RunPython.noop, elidable=True),
    ]
