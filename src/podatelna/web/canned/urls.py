"""URLs of canned answers and signatures."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import inserting, pages

urlpatterns: list[URLPattern] = [
    path("preferences/texts/", pages.my_texts, name="my-texts"),
    path("preferences/texts/signatures/<int:process>/", pages.my_signature, name="my-signature"),
    path("teams/<int:process>/texts/", pages.team_texts, name="team-texts"),
    path("canned/<int:answer_pk>/", pages.answer, name="canned"),
    path("canned/<int:answer_pk>/removal/", pages.removal, name="canned-removal"),
    path("drafts/<int:draft>/canned", inserting.offered, name="draft-canned"),
]
