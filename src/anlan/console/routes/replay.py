"""Routes of the desk: replay."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import replay

urlpatterns: list[URLPattern] = [
    path("incidents/<uuid:incident_id>/replay/", replay.replay, name="replay"),
    path("incidents/<uuid:incident_id>/replay/moment/", replay.moment, name="replay_moment"),
]
