"""The one door to teams, vehicles, equipment, experts and stock: the jurisdiction, then the right in that very place."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from anlan.accounts.access import find, narrow
from anlan.kernel.actor import Actor
from anlan.resources.models import Asset, Expert, StockReport, Team
from anlan.vocab.posts import Right


def visible_teams(actor: Actor) -> QuerySet[Team]:
    """Registered teams of the actor's divisions, retired ones too."""
    rows = Team.objects.select_related("division", "leader", "deputy").defer("division__geometry")
    return narrow(rows, actor)


def access_team(actor: Actor, team_id: uuid.UUID, *, need: Right = Right.SEE) -> Team:
    rows = Team.objects.select_related("division", "leader", "deputy").defer("division__geometry")
    return find(rows, actor, team_id, need=need)


def visible_assets(actor: Actor) -> QuerySet[Asset]:
    return narrow(Asset.objects.select_related("division", "team").defer("division__geometry"), actor)


def access_asset(actor: Actor, asset_id: uuid.UUID, *, need: Right = Right.SEE) -> Asset:
    rows = Asset.objects.select_related("division", "team").defer("division__geometry")
    return find(rows, actor, asset_id, need=need)


def visible_experts(actor: Actor) -> QuerySet[Expert]:
    rows = Expert.objects.select_related("person__division").defer("person__division__geometry")
    return narrow(rows, actor, path_field="person__division__path")


def access_expert(actor: Actor, expert_id: uuid.UUID, *, need: Right = Right.SEE) -> Expert:
    rows = Expert.objects.select_related("person__division").defer("person__division__geometry")
    return find(rows, actor, expert_id, need=need, path_field="person__division__path")


def visible_stock(actor: Actor) -> QuerySet[StockReport]:
    return narrow(StockReport.objects.select_related("division").defer("division__geometry"), actor)
