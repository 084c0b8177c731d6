"""Routes of the desk."""

from __future__ import annotations

from django.urls import path

from anlan.console import routes, urls_more
from anlan.console.views import callouts, today, warnings

app_name = "console"
urlpatterns = [
    path("", today.today, name="today"),
    path("banner/", today.banner, name="banner"),
    path("stacks/", today.stacks_fragment, name="stacks"),
    path("strip/", today.strip_fragment, name="strip"),
    path("log/", today.log_fragment, name="log"),
    path("log/note/", today.write_note, name="write_note"),
    path("alarms/<uuid:alarm_id>/confirm/", today.confirm_alarm, name="confirm_alarm"),
    path("theme/", today.theme, name="theme"),
    path("find/", today.find, name="find"),
    path("warnings/", warnings.warnings, name="warnings"),
    path("warnings/pre-authorisations/", warnings.pre_authorisations, name="pre_authorisations"),
    path(
        "warnings/pre-authorisations/<uuid:permission_id>/revoke/",
        warnings.revoke_pre_authorisation,
        name="revoke_pre_authorisation",
    ),
    path("warnings/<uuid:warning_id>/", warnings.warning, name="warning"),
    path("warnings/<uuid:warning_id>/fragment/", warnings.warning_fragment, name="warning_fragment"),
    path("warnings/<uuid:warning_id>/act/", warnings.act_on_warning, name="act_on_warning"),
    path("callouts/", callouts.callouts, name="callouts"),
    path("callouts/<uuid:callout_id>/", callouts.callout, name="callout"),
    path("callouts/<uuid:callout_id>/board/", callouts.board_fragment, name="board"),
    path("callouts/<uuid:callout_id>/close/", callouts.close_callout, name="close_callout"),
    path("seats/<uuid:seat_id>/", callouts.seat, name="seat"),
    path("seats/<uuid:seat_id>/act/", callouts.act_on_seat, name="act_on_seat"),
    *urls_more.urlpatterns,
    *routes.urlpatterns,
]
