"""Routes for other programs."""

from __future__ import annotations

from django.urls import path

from anlan.api import forecasts, phone, sta

app_name = "api"
urlpatterns = [
    path("forecasts", forecasts.forecasts, name="forecasts"),
    path("phone/v1/events", phone.events, name="phone_events"),
    path("sta/v1.1", sta.root, name="sta_root"),
    path("sta/v1.1/", sta.root, name="sta_root_slash"),
    path("sta/v1.1/<path:path>", sta.resource, name="sta"),
]
