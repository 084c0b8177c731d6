"""The calendar of drills and their scripts; drills that were held outside the system."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from anlan.drills import script as scripts
from anlan.drills.casting import script_of
from anlan.drills.library import pack
from anlan.drills.models import Drill
from anlan.drills.refusals import DayOfDrill, NothingToPlay, NoTitleOfDrill, ScriptStands, ScriptWrong
from anlan.incidents.numbering import next_number
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.plans.models import Plan


@dataclass(frozen=True, slots=True)
class DrillDetails:
    """What the calendar says about a drill. `planned_on` is a local day."""

    title: str
    kind: str
    division: Division
    blindness: str = "none"
    event_type: str = ""
    topic: str = ""
    plan: Plan | None = None
    planned_on: date | None = None
    place_words: str = ""
    people: int | None = None
    parties: list[str] = field(default_factory=list)
    scenario: str = ""


def plan_drill(details: DrillDetails, *, by: Actor, by_name: str, at: datetime) -> Drill:
    """Put a drill into the calendar. A drill is planned in reality, whatever run somebody looks at."""
    if not details.title.strip():
        raise NoTitleOfDrill
    drill = Drill(
        number=next_number("drill", at, form="YL-{year}-{serial:03d}"),
        state="planned",
        speed=1.0,
        made_by=by.ref,
        made_by_name=by_name,
        made_at=at,
        **_columns(details),
    )
    return drill.record(by=by, at=at, kind="planned")


def _columns(details: DrillDetails) -> dict[str, Any]:
    return {
        "title": details.title.strip()[:160],
        "kind": details.kind,
        "division": details.division,
        "blindness": details.blindness,
        "event_type": details.event_type,
        "topic": details.topic.strip()[:80],
        "plan": details.plan,
        "planned_on": details.planned_on,
        "place_words": details.place_words.strip()[:120],
        "people": details.people,
        "parties": details.parties,
        "scenario": details.scenario,
    }


def describe_drill(
    drill: Drill, details: DrillDetails, *, by: Actor, at: datetime, read_version: int | None = None
) -> Drill:
    """Another day, place, kind or plan for a drill that has not started. The scenario stays that of its script.

    Raises `ScriptStands` once it runs, `StaleRow` where somebody changed it after `read_version` was shown.
    """
    _check_is_planned(drill)
    if read_version is not None and read_version != drill.version:
        raise StaleRow
    if not details.title.strip():
        raise NoTitleOfDrill
    wanted = {name: value for name, value in _columns(details).items() if name != "scenario"}
    different = {name: value for name, value in wanted.items() if getattr(drill, name) != value}
    return drill.change(by=by, at=at, kind="described", fields=different) if different else drill


def write_script(drill: Drill, script: scripts.Script, *, by: Actor, at: datetime) -> Drill:
    """Replace the script of a drill that has not started. Raises `ScriptWrong`."""
    _check_is_planned(drill)
    try:
        scripts.check(script)
    except scripts.BadScript as error:
        raise ScriptWrong(why=str(error)) from None
    return drill.change(by=by, at=at, kind="scripted", script=scripts.stored(script))


def _check_is_planned(drill: Drill) -> None:
    """What was played stays as it was: the scorecard names its lines."""
    if drill.state != "planned":
        raise ScriptStands


def take_pack(drill: Drill, code: str, *, seed: int, by: Actor, at: datetime) -> Drill:
    """The script of the library, cast with the places of the drill's division; whatever script there was is replaced."""
    _check_is_planned(drill)
    try:
        script, _cast = script_of(pack(code), drill.division, seed=seed)
    except KeyError:
        raise ScriptWrong(why=code[:40]) from None
    return drill.change(
        by=by, at=at, kind="scripted", script=scripts.stored(script), scenario=code, seed=seed
    )


def copy_script(drill: Drill, former: Drill, *, by: Actor, at: datetime) -> Drill:
    """The script of another drill as it stands there, to be edited here."""
    try:
        script = scripts.read(former.script)
    except scripts.BadScript as error:
        raise ScriptWrong(why=str(error)) from None
    if not script.lines:
        raise NothingToPlay
    return write_script(drill, script, by=by, at=at)


def record_outside(
    details: DrillDetails,
    *,
    held_on: date | None,
    summary: str,
    findings: str,
    by: Actor,
    by_name: str,
    at: datetime,
) -> Drill:
    """A drill that was held without this system (E-13, E-16); it counts for the yearly minimums."""
    if not details.title.strip():
        raise NoTitleOfDrill
    if held_on is None or held_on > at.astimezone(SHANGHAI).date():
        raise DayOfDrill
    drill = Drill(
        number=next_number("drill", at, form="YL-{year}-{serial:03d}"),
        state="held",
        speed=1.0,
        is_outside=True,
        held_on=held_on,
        summary=summary.strip(),
        findings=findings.strip(),
        made_by=by.ref,
        made_by_name=by_name,
        made_at=at,
        **_columns(details),
    )
    return drill.record(by=by, at=at, kind="recorded")


def cancel_drill(drill: Drill, *, why: str, by: Actor, at: datetime) -> Drill:
    return drill.advance("cancelled", by=by, at=at, ended_why=why.strip()[:300])
