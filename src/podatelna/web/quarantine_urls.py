"""URLs of the quarantine for those whose mail it is; the administration has its own."""

from __future__ import annotations

from django.urls import path

from . import quarantine

urlpatterns = [
    path("quarantine/", quarantine.quarantine_list, name="quarantine"),
    path("quarantine/export", quarantine.export, name="quarantine-export"),
    path("quarantine/<int:shunted>/", quarantine.look, name="quarantine-look"),
    path("quarantine/<int:shunted>/original", quarantine.original, name="quarantine-original"),
    path("quarantine/<int:shunted>/replay", quarantine.replay, name="quarantine-replay"),
    path("quarantine/<int:shunted>/release", quarantine.release, name="quarantine-release"),
]
