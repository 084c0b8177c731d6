"""Routes of the desk: boards of stations, cameras and coverage."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
