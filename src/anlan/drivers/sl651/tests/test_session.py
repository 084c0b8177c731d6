from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.drivers.sl651.encode import answer_to, build_frame, packet_content
from anlan.drivers.sl651.layout import DOWN, BodyStart, End
from anlan.drivers.sl651.model import Sl651Frame
from anlan.drivers.sl651.parts import PartLimits
from anlan.drivers.sl651.session import Session
from anlan.drivers.sl651.tests.make import (
    CENTER,
    NOW,
    PASSWORD,
    STATION,
    body,
    decoded,
    frame,
    packets,
    report,
)
from anlan.drivers.types import FrameAccepted, FrameRefused, Garbage, Outcome

PICTURE = bytes.fromhex("FFD8FFE0") + bytes(range(256)) * 4


def picture_packets(*, serial: int = 5, size: int = 200) -> list[bytes]:
    return packets("36", body(serial=serial) + b"\xf3\xf3" + PICTURE, size=size)


def accepted(outcomes: list[Outcome]) -> list[FrameAccepted]:
    return [each for each in outcomes if isinstance(each, FrameAccepted)]


def refused(outcomes: list[Outcome]) -> list[FrameRefused]:
    return [each for each in outcomes if isinstance(each, FrameRefused)]


def feed_all(session: Session, raws: list[bytes]) -> list[Outcome]:
    return [outcome for raw in raws for outcome in session.feed(raw, NOW)]


def pictures(outcomes: list[Outcome]) -> list[bytes | None]:
    frames = [each.frame for each in accepted(outcomes)]
    return [each.body.picture for each in frames if isinstance(each, Sl651Frame) and each.is_joined]


# --- answers


@pytest.mark.parametrize("function", ["2F", "30", "31", "32", "33", "34", "35", "36"])
def test_a_report_is_answered_with_its_function_serial_and_send_time(function: str) -> None:
    (outcome,) = accepted(Session().feed(report("2219000035", function=function), NOW))
    assert outcome.ack is not None
    answer = decoded(outcome.ack)
    assert answer.is_down
    assert (answer.station, answer.center, answer.password) == (STATION, CENTER, PASSWORD)
    assert (answer.function, answer.body.serial, answer.body.send_time_raw) == (function, 7, "260701080000")
    assert answer.terminator == End.ESC


def test_a_station_that_may_leave_is_answered_with_end_of_transmission() -> None:
    (outcome,) = accepted(Session(when_finished=End.EOT).feed(report("2219000035"), NOW))
    assert outcome.ack is not None
    assert decoded(outcome.ack).terminator == End.EOT


def test_a_frame_that_another_will_follow_is_answered_with_go_on() -> None:
    (outcome,) = accepted(Session(when_finished=End.EOT).feed(frame("33", body(), end=End.ETB), NOW))
    assert outcome.ack is not None
    assert decoded(outcome.ack).terminator == End.ACK


@pytest.mark.parametrize("function", ["37", "38", "39", "3A", "40", "45", "4A", "50"])
def test_an_answer_to_our_own_question_is_not_answered(function: str) -> None:
    (outcome,) = accepted(Session().feed(frame(function, body()), NOW))
    assert outcome.ack is None


def test_an_enquiry_is_not_answered_as_if_it_were_a_report() -> None:
    assert answer_to(decoded(frame("32", body(), end=End.ENQ)), when_finished=End.ESC) is None


def test_functions_can_be_left_unanswered() -> None:
    keepalive = frame("2F", bytes.fromhex("0003260701080000"))
    (outcome,) = accepted(Session(answered=frozenset({"32"})).feed(keepalive, NOW))
    assert outcome.ack is None


def test_a_keepalive_is_told_apart_and_has_no_readings() -> None:
    keepalive = frame("2F", bytes.fromhex("0003260701080000"))
    (outcome,) = accepted(Session().feed(keepalive, NOW))
    assert outcome.is_keepalive
    assert outcome.readings == ()
    (other,) = accepted(Session().feed(report("2219000035"), NOW))
    assert not other.is_keepalive


# --- what is the same report


def test_a_report_sent_again_has_the_same_key_and_is_answered_again() -> None:
    first, second = accepted(Session().feed(report("2219000035") * 2, NOW))
    assert first.duplicate_key == second.duplicate_key == (STATION, "32", "7", "260701080000", "2607010800")
    assert second.ack == first.ack is not None


@pytest.mark.parametrize(
    "other",
    [
        frame("33", body()),
        frame("32", body(serial=8)),
        frame("32", body(sent="260701080001")),
        frame("32", body(observed="2607010755")),
    ],
    ids=["function", "serial", "send time after a restart", "observation time"],
)
def test_a_report_that_differs_in_its_identity_has_another_key(other: bytes) -> None:
    first, second = accepted(Session().feed(frame("32", body()) + other, NOW))
    assert first.duplicate_key != second.duplicate_key


# --- bad bytes


def test_one_bad_frame_does_not_end_a_session() -> None:
    good = report("2219000035")
    bad = good[:-1] + bytes([good[-1] ^ 0xFF])
    outcomes = Session().feed(bad + good, NOW)
    assert [type(each) for each in outcomes] == [FrameRefused, Garbage, FrameAccepted]
    assert refused(outcomes)[0].raw == bad


def test_a_frame_with_a_good_sum_and_an_unreadable_body_is_refused_and_the_next_is_read() -> None:
    outcomes = Session().feed(frame("32", b"\x01") + report("2219000035"), NOW)
    assert [each.code for each in refused(outcomes)] == ["sl651.body_short"]
    assert len(accepted(outcomes)) == 1


def test_a_frame_of_the_centre_is_not_taken_from_a_station() -> None:
    raw = build_frame(
        "32", body(), station=STATION, center=CENTER, password=PASSWORD, direction=DOWN, end=End.ESC
    )
    outcomes = Session().feed(raw, NOW)
    assert [each.code for each in refused(outcomes)] == ["sl651.downlink"]


def test_a_connection_that_ends_within_a_frame_tells_so() -> None:
    session = Session()
    session.feed(report("2219000035")[:-1], NOW)
    assert [each.code for each in refused(session.close())] == ["sl651.truncated"]


# --- messages of several packets


def test_packets_are_joined_and_only_the_whole_is_answered() -> None:
    raws = picture_packets()
    outcomes = accepted(feed_all(Session(), raws))
    assert len(outcomes) == len(raws) > 3
    assert [each.ack for each in outcomes[:-1]] == [None] * (len(raws) - 1)
    whole = outcomes[-1]
    assert whole.ack is not None
    assert decoded(whole.ack).body.serial == 5
    assert pictures(list(outcomes)) == [PICTURE]
    assert whole.duplicate_key == (STATION, "36", "5", "260701080000", "2607010800")


def test_packets_may_come_in_any_order_and_more_than_once() -> None:
    raws = picture_packets()
    assert pictures(feed_all(Session(), [raws[-1], *raws[:-1]])) == [PICTURE]
    assert pictures(feed_all(Session(), [raws[0], raws[0], raws[1], *raws[1:]])) == [PICTURE]


def test_an_element_that_two_packets_share_is_read_once_they_are_joined() -> None:
    raws = packets("34", body("F460" + "01" * 12 + "392300028960"), size=30)
    outcomes = accepted(feed_all(Session(), raws))
    assert [len(each.readings) for each in outcomes] == [0] * (len(raws) - 1) + [13]


def test_a_message_of_one_packet_is_whole_at_once() -> None:
    (raw,) = packets("34", body("392300028960"), size=300)
    (outcome,) = accepted(Session().feed(raw, NOW))
    assert len(outcome.readings) == 1
    assert outcome.ack is not None


def test_a_missing_packet_is_named_when_the_wait_is_over() -> None:
    raws = picture_packets()
    session = Session(part_limits=PartLimits(wait=timedelta(minutes=3)))
    feed_all(session, raws[:2] + raws[3:])
    assert session.expire(NOW + timedelta(minutes=3)) == []
    (lost,) = refused(session.expire(NOW + timedelta(minutes=3, seconds=1)))
    assert lost.code == "sl651.parts_missing"
    assert f"of {len(raws)} packets 3 did not come" in lost.reason
    assert session.expire(NOW + timedelta(hours=1)) == []


def test_waiting_packets_are_also_given_up_when_other_bytes_arrive() -> None:
    session = Session()
    session.feed(picture_packets()[0], NOW)
    outcomes = session.feed(report("2219000035"), NOW + timedelta(hours=1))
    assert [each.code for each in refused(outcomes)] == ["sl651.parts_missing"]
    assert len(accepted(outcomes)) == 1


def test_a_new_message_begins_when_a_packet_has_other_bytes_under_its_number() -> None:
    older, newer = picture_packets(serial=5), picture_packets(serial=6)
    outcomes = feed_all(Session(), older[:2] + newer)
    assert [each.code for each in refused(outcomes)] == ["sl651.parts_missing"]
    assert pictures(outcomes) == [PICTURE]
    assert accepted(outcomes)[-1].duplicate_key[2] == "6"


def test_a_message_sent_again_whole_is_joined_and_answered_again() -> None:
    outcomes = accepted(feed_all(Session(), picture_packets() * 2))
    answered = [each for each in outcomes if each.ack is not None]
    assert len(answered) == 2
    assert answered[0].duplicate_key == answered[1].duplicate_key


def test_packets_of_two_stations_do_not_mix() -> None:
    raws = picture_packets()
    others = [
        build_frame(
            "36",
            raw[14:-3],
            station="9999010002",
            center=CENTER,
            password=PASSWORD,
            body_start=BodyStart.SYN,
            end=End(raw[-3]),
        )
        for raw in raws
    ]
    mixed = [raw for pair in zip(raws, others, strict=True) for raw in pair]
    assert pictures(feed_all(Session(), mixed)) == [PICTURE, PICTURE]


@pytest.mark.parametrize(
    "limits", [PartLimits(messages=1), PartLimits(held_bytes=300)], ids=["messages", "bytes"]
)
def test_memory_for_waiting_packets_is_bounded(limits: PartLimits) -> None:
    session = Session(part_limits=limits)
    first = packets("36", body() + b"\xf3\xf3" + PICTURE, size=200)
    second = packets("36", body() + b"\xf3\xf3" + PICTURE * 2, size=200)
    outcomes = feed_all(session, [first[0], second[0]])
    (lost,) = refused(outcomes)
    assert lost.code == "sl651.parts_missing"
    assert f"of {len(first)} packets" in lost.reason


@pytest.mark.parametrize(("total", "number"), [(3, 0), (3, 4), (0, 0)])
def test_a_packet_with_an_impossible_number_is_refused(total: int, number: int) -> None:
    content = (total << 12 | number).to_bytes(3, "big") + b"x" * 20
    raw = build_frame(
        "36", content, station=STATION, center=CENTER, password=PASSWORD, body_start=BodyStart.SYN
    )
    assert [each.code for each in refused(Session().feed(raw, NOW))] == ["sl651.part_number"]


def test_joined_packets_too_short_for_a_serial_are_refused() -> None:
    raws = packets("36", b"abc", size=2)
    assert [each.code for each in refused(feed_all(Session(), raws))] == ["sl651.body_short"]


def test_what_waits_when_the_connection_ends_is_named() -> None:
    session = Session()
    session.feed(picture_packets()[0], NOW)
    assert [each.code for each in refused(session.close())] == ["sl651.parts_missing"]


def test_no_frame_can_be_built_that_its_length_field_cannot_say() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        frame("36", bytes(4096))
    with pytest.raises(ValueError, match="no packet 5 of 4"):
        packet_content(4, 5, b"")
