"""An incident with everything that a review reads, played by the ordinary verbs in the tiny county."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from anlan.dispatch import services as dispatch
from anlan.dispatch.models import Instruction, TeamJob
from anlan.dispatch.tests.forcescenes import sent, team
from anlan.dispatch.tests.order_scenes import flood, order
from anlan.dissemination import services as dissemination
from anlan.dissemination.models import Callout
from anlan.drills import services as drills
from anlan.drills.models import Drill
from anlan.drills.script import Expect, Script, ScriptLine
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.journal import clocks
from anlan.review import services
from anlan.review.models import Review
from anlan.testing import County


def played(county: County, **fields: Any) -> Incident:
    """Willow River acknowledges in time and finishes late; Stone Bridge never answers; a team arrives too late."""
    row = flood(county, **fields)
    willow = order(county, row, "Willow River")
    order(county, row, "Stone Bridge", title="封控漫水桥")
    job = a_team_is_sent(county, row)
    county.clock.advance(minutes=5)
    told(county, willow, "acknowledge")
    county.clock.advance(minutes=70)
    told(county, willow, "finish")
    arrive(county, job)
    return row


def a_team_is_sent(county: County, row: Incident, within_min: int = 30) -> TeamJob:
    return sent(county, team(county), row, arrive_by=county.now + timedelta(minutes=within_min))


def arrive(county: County, job: TeamJob) -> None:
    dispatch.move_job(job, "arrived", by=county.actor("Chen"), by_name="陈静", via="desk", at=county.now)


def told(county: County, row: Instruction, verb: str) -> None:
    """Somebody at the desk writes down what the addressee said."""
    row = Instruction.objects.select_related("incident__division", "addressee", "team").get(pk=row.pk)
    moved = getattr(dispatch, f"{verb}_instruction")
    given: dict[str, Any] = {"words": "已办"} if verb == "finish" else {}
    moved(row, by=county.actor("Chen"), by_name="陈静", via="desk", at=county.now, **given)


def called(county: County, row: Incident, *villages: str) -> Callout:
    """A call-out about the incident."""
    return dissemination.open_callout(
        subject=f"incident:{row.pk}", title="柳河叫应", text="请立即转移。", voice_text="", issuer="云岭县应急指挥部",
        level=2, hazard_type="flash_flood", division=county.division,
        villages=[county.divisions[name] for name in villages], ladder_name="anlan_default", by=county.by, at=county.now,
    )  # fmt: skip


def closed(county: County, row: Incident) -> Incident:
    if row.state == "received":
        incidents.set_grade(row, 4, reason="一般险情", by=county.actor("Chen"), at=county.now)
        incidents.verify_incident(row, by=county.actor("Chen"), at=county.now)
    return incidents.close_incident(row, reason="险情解除", by=county.actor("Chen"), at=county.now)


def reviewed(county: County, row: Incident, **fields: Any) -> Review:
    return services.open_review(
        incident=row, by=county.actor("Wang"), by_name="王建国", at=county.now, **fields
    )


CALL = ScriptLine(
    key="L1",
    at_min=0,
    kind="note",
    title="上柳村后山滑坡",
    payload={"words": "上柳村后山滑坡"},
    expects=(
        Expect(key="open", words="登记事件", entry="incident.opened", within_min=10, source="接报要求"),
        Expect(key="verify", words="核实事件", entry="incident.verified", within_min=10),
    ),
)


def drilled(
    county: County, wait_min: float, title: str = "防汛演练", **fields: Any
) -> tuple[Drill, Incident]:
    """A drill of one line in which the incident is entered after `wait_min` minutes and never verified."""
    details = drills.DrillDetails(title=title, kind="functional", division=county.division)
    by = county.actor("Wang")
    drill = drills.plan_drill(details, by=by, by_name="王", at=county.now)
    drills.write_script(drill, Script(lines=(CALL,)), by=by, at=county.now)
    drills.start_drill(drill, by=by, at=county.now)
    with clocks.entered(drill.run_id):
        inject = drill.injects.get()
        drills.give_inject(inject, by=by, at=clocks.now(drill.run_id))
        county.clock.advance(minutes=wait_min)
        at = clocks.now(drill.run_id)
        given: dict[str, Any] = {
            "title": "上柳村后山滑坡", "event_type": "landslide", "division": county.divisions["Upper Willow"],
            "informant": "110", "known_at": at, **fields,
        }  # fmt: skip
        row = incidents.open_incident(
            IncidentDetails(**given), by=county.actor("Chen"), at=at, exercise_id=drill.run_id
        )
    county.clock.advance(minutes=30)
    drills.end_drill(drill, by=by, at=county.now)
    return drill, row


def drill_reviewed(county: County, drill: Drill) -> Review:
    return services.open_review(drill=drill, by=county.actor("Wang"), by_name="王建国", at=county.now)
