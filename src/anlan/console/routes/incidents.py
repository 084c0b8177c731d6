"""Routes of the desk: incidents and chase orders."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import chases, incidents, incidentwork

urlpatterns: list[URLPattern] = [
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/export/", incidents.export, name="incidents_export"),
    path("incidents/new/", incidentwork.new, name="incident_new"),
    path("incidents/<uuid:incident_id>/", incidents.incident, name="incident"),
    path("incidents/<uuid:incident_id>/edit/", incidentwork.edit, name="incident_edit"),
    path("incidents/<uuid:incident_id>/act/", incidentwork.act, name="incident_act"),
    path("incidents/<uuid:incident_id>/merge/", incidentwork.merge, name="incident_merge"),
    path("chases/", chases.chases, name="chases"),
    path("chases/<uuid:chase_id>/", chases.chase, name="chase"),
    path("chases/<uuid:chase_id>/act/", chases.act, name="chase_act"),
    path("map/incidents.json", incidents.on_map, name="map_incidents"),
]
