"""Persons judge readings and grant maintenance; the gateway tells what came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.journal import clocks
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed
from anlan.sensing.catalogue import build
from anlan.sensing.hot.types import Signal
from anlan.sensing.models import Amendment, MaintenanceWindow
from anlan.sensing.services import quality
from anlan.sensing.services.signals import _Batch
from anlan.sensing.tests.world import T0, World
from anlan.vocab.posts import Right

pytestmark = pytest.mark.usefixtures("data")


def _judge(world: World, *, reason: str = "现场核实", accept: bool = True) -> Amendment:
    by = world.actor(world.county, rights=(Right.SEE, Right.JUDGE_READINGS))
    return quality.judge_reading(
        world.rain, quantity="rain_5min", phenomenon_time=T0, value=450, is_accepted=accept, reason=reason,
        by=by, at=T0,
    )  # fmt: skip


def test_a_decision_waits_in_the_catalogue_until_the_gateway_has_put_it_into_force(world: World) -> None:
    row = _judge(world)
    (waiting,) = build()["amendments"]
    assert waiting == {
        "id": str(row.pk), "station": world.rain.code, "quantity": "rain_5min",
        "t": int(T0.timestamp()), "v": 450, "is_accepted": True,
    }  # fmt: skip
    body = {"amendment": str(row.pk), "outcome": "applied", "station": world.rain.code, "flag_before": 64}
    signal = Signal(str(uuid7()), "amended", T0, body)
    _Batch([signal, signal], T0).write()
    row.refresh_from_db()
    assert (row.state, row.flag_before) == ("applied", 64)
    assert build()["amendments"] == []


def test_without_a_reason_nothing_is_decided(world: World) -> None:
    with pytest.raises(quality.NoReason):
        _judge(world, reason="  ")
    assert not Amendment.objects.exists()


def test_the_same_reading_is_not_decided_twice_at_once(world: World) -> None:
    _judge(world)
    with pytest.raises(quality.AlreadyDecided):
        _judge(world, accept=False)


def test_nobody_without_the_right_judges_or_grants(world: World) -> None:
    stranger = world.actor(world.county)
    with pytest.raises(NotAllowed):
        quality.judge_reading(
            world.rain, quantity="rain_5min", phenomenon_time=T0, value=450, is_accepted=True, reason="无权",
            by=stranger, at=T0,
        )  # fmt: skip
    enterprise = world.actor(world.upper_willow, rights=(Right.SEE, Right.ANSWER_FOR_ENTERPRISE))
    window = quality.ask_maintenance(
        world.rain, starts_at=T0, ends_at=T0 + timedelta(hours=1), reason="清洗", by=enterprise, at=T0
    )
    with pytest.raises(NotAllowed):
        quality.decide_maintenance(window, is_granted=True, by=enterprise, at=T0)
    assert not Amendment.objects.exists()
    assert MaintenanceWindow.objects.get().state == "asked"


def test_only_a_granted_window_reaches_the_gateway(world: World) -> None:
    by = world.actor(world.county, rights=(Right.SEE, Right.JUDGE_READINGS))
    now = clocks.wall_now()
    window = quality.ask_maintenance(
        world.rain, starts_at=now, ends_at=now + timedelta(hours=2), reason="换电池", by=by, at=now
    )
    assert build()["maintenance"] == []
    quality.decide_maintenance(window, is_granted=True, by=by, at=now)
    (granted,) = build()["maintenance"]
    assert granted["end"] - granted["start"] == 7200
    quality.withdraw_maintenance(window, by=by, at=now)
    assert build()["maintenance"] == []
    assert MaintenanceWindow.objects.get().state == "withdrawn"
