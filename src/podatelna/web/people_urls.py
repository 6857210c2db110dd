"""URLs of signing in, one-time links and one's own settings. Of allauth only what is used here has a URL."""

from __future__ import annotations

from allauth.account import views as allauth
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from . import consent, demo, first_run, inspections, people, people_absence, web_forms

urlpatterns = [
    path("account/login/", allauth.login, name="account_login"),
    path("account/logout/", allauth.logout, name="account_logout"),
    path("account/inactive/", allauth.account_inactive, name="account_inactive"),
    path("account/password/change/", allauth.password_change, name="account_change_password"),
    path("account/password/set/", allauth.password_set, name="account_set_password"),
    path("language/", login_not_required(set_language), name="language"),
    path("preferences/", people.preferences, name="preferences"),
    path("preferences/absence/", people_absence.my_absence, name="my-absence"),
    path("people/<int:person>/absence/", people_absence.absence_of, name="person-absence"),
    path("absences/<int:absence_pk>/end/", people_absence.absence_end, name="absence-end"),
    path("inspection/", inspections.inspection, name="inspection"),
    path("first-visit/", first_run.first_visit, name="first_visit"),
    path("setup/", first_run.setup, name="setup"),
    path("setup/<str:secret>/", first_run.open_setup, name="setup_open"),
    path("welcome/", people.welcome, name="welcome"),
    path("welcome/<str:secret>/", people.open_welcome, name="welcome_open"),
    path("sign-in/<int:gateway>/", consent.consent, name="consent"),
    path("sign-in/<int:gateway>/departure/", consent.consent_departure, name="consent_departure"),
    path("sign-in/<int:gateway>/code/", consent.consent_code, name="consent_code"),
    path("sign-in/return/", consent.consent_return, name="consent_return"),
    path("sign-in/codes/<int:consent>/", consent.consent_device, name="consent_device"),
    path("sign-in/codes/<int:consent>/answer/", consent.consent_device_answer, name="consent_device_answer"),
    path("demo/", demo.demo, name="demo"),
    path("forms/<str:key>/", web_forms.web_form, name="web_form"),
]
