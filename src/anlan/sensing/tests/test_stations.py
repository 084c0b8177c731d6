"""Registering stations, linking villages, and tokens of sources."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pytest

from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.refusals import Refusal
from anlan.places.coordinates import FarFromCounty, SwappedCoordinates
from anlan.sensing import refusals, services
from anlan.sensing.models import IngestSource, Station, StationLink
from anlan.sensing.tests.world import BY, T0, World, rain_station
from anlan.vocab.kinds import StationKind
from anlan.vocab.stages import Stage

PREPARE, EVACUATE = Stage.PREPARE, Stage.EVACUATE_NOW


def register(world: World, **given: Any) -> Station:
    details: dict[str, Any] = {
        "code": "00999a0002",
        "name": "上柳二站",
        "kind": StationKind.RAIN_RIVER,
        "division": world.upper_willow,
        "lon": 99.0,
        "lat": 25.0,
    }
    return services.register_station(**details | given, by=BY, at=T0)


def test_a_wire_address_is_kept_in_capitals_and_the_journal_tells_the_row(world: World) -> None:
    assert register(world).code == "00999A0002"
    assert verify().problems == []


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"code": "00 99"}, refusals.BadStationCode),
        ({"code": "00999A0001"}, refusals.StationCodeTaken),
        ({"name": "  "}, refusals.NoStationName),
        ({"silent_after_s": 5}, refusals.BadSilenceLimit),
        ({"warning_stage": Decimal("9"), "historic_max_stage": Decimal("8")}, refusals.MarksOutOfOrder),
        ({"lon": 25.0, "lat": 99.0}, SwappedCoordinates),
        ({"lon": 109.0}, FarFromCounty),
    ],
)
def test_a_station_that_cannot_be_is_refused_and_nothing_is_stored(
    world: World, given: dict[str, Any], refusal: type[Refusal]
) -> None:
    before = (Station.objects.count(), Entry.objects.count())
    with pytest.raises(refusal):
        register(world, **given)
    assert (Station.objects.count(), Entry.objects.count()) == before


def test_changing_a_station_journals_only_what_differs(world: World) -> None:
    services.change_station(world.rain, name="上柳村雨量站", owner="水务局", by=BY, at=T0)
    entry = Entry.objects.get(kind="station.changed")
    assert '"owner":"水务局"' in entry.payload
    assert '"name"' not in entry.payload
    services.change_station(world.rain, owner="水务局", by=BY, at=T0)
    assert Entry.objects.filter(kind="station.changed").count() == 1


def test_a_change_to_something_impossible_leaves_the_station_alone(world: World) -> None:
    with pytest.raises(refusals.MarksOutOfOrder):
        services.change_station(world.river, warning_stage=Decimal("13"), by=BY, at=T0)
    world.river.refresh_from_db()
    assert world.river.warning_stage == Decimal("10")


def test_own_thresholds_of_a_village_are_kept_and_the_same_link_again_changes_nothing(world: World) -> None:
    given = {(60, PREPARE): 45.0, (60, EVACUATE): 60, (180, PREPARE): None}
    link = services.link_station(world.rain, world.upper_willow, thresholds=given, by=BY, at=T0)
    assert link.thresholds == {"prepare": {"60": 45.0}, "evacuate_now": {"60": 60.0}}
    entries = Entry.objects.count()
    services.link_station(world.rain, world.upper_willow, thresholds=given, by=BY, at=T0)
    assert Entry.objects.count() == entries


@pytest.mark.parametrize(
    ("thresholds", "refusal"),
    [
        ({(60, PREPARE): 61.0, (60, EVACUATE): 60.0}, refusals.PrepareAboveEvacuate),
        ({(60, PREPARE): 61.0, (180, PREPARE): 60.0}, refusals.ThresholdsShrink),
        ({(60, EVACUATE): 61.0, (1440, EVACUATE): 60.0}, refusals.ThresholdsShrink),
        ({(60, PREPARE): 0.0}, refusals.ThresholdOutOfRange),
        ({(60, PREPARE): 2000.5}, refusals.ThresholdOutOfRange),
    ],
)
def test_thresholds_that_contradict_each_other_are_refused(
    world: World, thresholds: dict[tuple[int, Stage], float], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        services.link_station(world.rain, world.upper_willow, thresholds=thresholds, by=BY, at=T0)
    assert not StationLink.objects.exists()


def test_a_station_cannot_speak_for_a_whole_township(world: World) -> None:
    with pytest.raises(refusals.NotAVillage):
        services.link_station(world.rain, world.township, by=BY, at=T0)
    assert not StationLink.objects.exists()


def test_an_unlinked_village_can_be_linked_again(world: World) -> None:
    link = services.link_station(world.rain, world.upper_willow, by=BY, at=T0)
    services.unlink_station(link, by=BY, at=T0)
    assert not StationLink.objects.get().is_active
    services.link_station(world.rain, world.upper_willow, by=BY, at=T0)
    assert StationLink.objects.get().is_active
    assert verify().problems == []


def test_a_station_that_was_taken_down_takes_no_more_villages(world: World) -> None:
    services.retire_station(world.rain, by=BY, at=T0)
    with pytest.raises(refusals.RetiredStation):
        services.link_station(world.rain, world.upper_willow, by=BY, at=T0)


def test_only_the_digest_of_a_token_is_kept(world: World) -> None:
    token = services.create_source("水务局", by=BY, at=T0)
    assert IngestSource.objects.get().token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert not Entry.objects.filter(payload__contains=token).exists()


def test_a_renewed_token_replaces_the_old_one(world: World) -> None:
    token = services.create_source("水务局", stations=[world.rain.code], by=BY, at=T0)
    fresh = services.renew_source_token(IngestSource.objects.get(), by=BY, at=T0)
    stored = IngestSource.objects.get()
    assert fresh != token
    assert stored.token_sha256 == hashlib.sha256(fresh.encode()).hexdigest()
    assert verify().problems == []


def test_two_sources_cannot_share_a_name_nor_name_stations_that_do_not_exist(world: World) -> None:
    services.create_source("水务局", by=BY, at=T0)
    with pytest.raises(refusals.SourceNameTaken):
        services.create_source(" 水务局 ", by=BY, at=T0)
    with pytest.raises(refusals.UnknownSourceStations, match="0000000009"):
        services.create_source(
            "气象局", stations=["0000000009", rain_station("B1", world.far_village).code], by=BY, at=T0
        )
    assert IngestSource.objects.count() == 1
