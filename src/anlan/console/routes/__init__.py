"""Routes of the desk by area; `urls` joins them."""

from __future__ import annotations

from django.urls import URLPattern

from anlan.console.routes import (
    assessment,
    authoring,
    boards,
    channels,
    commands,
    connect,
    datacalls,
    duty,
    enterprise,
    files,
    fire,
    followup,
    forecasts,
    history,
    incidents,
    incoming,
    intake,
    ladders,
    losses,
    manual,
    outlets,
    papers,
    quality,
    reporting,
    roster,
    rules,
)

AREAS: tuple[list[URLPattern], ...] = (
    assessment.urlpatterns,
    authoring.urlpatterns,
    boards.urlpatterns,
    channels.urlpatterns,
    commands.urlpatterns,
    connect.urlpatterns,
    datacalls.urlpatterns,
    duty.urlpatterns,
    enterprise.urlpatterns,
    files.urlpatterns,
    fire.urlpatterns,
    followup.urlpatterns,
    forecasts.urlpatterns,
    history.urlpatterns,
    incidents.urlpatterns,
    incoming.urlpatterns,
    intake.urlpatterns,
    ladders.urlpatterns,
    losses.urlpatterns,
    manual.urlpatterns,
    outlets.urlpatterns,
    papers.urlpatterns,
    quality.urlpatterns,
    reporting.urlpatterns,
    roster.urlpatterns,
    rules.urlpatterns,
)
urlpatterns = [pattern for area in AREAS for pattern in area]
