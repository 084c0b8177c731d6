"""What devices report beside numbers becomes a fact once; addresses that two stations would share are refused."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.journal.models import Announcement, Entry
from anlan.sensing import gateway_settings, services
from anlan.sensing.catalogue import build
from anlan.sensing.models import Station, StationHappening
from anlan.sensing.refusals import AddressTaken
from anlan.sensing.tests.world import BY, T0, FakeHot, World
from anlan.vocab.happenings import HAPPENINGS, KINDS, happening_kind


def happen(hot: FakeHot, **changes: Any) -> None:
    given = {
        "station": "00999A0001",
        "kind": "manual_text",
        "phenomenon_time": T0.isoformat(),
        "fields": {"text": "水尺读数1.20"},
        "protocol": "sl651",
        "report": "sl651|00999A0001|35|7||0",
    }
    hot.add("happening", **{**given, **changes})


def test_a_happening_becomes_one_fact_and_is_announced(world: World, hot: FakeHot) -> None:
    happen(hot)
    happen(hot)
    services.take_signals(hot, at=T0)
    happen(hot)
    services.take_signals(hot, at=T0)
    (row,) = StationHappening.objects.all()
    assert (row.station, row.kind, row.fields) == (world.rain, "manual_text", {"text": "水尺读数1.20"})
    assert (row.phenomenon_time, str(row.pk)) == (T0, hot.signals[0].id)
    assert Entry.objects.filter(kind="station_happening.recorded").count() == 1
    assert Announcement.objects.filter(reaction="duty.station_happened").count() == 1


def test_happenings_of_a_station_that_nobody_registered_are_left_out(world: World, hot: FakeHot) -> None:
    happen(hot, station="0000000000")
    assert services.take_signals(hot, at=T0) == 1
    assert not StationHappening.objects.exists()


def test_two_live_connections_for_one_station_are_noted_on_it(world: World, hot: FakeHot) -> None:
    hot.add("address_conflict", station="00999A0001", peers="192.0.2.1:5 / 192.0.2.2:6")
    services.take_signals(hot, at=T0)
    (entry,) = Entry.objects.filter(kind="station.address_conflict")
    assert entry.subject_id == str(world.rain.pk)


def test_every_kind_has_words_and_an_unknown_one_keeps_its_code() -> None:
    assert len(HAPPENINGS) == len(KINDS)
    assert all(kind.zh and kind.en for kind in KINDS)
    assert (happening_kind("odd").zh, happening_kind("odd").rings) == ("odd", False)


def register(world: World, code: str, **details: Any) -> Station:
    given = {"name": code, "kind": "rain", "division": world.upper_willow, "lon": 99.01, "lat": 25.01}
    return services.register_station(code=code, by=BY, at=T0, **{**given, **details})


def test_the_same_address_on_two_protocols_is_two_stations(world: World) -> None:
    register(world, "A-1", protocol="hj212", address="88000001")
    register(world, "A-2", protocol="jt808", address="88000001")
    told = {one["code"]: (one["protocol"], one["address"]) for one in build()["stations"]}
    assert told["A-1"] == ("hj212", "88000001")
    assert told["A-2"] == ("jt808", "88000001")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"protocol": "hj212", "address": "88000001"}, {"protocol": "hj212", "address": "88000001"}),
        ({"protocol": "hj212", "address": "A-2"}, {"protocol": "hj212"}),
        ({"protocol": "hj212"}, {"protocol": "hj212", "address": "A-1"}),
        ({"protocol": "sl651", "address": "00303a9006"}, {"protocol": "sl651", "address": "00303A9006"}),
    ],
    ids=[
        "same address",
        "address is the other's code",
        "code is the other's address",
        "hexadecimal in capitals",
    ],
)
def test_one_address_on_one_protocol_is_refused_to_a_second_station(
    world: World, first: dict[str, str], second: dict[str, str]
) -> None:
    register(world, "A-1", **first)
    with pytest.raises(AddressTaken):
        register(world, "A-2", **second)
    assert not Station.objects.filter(code="A-2").exists()


def test_an_address_is_free_again_when_its_station_is_taken_down(world: World) -> None:
    old = register(world, "A-1", protocol="hj212", address="88000001")
    services.retire_station(old, by=BY, at=T0)
    new = register(world, "A-2", protocol="hj212", address="88000001")
    other = register(world, "A-3", protocol="hj212")
    with pytest.raises(AddressTaken):
        services.change_station(other, by=BY, at=T0, address="88000001")
    services.change_station(new, by=BY, at=T0, name="新站")


def test_what_the_driver_must_know_reaches_the_gateway_as_text(world: World) -> None:
    register(world, "A-1", protocol="hj212", settings={"crc": "modbus", "version": 2017})
    (told,) = [one for one in build()["stations"] if one["code"] == "A-1"]
    assert told["settings"] == {"crc": "modbus", "version": "2017"}


def test_ports_of_protocols_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_settings, "DRIVERS", _Drivers())
    assert gateway_settings.gateway_settings()["ports"]["protocols"] == {}
    monkeypatch.setenv("ANLAN_GATEWAY_HJ212_PORT", "7212")
    monkeypatch.setenv("ANLAN_GATEWAY_JT808_PORT", "off")
    monkeypatch.setenv("ANLAN_GATEWAY_SL651_UDP_PORT", "6510")
    monkeypatch.setenv("ANLAN_GATEWAY_HJ212_UDP_PORT", "6510")
    ports = gateway_settings.gateway_settings()["ports"]
    assert ports["protocols"] == {"hj212": 7212, "jt808": None}
    assert ports["udp"] == {"sl651": 6510}
    monkeypatch.setenv("ANLAN_GATEWAY_HJ212_PORT", "many")
    with pytest.raises(Exception, match="ANLAN_GATEWAY_HJ212_PORT"):
        gateway_settings.gateway_settings()


class _Manifest:
    def __init__(self, protocol: str, allows_udp: bool) -> None:
        self.protocol, self.allows_udp = protocol, allows_udp


class _Drivers:
    """Three protocols, one of which allows datagrams."""

    def __init__(self) -> None:
        self._all = [_Manifest("sl651", True), _Manifest("hj212", False), _Manifest("jt808", False)]

    def __iter__(self) -> Any:
        return iter([one.protocol for one in self._all])

    def values(self) -> list[_Manifest]:
        return self._all
