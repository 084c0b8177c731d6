"""Pages and feeds for the public: no sign-in, nothing personal."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "portal"
urlpatterns: list[URLPattern] = []
