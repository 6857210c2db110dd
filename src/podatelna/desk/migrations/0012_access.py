from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0011_marks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='member',
            name='role',
            field=models.CharField(
                choices=[('lead', 'Lead'), ('member', 'Member'), ('reader', 'Reader')],
                default='member',
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name='conversation',
            name='is_confidential',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='case',
            name='is_confidential',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
