import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("gateways", "0002_trusted_servers"),
    ]

    operations = [
        migrations.AddField(
            "gateway",
            "owner",
            models.ForeignKey(
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="private_gateways",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("gateway", "watch_sent", models.BooleanField(default=False, db_default=False)),
    ]
