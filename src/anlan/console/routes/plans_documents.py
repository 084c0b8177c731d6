"""Routes of the desk: documents and starter packs of plans."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import plandocuments

urlpatterns: list[URLPattern] = [
    path("plans/import/", plandocuments.import_plan, name="plan_import"),
    path("plans/import/<str:plan_file>/", plandocuments.import_check, name="plan_import_check"),
    path("plans/import/<str:plan_file>/apply/", plandocuments.import_apply, name="plan_import_apply"),
    path("plans/packs/", plandocuments.packs, name="plan_packs"),
    path("plans/packs/<slug:starter_code>/", plandocuments.pack, name="plan_pack"),
    path("plans/packs/<slug:starter_code>/pack.docx", plandocuments.pack_word, name="plan_pack_word"),
    path(
        "plans/versions/<uuid:plan_version_id>/plan.docx", plandocuments.word_file, name="plan_version_word"
    ),
    path(
        "plans/versions/<uuid:plan_version_id>/plan.xlsx",
        plandocuments.workbook_file,
        name="plan_version_workbook",
    ),
]
