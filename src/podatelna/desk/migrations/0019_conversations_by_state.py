from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0018_files_of_cases"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["status", "-last_message_at", "-id"], name="conversation_by_state"),
        ),
    ]
