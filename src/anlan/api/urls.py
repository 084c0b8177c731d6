"""Routes for other programs."""

from __future__ import annotations

from django.urls import path

from anlan.api import phone

app_name = "api"
urlpatterns = [
    path("phone/v1/events", phone.events, name="phone_events"),
]
