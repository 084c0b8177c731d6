"""Batches of readings over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from anlan.gateway.tests.conftest import TOKEN, Running, catalogue, read_response

Play = Callable[[dict[str, Any], Callable[[Running], Awaitable[None]]], None]
STATION = "9999010001"
NOON = "2026-07-01T20:00:00+08:00"


def row(**changes: Any) -> dict[str, Any]:
    return {"station": STATION, "quantity": "rain_5min", "time": NOON, "value": 2.5, **changes}


def test_a_batch_is_stored_and_its_repeat_counts_as_duplicates(play: Play) -> None:
    async def story(house: Running) -> None:
        readings = [row(), row(quantity="stage", value="9.123"), row(quantity="battery_v", value=None)]
        assert await house.post(readings) == (
            200,
            {"batch_id": "1", "stored": 3, "duplicates": 0, "refused": []},
        )
        assert (await house.post(readings))[1]["duplicates"] == 3
        assert house.values(STATION, "stage") == [("2026-07-01T12:00:00+00:00", "9.123", 0)]
        assert house.values(STATION, "battery_v") == [("2026-07-01T12:00:00+00:00", "None", 16)]

    play(catalogue(STATION), story)


BAD_ROWS: list[tuple[Any, str]] = [
    (row(station="0000000000"), "station.unknown"),
    (row(quantity="mood"), "quantity.unknown"),
    (row(time="2026-07-01T20:00:00"), "time.no_zone"),
    (row(time="yesterday"), "row.malformed"),
    (row(time="0001-01-01T00:00:00Z"), "time.impossible"),
    (row(value="NaN"), "value.not_a_number"),
    (row(value=True), "row.malformed"),
    (row(value="1e30"), "value.too_large"),
    (row(value="much"), "row.malformed"),
    (row(extra=1), "row.malformed"),
    ({}, "row.malformed"),
    ([1], "row.malformed"),
    (None, "row.malformed"),
]


@pytest.mark.parametrize(
    ("bad", "code"), BAD_ROWS, ids=[f"{code}-{n}" for n, (_, code) in enumerate(BAD_ROWS)]
)
def test_one_bad_row_is_named_and_the_good_rows_are_stored(play: Play, bad: Any, code: str) -> None:
    async def story(house: Running) -> None:
        status, answer = await house.post([row(), bad, row(time="2026-07-01T20:05:00+08:00")])
        assert (status, answer["stored"]) == (200, 2)
        assert [(r["index"], r["code"]) for r in answer["refused"]] == [(1, code)]
        assert answer["refused"][0]["reason"]
        assert len(house.values(STATION, "rain_5min")) == 2

    play(catalogue(STATION), story)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
def test_a_wrong_token_is_turned_away_before_its_body_is_read(play: Play, token: str) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect_http()
        head = (
            f"POST /v1/readings HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000000\r\n\r\n"
        )
        writer.write(head.encode())
        status, answer = await read_response(reader)
        assert (status, answer["error"]) == (401, "token.unknown")
        assert house.reader.counts()["readings"] == 0

    play(catalogue(STATION), story)


def test_a_station_outside_the_tokens_scope_looks_like_one_that_does_not_exist(play: Play) -> None:
    described = catalogue(STATION, "9999010002")
    described["sources"][0]["stations"] = ["9999010002"]

    async def story(house: Running) -> None:
        _, answer = await house.post([row(), row(station="0000000000"), row(station="9999010002")])
        assert answer["stored"] == 1
        assert {(r["code"], r["reason"]) for r in answer["refused"]} == {
            ("station.unknown", "No such station, or the token does not cover it.")
        }

    play(described, story)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"not json", "batch.malformed"),
        (b"[]", "batch.malformed"),
        (b'{"readings": 1}', "batch.malformed"),
        (b'{"readings": [], "more": 1}', "batch.malformed"),
        (b"\xff\xfe", "batch.malformed"),
        (b"", "batch.malformed"),
    ],
)
def test_a_body_that_is_no_batch_is_refused_with_a_sentence(play: Play, body: bytes, code: str) -> None:
    async def story(house: Running) -> None:
        status, answer = await house.post([], body=body)
        assert (status, answer["error"]) == (400, code)
        assert answer["message"]

    play(catalogue(STATION), story)


def test_an_announced_body_above_the_cap_is_refused_at_once(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect_http()
        writer.write(
            f"POST /v1/readings HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 5000\r\n\r\n".encode()
        )
        assert (await read_response(reader))[0] == 413

    play(catalogue(STATION, limits={"max_body": 1000}), story)


def test_a_chunked_body_above_the_cap_is_refused(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect_http()
        head = f"POST /v1/readings HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head.encode() + b"7d0\r\n" + b" " * 2000 + b"\r\n")
        assert (await read_response(reader))[0] == 413
        assert house.gateway._http.body_bytes == 0

    play(catalogue(STATION, limits={"max_body": 1000}), story)


def test_a_slow_upload_is_ended_and_a_good_one_beside_it_is_served(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect_http()
        head = f"POST /v1/readings HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 1000\r\n\r\n"
        writer.write(head.encode() + b"{")
        await house.until(lambda: house.gateway._http.body_bytes == 1)
        assert (await house.post([row()]))[1]["stored"] == 1
        for link in list(house.gateway._http.links):
            link.check_time(asyncio.get_running_loop().time() + 1000)
        status, answer = await read_response(reader)
        assert (status, answer["error"]) == (408, "body.too_slow")
        assert house.gateway._http.body_bytes == 0

    play(catalogue(STATION), story)


def test_headers_that_never_end_are_ended(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect_http()
        writer.write(b"POST /v1/readings HTTP/1.1\r\nX-Slow: ")
        await house.until(lambda: any(link._began for link in house.gateway._http.links))
        for link in list(house.gateway._http.links):
            link.check_time(asyncio.get_running_loop().time() + 1000)
        assert (await read_response(reader))[1]["error"] == "http.headers_too_slow"

    play(catalogue(STATION), story)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x00\x01\x02 nonsense\r\n\r\n", 400),
        (b"GET /v1/readings HTTP/1.1\r\n\r\n", 405),
        (b"GET /elsewhere HTTP/1.1\r\n\r\n", 404),
        (b"GET /v1/health HTTP/1.1\r\n\r\n", 200),
        (b"GET /" + b"a" * 3000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
    ],
)
def test_other_requests_get_a_plain_answer(play: Play, sent: bytes, status: int) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect_http()
        writer.write(sent)
        assert (await read_response(reader))[0] == status
        assert (await house.post([row()]))[0] == 200

    play(catalogue(STATION), story)


def test_requests_on_one_connection_are_answered_in_order(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect_http()
        for minute in (0, 5, 10):
            body = json.dumps(
                {"batch_id": str(minute), "readings": [row(time=f"2026-07-01T20:{minute:02d}:00+08:00")]}
            ).encode()
            head = f"POST /v1/readings HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
        answers = [await read_response(reader) for _ in range(3)]
        assert [(status, answer["batch_id"]) for status, answer in answers] == [
            (200, "0"),
            (200, "5"),
            (200, "10"),
        ]

    play(catalogue(STATION), story)


def test_connections_above_the_limit_are_told_to_come_back(play: Play) -> None:
    async def story(house: Running) -> None:
        await house.connect_http()
        await house.until(lambda: len(house.gateway._http.links) == 1)
        reader, _ = await house.connect_http()
        assert (await read_response(reader))[0] == 503

    play(catalogue(STATION, limits={"http_connections": 1}), story)


def test_what_a_person_reads_at_a_gauge_does_not_make_its_silent_sensor_speak(play: Play) -> None:
    described = catalogue(STATION, "SC-1")
    described["stations"][1]["kind"] = "stage_by_hand"
    described["sources"][0]["heard_kinds"] = ["stage_by_hand"]

    async def story(house: Running) -> None:
        readings = [row(quantity="stage", value="9.1"), row(station="SC-1", quantity="stage", value="9.2")]
        taken: list[Any] = []
        submit = house.gateway.writer.submit

        def keep(one: Any) -> None:
            taken.append(one)
            submit(one)

        house.gateway.writer.submit = keep  # type: ignore[assignment]  # the writer still gets it
        assert (await house.post(readings))[1]["stored"] == 2
        assert [one.heard for one in taken] == [frozenset({"SC-1"})]

    play(described, story)


def test_a_point_of_a_device_is_named_behind_its_quantity(play: Play) -> None:
    async def story(house: Running) -> None:
        answer = await house.post(
            [row(quantity="crack_width@G01", value="1.25"), row(quantity="nothing@G01")]
        )
        assert (answer[1]["stored"], [one["code"] for one in answer[1]["refused"]]) == (
            1,
            ["quantity.unknown"],
        )
        assert house.values(STATION, "crack_width@G01") == [("2026-07-01T12:00:00+00:00", "1.25", 0)]

    play(catalogue(STATION), story)
