from __future__ import annotations

from itertools import pairwise

import pytest

from anlan.drivers.framing import Framed, RawFrame
from anlan.drivers.sl651.encode import build_frame
from anlan.drivers.sl651.framing import Sl651Framer
from anlan.drivers.sl651.layout import DOWN, MAX_FRAME, BodyStart, End
from anlan.drivers.sl651.tests.make import CENTER, PASSWORD, STATION, body, frame, report
from anlan.drivers.types import FrameRefused, Garbage

GOOD = report("2219000035")
OTHER = report("392300028960")


def frames(found: list[Framed]) -> list[bytes]:
    return [each.raw for each in found if isinstance(each, RawFrame)]


def refusals(found: list[Framed]) -> list[str]:
    return [each.code for each in found if isinstance(each, FrameRefused)]


def garbage(found: list[Framed]) -> int:
    return sum(each.count for each in found if isinstance(each, Garbage))


@pytest.mark.parametrize("end", list(End))
def test_a_frame_may_end_with_any_end_byte(end: End) -> None:
    raw = frame("32", body(), end=end)
    assert frames(Sl651Framer().feed(raw)) == [raw]


@pytest.mark.parametrize("start", list(BodyStart))
def test_a_body_begins_with_02_or_16(start: BodyStart) -> None:
    raw = build_frame(
        "36", b"\x00\x10\x01" + b"x" * 20, station=STATION, center=1, password=PASSWORD, body_start=start
    )
    assert frames(Sl651Framer().feed(raw)) == [raw]


def test_the_longest_frame_is_read_and_nothing_more_is_held() -> None:
    raw = frame("36", b"\x7e" * 4095)
    framer = Sl651Framer()
    assert len(raw) == MAX_FRAME
    assert frames(framer.feed(raw)) == [raw]
    assert framer.held == 0


def test_a_stray_byte_behind_a_frame_does_not_touch_the_next() -> None:
    found = Sl651Framer().feed(GOOD + b"\x7e" + OTHER)
    assert frames(found) == [GOOD, OTHER]
    assert garbage(found) == 1


def test_a_frame_with_a_wrong_sum_is_refused_and_the_next_is_read() -> None:
    bad = GOOD[:-1] + bytes([GOOD[-1] ^ 1])
    found = Sl651Framer().feed(bad + OTHER)
    assert refusals(found) == ["sl651.crc"]
    assert frames(found) == [OTHER]


def test_a_frame_that_is_cut_off_is_refused_once_the_next_is_whole() -> None:
    picture = frame("36", b"picture" * 100)
    found = Sl651Framer().feed(picture[:30] + OTHER)
    assert refusals(found) == ["sl651.truncated"]
    assert frames(found) == [OTHER]
    assert garbage(found) == 30


def test_a_false_start_that_claims_4095_bytes_does_not_delay_the_report_behind_it() -> None:
    false_start = bytes.fromhex("7E7E0100303A90060000330FFF02")
    assert frames(Sl651Framer().feed(false_start + GOOD)) == [GOOD]


def test_the_search_goes_on_one_byte_further_not_one_frame_further() -> None:
    wrong_length = bytearray(GOOD)
    wrong_length[12] = (wrong_length[12] + len(OTHER)) & 0xFF
    found = Sl651Framer().feed(bytes(wrong_length) + OTHER + GOOD)
    assert frames(found) == [OTHER, GOOD]


def test_frame_starts_inside_a_picture_do_not_break_it() -> None:
    raw = frame("36", b"\x7e\x7e" * 20 + GOOD[:-2] + b"\x00\x00" + b"\x7e\x7e\x7e" * 5)
    found = Sl651Framer().feed(raw + OTHER)
    assert frames(found) == [raw, OTHER]
    assert refusals(found) == []
    assert garbage(found) == 0


def test_the_end_of_a_connection_tells_of_the_frame_that_was_begun() -> None:
    framer = Sl651Framer()
    assert framer.feed(GOOD[:-3]) == []
    found = framer.flush()
    assert refusals(found) == ["sl651.truncated"]
    assert garbage(found) == len(GOOD) - 3
    assert framer.flush() == []


def test_a_framer_reads_on_after_a_flush() -> None:
    framer = Sl651Framer()
    framer.feed(GOOD[:40])
    framer.flush()
    assert frames(framer.feed(OTHER)) == [OTHER]


def test_one_bad_stretch_gives_one_refusal() -> None:
    inner = GOOD[:-1] + b"\x00"
    bad = bytearray(frame("36", inner + inner))
    bad[-1] ^= 1
    assert refusals(Sl651Framer().feed(bytes(bad) + OTHER)) == ["sl651.crc"]


HEADER = bytes.fromhex("7E7E0100303A90060000330FFF02")


@pytest.mark.parametrize(
    "unit",
    [b"\x7e", b"\x00", HEADER, HEADER + b"\x03", bytes(range(256)), b"\x7e\x7e\x01"],
    ids=["marks", "zeros", "headers", "headers with end bytes", "all bytes", "short starts"],
)
def test_a_flood_of_garbage_is_dropped_as_it_comes(unit: bytes) -> None:
    """Memory stays under one frame and one slice, and every byte is looked at a bounded number of times."""
    framer = Sl651Framer()
    flood = (unit * (60_000 // len(unit) + 1))[:60_000]
    found: list[Framed] = []
    for start, end in pairwise(range(0, 61_000, 1000)):
        found += framer.feed(flood[start:end])
        assert framer.held <= MAX_FRAME
    found += framer.feed(GOOD)
    assert frames(found) == [GOOD]
    assert garbage(found) == len(flood)


def test_the_work_on_false_starts_grows_with_the_bytes_and_not_with_their_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged = 0
    real = Sl651Framer._refusal

    def counted(self: Sl651Framer, candidate: object) -> FrameRefused | None:
        nonlocal judged
        judged += 1
        return real(self, candidate)  # type: ignore[arg-type]  # passed on untouched

    monkeypatch.setattr(Sl651Framer, "_refusal", counted)
    work = []
    for size in (1000, 2000, 4000):
        judged = 0
        framer = Sl651Framer()
        framer.feed(HEADER * size)
        framer.flush()
        work.append(judged)
    assert work[0] <= 1000
    assert work[2] <= 4000
    assert work[2] - work[1] == 2 * (work[1] - work[0])


def test_a_downlink_is_framed_like_an_uplink() -> None:
    raw = build_frame(
        "32",
        b"\x00\x07" + bytes(6),
        station=STATION,
        center=CENTER,
        password=PASSWORD,
        direction=DOWN,
        end=End.ESC,
    )
    assert frames(Sl651Framer().feed(raw)) == [raw]
