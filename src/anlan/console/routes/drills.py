"""Routes of the desk: drills."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import drillcalendar, drillediting, drillfiles, drilllessons, drills, drillscripts

urlpatterns: list[URLPattern] = [
    path("drills/", drills.drills, name="drills"),
    path("drills/new/", drills.new_drill, name="new_drill"),
    path("drills/calendar/", drillcalendar.calendar, name="drill_calendar"),
    path("drills/library/", drillscripts.library, name="drill_library"),
    path("drills/library/<slug:drill_pack>/", drillscripts.library_script, name="drill_library_script"),
    path("drills/<uuid:drill_id>/script/", drillscripts.script_source, name="drill_script"),
    path(
        "drills/<uuid:drill_id>/script/<slug:script_form>/",
        drillscripts.script_file,
        name="drill_script_file",
    ),
    path("drills/<uuid:drill_id>/lessons/", drilllessons.add_drill_lesson, name="add_drill_lesson"),
    path("drills/<uuid:drill_id>/files/", drillfiles.add_files, name="drill_files"),
    path("drills/<uuid:drill_id>/files/<uuid:drill_file_id>/", drillfiles.drill_file, name="drill_file"),
    path("drills/<uuid:drill_id>/", drills.drill, name="drill"),
    path("drills/<uuid:drill_id>/lines/<slug:key>/", drills.drill_line, name="drill_line"),
    path("drills/<uuid:drill_id>/edit/", drillediting.edit_drill, name="edit_drill"),
    path("drills/<uuid:drill_id>/act/", drills.act_on_drill, name="act_on_drill"),
    path("drills/<uuid:drill_id>/enter/", drills.enter_drill, name="enter_drill"),
]
