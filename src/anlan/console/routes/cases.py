"""Routes of the desk: the case library, and case files of an incident."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import casefiles, cases

urlpatterns: list[URLPattern] = [
    path("cases/", cases.cases, name="cases"),
    path("cases/new/", cases.new, name="case_new"),
    path("cases/<uuid:case_id>/", cases.case, name="case"),
    path("cases/<uuid:case_id>/edit/", cases.edit, name="case_edit"),
    path("cases/<uuid:case_id>/retire/", cases.retire, name="case_retire"),
    path("incidents/<uuid:incident_id>/case-files/", casefiles.case_files, name="case_files"),
    path(
        "incidents/<uuid:incident_id>/case-files/<uuid:case_file_id>/archive.zip",
        casefiles.archive,
        name="case_file_archive",
    ),
]
