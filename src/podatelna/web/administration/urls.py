"""URLs of the administration."""

from django.urls import path

from . import company, connecting, gateways, guide, ledger, log, outbox, overview, people, processes, shunted

urlpatterns = [
    path("", overview.overview, name="administration"),
    path("guide/", guide.guide, name="administration_guide_start"),
    path("guide/<slug:step>/", guide.guide, name="administration_guide"),
    path("company/", company.company, name="administration_company"),
    path("people/", people.people, name="administration_people"),
    path("people/<int:pk>/", people.person, name="administration_person"),
    path("people/<int:pk>/link/", people.person_link, name="administration_person_link"),
    path("people/<int:pk>/deactivation/", people.person_deactivation, name="administration_person_deactivation"),
    path("people/<int:pk>/reactivation/", people.person_reactivation, name="administration_person_reactivation"),
    path("processes/", processes.processes, name="administration_processes"),
    path("processes/<int:pk>/", processes.process, name="administration_process"),
    path("processes/<int:pk>/members/", processes.members, name="administration_members"),
    path("processes/<int:pk>/members/<int:person_pk>/", processes.member, name="administration_member"),
    path("processes/<int:pk>/addresses/", processes.addresses, name="administration_addresses"),
    path(
        "processes/<int:pk>/addresses/<int:address_pk>/removal/",
        processes.address_removal,
        name="administration_address_removal",
    ),
    path("gateways/", gateways.gateways, name="administration_gateways"),
    path("gateways/new/", gateways.new_gateway, name="administration_gateway_new"),
    path("gateways/new/test/", connecting.connection_test, name="administration_gateway_new_test"),
    path("gateways/new/folders/", connecting.folder_choice, name="administration_gateway_new_folders"),
    path("gateways/<int:pk>/", gateways.gateway, name="administration_gateway"),
    path("gateways/<int:pk>/test/", connecting.connection_test, name="administration_gateway_test"),
    path("gateways/<int:pk>/folders/", connecting.folder_choice, name="administration_gateway_folders"),
    path("gateways/<int:pk>/pause/", gateways.pause, name="administration_gateway_pause"),
    path("gateways/<int:pk>/resume/", gateways.resume, name="administration_gateway_resume"),
    path("gateways/<int:pk>/fetch/", gateways.fetch_now, name="administration_gateway_fetch"),
    path("gateways/<int:pk>/ledger/", ledger.ledger, name="administration_ledger"),
    path("shunted/", shunted.shunted, name="administration_shunted"),
    path("shunted/replay/", shunted.replay, name="administration_replay"),
    path("log/", log.log, name="administration_log"),
    path("log/roots/", log.roots, name="administration_log_roots"),
    path("log/roots/<int:pk>/", log.root, name="administration_log_root"),
    path("log/roots/stamping/", log.stamping, name="administration_log_stamping"),
    path("log/verification/", log.verifications, name="administration_verification"),
    path("outbox/", outbox.outbox, name="administration_outbox"),
]
