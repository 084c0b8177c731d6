"""Cursor on Target: what is written reads back, what TAK clients send is read, what is hostile is refused."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.documents.cot import MOST_BYTES, CotEvent, CotRefused, decode, encode, split, stream

AT = datetime(2026, 7, 1, 2, 14, 5, 250_000, tzinfo=UTC)
#: Written by hand after the public event schema, in the manner of an Android client.
POSITION = b"""<?xml version="1.0" encoding="UTF-8"?>
<event version="2.0" uid="ANDROID-589520ccfcd20f01" type="a-f-G-U-C" how="m-g" time="2026-07-01T02:14:05.250Z"
 start="2026-07-01T02:14:05.250Z" stale="2026-07-01T02:20:20.250Z"><point lat="27.4100000" lon="102.9200000" hae="1830.2"
 ce="4.7" le="9999999.0"/><detail><takv os="29" version="4.5"/><contact endpoint="*:-1:stcp" callsign="LH-01"/>
<uid Droid="LH-01"/><__group name="Cyan" role="Team Member"/><track course="81.3" speed="1.2"/></detail></event>"""
DRAWING = b"""<event version='2.0' uid='7e1c0a4e' type='u-d-f' time='2026-07-01T02:14:05Z' start='2026-07-01T02:14:05Z'
 stale='2026-07-02T02:14:05Z' how='h-e'><point lat='27.405' lon='102.915' hae='9999999.0' ce='9999999.0' le='9999999.0'/>
<detail><link point='27.40,102.91,0.0'/><link point='27.40,102.92'/><link point='27.41,102.92'/><link point='27.40,102.91,0.0'/>
<strokeColor value='-1'/><contact callsign='Shape 1'/><remarks>loose slope</remarks></detail></event>"""


def event(**fields: object) -> CotEvent:
    given = {
        "uid": "u1", "type": "a-f-G", "time": AT, "start": AT, "stale": AT + timedelta(minutes=5), "lon": 102.92,
        "lat": 27.41,
    }  # fmt: skip
    return CotEvent(**{**given, **fields})  # type: ignore[arg-type]  # fields of the class


def test_the_position_of_a_client_is_read() -> None:
    read = decode(POSITION)
    assert (read.uid, read.callsign, read.lon, read.lat) == (
        "ANDROID-589520ccfcd20f01",
        "LH-01",
        102.92,
        27.41,
    )
    assert (read.hae_m, read.ce_m, read.le_m) == (1830.2, 4.7, None)
    assert read.time == AT
    assert read.is_position
    assert not read.is_drawing


def test_a_drawing_is_read_with_its_corners_and_whether_it_is_closed() -> None:
    read = decode(DRAWING)
    assert read.corners == ((102.91, 27.4), (102.92, 27.4), (102.92, 27.41), (102.91, 27.4))
    assert (read.is_closed, read.is_drawing, read.remarks) == (True, True, "loose slope")


def test_a_removal_names_what_it_removes() -> None:
    sent = event(uid="x", type="t-x-d-d", removes="anlan.mark.1")
    assert decode(encode(sent)).removes == "anlan.mark.1"
    with pytest.raises(CotRefused):
        decode(encode(event(type="t-x-d-d")))


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60).map(str.strip)
_UIDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x9FFF, exclude_categories=["Cs"]), min_size=1, max_size=80
)
_WHEN = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - the zone is given beside
    lambda when: when.replace(microsecond=when.microsecond // 1000 * 1000)
)
_PLACES = st.tuples(
    st.floats(-180, 180).map(lambda one: round(one, 7)), st.floats(-90, 90).map(lambda one: round(one, 7))
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    uid=_UIDS.filter(lambda one: one == one.strip() and "\ufffe" not in one), time=_WHEN, place=_PLACES, callsign=_TEXT, remarks=_TEXT,
    corners=st.lists(_PLACES, max_size=6), kind=st.sampled_from(["a-f-G-U-C", "b-m-p-s-m", "u-d-f"]),
    hae=st.none() | st.floats(-1e6, 1e6).map(lambda one: round(one, 7)), symbol=st.sampled_from(["", "cordon"]),
)  # fmt: skip
def test_what_is_written_reads_back_the_same(
    uid: str, time: datetime, place: tuple[float, float], callsign: str, remarks: str,
    corners: list[tuple[float, float]], kind: str, hae: float | None, symbol: str,
) -> None:  # fmt: skip
    sent = event(
        uid=uid, type=kind, time=time, start=time, stale=time + timedelta(minutes=5), lon=place[0], lat=place[1],
        callsign=callsign, remarks=remarks, corners=tuple(corners), hae_m=hae, symbol=symbol,
        is_closed=len(corners) > 3 and corners[0] == corners[-1],
    )  # fmt: skip
    assert decode(encode(sent)) == sent
    found, rest = split(b"junk\n" + encode(sent) + b"\n" + encode(sent)[:20])
    assert (found, rest.strip()) == ([encode(sent)], encode(sent)[:20])


def test_control_characters_are_left_out_instead_of_breaking_the_stream() -> None:
    assert decode(encode(event(callsign="LH\x00\x1b01", remarks="\ud800一"))).callsign == "LH01"


BOMB = b'<!DOCTYPE e [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + encode(event()).replace(
    b"<detail/>", b"<detail><remarks>&b;</remarks></detail>"
)
FILE = b'<!DOCTYPE e [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + encode(event()).replace(
    b"<detail/>", b"<detail><remarks>&a;</remarks></detail>"
)
GOOD = encode(event())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"x", b"<event/>", b"<a/>", BOMB, FILE, b"<!DOCTYPE event>" + GOOD, GOOD[:-3],
        GOOD.replace(b'lat="27.41"', b'lat="nan"'), GOOD.replace(b'lat="27.41"', b'lat="91"'),
        GOOD.replace(b'lon="102.92"', b'lon="1e999"'), GOOD.replace(b'lon="102.92"', b""),
        GOOD.replace(b'uid="u1"', b'uid=""'), GOOD.replace(b'uid="u1"', b'uid="' + b"u" * 81 + b'"'),
        GOOD.replace(b'type="a-f-G"', b'type="a f"'), GOOD.replace(b'type="a-f-G"', b'type="a' + b"-x" * 500 + b'"'),
        GOOD.replace(b'time="2026', b'time="0000'), GOOD.replace(b'time="2026-07', b'time="2026-99'),
        GOOD.replace(b"<detail/>", b"<detail>" + b"<x/>" * 6000 + b"</detail>"),
        GOOD.replace(b"<detail/>", b"<detail>" + b'<link point="1,1"/>' * 2001 + b"</detail>"),
        GOOD.replace(b"<detail/>", b'<detail><link point="north"/></detail>'),
        GOOD.replace(b"<detail/>", b"<detail>" + b"<x>" * 600), b"<event>" + b" " * MOST_BYTES + b"</event>",
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(CotRefused):
        decode(data)


@given(st.binary(max_size=300), st.integers(0, len(POSITION)))
def test_no_bytes_break_the_reader(noise: bytes, at: int) -> None:
    for data in (noise, POSITION[:at] + noise + POSITION[at:]):
        with contextlib.suppress(CotRefused):
            decode(data)
        found, rest = split(data)
        assert sum(map(len, found)) + len(rest) <= len(data)


@given(st.lists(st.integers(1, 90), min_size=1, max_size=40))
def test_a_stream_gives_the_same_events_however_it_is_cut(cuts: list[int]) -> None:
    sent = [event(uid=f"u{number}", remarks="柳河 > 上柳") for number in range(4)]
    data, found, buffer = POSITION + stream(sent), [], b""
    for cut in [*cuts, len(data)]:
        events, buffer = split(buffer + data[:cut])
        found += [decode(one) for one in events]
        data = data[cut:]
    assert found == [decode(POSITION), *sent]


def test_an_event_that_never_ends_is_not_kept_for_ever() -> None:
    with pytest.raises(CotRefused):
        split(b"<event " + b"x" * MOST_BYTES)
