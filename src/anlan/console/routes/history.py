"""Routes of the desk: history, processes of rain, exports."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import history, rain

urlpatterns: list[URLPattern] = [
    path("history/", history.history, name="history"),
    path("history/export/", history.export_list, name="history_export_list"),
    path("history/at/<str:station_code>/", history.station_history, name="station_history"),
    path("history/at/<str:station_code>/series.json", history.history_series, name="history_series"),
    path("history/at/<str:station_code>/events/", history.station_events, name="history_events"),
    path("history/at/<str:station_code>/events.json", history.events_series, name="history_events_series"),
    path("history/at/<str:station_code>/export/", history.export_station, name="history_export"),
    path("rain/", rain.rain, name="rain"),
    path("rain/export/", rain.export_rain, name="rain_export"),
]
