"""Routes of the desk: official papers."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import papers

urlpatterns: list[URLPattern] = [
    path("papers/", papers.papers, name="papers"),
    path("papers/make/<slug:paper_kind>/", papers.make_paper, name="make_paper"),
    path("papers/new/<slug:asked_kind>/", papers.new_paper, name="new_paper"),
    path(
        "papers/of/<slug:subject_kind>/<slug:subject_about>/<uuid:subject_id>/",
        papers.make_paper_of,
        name="make_paper_of",
    ),
    path("papers/brief/", papers.switch_brief, name="switch_brief"),
    path("papers/templates/", papers.templates, name="paper_templates"),
    path("papers/templates/upload/", papers.propose_template, name="propose_paper_template"),
    path("papers/templates/<slug:paper_kind>.docx", papers.current_template, name="paper_template_now"),
    path(
        "papers/templates/<uuid:paper_template_id>/act/", papers.act_on_template, name="act_on_paper_template"
    ),
    path(
        "papers/templates/<uuid:paper_template_id>/sample/",
        papers.template_preview,
        name="paper_template_sample",
    ),
    path("papers/at/<uuid:paper_id>/", papers.paper, name="paper"),
    path("papers/at/<uuid:paper_id>/edit/", papers.edit_paper, name="edit_paper"),
    path("papers/at/<uuid:paper_id>/act/", papers.act_on_paper, name="act_on_paper"),
    path("papers/at/<uuid:paper_id>/file.<slug:paper_form>", papers.paper_file, name="paper_file"),
]
