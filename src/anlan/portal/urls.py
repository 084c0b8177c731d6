"""Pages and feeds for the public: no sign-in, nothing personal."""

from __future__ import annotations

from django.urls import path

from anlan.portal import feeds, report, views

app_name = "portal"
urlpatterns = [
    path("p/", views.warnings, name="warnings"),
    path("p/report/", report.report, name="report"),
    path("p/large/", views.warnings_large, name="warnings_large"),
    path("p/warnings/<uuid:public_id>/", views.warning, name="warning"),
    path("p/large/warnings/<uuid:public_id>/", views.warning_large, name="warning_large"),
    path("p/feeds/warnings.atom", feeds.atom, name="atom"),
    path("p/feeds/warnings.rss", feeds.rss, name="rss"),
    path("p/cap/<uuid:message_id>.xml", feeds.cap, name="cap"),
]
