"""An enterprise answers for its own alarms; silence goes to the regulator's duty room; nobody's public is warned."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from anlan.directory import services as directory
from anlan.duty.models import Alarm
from anlan.events.published import CrossingRecorded, EnterpriseLimitCrossed, StationHappened
from anlan.journal import deadlines
from anlan.journal.models import LONG_AGO, Entry
from anlan.journal.services import announce
from anlan.journal.verify import verify
from anlan.kernel.actor import Actor, grants
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed
from anlan.places.models import Division
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.sensing import services
from anlan.sensing.catalogue import build
from anlan.sensing.enterprise_limits import limits
from anlan.sensing.models import Crossing, EnterpriseAlarm, Station, StationHappening
from anlan.sensing.queries.enterprise import alarm_lines, waiting_for
from anlan.sensing.services import enterprise, quality
from anlan.testing import County
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import FACES, PostKind
from anlan.warning.models import HazardWarning

MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Plant:
    """A tailings pond of an enterprise in North Slope with a safety manager, and the enterprise next door."""

    county: County
    place: Division
    next_door: Division
    station: Station

    @property
    def manager(self) -> Actor:
        rights = FACES[PostKind.ENTERPRISE_SAFETY_MANAGER].rights
        return Actor("user:tang", "唐山", grants=grants(rights, self.place.path))

    def crosses(self, level: int | None = 2, *, binding: str = "R14:WKK-1", **changes: Any) -> Crossing:
        now = self.county.now
        given: dict[str, Any] = {
            "id": uuid7(), "station": self.station, "quantity": "pond", "binding": binding, "rule_id": "R14",
            "rule_version": "1", "purpose": "enterprise", "direction": "up" if level else "down", "level": level,
            "previous_level": None, "value": Decimal("3.000"), "phenomenon_time": now, "received_at": now,
            "recorded_at": now, "explanation_zh": "浸润线超限", "explanation_en": "seepage line over its limit",
        }  # fmt: skip
        row = Crossing(**{**given, **changes}).record(by=self.county.by, at=now)
        announce(CrossingRecorded(crossing_id=str(row.pk)), at=now)
        announce(EnterpriseLimitCrossed(crossing_id=str(row.pk)), at=now)
        deadlines.run_reactions(owner="worker-1")
        return row

    def reports(self, kind: str, *, station: Station | None = None) -> StationHappening:
        now = self.county.now
        row = StationHappening(
            id=uuid7(), station=station or self.station, kind=kind, received_at=now, recorded_at=now, report_key=uuid.uuid4().hex,
        )  # fmt: skip
        row.record(by=self.county.by, at=now)
        announce(StationHappened(happening_id=str(row.pk), kind=kind), at=now)
        deadlines.run_reactions(owner="worker-1")
        return row

    def passes(self, span: timedelta, owner: str = "worker-1") -> None:
        self.county.clock.advance(seconds=span.total_seconds())
        deadlines.run_deadlines(owner=owner)
        deadlines.run_reactions(owner=owner)

    def alarm(self) -> EnterpriseAlarm:
        return EnterpriseAlarm.objects.select_related("station__division", "division").get()


@pytest.fixture
def plant(county: County, tmp_path: Path, settings: Any) -> Plant:
    settings.ANLAN_DATA = tmp_path
    by, at, north = county.by, county.now, county.divisions["North Slope"].code
    level = DivisionLevel.ENTERPRISE
    load_divisions(
        [
            DivisionRow(f"{north}-Q{n}", name, north, level, lon=102.96, lat=27.46, trade="tailings")
            for n, name in ((1, "北坡矿业"), (2, "北坡化工"))
        ],
        by=by,
        at=at,
    )
    place, next_door = (Division.objects.get(pk=f"{north}-Q{n}") for n in (1, 2))
    station = services.register_station(
        code="WKK-1",
        name="北坡尾矿库",
        kind="tailings_pond",
        division=place,
        lon=102.96,
        lat=27.46,
        by=by,
        at=at,
    )
    tang = directory.create_person("唐山", division=place, by=by, at=at)
    post = directory.ensure_post(PostKind.ENTERPRISE_SAFETY_MANAGER, division=place, by=by, at=at)
    directory.appoint(post, tang, by=by, at=at)
    return Plant(county, place, next_door, station)


def duty_alarms() -> list[tuple[str, str]]:
    return [(row.kind, row.state) for row in Alarm.objects.order_by("raised_at")]


def test_a_crossing_of_an_enterprises_limit_is_its_alarm_and_warns_nobody_else(plant: Plant) -> None:
    plant.crosses(2)
    row = plant.alarm()
    limit = limits().of("tailings_pond", 2)
    assert (row.state, row.level, row.division, row.text_zh) == ("open", 2, plant.place, "浸润线超限")
    assert row.due_at == plant.county.now + limit.acknowledge
    assert not HazardWarning.objects.exists()
    assert duty_alarms() == []


def test_a_rule_that_warns_the_public_opens_no_alarm_of_an_enterprise(plant: Plant) -> None:
    plant.crosses(2, purpose="condition")
    plant.crosses(2, purpose="warn")
    assert not EnterpriseAlarm.objects.exists()


def test_one_alarm_for_an_affair_and_a_worse_level_must_be_acknowledged_anew(plant: Plant) -> None:
    plant.crosses(3)
    plant.crosses(3)
    enterprise.acknowledge_alarm(plant.alarm(), by=plant.manager, at=plant.county.now)
    plant.crosses(4)
    assert (plant.alarm().state, plant.alarm().level) == ("acknowledged", 3)
    plant.county.clock.advance(seconds=60)
    plant.crosses(1)
    row = plant.alarm()
    assert (row.state, row.level, row.acknowledged_at) == ("open", 1, None)
    assert row.due_at == plant.county.now + limits().of("tailings_pond", 1).acknowledge
    assert verify().ok


def test_an_enterprise_that_acknowledges_and_explains_in_time_never_rings_at_the_regulators(
    plant: Plant,
) -> None:
    plant.crosses(2)
    plant.passes(2 * MINUTE)
    enterprise.acknowledge_alarm(plant.alarm(), by=plant.manager, at=plant.county.now)
    plant.passes(20 * MINUTE)
    row = plant.alarm()
    now = plant.county.now
    enterprise.explain_alarm(
        row, cause="排渗管堵塞", measure="已疏通", restored_at=now, by=plant.manager, at=now
    )
    plant.passes(timedelta(days=2))
    row = plant.alarm()
    assert (row.state, row.cause_words, row.measure, row.restored_at) == (
        "restored",
        "排渗管堵塞",
        "已疏通",
        now,
    )
    assert duty_alarms() == []
    assert verify().ok


def test_silence_rings_at_the_regulators_duty_once_and_stops_when_the_enterprise_answers(
    plant: Plant,
) -> None:
    plant.crosses(2)
    plant.passes(9 * MINUTE)
    assert duty_alarms() == []
    plant.passes(MINUTE)
    plant.passes(MINUTE)
    assert duty_alarms() == [("enterprise_overdue", "ringing")]
    assert Entry.objects.filter(kind="enterprise_alarm.escalated").count() == 1
    enterprise.acknowledge_alarm(plant.alarm(), by=plant.manager, at=plant.county.now)
    deadlines.run_reactions(owner="worker-1")
    assert duty_alarms() == [("enterprise_overdue", "cleared")]
    plant.passes(2 * 60 * MINUTE)
    assert duty_alarms() == [("enterprise_overdue", "cleared"), ("enterprise_overdue", "ringing")]


def test_a_worker_killed_at_the_deadline_tells_the_regulator_once(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant.crosses(2)
    plant.county.clock.advance(minutes=10)

    def killed(*_args: object, **_named: object) -> None:
        raise SystemExit  # as SIGKILL between the change and its event

    with monkeypatch.context() as patch:
        patch.setattr(enterprise, "announce", killed)
        with pytest.raises(SystemExit):
            deadlines.run_deadlines(owner="worker-1")
    assert plant.alarm().escalated_at is None
    EnterpriseAlarm.objects.update(lease_owner="", lease_until=LONG_AGO)
    for owner in ("worker-2", "worker-3"):
        deadlines.run_deadlines(owner=owner)
        deadlines.run_reactions(owner=owner)
    assert Entry.objects.filter(kind="enterprise_alarm.escalated").count() == 1
    assert duty_alarms() == [("enterprise_overdue", "ringing")]


def test_a_report_that_rings_opens_an_alarm_only_for_an_enterprise(plant: Plant) -> None:
    village = services.register_station(
        code="R-1", name="北坡雨量站", kind="rain", division=plant.county.divisions["North Slope"],
        lon=102.96, lat=27.46, by=plant.county.by, at=plant.county.now,
    )  # fmt: skip
    plant.reports("seal_people_in", station=village)
    plant.reports("terminal_clock")
    assert not EnterpriseAlarm.objects.exists()
    plant.reports("seal_people_in")
    plant.reports("seal_people_in")
    row = plant.alarm()
    assert (row.level, row.affair) == (1, "happening:seal_people_in:WKK-1")
    assert "人员进入" in row.text_zh


def test_where_nobody_of_the_enterprise_holds_the_post_the_regulator_is_told_at_once(plant: Plant) -> None:
    other = services.register_station(
        code="WKK-2", name="北坡化工罐区", kind="tailings_pond", division=plant.next_door, lon=102.96, lat=27.46,
        by=plant.county.by, at=plant.county.now,
    )  # fmt: skip
    plant.reports("seal_lock_opened", station=other)
    plant.passes(timedelta(seconds=1))
    assert ("enterprise_overdue", "ringing") in duty_alarms()


def test_only_the_enterprise_answers_and_only_the_regulator_closes_with_a_reason(plant: Plant) -> None:
    plant.crosses(2)
    chen, now = plant.county.actor("Chen"), plant.county.now
    with pytest.raises(NotAllowed):
        enterprise.acknowledge_alarm(plant.alarm(), by=chen, at=now)
    with pytest.raises(NotAllowed):
        enterprise.close_alarm(plant.alarm(), reason="无碍", by=plant.manager, at=now)
    with pytest.raises(enterprise.NoCloseReason):
        enterprise.close_alarm(plant.alarm(), reason=" ", by=chen, at=now)
    with pytest.raises(enterprise.NoCause):
        enterprise.explain_alarm(plant.alarm(), cause="传感器", measure="", by=plant.manager, at=now)
    with pytest.raises(enterprise.RestoredWhen):
        enterprise.explain_alarm(
            plant.alarm(),
            cause="雨",
            measure="排水",
            restored_at=now + timedelta(hours=1),
            by=plant.manager,
            at=now,
        )
    enterprise.close_alarm(plant.alarm(), reason="误报，已核实", by=chen, at=now)
    plant.crosses(2)
    assert EnterpriseAlarm.objects.count() == 2


def test_each_enterprise_sees_its_own_alarms_and_the_regulator_sees_all(plant: Plant) -> None:
    plant.crosses(2)
    rights = FACES[PostKind.ENTERPRISE_SAFETY_MANAGER].rights
    neighbour = Actor("user:next", grants=grants(rights, plant.next_door.path))
    assert alarm_lines(neighbour) == [] == waiting_for(neighbour)
    assert len(waiting_for(plant.manager)) == 1
    chen = plant.county.actor("Chen")
    assert (len(alarm_lines(chen)), waiting_for(chen)) == (1, [])
    plant.passes(10 * MINUTE)
    (line,) = waiting_for(chen)
    assert line.is_late


def test_a_value_below_the_limits_again_is_noted_and_closes_nothing(plant: Plant) -> None:
    plant.crosses(2)
    plant.crosses(None)
    assert (plant.alarm().state, plant.alarm().fell_at) == ("open", plant.county.now)
    plant.crosses(2)
    assert plant.alarm().fell_at is None


def test_maintenance_that_the_enterprise_asks_for_counts_only_once_the_regulator_grants_it(
    plant: Plant,
) -> None:
    now, chen = plant.county.now, plant.county.actor("Chen")
    window = quality.ask_maintenance(
        plant.station,
        starts_at=now,
        ends_at=now + timedelta(hours=2),
        reason="更换渗压计",
        by=plant.manager,
        at=now,
    )
    with pytest.raises(NotAllowed):
        quality.decide_maintenance(window, is_granted=True, by=plant.manager, at=now)
    assert build()["maintenance"] == []
    quality.decide_maintenance(window, is_granted=True, by=chen, at=now)
    assert [one["station"] for one in build()["maintenance"]] == ["WKK-1"]
    assert Entry.objects.filter(kind="maintenance_window.granted").count() == 1


def test_the_limits_are_marked_as_ours_and_every_level_has_one() -> None:
    table = limits()
    assert not table.is_verified
    assert table.reason
    assert all(
        table.of("anything", level).acknowledge_min <= table.of("anything", level).explain_min
        for level in (1, 2, 3, 4)
    )
