"""Routes of the desk: reviews and lessons."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import lessons, reviews

urlpatterns: list[URLPattern] = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/compare/", reviews.compare_reviews, name="compare_reviews"),
    path("reviews/lessons/", lessons.lessons, name="lessons"),
    path("reviews/lessons/<uuid:lesson_id>/", lessons.lesson, name="lesson"),
    path("reviews/<uuid:review_id>/", reviews.review, name="review"),
    path("reviews/<uuid:review_id>/act/", reviews.act_on_review, name="act_on_review"),
    path("incidents/<uuid:incident_id>/review/", reviews.open_review, name="open_review"),
    path("drills/<uuid:drill_id>/review/", reviews.open_drill_review, name="open_drill_review"),
]
