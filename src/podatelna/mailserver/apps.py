"""Django's entry for this package."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "podatelna.mailserver"
    label = "mailserver"
