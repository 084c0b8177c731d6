"""Routes of the desk: scores of reporting."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import assessment

urlpatterns: list[URLPattern] = [
    path("scores/", assessment.scores, name="scores"),
    path("scores/table.xlsx", assessment.table, name="scores_table"),
    path("scores/places/<slug:scored_place>/", assessment.place, name="scores_place"),
    path("scores/bulletins/draft/", assessment.draft, name="draft_bulletin"),
    path("scores/bulletins/<uuid:bulletin_id>/", assessment.bulletin, name="bulletin"),
    path("scores/bulletins/<uuid:bulletin_id>/act/", assessment.act, name="act_on_bulletin"),
    path("scores/bulletins/<uuid:bulletin_id>/table.xlsx", assessment.bulletin_table, name="bulletin_table"),
]
