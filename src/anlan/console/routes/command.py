"""Routes of the desk: command."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.routes import plotting, tak
from anlan.console.views import room, roomwork

urlpatterns: list[URLPattern] = [
    path("incidents/<uuid:incident_id>/room/", room.room, name="room"),
    path("incidents/<uuid:incident_id>/room/head/", room.head, name="room_head"),
    path("incidents/<uuid:incident_id>/room/timeline/", room.timeline, name="room_timeline"),
    path("incidents/<uuid:incident_id>/room/board/<slug:tab>/", room.board, name="room_board"),
    path("incidents/<uuid:incident_id>/room/act/", roomwork.act, name="room_act"),
    path("incidents/<uuid:incident_id>/leader/", room.leader, name="leaders_page"),
    path("incidents/<uuid:incident_id>/leader/sheet/", room.leader_fragment, name="leaders_sheet"),
    path("consultations/<uuid:consultation_id>/", roomwork.consultation, name="consultation"),
    path("situation/<uuid:situation_id>/", roomwork.situation, name="situation"),
    *plotting.urlpatterns,
    *tak.urlpatterns,
]
