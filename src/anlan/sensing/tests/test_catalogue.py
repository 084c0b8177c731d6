"""The file that tells the gateway what to watch."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from anlan.journal.models import ExerciseRun
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import BadSetting
from anlan.ruleset import Binding
from anlan.sensing import catalogue, services
from anlan.sensing.tests.world import BY, T0, World
from anlan.vocab.stages import Stage


def read(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "catalogue.json").read_bytes())
    return data


def test_stations_bindings_and_sources_are_named(world: World, data: Path) -> None:
    services.link_station(world.rain, world.lower_willow, by=BY, at=T0)
    own = {(60, Stage.PREPARE): 40.0, (60, Stage.EVACUATE_NOW): 55.0}
    services.link_station(world.rain, world.upper_willow, thresholds=own, by=BY, at=T0)
    token = services.create_source("水务局", by=BY, at=T0)
    assert catalogue.write_catalogue()
    written = read(data)
    bindings = {one["id"]: one for one in written["bindings"]}
    assert sorted(bindings) == [
        "R12:00999A0001",
        "R12:00999A0001:999901100201",
        "R13:0099020001",
    ]
    assert bindings["R12:00999A0001"]["rise"]["1"] == [80, 120, 150, 200]
    village = bindings["R12:00999A0001:999901100201"]
    assert (village["windows_min"], village["rise"]) == ([60], {"2": [40.0], "1": [55.0]})
    assert bindings["R13:0099020001"]["rise"] == {"4": [9.5], "3": [10.0], "2": [11.0], "1": [12.0]}
    assert [one["code"] for one in written["stations"]] == ["0099020001", "00999A0001"]
    assert written["sources"] == [
        {"name": "水务局", "token_sha256": hashlib.sha256(token.encode()).hexdigest(), "stations": ["*"]}
    ]
    assert (written["version"], written["exercise"], written["sabotage"]) == (1, None, [])


def test_a_stage_far_from_a_gauges_marks_is_named_impossible_unless_the_county_says_otherwise(
    world: World, data: Path
) -> None:
    catalogue.write_catalogue()
    ranges = {one["code"]: one["ranges"] for one in read(data)["stations"]}
    assert ranges == {"0099020001": {"stage": [-50.0, 32.0]}, "00999A0001": {}}
    rule = services.propose_rule(
        "RS", division=world.county, scope={"stations": [world.river.code]}, reason="高程基面不同",
        table={"ranges": {"stage": [700, 800]}}, by=BY, at=T0,
    )  # fmt: skip
    services.approve_rule(rule, effective_from=T0, by=Actor(ref="user:2"), at=T0)
    catalogue.write_catalogue()
    ranges = {one["code"]: one["ranges"] for one in read(data)["stations"]}
    assert ranges["0099020001"] == {"stage": [700, 800]}


def test_the_file_is_written_only_when_its_content_changed(world: World, data: Path) -> None:
    assert catalogue.write_catalogue()
    before = (data / "catalogue.json").stat()
    assert not catalogue.write_catalogue()
    assert (data / "catalogue.json").stat().st_ino == before.st_ino
    services.retire_station(world.river, by=BY, at=T0)
    assert catalogue.write_catalogue()
    assert read(data)["version"] == 2
    assert [one["code"] for one in read(data)["stations"]] == ["00999A0001"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe"])
def test_a_damaged_file_is_written_anew(world: World, data: Path, damage: bytes) -> None:
    (data / "catalogue.json").write_bytes(damage)
    assert catalogue.write_catalogue()
    assert len(read(data)["stations"]) == 2


def test_a_failed_write_leaves_the_old_file_whole(
    world: World, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.write_catalogue()
    before = read(data)
    services.retire_station(world.river, by=BY, at=T0)

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        catalogue.write_catalogue()
    assert read(data) == before


def test_many_changes_in_one_transaction_write_the_file_once_after_it(
    world: World, data: Path, django_capture_on_commit_callbacks: Any
) -> None:
    connection.run_on_commit.clear()  # those of the fixture, whose transaction is this test's
    with django_capture_on_commit_callbacks(execute=True) as waiting:
        services.link_station(world.rain, world.upper_willow, by=BY, at=T0)
        services.link_station(world.rain, world.lower_willow, by=BY, at=T0)
        assert not (data / "catalogue.json").exists()
    assert len(waiting) == 1
    assert len(read(data)["stations"]) == 2


def test_the_clock_of_the_drill_and_what_it_switched_off_are_named(
    world: World, data: Path, settings: Any
) -> None:
    run = ExerciseRun.objects.create(
        scenario="storm", clock_start=T0, wall_start=T0 + timedelta(days=1), speed=60
    )
    settings.ANLAN_EXERCISE = str(run.pk)
    settings.ANLAN_SABOTAGE = frozenset({"hysteresis", "escalation"})
    catalogue.write_catalogue()
    assert read(data)["exercise"] == {
        "id": str(run.pk),
        "clock_start": "2026-07-01T00:00:00.000000Z",
        "wall_start": "2026-07-02T00:00:00.000000Z",
        "speed": 60.0,
    }
    assert read(data)["sabotage"] == ["hysteresis"]


def test_ports_and_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setenv("ANLAN_GATEWAY_TCP_PORT", "7001")
    monkeypatch.setenv("ANLAN_IDLE_S", "30")
    monkeypatch.setenv("ANLAN_BIND", "::1")
    built = catalogue.build()
    assert built["ports"] == {"tcp": 7001, "http": 6580, "protocols": {}, "udp": {}}
    assert built["limits"]["idle_s"] == 30
    assert built["bind"] == "::1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANLAN_GATEWAY_TCP_PORT", "70000"),
        ("ANLAN_MAX_BODY", "-1"),
        ("ANLAN_IDLE_S", "ten"),
        ("ANLAN_BIND", "here"),
    ],
)
def test_a_bad_setting_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, world: World, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=name):
        catalogue.build()


def test_the_gateway_understands_the_file_as_written(world: World, data: Path) -> None:
    own = {(60, Stage.PREPARE): 40.0, (180, Stage.PREPARE): None, (180, Stage.EVACUATE_NOW): 80.0}
    services.link_station(world.rain, world.upper_willow, thresholds=own, by=BY, at=T0)
    catalogue.write_catalogue()
    for binding in read(data)["bindings"]:
        assert Binding(**binding).to_json() == binding
