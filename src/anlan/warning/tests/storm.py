"""A rain station at Upper Willow that also speaks for Lower Willow, a river gauge, and readings that cross thresholds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from shapely.geometry import box

from anlan.events.published import CrossingRecorded
from anlan.journal import deadlines
from anlan.journal.services import announce
from anlan.kernel.actor import rule
from anlan.kernel.ids import uuid7
from anlan.risk.services import define_zone
from anlan.risk.types import ZoneDetails
from anlan.sensing import services as sensing
from anlan.sensing.models import Crossing, Station
from anlan.testing import County
from anlan.vocab.hazards import HazardType
from anlan.vocab.kinds import StationKind
from anlan.warning.models import HazardWarning, PreAuthorisation
from anlan.warning.services import draft_by_hand, sign_pre_authorisation

RED, ORANGE, YELLOW, BLUE = 1, 2, 3, 4
#: Rise edges of the pack's one-hour column, mm; only the sentences of these tests depend on them.
RAIN = {RED: "85.0", ORANGE: "62.5", YELLOW: "47.0", BLUE: "36.0", None: "12.0"}


@dataclass(slots=True)
class Storm:
    """What the tests do to the county: let it rain, let the worker look."""

    county: County
    rain: Station
    river: Station
    links: dict[str, object] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.county.now

    def crossing(
        self,
        level: int | None,
        *,
        direction: str = "up",
        binding: str = "",
        at: datetime | None = None,
        is_late: bool = False,
        exercise_id: uuid.UUID | None = None,
        river: bool = False,
    ) -> Crossing:
        """A stored crossing, as sensing makes it; nobody has reacted to it yet."""
        station = self.river if river else self.rain
        rule_id = "R13" if river else "R12"
        when = at or self.now
        return Crossing(
            id=uuid7(),
            station=station,
            quantity="stage" if river else "rain_5min",
            binding=binding or f"{rule_id}:{station.code}",
            rule_id=rule_id,
            rule_version="1",
            direction=direction,
            level=level,
            window_min=None if river else 60,
            value=Decimal(RAIN[level]).quantize(Decimal("0.001")),
            threshold=Decimal("60.000"),
            phenomenon_time=when,
            received_at=when,
            recorded_at=when,
            is_late=is_late,
            explanation_zh="1小时雨量达到阈值。",
            explanation_en="One-hour rain reached the threshold.",
            exercise_id=exercise_id,
        ).record(by=rule(rule_id), at=when)

    def falls(self, level: int | None, **more: object) -> Crossing:
        """It rains so much that a level is reached, and the worker has looked."""
        crossing = self.crossing(level, **more)  # type: ignore[arg-type]  # the arguments of `crossing`
        self.told(crossing)
        return crossing

    def told(self, crossing: Crossing) -> None:
        """The event about a stored crossing reaches its reactions."""
        announce(
            CrossingRecorded(crossing_id=str(crossing.pk)), at=self.now, exercise_id=crossing.exercise_id
        )
        self.work()

    def work(self) -> None:
        """One round of the worker: reactions, then deadlines, then what those announced."""
        deadlines.run_reactions(owner="worker-1")
        deadlines.run_deadlines(owner="worker-1")
        deadlines.run_reactions(owner="worker-1")

    def later(self, **duration: float) -> None:
        """Time passes and the worker looks."""
        self.county.clock.advance(**duration)
        self.work()

    def only_warning(self, **conditions: object) -> HazardWarning:
        return HazardWarning.objects.select_related("division").get(**conditions)

    def drafted_by_chen(self, level: int = ORANGE, **more: object) -> HazardWarning:
        return draft_by_hand(
            hazard_type=HazardType.FLASH_FLOOD,
            level=level,
            villages=[self.county.divisions["Upper Willow"].code],
            by=self.county.actor("Chen"),
            at=self.now,
            **more,  # type: ignore[arg-type]  # the arguments of `draft_by_hand`
        )

    def pre_authorised_by_wang(self, **changes: object) -> PreAuthorisation:
        fields: dict[str, object] = {
            "name": "2026年汛期山洪叫应",
            "hazard_type": HazardType.FLASH_FLOOD,
            "worst_level": RED,
            "mildest_level": ORANGE,
            "division": self.county.division,
            "valid_to": self.now + timedelta(days=30),
        } | changes
        return sign_pre_authorisation(**fields, by=self.county.actor("Wang"), at=self.now)  # type: ignore[arg-type]


def build_storm(county: County) -> Storm:
    upper, lower = county.divisions["Upper Willow"], county.divisions["Lower Willow"]
    by, at = county.by, county.now
    rain = sensing.register_station(
        code="0099010001",
        name="上柳站",
        kind=StationKind.RAIN,
        division=upper,
        lon=102.92,
        lat=27.41,
        by=by,
        at=at,
    )
    river = sensing.register_station(
        code="0099010002",
        name="柳河站",
        kind=StationKind.RIVER,
        division=lower,
        lon=102.9,
        lat=27.4,
        by=by,
        at=at,
    )
    for village in (upper, lower):
        sensing.link_station(rain, village, by=by, at=at)
    sensing.link_station(river, lower, by=by, at=at)
    zone = ZoneDetails(
        name="柳河沟口",
        hazard_type=HazardType.FLASH_FLOOD,
        division=upper,
        boundary=box(102.915, 27.405, 102.925, 27.415),
        household_count=12,
        people_count=41,
    )
    define_zone("WQ-001", zone, by=by, at=at)
    return Storm(county, rain, river)
