"""The duty room of the tiny county: events come in, alarms ring, the worker looks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from anlan.dissemination.models import Callout, CalloutSeat, Delivery
from anlan.dissemination.services import open_callout
from anlan.duty.models import Alarm
from anlan.events.base import Event
from anlan.events.published import WarningDrafted, WarningIssued
from anlan.journal import deadlines
from anlan.journal.services import announce
from anlan.kernel.ids import uuid7
from anlan.sensing.models import Station
from anlan.sensing.services import register_station
from anlan.testing import County
from anlan.vocab.kinds import StationKind


@dataclass(slots=True)
class Desk:
    """What the tests do in the duty room."""

    county: County

    def hears(self, event: Event, *, exercise_id: uuid.UUID | None = None) -> None:
        """An event is announced and its reactions run."""
        announce(event, at=self.county.now, exercise_id=exercise_id)
        deadlines.run_reactions(owner="worker-1")

    def later(self, **duration: float) -> None:
        """Time passes and the worker looks."""
        self.county.clock.advance(**duration)
        deadlines.run_deadlines(owner="worker-1")

    def drafted(self, *, level: int = 1, warning_id: uuid.UUID | None = None) -> uuid.UUID:
        """A draft waits; returns the warning's id."""
        warning_id = warning_id or uuid7()
        self.hears(
            WarningDrafted(
                warning_id=str(warning_id),
                kind="callout",
                hazard_type="flash_flood",
                level=level,
                headline="云岭县防汛抗旱指挥部办公室山洪灾害叫应（立即转移）",
                division=self.county.division.code,
            )
        )
        return warning_id

    def issued(self, warning_id: uuid.UUID, *, authorised_by: str = "") -> None:
        self.hears(
            WarningIssued(
                warning_id=str(warning_id),
                kind="callout",
                hazard_type="flash_flood",
                level=1,
                headline="云岭县防汛抗旱指挥部办公室山洪灾害叫应（立即转移）",
                division=self.county.division.code,
                authorised_by=authorised_by,
            )
        )

    def called_out(self, *names: str, subject: str = "warning:x") -> list[CalloutSeat]:
        """A call-out for villages; its seats in the order of the names."""
        callout: Callout = open_callout(
            subject=subject,
            title="山洪灾害叫应",
            text="请立即转移。",
            voice_text="",
            issuer="云岭县防汛抗旱指挥部办公室",
            level=1,
            hazard_type="flash_flood",
            division=self.county.division,
            villages=[self.county.divisions[name] for name in names],
            ladder_name="anlan_default",
            by=self.county.by,
            at=self.county.now,
        )
        by_division = {seat.division_id: seat for seat in callout.seats.select_related("division", "callout")}
        return [by_division[self.county.divisions[name].code] for name in names]

    def station(self) -> Station:
        return register_station(
            code="0099010001",
            name="上柳站",
            kind=StationKind.RAIN,
            division=self.county.divisions["Upper Willow"],
            lon=102.92,
            lat=27.41,
            by=self.county.by,
            at=self.county.now,
        )

    def alarm(self, **conditions: object) -> Alarm:
        return Alarm.objects.select_related("division").get(**conditions)

    def called(self) -> list[str]:
        """Who was called about alarms so far, in order."""
        names = {person.pk: name for name, person in self.county.people.items()}
        calls = Delivery.objects.filter(subject__startswith="alarm:", channel="voice").order_by("id")
        return [names[person_id] for person_id in calls.values_list("person_id", flat=True)]
