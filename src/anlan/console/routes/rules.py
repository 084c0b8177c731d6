"""Routes of the desk: rules, thresholds and what they would have done."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import rules

urlpatterns: list[URLPattern] = [
    path("rules/", rules.rules, name="rules"),
    path("rules/shipped/<slug:base>/", rules.shipped, name="rule_shipped"),
    path("rules/shipped/<slug:base>/propose/", rules.propose, name="rule_propose"),
    path("rules/shipped/<slug:base>/preview/", rules.shipped_preview, name="rule_shipped_preview"),
    path("rules/<uuid:rule_id>/", rules.rule, name="rule"),
    path("rules/<uuid:rule_id>/change/", rules.change, name="rule_change"),
    path("rules/<uuid:rule_id>/preview/", rules.rule_preview, name="rule_preview"),
    path("rules/<uuid:rule_id>/act/", rules.act, name="rule_act"),
]
