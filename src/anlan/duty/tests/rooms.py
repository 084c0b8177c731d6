"""The duty rooms of the tiny county: planned shifts, the worker, links and signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.directory.models import HoldingRole, Shift
from anlan.directory.rostering import plan_shift
from anlan.dissemination.models import Delivery
from anlan.duty.models import DutyRoom
from anlan.duty.services.rooms import open_rooms
from anlan.journal import deadlines
from anlan.testing import County
from anlan.vocab.posts import PostKind


@dataclass(slots=True)
class Rooms:
    """What the tests do in the rooms."""

    county: County

    @property
    def now(self) -> datetime:
        return self.county.now

    def open(self) -> None:
        open_rooms(self.county.division, by=self.county.by, at=self.now)

    def room(self, name: str = "Yunling") -> DutyRoom:
        return DutyRoom.objects.select_related("division").get(division=self.county.divisions[name])

    def shift(
        self,
        person: str,
        post: PostKind = PostKind.COUNTY_DUTY,
        place: str = "Yunling",
        *,
        starts_in: timedelta = timedelta(hours=1),
        hours: float = 24,
        role: HoldingRole = HoldingRole.A,
    ) -> Shift:
        start = self.now + starts_in
        return plan_shift(
            self.county.posts[post, place],
            self.county.people[person],
            starts_at=start,
            ends_at=start + timedelta(hours=hours),
            role=role,
            by=self.county.by,
            at=self.now,
        )

    def later(self, **duration: float) -> None:
        """Time passes and the worker looks, twice: what one deadline makes the next one meets."""
        self.county.clock.advance(**duration)
        deadlines.run_deadlines(owner="worker-1")
        deadlines.run_deadlines(owner="worker-1")

    def told(self, subject: str) -> list[str]:
        """Who was written to about things of this kind, in order."""
        names = {person.pk: name for name, person in self.county.people.items()}
        rows = Delivery.objects.filter(subject__startswith=subject, channel="sms").order_by("id")
        return [names[key] for key in rows.values_list("person_id", flat=True) if key is not None]
