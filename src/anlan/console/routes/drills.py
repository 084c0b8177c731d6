"""Routes of the desk: drills."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import drills

urlpatterns: list[URLPattern] = [
    path("drills/", drills.drills, name="drills"),
    path("drills/new/", drills.new_drill, name="new_drill"),
    path("drills/<uuid:drill_id>/", drills.drill, name="drill"),
    path("drills/<uuid:drill_id>/lines/<slug:key>/", drills.drill_line, name="drill_line"),
    path("drills/<uuid:drill_id>/act/", drills.act_on_drill, name="act_on_drill"),
    path("drills/<uuid:drill_id>/enter/", drills.enter_drill, name="enter_drill"),
]
