"""Routes of the desk: warnings of others."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import incoming, incoming_sources

urlpatterns: list[URLPattern] = [
    path("incoming/", incoming.listing, name="incoming"),
    path("incoming/paste/", incoming.paste, name="incoming_paste"),
    path("incoming/sources/", incoming_sources.sources, name="incoming_sources"),
    path("incoming/senders/<uuid:sender_id>/unlist/", incoming_sources.unlist, name="incoming_unlist"),
    path("incoming/feeds/<uuid:feed_id>/stop/", incoming_sources.stop, name="incoming_stop_feed"),
    path("incoming/reports/<uuid:report_id>/", incoming.report, name="back_report"),
    path("incoming/reports/<uuid:report_id>/told/", incoming.told, name="back_report_told"),
    path("incoming/<uuid:incoming_id>/", incoming.record, name="incoming_warning"),
    path("incoming/<uuid:incoming_id>/act/", incoming.act, name="act_on_incoming"),
]
