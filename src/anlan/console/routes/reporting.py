"""Routes of the desk: reports upward."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import reporting, reportreceivers, reportwriting

urlpatterns: list[URLPattern] = [
    path("reports/", reporting.reports, name="reports"),
    path("reports/nil/", reportwriting.nil, name="nil_report"),
    path("reports/receivers/", reportreceivers.receivers, name="report_receivers"),
    path("reports/receivers/<uuid:receiver_id>/", reportreceivers.receiver, name="report_receiver"),
    path("reports/nodes/<uuid:node_id>/stop/", reportreceivers.stop_node, name="stop_lower_node"),
    path("reports/clocks/<uuid:report_clock_id>/", reporting.clock, name="report_clock"),
    path(
        "reports/deliveries/<uuid:report_delivery_id>/act/", reporting.act_on_delivery, name="act_on_delivery"
    ),
    path("reports/deliveries/<uuid:report_delivery_id>/letter.eml", reporting.letter, name="report_letter"),
    path("reports/findings/<uuid:finding_id>/take-back/", reporting.take_back, name="take_back_finding"),
    path("reports/<uuid:upward_id>/", reporting.report, name="report"),
    path("reports/<uuid:upward_id>/act/", reporting.act, name="act_on_report"),
    path("reports/<uuid:upward_id>/edit/", reportwriting.edit, name="edit_report"),
    path("reports/<uuid:upward_id>/text.txt", reporting.text, name="report_text"),
    path("incidents/<uuid:incident_id>/reports/", reporting.of_incident, name="incident_reports"),
    path("incidents/<uuid:incident_id>/reports/new/", reportwriting.new, name="new_report"),
    path("incidents/<uuid:incident_id>/reports/flash/", reportwriting.flash, name="flash_report"),
    path("incidents/<uuid:incident_id>/findings/", reporting.decide, name="decide_finding"),
]
