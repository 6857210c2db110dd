"""URLs of contacts and organisations."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import cards, contacts, merging, organisations

urlpatterns: list[URLPattern] = [
    path("contacts/", contacts.contacts, name="contacts"),
    path("contacts/cards.vcf", cards.cards, name="contact-cards"),
    path("contacts/import/", cards.taking_in, name="contacts-import"),
    path("contacts/<int:contact>/", contacts.contact, name="contact"),
    path("contacts/<int:contact>/card.vcf", cards.card, name="contact-card"),
    path("contacts/<int:contact>/merging/", merging.contact, name="contact-merging"),
    path("contacts/<int:contact>/splitting", merging.contact_splitting, name="contact-splitting"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/<int:organisation>/", organisations.organisation, name="organisation"),
    path("organisations/<int:organisation>/merging/", merging.organisation, name="organisation-merging"),
    path("organisations/<int:organisation>/splitting", merging.organisation_splitting, name="organisation-splitting"),
]
