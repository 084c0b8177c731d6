"""Routes for other programs."""

from __future__ import annotations

from django.urls import path

from anlan.api import android, display, ebd, forecasts, incoming, phone, sta

app_name = "api"
urlpatterns = [
    path("android/v1/pull", android.pull, name="android_pull"),
    path("android/v1/report", android.report, name="android_report"),
    path("display/v1/<str:token>.json", display.poll, name="display"),
    path("ebd/v1", ebd.packages, name="ebd"),
    path("forecasts", forecasts.forecasts, name="forecasts"),
    path("phone/v1/events", phone.events, name="phone_events"),
    path("phone/v1/callback", phone.callback, name="phone_callback"),
    path("warnings/v1/incoming", incoming.incoming, name="incoming_warning"),
    path("sta/v1.1", sta.root, name="sta_root"),
    path("sta/v1.1/", sta.root, name="sta_root_slash"),
    path("sta/v1.1/<path:path>", sta.resource, name="sta"),
]
