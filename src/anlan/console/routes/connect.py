"""Routes of the desk: connectors, receivers and what they carry."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
