"""A draft may forward its original as a file."""

from django.db import migrations, models

KINDS = [
    ("reply", "Reply"),
    ("reply_all", "Reply All"),
    ("forward", "Forward"),
    ("fwd_file", "Forward File"),
    ("note", "Note"),
    ("new", "New"),
]


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]
    operations = [migrations.AlterField("draft", "kind", models.CharField(choices=KINDS, max_length=10))]
