"""The two stages of a flash-flood call-out: prepare to evacuate, evacuate now (R12)."""

from __future__ import annotations

from enum import StrEnum

from anlan.vocab.levels import Level


class Stage(StrEnum):
    PREPARE = "prepare"
    EVACUATE_NOW = "evacuate_now"


LABELS: dict[Stage, tuple[str, str]] = {
    Stage.PREPARE: ("准备转移", "Prepare to evacuate"),
    Stage.EVACUATE_NOW: ("立即转移", "Evacuate now"),
}

#: Which colour a stage is shown with. Assumption, not verified: no national text seen states the relation; the county confirms it.
LEVEL_BY_STAGE: dict[Stage, Level] = {Stage.PREPARE: Level.ORANGE, Stage.EVACUATE_NOW: Level.RED}
STAGE_RELATION_IS_VERIFIED = False


def stage_of(level: Level | None) -> Stage | None:
    """The stage that a level stands for: red is evacuate now, orange is prepare, the others call for watching."""
    return {Level.RED: Stage.EVACUATE_NOW, Level.ORANGE: Stage.PREPARE}.get(level) if level else None
