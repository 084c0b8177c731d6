"""The verbs of drills."""

from __future__ import annotations

from anlan.drills.services.injects import give_inject, register_giver, skip_inject
from anlan.drills.services.planning import (
    DrillDetails,
    cancel_drill,
    copy_script,
    describe_drill,
    plan_drill,
    record_outside,
    take_pack,
    write_script,
)
from anlan.drills.services.running import end_drill, start_drill
from anlan.drills.services.scoring import mark_step, score

__all__ = [
    "DrillDetails",
    "cancel_drill",
    "copy_script",
    "describe_drill",
    "end_drill",
    "give_inject",
    "mark_step",
    "plan_drill",
    "record_outside",
    "register_giver",
    "score",
    "skip_inject",
    "start_drill",
    "take_pack",
    "write_script",
]
