"""Routes of the desk: enterprises and their alarms."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
