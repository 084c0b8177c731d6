"""Routes of the desk by area; `urls` joins them."""

from __future__ import annotations

from django.urls import URLPattern

from anlan.console.routes import (
    authoring,
    boards,
    channels,
    commands,
    connect,
    enterprise,
    files,
    fire,
    followup,
    forecasts,
    history,
    incoming,
    ladders,
    manual,
    outlets,
    quality,
    roster,
    rules,
)

AREAS: tuple[list[URLPattern], ...] = (
    authoring.urlpatterns,
    boards.urlpatterns,
    channels.urlpatterns,
    commands.urlpatterns,
    connect.urlpatterns,
    enterprise.urlpatterns,
    files.urlpatterns,
    fire.urlpatterns,
    followup.urlpatterns,
    forecasts.urlpatterns,
    history.urlpatterns,
    incoming.urlpatterns,
    ladders.urlpatterns,
    manual.urlpatterns,
    outlets.urlpatterns,
    quality.urlpatterns,
    roster.urlpatterns,
    rules.urlpatterns,
)
urlpatterns = [pattern for area in AREAS for pattern in area]
