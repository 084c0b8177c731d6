"""Routes of the desk: plans. Checks and filing, documents and packs are spliced in from their own modules."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.routes import plans_checks, plans_documents
from anlan.console.views import planediting, plannew, planpapers, plans, planversions

urlpatterns: list[URLPattern] = [
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plannew.new, name="plan_new"),
    path("plans/checklists/", planpapers.checklists, name="plan_checklists"),
    *plans_checks.urlpatterns,
    *plans_documents.urlpatterns,
    path("plans/<uuid:plan_id>/", plans.plan, name="plan"),
    path("plans/<uuid:plan_id>/act/", plans.act, name="plan_act"),
    path("plans/<uuid:plan_id>/face/", plannew.face, name="plan_face"),
    path("plans/<uuid:plan_id>/checklist/", planpapers.checklist, name="plan_checklist"),
    path("plans/<uuid:plan_id>/posts/<str:plan_post>/", planpapers.post, name="plan_post"),
    path("plans/versions/<uuid:plan_version_id>/", planversions.version, name="plan_version"),
    path("plans/versions/<uuid:plan_version_id>/act/", planversions.version_act, name="plan_version_act"),
    path("plans/versions/<uuid:plan_version_id>/<slug:plan_part>/", planediting.part, name="plan_part"),
    path(
        "plans/versions/<uuid:plan_version_id>/<slug:plan_part>/<str:plan_row>/",
        planediting.row,
        name="plan_row",
    ),
]
