"""Web forms, and how much has come by each."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import podatelna.gateways.form_models


class Migration(migrations.Migration):
    dependencies = [("archive", "0014_brought_by"), ("gateways", "0010_count_stale")]
    operations = [
        migrations.CreateModel(
            name="WebForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(default=podatelna.gateways.form_models.new_key, max_length=40, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("address", models.EmailField(max_length=320)),
                ("origins", models.TextField()),
                ("is_open", models.BooleanField(default=True)),
                ("language", models.CharField(blank=True, default="", max_length=8)),
                ("thanks_url", models.URLField(blank=True, default="", max_length=500)),
                ("name_field", models.CharField(blank=True, default="name", max_length=100)),
                ("email_field", models.CharField(default="email", max_length=100)),
                ("subject_field", models.CharField(blank=True, default="subject", max_length=100)),
                ("text_field", models.CharField(default="message", max_length=100)),
                ("subject", models.CharField(blank=True, default="", max_length=200)),
                ("trap_field", models.CharField(blank=True, default="website", max_length=100)),
                ("least_seconds", models.PositiveSmallIntegerField(default=0)),
                ("per_hour", models.PositiveIntegerField(default=10)),
                ("per_day", models.PositiveIntegerField(default=200)),
                ("files", models.PositiveSmallIntegerField(default=3)),
                ("megabytes", models.PositiveSmallIntegerField(default=10)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "origin",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="web_form", to="archive.origin"
                    ),
                ),
            ],
            options={"ordering": ["name", "pk"]},
        ),
        migrations.CreateModel(
            name="FormCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=60)),
                ("since", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="counts", to="gateways.webform"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("form", "what", "since"), name="form_count_once")]
            },
        ),
    ]
