"""Routes of the desk: enterprises and their alarms."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import enterprise

urlpatterns: list[URLPattern] = [
    path("enterprise/", enterprise.board, name="enterprise_alarms"),
    path("enterprise/rows/", enterprise.rows, name="enterprise_rows"),
    path("enterprise/maintenance/", enterprise.ask_maintenance, name="enterprise_maintenance"),
    path("enterprise/alarms/<uuid:enterprise_alarm_id>/", enterprise.alarm, name="enterprise_alarm"),
    path("enterprise/alarms/<uuid:enterprise_alarm_id>/act/", enterprise.act, name="act_on_enterprise_alarm"),
]
