"""Routes of the desk: forecasts."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import forecasts

urlpatterns: list[URLPattern] = [
    path("forecasts/", forecasts.forecasts, name="forecasts"),
    path("forecasts/new/", forecasts.new_forecast, name="new_forecast"),
    path("forecasts/<uuid:forecast_id>/", forecasts.forecast, name="forecast"),
]
