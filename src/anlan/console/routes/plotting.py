"""Routes of the desk: plotting on the map of an incident. Joined by `command`."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import plotting

urlpatterns: list[URLPattern] = [
    path("incidents/<uuid:incident_id>/plot/", plotting.plot, name="plot"),
    path("incidents/<uuid:incident_id>/plot/marks/", plotting.plot_marks, name="plot_marks"),
    path("incidents/<uuid:incident_id>/plot/act/", plotting.plot_act, name="plot_act"),
    path("incidents/<uuid:incident_id>/plot.json", plotting.plot_json, name="plot_json"),
]
