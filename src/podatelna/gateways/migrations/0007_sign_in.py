"""Tokens of providers, client certificates, authorities, and how a gateway signs in."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gateways", "0006_sending"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Authority",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pem", models.TextField()),
                ("subject", models.CharField(max_length=500)),
                ("sha256", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["subject", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ClientCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pem", models.TextField()),
                ("key_sealed", models.BinaryField(default=bytes)),
                ("subject", models.CharField(max_length=500)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state_sha256", models.BinaryField(max_length=32, unique=True)),
                ("secret_sealed", models.BinaryField(default=bytes)),
                ("return_to", models.CharField(default="/", max_length=500)),
                ("expires_at", models.DateTimeField()),
                ("user_code", models.CharField(blank=True, default="", max_length=100)),
                ("verification_url", models.CharField(blank=True, default="", max_length=500)),
                ("interval", models.PositiveIntegerField(default=5)),
                ("ask_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(blank=True, default="", max_length=320)),
                ("signed_in_at", models.DateTimeField(null=True)),
                ("refresh_sealed", models.BinaryField(default=bytes)),
                ("access_sealed", models.BinaryField(default=bytes)),
                ("expires_at", models.DateTimeField(null=True)),
                ("turn", models.PositiveIntegerField(default=0)),
                ("renewing_until", models.DateTimeField(null=True)),
                ("dead_at", models.DateTimeField(null=True)),
                ("dead_reason", models.CharField(blank=True, default="", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="SignInProvider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("google", "Google"), ("microsoft", "Microsoft"), ("custom", "Custom")], max_length=9
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("client_id", models.CharField(max_length=500)),
                ("secret_sealed", models.BinaryField(default=bytes)),
                ("tenant", models.CharField(blank=True, default="", max_length=200)),
                ("authorize_url", models.CharField(blank=True, default="", max_length=500)),
                ("token_url", models.CharField(blank=True, default="", max_length=500)),
                ("device_url", models.CharField(blank=True, default="", max_length=500)),
                ("scope", models.CharField(blank=True, default="", max_length=1000)),
                ("refused_until", models.DateTimeField(blank=True, null=True)),
                ("refusal", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.AddField(
            model_name="gateway",
            name="imap_authentication",
            field=models.CharField(
                choices=[("password", "Password"), ("token", "Token"), ("cert", "Certificate")],
                db_default="password",
                default="password",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="imap_certificate_expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="gateway",
            name="redials",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="gateway",
            name="smtp_authentication",
            field=models.CharField(
                choices=[("password", "Password"), ("token", "Token"), ("cert", "Certificate")],
                db_default="password",
                default="password",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="smtp_certificate_expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="gateway",
            name="state",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("working", "Working"),
                    ("failing", "Failing"),
                    ("paused", "Paused"),
                    ("sign-in", "Sign In"),
                ],
                default="new",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="authority",
            name="gateway",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="authorities",
                to="gateways.gateway",
            ),
        ),
        migrations.AddField(
            model_name="clientcertificate",
            name="gateway",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="client_certificate", to="gateways.gateway"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="gateway",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="gateways.gateway"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="signin",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="signin",
            name="gateway",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="sign_in", to="gateways.gateway"
            ),
        ),
        migrations.AddField(
            model_name="signin",
            name="provider",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="sign_ins", to="gateways.signinprovider"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="provider",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="gateways.signinprovider"
            ),
        ),
    ]
