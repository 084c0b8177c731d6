"""Routes of the desk: disaster statistics."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import losses, losslists, lossreports

_COURSE = "losses/<uuid:course_id>/"
_REPORT = "losses/reports/<uuid:loss_report_id>/"
urlpatterns: list[URLPattern] = [
    path("losses/", losses.courses, name="losses"),
    path("losses/new/", losses.new, name="loss_new"),
    path(_COURSE, losses.course, name="loss_course"),
    path(f"{_COURSE}board/", losses.board, name="loss_board"),
    path(f"{_COURSE}act/", losses.act, name="loss_act"),
    path(f"{_COURSE}at/<str:code>/", losses.place, name="loss_place"),
    path(f"{_COURSE}at/<str:code>/workbook.xlsx", losses.workbook, name="loss_workbook"),
    path(f"{_COURSE}people/", losslists.people, name="loss_people"),
    path(f"{_COURSE}houses/", losslists.houses, name="loss_houses"),
    path(f"{_COURSE}draft/", lossreports.draft, name="loss_draft"),
    path("losses/people/<uuid:lost_person_id>/act/", losslists.act_on_person, name="loss_person_act"),
    path("losses/houses/<uuid:damaged_house_id>/act/", losslists.act_on_house, name="loss_house_act"),
    path(
        "losses/township-reports/<uuid:township_report_id>/return/",
        losses.return_township,
        name="loss_township_return",
    ),
    path(_REPORT, lossreports.report, name="loss_report"),
    path(f"{_REPORT}act/", lossreports.act, name="loss_report_act"),
    path(f"{_REPORT}sheet.xlsx", lossreports.sheet, name="loss_report_sheet"),
    path(f"{_REPORT}text/", lossreports.text, name="loss_report_text"),
]
