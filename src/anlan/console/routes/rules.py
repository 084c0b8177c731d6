"""Routes of the desk: rules, thresholds and what they would have done."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
