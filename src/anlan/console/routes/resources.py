"""Routes of the desk: teams, vehicles, equipment, experts, stock."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import assets, forces

urlpatterns: list[URLPattern] = [
    path("forces/", forces.forces, name="forces"),
    path("forces/teams/new/", forces.team_new, name="team_new"),
    path("forces/teams/<uuid:team_id>/", forces.team, name="team"),
    path("forces/teams/<uuid:team_id>/edit/", forces.team_edit, name="team_edit"),
    path("forces/teams/<uuid:team_id>/act/", forces.team_act, name="team_act"),
    path("forces/assets/", assets.assets, name="assets"),
    path("forces/assets/<uuid:asset_id>/", assets.asset, name="asset"),
    path("forces/experts/", assets.experts, name="experts"),
    path("forces/experts/<uuid:expert_id>/", assets.expert, name="expert"),
    path("forces/stock/", assets.stock, name="stock"),
]
