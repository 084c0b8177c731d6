"""Routes of the desk: response."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import responsebodies, responsedeciding, responsemodes, responsenotices, responses

urlpatterns: list[URLPattern] = [
    path("responses/", responses.responses, name="responses"),
    path("responses/rows/", responses.rows, name="response_rows"),
    path("responses/bodies/", responsebodies.bodies, name="response_bodies"),
    path("responses/bodies/<uuid:body_id>/", responsebodies.body, name="response_body"),
    path("responses/joint-duty/", responsebodies.duties, name="joint_duties"),
    path("responses/joint-duty/<uuid:joint_duty_id>/", responsebodies.duty, name="joint_duty"),
    path("responses/consents/", responsemodes.consents, name="response_consents"),
    path("responses/mode/", responsemodes.mode, name="response_mode"),
    path("responses/notices/<uuid:response_notice_id>/", responsenotices.notice, name="response_notice"),
    path("responses/at/<uuid:activation_id>/", responses.activation, name="activation"),
    path("responses/at/<uuid:activation_id>/board/", responses.board, name="activation_board"),
    path("responses/at/<uuid:activation_id>/decide/", responsedeciding.decide, name="response_decide"),
    path("incidents/<uuid:incident_id>/response/", responsedeciding.new, name="response_new"),
    path("incidents/<uuid:incident_id>/share/", responsemodes.share, name="incident_share"),
]
