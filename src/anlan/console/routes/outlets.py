"""Routes of the desk: loudspeakers, displays, groups, partners and hand tools; and what people do by hand."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import hand, outlets

urlpatterns: list[URLPattern] = [
    path("outlets/", outlets.outlets, name="outlets"),
    path("outlets/new/", outlets.new, name="outlet_new"),
    path("outlets/at/<uuid:outlet_id>/", outlets.outlet, name="outlet"),
    path("hand/", hand.tasks, name="hand"),
    path("hand/<uuid:delivery_id>/", hand.task, name="hand_task"),
    path("hand/<uuid:delivery_id>/sheet/", hand.sheet, name="hand_sheet"),
]
