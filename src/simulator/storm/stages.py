"""Stages of the river gauges, whole centimetres in millimetres: the more rain upstream, the harder the course."""

from dataclasses import dataclass

from simulator.seeds import stream
from simulator.storm.rainfall import CORE_SLOTS, HISTORY_SLOTS, RainCourse
from simulator.world import RiverGauge, World

#: Metres relative to the warning (W), guaranteed (G) and historic (H) stage, one entry per slot of the core.
COURSES: dict[str, list[tuple[str, float]]] = {
    "climbing": [("W", -1.2), ("W", -0.4), ("W", 0.1), ("G", 0.05), ("H", -0.12), ("H", 0.05), ("H", 0.1), ("H", -0.02)],
    "orange": [("W", -1.5), ("W", -0.9), ("W", -0.3), ("W", 0.2), ("G", -0.1), ("G", 0.1), ("G", 0.05), ("G", -0.02)],
    "hovering": [("W", -1.0), ("W", -0.45), ("W", -0.05), ("W", 0.02), ("W", -0.03), ("W", 0.01), ("W", -0.04), ("W", 0.03)],
    "yellow": [("W", -1.6), ("W", -1.1), ("W", -0.6), ("W", -0.2), ("W", 0.1), ("W", 0.2), ("W", 0.2), ("W", 0.1)],
    "blue": [("W", -1.7), ("W", -1.3), ("W", -0.9), ("W", -0.6), ("W", -0.44), ("W", -0.4), ("W", -0.4), ("W", -0.46)],
    "almost": [("W", -1.7), ("W", -1.3), ("W", -0.9), ("W", -0.7), ("W", -0.55), ("W", -0.51), ("W", -0.51), ("W", -0.6)],
}  # fmt: skip
BASE_BELOW_WARNING_M = 2.4
RECESSION_M = 0.02


@dataclass(frozen=True, slots=True)
class StageCourse:
    """One gauge: stages in millimetres, a day of history, then the storm and the recession."""

    station: str
    role: str
    history: list[int]
    storm: list[int]


def _millimetres(stage_m: float) -> int:
    """Gauges read to the centimetre."""
    return round(stage_m * 100) * 10


def _history(gauge: RiverGauge, seed: int) -> list[int]:
    """Low water that swings by a few centimetres."""
    rng = stream(seed, "low-water", gauge.code)
    stage_m = gauge.warning_stage_m - BASE_BELOW_WARNING_M
    found = []
    for _ in range(HISTORY_SLOTS):
        stage_m += rng.choice([-0.01, 0.0, 0.0, 0.0, 0.01])
        stage_m = min(max(stage_m, gauge.warning_stage_m - 2.7), gauge.warning_stage_m - 2.1)
        found.append(_millimetres(stage_m))
    return found


def _storm(gauge: RiverGauge, role: str, last_mm: int, slots: int) -> list[int]:
    marks = {"W": gauge.warning_stage_m, "G": gauge.guaranteed_stage_m, "H": gauge.historic_max_m}
    if role in COURSES:
        core = [_millimetres(marks[mark] + offset) for mark, offset in COURSES[role]]
    else:
        core = [last_mm + 20 * slot for slot in range(1, CORE_SLOTS + 1)]
    while len(core) < slots:
        core.append(max(last_mm, core[-1] - _millimetres(RECESSION_M)))
    return core[:slots]


def stage_courses(world: World, rain: list[RainCourse], seed: int, slots: int) -> list[StageCourse]:
    """Courses for all gauges; the wettest catchments take the named ones in order, the others stay calm."""
    fallen = {course.station: sum(value or 0 for value in course.storm) for course in rain}
    wet = {g.code: sum(fallen[s] for s in g.upstream) / max(1, len(g.upstream)) for g in world.river_gauges}
    order = sorted(world.river_gauges, key=lambda g: (-wet[g.code], g.code))
    roles = dict(zip((g.code for g in order), COURSES, strict=False))
    courses = []
    for gauge in world.river_gauges:
        role = roles.get(gauge.code, "calm")
        history = _history(gauge, seed)
        courses.append(StageCourse(gauge.code, role, history, _storm(gauge, role, history[-1], slots)))
    return courses
