"""Routes of the desk: data calls."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import datacalls

urlpatterns: list[URLPattern] = [
    path("data-calls/", datacalls.data_calls, name="data_calls"),
    path("data-calls/new/", datacalls.new_data_call, name="new_data_call"),
    path("data-calls/mine/", datacalls.data_asked, name="data_asked"),
    path("data-calls/figures/", datacalls.data_figures, name="data_figures"),
    path(
        "data-calls/figures/<uuid:figure_id>/retire/", datacalls.retire_data_figure, name="retire_data_figure"
    ),
    path("data-calls/<uuid:data_call_id>/", datacalls.data_call, name="data_call"),
    path("data-calls/<uuid:data_call_id>/board/", datacalls.data_call_board, name="data_call_board"),
    path("data-calls/<uuid:data_call_id>/table.xlsx", datacalls.data_call_table, name="data_call_table"),
    path("data-calls/<uuid:data_call_id>/end/", datacalls.end_data_call, name="end_data_call"),
    path("data-calls/seats/<uuid:data_seat_id>/", datacalls.data_seat, name="data_seat"),
    path("data-calls/seats/<uuid:data_seat_id>/remind/", datacalls.remind_data_seat, name="remind_data_seat"),
    path(
        "data-calls/seats/<uuid:data_seat_id>/pass-on/", datacalls.pass_on_data_seat, name="pass_on_data_seat"
    ),
    path("data-calls/seats/<uuid:data_seat_id>/sign/", datacalls.sign_data_seat, name="sign_data_seat"),
]
