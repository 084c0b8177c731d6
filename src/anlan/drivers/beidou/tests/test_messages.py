from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from anlan.drivers.beidou.describe import describe
from anlan.drivers.beidou.encode import COMMANDS, build_sentence, message_sentence
from anlan.drivers.beidou.framing import BeidouFramer
from anlan.drivers.beidou.layout import MAX_SENTENCE
from anlan.drivers.beidou.model import BeidouFrame, read_sentence
from anlan.drivers.beidou.queue import ANSWER_WAIT, MAX_TRIES, SendQueue
from anlan.drivers.beidou.report import (
    ITEMS_PER_PART,
    MAX_BYTES,
    QUANTITIES,
    Item,
    build_report,
    crc16,
    read_report,
)
from anlan.drivers.beidou.session import Session
from anlan.drivers.beidou.tests.make import CARD, ITEMS, NOW, received, report_sentences
from anlan.drivers.types import CommandRequest, FrameAccepted
from anlan.vocab.quantities import QUANTITIES as KNOWN


def heard(*sentences: bytes) -> list[FrameAccepted]:
    outcomes = Session().feed(b"".join(sentences), NOW)
    return [each for each in outcomes if isinstance(each, FrameAccepted)]


# --- our report


def test_a_short_report_becomes_readings_of_the_sender() -> None:
    (outcome,) = heard(*report_sentences())
    assert [(each.station, each.quantity, each.value) for each in outcome.readings] == [
        (CARD, "rain_1h", Decimal("35.5")),
        (CARD, "stage", Decimal("-1.234")),
        (CARD, "battery_v", None),
    ]
    assert [each.phenomenon_time for each in outcome.readings] == [item.phenomenon_time for item in ITEMS]
    assert outcome.happenings == ()
    assert outcome.ack is None


def test_each_part_of_a_report_fits_one_message_and_is_readable_alone() -> None:
    parts = build_report([ITEMS[0]] * 20, sent_at=NOW, number=300)
    assert [len(part) <= MAX_BYTES for part in parts] == [True, True, True]
    read = [read_report(part) for part in parts]
    assert [(each.part, each.parts, each.number, len(each.items)) for each in read if each] == [
        (1, 3, 44, ITEMS_PER_PART),
        (2, 3, 44, ITEMS_PER_PART),
        (3, 3, 44, 20 - 2 * ITEMS_PER_PART),
    ]


def test_a_damaged_report_gives_no_readings_and_is_kept_as_bytes() -> None:
    part = bytearray(build_report(ITEMS, sent_at=NOW, number=5)[0])
    for number in range(len(part)):
        part[number] ^= 0x10
        (outcome,) = heard(received(bytes(part)))
        assert outcome.readings == ()
        assert [each.kind for each in outcome.happenings] == ["link_text"]
        part[number] ^= 0x10


def test_a_quantity_of_a_newer_station_is_passed_over_and_named() -> None:
    part = bytearray(build_report(ITEMS, sent_at=NOW, number=5)[0][:-2])
    part[9] = 250
    (outcome,) = heard(received(bytes(part) + crc16(bytes(part)).to_bytes(2, "big")))
    assert len(outcome.readings) == 2
    assert "250" in outcome.frame.problems[0]


def test_quantities_of_the_report_are_those_of_the_county() -> None:
    assert {name for name, _ in QUANTITIES.values()} <= set(KNOWN)
    assert all(KNOWN[name].decimals == decimals for name, decimals in QUANTITIES.values())


@pytest.mark.parametrize(
    "item",
    [
        replace(ITEMS[0], quantity="co"),
        replace(ITEMS[0], phenomenon_time=NOW - timedelta(days=2)),
        replace(ITEMS[0], phenomenon_time=NOW + timedelta(hours=1)),
        replace(ITEMS[0], value=Decimal("1e12")),
    ],
)
def test_what_does_not_fit_a_short_report_is_refused(item: Item) -> None:
    with pytest.raises(ValueError, match=r"code|too old"):
        build_report([item], sent_at=NOW, number=1)
    with pytest.raises(ValueError, match="15"):
        build_report([ITEMS[0]] * (15 * ITEMS_PER_PART + 1), sent_at=NOW, number=1)


# --- sentences


def test_a_text_is_told_to_the_desk_as_the_sender_wrote_it() -> None:
    (mixed,) = heard(received("请派人".encode("gbk")))
    (plain,) = heard(build_sentence(f"BDTXR,1,{CARD},0,0830,水位上涨"))
    assert mixed.happenings[0].fields == {"text": "请派人"}
    assert plain.happenings[0].fields == {"text": "水位上涨"}
    assert plain.frame.station == CARD


def test_sentences_of_the_terminal_belong_to_its_own_card_once_it_is_known() -> None:
    signal = build_sentence("BDBSI,02,05,0,2")
    card = build_sentence(f"BDICI,{CARD},1,0,1,60,3,N,0")
    empty = build_sentence("BDICI,0000000,00000000,0000000,0,0,0,N,0")
    stations = [each.frame.station for each in heard(signal, empty, card, signal)]
    assert stations == ["beidou", "beidou", CARD, CARD]


def test_the_same_text_a_minute_later_is_another_message() -> None:
    session = Session()
    keys = [
        each.duplicate_key
        for at_ in (NOW, NOW, NOW + timedelta(minutes=1))
        for each in session.feed(received(b"SOS"), at_)
        if isinstance(each, FrameAccepted)
    ]
    assert keys[0] == keys[1] != keys[2]


def test_what_the_terminal_says_answers_a_command() -> None:
    outcomes = heard(build_sentence("BDFKI,TXA,Y,Y,0,0000"), build_sentence("BDBSI,02,05,0"))
    assert [each.answers for each in outcomes] == ["send_text", "read_signal"]


def test_a_sentence_behind_a_broken_one_is_read() -> None:
    outcomes = heard(b"$BDTXR,1,00", received(b"hello"), b"$$", received(b"again"))
    assert [read_sentence(each.frame.raw).text for each in outcomes] == ["hello", "again"]


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        (b"", "beidou.no_sentence"),
        (b"hello\r\n", "beidou.no_sentence"),
        (b"$BDTXR,1", "beidou.truncated"),
        (b"$BDTXR,1\r\n", "beidou.no_sum"),
        (b"$BDTXR,1*00\r\n", "beidou.xor"),
        (b"$*00\r\n", "beidou.name"),
    ],
)
def test_what_is_no_sentence_says_why(sentence: bytes, code: str) -> None:
    result = describe(sentence)
    assert (result["ok"], result["code"]) == (False, code)
    assert str(result["reason"]).endswith(".")


@pytest.mark.parametrize("unit", [b"$", b"$BDTXR,", b"$\r\n", b"*00\r\n"])
def test_a_flood_of_false_starts_is_dropped_as_it_comes(unit: bytes) -> None:
    framer = BeidouFramer()
    for _ in range(60):
        framer.feed((unit * 1000)[:1000])
        assert framer.held <= MAX_SENTENCE
    assert any(getattr(each, "raw", b"") == received(b"x") for each in framer.feed(received(b"x")))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_a_good_sentence(name: str) -> None:
    raw = COMMANDS[name].encode(CommandRequest(CARD, NOW, 1, {"text": "收到"}, {}))
    assert describe(raw)["ok"] is True


@pytest.mark.parametrize(
    ("station", "text"), [(CARD, ""), (CARD, "长" * 39), ("a,b", "x"), (CARD, "\U0001f600")]
)
def test_a_text_that_makes_no_message_is_refused(station: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"message|card|text"):
        COMMANDS["send_text"].encode(CommandRequest(station, NOW, 1, {"text": text}, {}))


# --- the send queue


def said(inner: str) -> BeidouFrame:
    return read_sentence(build_sentence(inner))


def at(seconds: int) -> datetime:
    return datetime(2026, 7, 1, tzinfo=UTC) + timedelta(seconds=seconds)


YES, NO = said("BDFKI,TXA,Y,Y,0,0000"), said("BDFKI,TXA,N,Y,2,0030")


def test_messages_leave_no_faster_than_the_card_allows() -> None:
    queue = SendQueue()
    queue.put("a", CARD, b"first")
    queue.put("b", CARD, b"second")
    assert queue.due(at(0))[0] == message_sentence(CARD, b"first")
    assert [each.is_sent for each in queue.hear(YES)] == [True]
    assert queue.due(at(59)) == (None, [])
    assert queue.due(at(60))[0] == message_sentence(CARD, b"second")


def test_the_card_tells_how_often_it_may_send_and_how_much() -> None:
    queue = SendQueue()
    queue.hear(said(f"BDICI,{CARD},1,0,1,5,1,N,0"))
    assert queue.every == timedelta(seconds=5)
    with pytest.raises(ValueError, match="1 to 12 bytes"):
        queue.put("a", CARD, b"x" * 13)
    queue.hear(said("BDICI,0000000,0,0,0,0,0,N,0"))
    assert queue.every == timedelta(seconds=5)


def test_a_message_that_the_terminal_refused_goes_again_first_and_at_last_is_given_up_with_the_reason() -> (
    None
):
    queue = SendQueue()
    queue.put("a", CARD, b"first")
    queue.put("b", CARD, b"second")
    settled = []
    for number in range(MAX_TRIES):
        assert queue.due(at(60 * number))[0] == message_sentence(CARD, b"first")
        settled += queue.hear(NO)
    assert [(each.message.key, each.is_sent, each.reason) for each in settled] == [
        ("a", False, "terminal: N,Y,2,0030")
    ]
    assert queue.due(at(60 * MAX_TRIES))[0] == message_sentence(CARD, b"second")


def test_a_terminal_that_says_nothing_counts_as_a_refusal() -> None:
    queue = SendQueue()
    queue.put("a", CARD, b"first")
    queue.due(at(0))
    assert queue.due(at(0) + ANSWER_WAIT) == (None, [])
    assert queue.due(at(60))[0] == message_sentence(CARD, b"first")


def test_an_answer_to_nothing_settles_nothing() -> None:
    assert SendQueue().hear(YES) == []


def test_an_urgent_message_goes_before_the_others_and_the_queue_is_bounded() -> None:
    queue = SendQueue(limit=2)
    queue.put("a", CARD, b"first")
    queue.put("b", CARD, b"urgent", urgent=True)
    with pytest.raises(ValueError, match="wait already"):
        queue.put("c", CARD, b"third")
    assert queue.due(at(0))[0] == message_sentence(CARD, b"urgent")
