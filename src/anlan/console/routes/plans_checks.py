"""Routes of the desk: checks, filing, progress and studies of plans."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import planchecks, planfilings

urlpatterns: list[URLPattern] = [
    path("plans/findings/", planchecks.findings, name="plan_findings"),
    path("plans/progress/", planchecks.progress, name="plan_progress"),
    path("plans/filings/", planfilings.filings, name="plan_filings"),
    path("plans/filings/<uuid:plan_filing_id>/", planfilings.filing, name="plan_filing"),
    path("plans/filings/<uuid:plan_filing_id>/act/", planfilings.filing_act, name="plan_filing_act"),
    path("plans/<uuid:plan_id>/findings/", planchecks.check, name="plan_check"),
    path("plans/<uuid:plan_id>/findings/act/", planchecks.check_act, name="plan_check_act"),
    path("plans/<uuid:plan_id>/studies/", planchecks.studies, name="plan_studies"),
    path("plans/<uuid:plan_id>/studies/act/", planchecks.studies_act, name="plan_studies_act"),
]
