"""Which station's device or line misbehaves, and how. The wettest ones do: faults must matter."""

from enum import StrEnum

from simulator.seeds import stream
from simulator.storm.script import Script


class Fault(StrEnum):
    """One way in which a device or its line misbehaves."""

    WRONG_CRC = "wrong_crc"
    SPLIT = "split"
    GLUED = "glued"
    GARBAGE = "garbage"
    DUPLICATE = "duplicate"
    FLAPPING = "flapping"


#: Faults of the wettest stations in order; every other station has one with this probability.
WETTEST = [Fault.SPLIT, Fault.FLAPPING, Fault.WRONG_CRC, Fault.GLUED, Fault.GARBAGE, Fault.DUPLICATE]
SHARE_OF_OTHERS = 0.15


def assign_faults(script: Script) -> dict[str, frozenset[Fault]]:
    """Faults by station; a station without an entry behaves."""
    rain = [course for course in script.courses if course.quantity == "rain_5min"]
    fallen = {
        c.station: sum(value or 0 for moment, value in c.values.items() if moment > script.clock_start_s)
        for c in rain
    }
    wettest = sorted(fallen, key=lambda code: (-fallen[code], code))
    faults = {code: frozenset({fault}) for code, fault in zip(wettest, WETTEST, strict=False)}
    for course in script.courses:
        rng = stream(script.seed, "fault", course.station)
        if course.station not in faults and rng.random() < SHARE_OF_OTHERS:
            faults[course.station] = frozenset({rng.choice([f for f in Fault if f is not Fault.FLAPPING])})
    return faults
