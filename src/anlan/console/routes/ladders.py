"""Routes of the desk: ladders, where they are used, and what they would do tonight."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import ladders

urlpatterns: list[URLPattern] = [
    path("ladders/", ladders.ladders, name="ladders"),
    path("ladders/named/<slug:ladder_name>/", ladders.ladder, name="ladder"),
    path("ladders/named/<slug:ladder_name>/edit/", ladders.edit, name="ladder_edit"),
    path("ladders/named/<slug:ladder_name>/simulate/", ladders.simulate, name="ladder_simulate"),
    path("ladders/versions/<uuid:version_id>/", ladders.version, name="ladder_version"),
    path("ladders/versions/<uuid:version_id>/act/", ladders.act_on_version, name="ladder_version_act"),
    path("ladders/uses/propose/", ladders.propose_use, name="ladder_use_propose"),
    path("ladders/uses/<uuid:use_id>/act/", ladders.act_on_use, name="ladder_use_act"),
]
