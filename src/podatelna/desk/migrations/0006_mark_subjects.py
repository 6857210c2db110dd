"""Whether a process's letters name their conversation in the subject."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0005_retention")]
    operations = [migrations.AddField("process", "mark_subjects", models.BooleanField(default=False))]
