"""Routes of the desk: who is on duty and who is away."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import roster

urlpatterns: list[URLPattern] = [
    path("roster/", roster.roster, name="roster"),
    path("roster/shifts/", roster.add_shift, name="roster_add_shift"),
    path("roster/absences/", roster.add_absence, name="roster_add_absence"),
    path("roster/shifts/<uuid:shift_id>/cancel/", roster.cancel_shift, name="roster_cancel_shift"),
    path("roster/absences/<uuid:absence_id>/cancel/", roster.cancel_absence, name="roster_cancel_absence"),
]
