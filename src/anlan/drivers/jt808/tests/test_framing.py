from __future__ import annotations

import pytest

from anlan.drivers.framing import Framed, RawFrame
from anlan.drivers.jt808.framing import Jt808Framer, escape, unescape
from anlan.drivers.jt808.layout import MAX_FRAME
from anlan.drivers.jt808.session import Session
from anlan.drivers.jt808.tests.make import NOW, decoded, location, message
from anlan.drivers.types import FrameRefused, Garbage

GOOD = location()
OTHER = message("0002", serial=8)


def frames(found: list[Framed]) -> list[bytes]:
    return [each.raw for each in found if isinstance(each, RawFrame)]


def codes(found: list[Framed]) -> list[str]:
    return [each.code for each in found if isinstance(each, FrameRefused)]


def garbage(found: list[Framed]) -> int:
    return sum(each.count for each in found if isinstance(each, Garbage))


def test_marks_and_escapes_inside_a_body_come_back_as_they_were() -> None:
    content = b"\x7e\x7d\x01\x7d\x02\x7e\x7e\x7d"
    assert unescape(escape(content)[1:-1]) == content


def test_an_escape_that_straddles_two_reads_is_one_byte() -> None:
    raw = message("0900", b"\x00\x7e\x7d")
    cut = raw.index(b"\x7d") + 1
    framer = Jt808Framer()
    assert framer.feed(raw[:cut]) == []
    assert frames(framer.feed(raw[cut:])) == [raw]


def test_two_frames_may_share_the_mark_between_them() -> None:
    found = Jt808Framer().feed(GOOD + OTHER[1:])
    assert frames(found) == [GOOD, OTHER[1:]]
    assert garbage(found) == 0
    assert decoded(OTHER[1:]).fields() == decoded(OTHER).fields()


def test_a_message_of_the_platform_behind_a_shared_mark_is_counted_without_it() -> None:
    stream = GOOD + message("8201")[1:]
    outcomes = Session().feed(stream, NOW)
    settled = sum(each.count for each in outcomes if isinstance(each, Garbage))
    assert settled + len(GOOD) == len(stream)


def test_empty_marks_between_frames_are_passed_over() -> None:
    found = Jt808Framer().feed(b"\x7e\x7e" + GOOD + b"\x7e\x7e\x7e" + OTHER)
    assert frames(found) == [GOOD, OTHER]
    assert garbage(found) == 5
    assert codes(found) == []


def test_a_wrong_check_byte_costs_only_its_own_frame() -> None:
    bad = bytearray(GOOD)
    bad[5] ^= 1
    found = Jt808Framer().feed(bytes(bad) + OTHER)
    assert codes(found) == ["jt808.xor"]
    assert frames(found) == [OTHER]
    assert garbage(found) == len(bad)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x7d\x05" + bytes(20), "jt808.escape"),
        (b"\x02\x00\x00\x09" + bytes(8) + b"\x0b" + b"", "jt808.length"),
        (b"\x02\x00\x40\x00" + bytes(8) + b"\x42", "jt808.length"),
    ],
    ids=["escape of nothing", "body missing", "shorter than its 2019 header"],
)
def test_what_is_no_frame_is_refused_by_name(content: bytes, code: str) -> None:
    assert codes(Jt808Framer().feed(b"\x7e" + content + b"\x7e")) == [code]


def test_a_frame_that_breaks_off_is_told_at_the_end_of_the_connection() -> None:
    framer = Jt808Framer()
    framer.feed(GOOD[:-1])
    found = framer.flush()
    assert codes(found) == ["jt808.truncated"]
    assert garbage(found) == len(GOOD) - 1


def test_a_flood_without_marks_is_dropped_as_it_comes() -> None:
    framer = Jt808Framer()
    lost = 0
    for _ in range(60):
        lost += garbage(framer.feed(b"\x7e" + b"x" * 3000))
        assert framer.held <= MAX_FRAME
    found = framer.feed(GOOD)
    assert frames(found) == [GOOD]
    assert lost + garbage(found) == 60 * 3001
