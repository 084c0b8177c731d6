"""Routes of the desk: drills."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
