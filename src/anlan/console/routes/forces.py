"""Routes of the desk: jobs of teams and requests for supplies."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import supplies, teamjobs

urlpatterns: list[URLPattern] = [
    path("incidents/<uuid:incident_id>/send/", teamjobs.send, name="job_send"),
    path("incidents/<uuid:incident_id>/arrivals/", teamjobs.arrival, name="job_arrival"),
    path("incidents/<uuid:incident_id>/requests/new/", supplies.new, name="supply_request_new"),
    path("forces/jobs/", teamjobs.jobs, name="jobs"),
    path("forces/jobs/<uuid:job_id>/", teamjobs.job, name="job"),
    path("forces/jobs/<uuid:job_id>/act/", teamjobs.act, name="job_act"),
    path("forces/requests/", supplies.requests, name="supply_requests"),
    path("forces/requests/<uuid:request_id>/", supplies.request_page, name="supply_request"),
    path("forces/requests/<uuid:request_id>/act/", supplies.act, name="supply_request_act"),
]
