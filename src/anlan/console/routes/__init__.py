"""Routes of the desk by area; `urls` joins them."""

from __future__ import annotations

from django.urls import URLPattern

from anlan.console.routes import (
    boards,
    commands,
    connect,
    enterprise,
    fire,
    followup,
    forecasts,
    history,
    manual,
    quality,
    rules,
)

AREAS: tuple[list[URLPattern], ...] = (
    boards.urlpatterns,
    commands.urlpatterns,
    connect.urlpatterns,
    enterprise.urlpatterns,
    fire.urlpatterns,
    followup.urlpatterns,
    forecasts.urlpatterns,
    history.urlpatterns,
    manual.urlpatterns,
    quality.urlpatterns,
    rules.urlpatterns,
)
urlpatterns = [pattern for area in AREAS for pattern in area]
