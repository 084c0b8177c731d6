"""Routes of the desk: what people read."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import manual

urlpatterns: list[URLPattern] = [
    path("stations/at/<str:code>/readings/record/", manual.record, name="record_reading"),
]
