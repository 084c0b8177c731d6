"""Documents pushed over HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from anlan.drivers.jsonmap import Sm4Cbc
from anlan.gateway.connect.tests.conftest import NOW, POND, House, Tell, connector, county, pond


def test_a_pushed_document_is_stored_before_it_is_answered_and_its_repeat_is_a_duplicate(tell: Tell) -> None:
    async def story(house: House) -> None:
        status, answer = await house.push(pond(512.345))
        assert (status, answer["stored"], answer["duplicates"]) == (200, 1, 0)
        assert house.stored() == ["512.345"]
        assert (await house.push(pond(512.345)))[1]["duplicates"] == 1
        assert house.state().rows == 1
        assert house.state().last_message

    tell(county(connector("http_push", {})), story)


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_wrong_token_and_a_connector_that_does_not_exist_look_the_same(tell: Tell, token: str) -> None:
    async def story(house: House) -> None:
        wrong = await house.push(pond(1), token=token)
        assert wrong[0] == 401
        assert await house.push(pond(1), name="nobody") == wrong
        assert house.stored() == []

    tell(county(connector("http_push", {})), story)


def test_bad_rows_are_named_and_good_ones_stored(tell: Tell) -> None:
    async def story(house: House) -> None:
        document = pond(512)
        document["data"] += [
            {"item": "库水位", "value": "much", "unit": "m", "time": "2026-07-01 08:00"},
            {"item": "?"},
        ]
        status, answer = await house.push(document)
        assert (status, answer["stored"]) == (200, 1)
        assert sorted(row["code"] for row in answer["refused"]) == ["row.no_rule", "value.not_a_number"]
        assert dict(house.state().refused) == {"row.no_rule": 1, "value.not_a_number": 1}

    tell(county(connector("http_push", {})), story)


def test_a_station_outside_the_connectors_list_is_refused_like_one_that_does_not_exist(tell: Tell) -> None:
    async def story(house: House) -> None:
        for station in ("OTHER", "NOBODY"):
            _, answer = await house.push(pond(1, station=station))
            assert [row["code"] for row in answer["refused"]] == ["station.unknown"]
        assert house.stored(station="OTHER") == []
        assert [signal["code"] for signal in house.signals("unknown_station")] == ["NOBODY"]

    tell(county(connector("http_push", {}, stations=[POND]), stations=(POND, "OTHER")), story)


def test_when_the_disk_is_full_the_answer_is_not_stored_and_the_repeat_is_taken(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(house: House) -> None:
        mend = house.fill_the_disk(monkeypatch)
        status, answer = await house.push(pond(512))
        assert (status, answer["error"]) == (503, "not stored")
        assert house.stored() == []
        mend()
        while (await house.push(pond(512)))[0] == 503:
            pass
        assert house.stored() == ["512.000"]

    tell(county(connector("http_push", {})), story)


def test_a_changed_unit_is_refused_also_after_a_restart_and_until_the_connector_is_saved_anew(
    tell: Tell,
) -> None:
    described = county(connector("http_push", {}))

    async def first(house: House) -> None:
        assert (await house.push(pond(512)))[1]["stored"] == 1

    async def second(house: House) -> None:
        _, answer = await house.push(pond(51300, NOW + timedelta(minutes=1), "cm"))
        assert [row["code"] for row in answer["refused"]] == ["unit.changed"]
        assert [signal["station"] for signal in house.signals("unit_changed")] == [POND]
        assert house.stored() == ["512.000"]

    async def third(house: House) -> None:
        assert (await house.push(pond(51300, NOW + timedelta(minutes=1), "cm")))[1]["stored"] == 1
        assert house.stored() == ["512.000", "513.000"]

    tell(described, first)
    tell(described, second)
    described["connectors"][0]["version"] = 2
    tell(described, third)


def test_an_enterprise_that_sends_appid_and_an_encrypted_field_is_read(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, salt = b"0123456789abcdef", b"fedcba9876543210"
    inner = {"company": "FC001", "points": [{"point": "P1", "ts": int(NOW.timestamp() * 1000), "dust": 1500}]}
    document = {"data": Sm4Cbc(key, salt).encrypt(json.dumps(inner).encode()).hex()}
    headers = {"appid": "plant", "appsecret": "open sesame"}
    entry = connector(
        "http_push", {"appid": "plant"}, "dust_explosion", secret_name="ANLAN_CONNECT_DUST_SECRET"
    )
    monkeypatch.setenv("ANLAN_CONNECT_DUST_SECRET", "open sesame")

    async def without_a_key(house: House) -> None:
        assert (await house.push(document, headers=headers))[0] == 503
        assert "ANLAN_CONNECT_DUST_KEY" in house.state().newest_refused[0]["reason"]

    async def with_a_key(house: House) -> None:
        assert (await house.push(document, headers={**headers, "appsecret": "x"}))[0] == 401
        assert (await house.push(document, headers={**headers, "appid": "x"}))[0] == 401
        assert (await house.push(document, headers=headers))[1]["stored"] == 1
        assert house.stored("dust_concentration@P1", "FC001") == ["1.500"]
        assert (await house.push({"data": "00" * 16}, headers=headers))[0] == 400

    tell(county(entry, stations=("FC001",)), without_a_key)
    monkeypatch.setenv("ANLAN_CONNECT_DUST_KEY", key.decode())
    monkeypatch.setenv("ANLAN_CONNECT_DUST_SALT", salt.hex())
    tell(county(entry, stations=("FC001",)), with_a_key)


def test_events_of_a_seal_become_happenings(tell: Tell) -> None:
    event: dict[str, Any] = {
        "mine": "KS001",
        "position": "gate",
        "kind": "lock_opened",
        "start": NOW.isoformat(),
    }

    async def story(house: House) -> None:
        status, answer = await house.push({"events": [event]})
        assert (status, answer["refused"]) == (200, [])
        found = house.signals("happening")
        assert [(one["station"], one["kind"]) for one in found] == [("KS001", "seal_lock_opened")]
        assert house.stored("lock_closed@gate", "KS001") == ["0"]

    tell(county(connector("http_push", {}, "mine_seal"), stations=("KS001",)), story)


def test_during_an_exercise_a_real_sender_waits(tell: Tell) -> None:
    run = {"id": "drill", "clock_start": NOW.isoformat(), "wall_start": NOW.isoformat(), "speed": 1}

    async def story(house: House) -> None:
        assert (await house.push(pond(512)))[0] == 503

    tell({**county(connector("http_push", {})), "exercise": run}, story)


def test_a_mapping_that_cannot_be_used_leaves_the_gateway_and_the_others_working(tell: Tell) -> None:
    broken = connector("http_push", {"colour": 1}, name="broken")

    async def story(house: House) -> None:
        assert (await house.push(pond(512)))[0] == 200
        assert "colour" in house.state("broken").problem

    tell(county(broken, connector("http_push", {})), story)
