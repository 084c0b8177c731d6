"""A wall clock that jumps is journaled once; one that only runs is not."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from anlan.journal.models import Entry
from anlan.project import worker
from anlan.testing import County


def test_a_stepped_wall_clock_is_journaled_once(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(wall=1_000_000.0, steady=500.0)
    faked = SimpleNamespace(time=lambda: clock.wall, monotonic=lambda: clock.steady)
    monkeypatch.setattr(worker, "time", faked)
    monkeypatch.setattr("anlan.sensing.catalogue.write_catalogue", lambda: False)
    watch = worker.ClockWatch()
    steps = Entry.objects.filter(kind="clock.stepped")

    def passes(*, steady: float, wall: float) -> int:
        clock.steady, clock.wall = clock.steady + steady, clock.wall + wall
        watch.look()
        return steps.count()

    assert passes(steady=10, wall=11) == 0
    assert passes(steady=1, wall=3601) == 1
    assert passes(steady=1, wall=1) == 1
    assert passes(steady=1, wall=-3599) == 2
    payloads = [json.loads(payload) for payload in steps.order_by("id").values_list("payload", flat=True)]
    assert [payload["step_s"] for payload in payloads] == [3600.0, -3600.0]


def test_a_step_while_no_worker_lived_is_noticed_by_the_next_one(
    county: County, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = SimpleNamespace(wall=1_000_000.0, steady=500.0)
    faked = SimpleNamespace(time=lambda: clock.wall, monotonic=lambda: clock.steady)
    monkeypatch.setattr(worker, "time", faked)
    monkeypatch.setattr("anlan.sensing.catalogue.write_catalogue", lambda: False)
    steps = Entry.objects.filter(kind="clock.stepped")
    worker.ClockWatch(tmp_path / "clock").look()
    clock.steady, clock.wall = clock.steady + 60, clock.wall + 60
    worker.ClockWatch(tmp_path / "clock").look()
    assert steps.count() == 0
    clock.steady, clock.wall = clock.steady + 5, clock.wall - 295
    worker.ClockWatch(tmp_path / "clock").look()
    [payload] = steps.values_list("payload", flat=True)
    assert json.loads(payload)["step_s"] == -300.0
