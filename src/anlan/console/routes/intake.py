"""Routes of the desk: intake."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import intake, intake_form, intake_sources

urlpatterns: list[URLPattern] = [
    path("intake/", intake.inbox, name="intake"),
    path("intake/new/", intake_form.new, name="intake_new"),
    path("intake/beside/", intake_form.beside, name="intake_beside"),
    path("intake/places/", intake_form.places_fragment, name="intake_places"),
    path("intake/rings/", intake.rings, name="intake_rings"),
    path("intake/sources/", intake_sources.sources, name="intake_sources"),
    path("intake/sources/nil/", intake_sources.nil, name="intake_nil"),
    path("intake/senders/", intake_sources.senders, name="intake_senders"),
    path("intake/senders/<uuid:intake_sender_id>/unlist/", intake_sources.unlist, name="intake_unlist"),
    path("intake/take-over/<uuid:alarm_id>/", intake.take_over, name="intake_take_over"),
    path("intake/<uuid:intake_id>/", intake.record, name="intake_record"),
    path("intake/<uuid:intake_id>/act/", intake.act, name="intake_act"),
    path("intake/<uuid:intake_id>/found/", intake.found, name="intake_found"),
    path("intake/<uuid:intake_id>/files/", intake.attach, name="intake_attach"),
    path("intake/<uuid:intake_id>/files/<uuid:intake_file_id>/", intake.file, name="intake_file"),
]
