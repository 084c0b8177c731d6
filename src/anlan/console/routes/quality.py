"""Routes of the desk: flagged readings and maintenance."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import quality

urlpatterns: list[URLPattern] = [
    path("quality/", quality.quality, name="quality"),
    path("quality/rows/", quality.quality_rows, name="quality_rows"),
    path("quality/maintenance/", quality.ask_maintenance_of, name="ask_maintenance_of"),
    path("quality/maintenance/<uuid:window_id>/", quality.decide_maintenance, name="decide_maintenance"),
    path("stations/at/<str:code>/readings/judge/", quality.judge, name="judge_reading"),
    path("stations/at/<str:code>/maintenance/", quality.ask_maintenance, name="ask_maintenance"),
]
