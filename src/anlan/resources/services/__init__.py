"""The verbs of resources, one module a family."""

from anlan.resources.services.assets import change_asset, register_asset, retire_asset, set_asset_state
from anlan.resources.services.experts import change_expert, register_expert, retire_expert
from anlan.resources.services.stock import report_stock
from anlan.resources.services.teams import change_team, register_team, retire_team, set_readiness

__all__ = [
    "change_asset",
    "change_expert",
    "change_team",
    "register_asset",
    "register_expert",
    "register_team",
    "report_stock",
    "retire_asset",
    "retire_expert",
    "retire_team",
    "set_asset_state",
    "set_readiness",
]
