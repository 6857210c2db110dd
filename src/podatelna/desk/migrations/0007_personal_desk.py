import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("desk", "0006_mark_subjects"),
        ("gateways", "0003_owner"),
    ]

    operations = [
        migrations.AddField(
            "process",
            "owner",
            models.OneToOneField(
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="personal_desk",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField("process", "name", models.CharField(max_length=100)),
        migrations.AddConstraint(
            "process",
            models.UniqueConstraint(fields=["name"], condition=models.Q(owner__isnull=True), name="process_name_once"),
        ),
    ]
