"""Rule packs as data, the bindings made from them, and pure evaluators with a sentence of explanation."""

from anlan.ruleset.bindings import Binding, RainThresholds, StageMarks, bindings_for_rain, bindings_for_stage
from anlan.ruleset.packs import Pack, Parameter, load_pack, load_packs

__all__ = [
    "Binding",
    "Pack",
    "Parameter",
    "RainThresholds",
    "StageMarks",
    "bindings_for_rain",
    "bindings_for_stage",
    "load_pack",
    "load_packs",
]
