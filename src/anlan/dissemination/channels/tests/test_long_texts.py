"""Long texts: cut without breaking a character, and put together again whatever the order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.dissemination.channels.segments import (
    Alphabet,
    TooLong,
    count_of,
    encode_part,
    header,
    plan,
    segments,
    signed,
    units_of,
)
from anlan.dissemination.channels.texting.alphabets import decode_gsm7, decode_text, encode_gsm7, is_gsm7
from anlan.dissemination.channels.texting.joining import MISSING, Joiner, Piece, piece_of

WARNING = "【云岭县应急管理局】上柳村：柳河上游1小时降雨52毫米，请立即组织危险区群众转移。"


def test_a_warning_of_seventy_characters_is_one_message_and_of_seventy_one_two() -> None:
    assert segments("字" * 70).segments == 1
    assert segments("字" * 71).segments == 2
    assert [len(part) for part in segments("字" * 135).parts] == [67, 67, 1]


def test_the_signature_of_the_carrier_counts_once() -> None:
    name = "云岭县应急管理局"
    assert segments("字" * 60, name).units == 70
    assert segments("字" * 61, name).segments == 2
    assert signed(WARNING, name) == WARNING
    assert signed(f"请转移【{name}】", name) == f"请转移【{name}】"
    assert segments("字" * 70, "").segments == 1


@given(st.text(max_size=900))
def test_no_part_is_too_long_odd_or_begins_inside_a_character(text: str) -> None:
    made = plan(text)
    assert "".join(made.parts) == text
    for part in made.parts:
        data = encode_part(part, made.alphabet)
        assert len(data) % 2 == 0
        assert len(data) <= (140 if made.segments == 1 else 134)
        assert data.decode("utf-16-be") == part
    assert made.segments >= count_of(units_of(text))


@given(st.text("abcXYZ 0189@£€[]{}^~|\\\n", max_size=700))
def test_plain_words_go_in_the_short_alphabet_where_the_centre_takes_it(text: str) -> None:
    made = plan(text, gsm7=True)
    assert made.alphabet is Alphabet.GSM7
    assert "".join(decode_gsm7(encode_part(part, made.alphabet)) for part in made.parts) == text
    assert all(
        len(encode_part(part, made.alphabet)) <= (160 if made.segments == 1 else 153) for part in made.parts
    )


def test_one_chinese_character_makes_all_of_it_ucs2() -> None:
    assert plan("turn left 左", gsm7=True).alphabet is Alphabet.UCS2
    assert not is_gsm7("“")
    assert encode_gsm7("a[b") == b"a\x1b\x3cb"


def test_more_parts_than_a_number_can_count_are_refused() -> None:
    with pytest.raises(TooLong):
        plan("字" * (67 * 255 + 1))


@pytest.mark.parametrize(
    ("data", "form", "text"),
    [
        ("收到".encode("utf-16-be"), 8, "收到"),
        ("收到".encode("utf-16-be") + b"\x00", 8, "收到"),
        ("已转移".encode("gb18030"), 15, "已转移"),
        (b"1", 0, "1"),
        ("收到".encode("gbk"), 0, "收到"),
        (b"\x01\x02", 4, "0102"),
    ],
)
def test_a_reply_is_read_in_every_format_that_phones_send(data: bytes, form: int, text: str) -> None:
    assert decode_text(data, form) == text


@given(st.binary(max_size=200), st.integers(0, 255))
def test_no_reply_is_lost_over_bytes_that_cannot_be_read(data: bytes, form: int) -> None:
    assert isinstance(decode_text(data, form), str)


@given(seed=st.integers(0, 1000), wide=st.booleans())
def test_a_long_reply_comes_together_whatever_the_order_and_with_parts_twice(seed: int, wide: bool) -> None:
    text = "".join(chr(0x4E00 + number % 900) for number in range(300))
    parts = plan(text).parts
    joiner = Joiner()
    order = [(number, part) for number, part in enumerate(parts, 1)]
    arriving = random.Random(seed).sample(order, len(order))
    came = []
    for number, part in [arriving[0], *arriving]:
        piece = piece_of(header(700, len(parts), number, wide=wide))
        assert piece is not None
        came += joiner.add("10000000007", "1069", piece, part, f"t{number}", now=1.0)
    assert [one.text for one in came] == [text]
    assert came[0].is_whole
    assert joiner.open_texts == 0


def test_a_long_reply_that_stays_incomplete_is_given_out_with_a_mark() -> None:
    joiner = Joiner(keep_s=45)
    assert joiner.add("a", "b", Piece(1, 3, 2), "已经转移", "t", now=10) == []
    assert joiner.overdue(now=54) == []
    [late] = joiner.overdue(now=55)
    assert (late.text, late.is_whole, late.tickets) == (f"{MISSING}已经转移{MISSING}", False, ("t",))


def test_somebody_who_sends_nothing_but_first_parts_fills_no_memory() -> None:
    joiner = Joiner(most_open=10)
    given_up = [one for n in range(50) for one in joiner.add("a", "b", Piece(n, 2, 1), "x", f"t{n}", now=1.0)]
    assert joiner.open_texts == 10
    assert len(given_up) == 40


@given(st.binary(max_size=20))
def test_any_header_is_read_or_passed_over(data: bytes) -> None:
    piece_of(data)


def test_a_header_with_other_elements_before_is_understood() -> None:
    assert piece_of(bytes.fromhex("0a0504157c0000") + bytes.fromhex("00032e0201")) == Piece(0x2E, 2, 1)
    assert piece_of(bytes.fromhex("0500032e0203")) is None
    assert piece_of(bytes.fromhex("027000")) is None
