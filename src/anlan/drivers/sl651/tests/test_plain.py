"""The short way of the common reports says what the long way says, about every byte that may come."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.drivers.framing import Framed
from anlan.drivers.sl651.crc import crc16, crc16_by_table
from anlan.drivers.sl651.encode import build_frame
from anlan.drivers.sl651.framing import Sl651Framer
from anlan.drivers.sl651.layout import DOWN, UP, End
from anlan.drivers.sl651.session import Session
from anlan.drivers.sl651.tests.make import CENTER, NOW, PASSWORD, STATION, body, frame, packets, report
from anlan.drivers.sl651.tests.test_conformance import NAMES, NOISE, UPLINKS
from anlan.drivers.types import FrameAccepted, Outcome, PlainReport, Reading
from anlan.vocab.quantities import quantity_of

DATA = "2219000035 392300028960 38121230"

_DIGITS = st.integers(0, 999).map(lambda number: f"{number:06d}")
_VALUES = st.one_of(_DIGITS, st.sampled_from(["FFFFFF", "FF0012", "00A012", "AAAAAA"]))
_IDS = st.sampled_from(["22", "20", "1A", "26", "39", "3B", "38", "03", "10", "04", "45", "F4", "FF92", "F1"])
_ELEMENTS = st.lists(
    st.one_of(
        st.builds(
            lambda id_, decimals, raw: f"{id_}{3 << 3 | decimals:02X}{raw}", _IDS, st.integers(0, 7), _VALUES
        ),
        st.sampled_from(
            ["F0F02607010755", "2219", "221900", "3900", "04180000 05".replace(" ", ""), "F460" + "0A" * 12]
        ),
        st.binary(max_size=6).map(bytes.hex),
    ),
    max_size=5,
).map("".join)
_TIMES = st.sampled_from(["260701080000", "260701080001", "26070108AA00", "260231080000", "000000000000"])
FRAMES = st.builds(
    lambda function, data, observed, sent, serial, direction, end: build_frame(
        function,
        body(data, observed=observed[:10], sent=sent, serial=serial),
        station=STATION,
        center=CENTER,
        password=PASSWORD,
        direction=direction,
        end=end,
    ),
    st.sampled_from(["2F", "30", "31", "32", "33", "34", "35", "37", "38"]),
    _ELEMENTS,
    _TIMES,
    _TIMES,
    st.integers(0, 0xFFFF),
    st.sampled_from([UP, UP, UP, DOWN]),
    st.sampled_from(list(End)),
)


def stored(reading: Reading) -> tuple[str, int, int]:
    assert reading.value is not None
    value = quantity_of(reading.quantity).to_stored(reading.value)
    return reading.quantity, int(reading.phenomenon_time.timestamp()), value


def assert_says_the_same(plain: PlainReport, full: FrameAccepted) -> None:
    assert (plain.station, plain.raw, plain.ack) == (full.frame.station, full.frame.raw, full.ack)
    assert full.frame.sent_at is not None
    assert plain.sent == full.frame.sent_at.timestamp()
    assert {(one.station, one.is_doubtful, one.device_flag) for one in full.readings} == {
        (plain.station, False, "")
    }
    times = [plain.time] * len(plain.values)
    assert list(zip(plain.quantities, times, plain.values, strict=True)) == [
        stored(one) for one in full.readings
    ]
    assert (full.is_keepalive, full.happenings, full.attachments, full.answers) == (False, (), (), None)
    assert full.frame.problems == ()


def compare(chunks: Sequence[bytes]) -> int:
    """Both ways over the same bytes; returns how many reports were plain."""
    long, short = Session(), Session()
    count = 0
    for chunk in chunks:
        expected: list[Outcome] = long.feed(chunk, NOW)
        found = short.feed_plainly(chunk, NOW)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            if isinstance(one, PlainReport):
                assert isinstance(other, FrameAccepted)
                assert_says_the_same(one, other)
                assert short.in_full(one) == other
                count += 1
            else:
                assert one == other
    assert short.learned(STATION) == long.learned(STATION)
    assert short.close() == long.close()
    return count


@pytest.mark.parametrize("name", NAMES)
def test_every_known_report_reads_the_same_both_ways(name: str) -> None:
    compare([UPLINKS[name]])


def test_known_reports_one_after_the_other_read_the_same_both_ways() -> None:
    compare([b"".join(UPLINKS[name] for name in NAMES)])


@pytest.mark.parametrize("function", ["30", "32", "33", "34"])
def test_a_report_of_rain_stage_and_voltage_goes_the_short_way(function: str) -> None:
    assert compare([report(DATA, function=function)] * 3) == 3


@pytest.mark.parametrize(
    "data",
    [
        "2219FFFFFF",
        "3923FF00001234",
        "2219000035F0F02607010755 2219000035",
        "F460" + "0A" * 12,
        "221A000035",
        "4520000000FF",
    ],
    ids=["no reading", "negative", "two times", "group", "a digit more than is stored", "status bits"],
)
def test_what_is_not_plain_goes_the_long_way(data: str) -> None:
    assert compare([report(data)]) == 0


def test_a_session_that_leaves_a_function_unanswered_does_not_answer_it_on_the_short_way() -> None:
    session = Session(answered=frozenset({"33"}))
    (outcome,) = session.feed_plainly(report(DATA), NOW)
    assert isinstance(outcome, FrameAccepted)
    assert outcome.ack is None


def test_a_report_with_another_following_is_told_to_go_on() -> None:
    (outcome,) = Session().feed_plainly(frame("32", body(DATA), end=End.ETB), NOW)
    assert isinstance(outcome, PlainReport)
    assert outcome.ack[-3] == End.ACK


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAMES, min_size=1, max_size=4))
def test_invented_reports_read_the_same_both_ways(raws: list[bytes]) -> None:
    compare([b"".join(raws)])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            FRAMES, NOISE, st.sampled_from([*packets("36", body() + b"\xf3\xf3" + b"x" * 90, size=60)])
        ),
        max_size=5,
    ),
    st.data(),
)
def test_damaged_and_cut_up_reports_read_the_same_both_ways(pieces: list[bytes], data: st.DataObject) -> None:
    stream = bytearray(b"".join(pieces))
    for at in data.draw(st.lists(st.integers(0, max(0, len(stream) - 1)), max_size=3)) if stream else ():
        stream[at] ^= data.draw(st.integers(1, 255))
    edges = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    compare([bytes(stream[start:end]) for start, end in pairwise([0, *edges, len(stream)])])


# --- framing


class _Searching(Sl651Framer):
    """Goes the way that can resynchronise from the first byte on."""

    def _cut_plainly(self, data: bytes) -> bytes:
        return data


def framed(framer: Sl651Framer, chunks: Sequence[bytes]) -> list[Framed]:
    return [one for chunk in chunks for one in framer.feed(chunk)] + framer.flush()


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.one_of(FRAMES, NOISE, st.just(frame("32", body("2219007E7E")))), max_size=6),
    st.lists(st.integers(0, 400), max_size=6),
)
def test_frames_cut_out_by_their_length_are_those_that_a_search_finds(
    pieces: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(pieces)
    edges = sorted(min(cut, len(stream)) for cut in cuts)
    chunks = [stream[start:end] for start, end in pairwise([0, *edges, len(stream)])]
    assert framed(Sl651Framer(), chunks) == framed(_Searching(), chunks)


def test_a_good_frame_inside_another_good_frame_is_found_as_by_a_search() -> None:
    inner = report("2219000035")
    outer = frame("36", body() + b"\xf3\xf3" + inner)
    for cut in range(len(outer)):
        chunks = [outer[:cut], outer[cut:]]
        assert framed(Sl651Framer(), chunks) == framed(_Searching(), chunks)


@given(st.binary(max_size=200), st.integers(0, 0xFFFF))
def test_the_compiled_sum_is_that_of_the_table(data: bytes, before: int) -> None:
    assert crc16(data, before) == crc16_by_table(data, before)
