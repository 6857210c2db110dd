"""Every URL of the system."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("administration/", include("podatelna.web.administration.urls")),
    path("preferences/mailbox/", include("podatelna.web.mailbox.urls")),
    path("", include("podatelna.web.people_urls")),
    path("", include("podatelna.web.quarantine_urls")),
    path("", include("podatelna.web.contacts.urls")),
    path("", include("podatelna.web.cases.urls")),
    path("", include("podatelna.web.canned.urls")),
    path("", include("podatelna.web.desk.access_urls")),
    path("", include("podatelna.web.desk.urls")),
]
