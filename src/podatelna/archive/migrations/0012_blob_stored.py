"""How many bytes a content takes in the blob store, so that what is stored can be told without asking the store."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archive", "0011_thread_decisions")]
    operations = [migrations.AddField("blob", "stored", models.BigIntegerField(null=True))]
