"""What the centre sends, and what comes back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.drivers.sl651.commands import ANSWERS, COMMANDS
from anlan.drivers.sl651.encode import build_frame
from anlan.drivers.sl651.explain import explain
from anlan.drivers.sl651.layout import End
from anlan.drivers.sl651.manifest import MANIFEST
from anlan.drivers.sl651.session import Session
from anlan.drivers.sl651.tests.make import (
    CENTER,
    NOW,
    OWN_FRAMES,
    PASSWORD,
    STATION,
    body,
    decoded,
    frame,
    packets,
    report,
)
from anlan.drivers.types import CommandRequest, FrameAccepted, Happening, Learns
from anlan.vocab.happenings import HAPPENINGS

SETTINGS = {"center": str(CENTER), "password": PASSWORD}
AT = datetime(2026, 7, 1, 0, 30, 15, tzinfo=UTC)


def request(arguments: dict[str, str] | None = None, **changes: object) -> CommandRequest:
    given = {"station": STATION, "at": AT, "serial": 9, "arguments": arguments or {}, "settings": SETTINGS}
    return CommandRequest(**{**given, **changes})  # type: ignore[arg-type]  # a test's shorthand


def answer(function: str, rest: str = "") -> bytes:
    """An uplink with parameters behind the station, as the provincial samples have them."""
    content = bytes.fromhex(f"0009260701083020F1F1{STATION}{rest}".replace(" ", ""))
    return build_frame(function, content, station=STATION, center=CENTER, password=PASSWORD)


def accepted(raw: bytes) -> FrameAccepted:
    (outcome,) = Session().feed(raw, NOW)
    assert isinstance(outcome, FrameAccepted)
    return outcome


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"query_period", "query_elements"}))
def test_a_command_is_a_frame_of_the_centre_that_asks(name: str) -> None:
    sent = decoded(COMMANDS[name].encode(request()))
    assert sent.is_down
    assert (sent.station, sent.center, sent.password, sent.terminator) == (
        STATION,
        CENTER,
        PASSWORD,
        End.ENQ,
    )
    assert ANSWERS[sent.function] == name
    assert (sent.body.serial, sent.body.send_time_raw) == (9, "260701083015")


def test_setting_the_clock_carries_beijing_time() -> None:
    assert decoded(COMMANDS["set_clock"].encode(request())).body.send_time_raw == "260701083015"


def test_the_two_that_wipe_a_terminal_need_a_second_person_and_nothing_else_does() -> None:
    assert {name for name, one in COMMANDS.items() if one.needs_release} == {"init_storage", "factory_reset"}
    assert decoded(COMMANDS["init_storage"].encode(request())).body.params == b"\x97\x00"
    assert decoded(COMMANDS["factory_reset"].encode(request())).body.params == b"\x98\x00"


def test_a_period_is_asked_for_with_its_hours_step_and_element() -> None:
    arguments = {"start": "2026-07-01 08", "end": "2026-07-01 09", "step": "5", "element": "f4"}
    sent = decoded(COMMANDS["query_period"].encode(request(arguments)))
    assert sent.body.params.hex().upper() == "26070108" + "26070109" + "0418000005" + "F460"
    bare = request(arguments, settings={**SETTINGS, "element_definition": "no"})
    assert decoded(COMMANDS["query_period"].encode(bare)).body.params.hex().upper().endswith("0418000005F4")


def test_elements_are_asked_for_by_id() -> None:
    sent = decoded(COMMANDS["query_elements"].encode(request({"elements": "39, 26"})))
    assert sent.body.params.hex().upper() == "39232619"


@pytest.mark.parametrize(
    ("name", "arguments", "word"),
    [
        ("query_period", {"start": "yesterday", "end": "2026-07-01 09", "element": "39"}, "start"),
        ("query_period", {"start": "2026-07-01 09", "end": "2026-07-01 08", "element": "39"}, "before"),
        ("query_period", {"start": "2026-07-01 08", "end": "2026-09-01 08", "element": "39"}, "31 days"),
        (
            "query_period",
            {"start": "2026-07-01 08", "end": "2026-07-01 09", "element": "39", "step": "7"},
            "step",
        ),
        ("query_elements", {"elements": ""}, "ids"),
        ("query_elements", {"elements": "39; DROP"}, "ids"),
    ],
)
def test_arguments_that_make_no_message_are_refused_with_a_sentence(
    name: str, arguments: dict[str, str], word: str
) -> None:
    with pytest.raises(ValueError, match=word):
        COMMANDS[name].encode(request(arguments))


def test_without_centre_and_password_nothing_is_sent() -> None:
    with pytest.raises(ValueError, match="let it report once"):
        COMMANDS["query_realtime"].encode(request(settings={}))
    with pytest.raises(ValueError, match="no SL 651 address"):
        COMMANDS["query_realtime"].encode(request(station="abc"))


def test_a_session_learns_centre_and_password_from_the_stations_own_frames() -> None:
    session = Session()
    assert isinstance(session, Learns)
    assert session.learned(STATION) == {}
    session.feed(report("2219000035"), NOW)
    assert session.learned(STATION) == SETTINGS


@pytest.mark.parametrize("function", sorted(ANSWERS))
def test_an_answer_names_the_command_that_it_answers(function: str) -> None:
    assert accepted(frame(function, body())).answers == ANSWERS[function]


def test_a_report_answers_nothing() -> None:
    assert accepted(report("2219000035")).answers is None


def test_the_answer_to_a_query_of_values_gives_readings() -> None:
    outcome = accepted(report("392300028960 26190031 96", function="37"))
    assert [(one.quantity, str(one.value)) for one in outcome.readings] == [
        ("stage", "28.960"),
        ("rain_total", "319.6"),
    ]


@pytest.mark.parametrize(
    ("raw", "kind", "fields"),
    [
        (answer("45", "05" + b"V1.02".hex()), "terminal_version", {"version": "V1.02"}),
        (
            answer("46", "4520 00000003"),
            "terminal_alarm",
            {"bits": "00000003", "alarms": ["交流电停电", "蓄电池电压低"]},
        ),
        (answer("46", "00000000"), "terminal_status", {"bits": "00000000", "alarms": []}),
        (answer("47"), "terminal_reset", {"function": "47"}),
        (answer("48"), "terminal_reset", {"function": "48"}),
        (answer("49", "031004D2"), "terminal_password", {"function": "49"}),
        (answer("50", "11112222"), "terminal_events", {"counters": ["1111", "2222"]}),
        (answer("51"), "terminal_clock", {"function": "51"}),
    ],
)
def test_an_answer_that_is_no_number_is_a_happening(raw: bytes, kind: str, fields: dict[str, object]) -> None:
    (happening,) = accepted(raw).happenings
    assert isinstance(happening, Happening)
    assert (happening.kind, happening.fields) == (kind, fields)
    assert kind in HAPPENINGS


def test_settings_are_read_one_by_one_and_the_password_is_hidden() -> None:
    (happening,) = accepted(answer("41", "0120 05000000 0310 1234 0C08 02")).happenings
    settings_read = happening.fields["settings"]
    assert isinstance(settings_read, list)
    assert [(one["id"], one["raw"]) for one in settings_read] == [
        ("01", "05000000"),
        ("03", "****"),
        ("0C", "02"),
    ]


@pytest.mark.parametrize("rest", ["", "45", "0545", "4520 0000", "01", "0100", "0120 0500"])
@pytest.mark.parametrize("function", ["41", "43", "45", "46", "50"])
def test_an_answer_that_is_cut_short_is_stored_and_says_nothing_wrong(function: str, rest: str) -> None:
    outcome = accepted(answer(function, rest))
    assert all(one.kind in HAPPENINGS for one in outcome.happenings)


def test_a_picture_of_several_packets_is_one_attachment() -> None:
    picture = bytes.fromhex("FFD8FFE0") + bytes(range(256)) * 4
    raws = packets("36", body(serial=5) + b"\xf3\xf3" + picture, size=200)
    session = Session()
    outcomes = [one for raw in raws for one in session.feed(raw, NOW) if isinstance(one, FrameAccepted)]
    assert [len(one.attachments) for one in outcomes] == [0] * (len(raws) - 1) + [1]
    (attachment,) = outcomes[-1].attachments
    assert (attachment.media_type, attachment.content, attachment.station) == ("image/jpeg", picture, STATION)
    assert attachment.phenomenon_time == datetime(2026, 7, 1, tzinfo=UTC)


OWN = [bytes.fromhex(line.split("#")[0]) for line in OWN_FRAMES.read_text().splitlines() if line.split("#")[0].strip()]  # fmt: skip


def check_spans(raw: bytes) -> None:
    at = 0
    for span in explain(raw):
        assert span.start == at
        assert span.length > 0
        at += span.length
    assert at == len(raw)


@pytest.mark.parametrize("number", range(len(OWN)))
def test_every_byte_of_a_frame_is_explained_once(number: int) -> None:
    check_spans(OWN[number])
    assert "unread" not in {span.name for span in explain(OWN[number])}


def test_an_explanation_says_values_with_their_units_and_hides_the_password() -> None:
    meanings = {span.name: span.meaning for span in MANIFEST.explain_message(report("392300028960"))}
    assert meanings["element.39.value"] == "28.960 m"
    assert meanings["body.observed"] == "2026-07-01 00:00:00 UTC"
    assert meanings["header.password"] == "****"
    assert meanings["trailer.crc"].endswith("agrees")


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(range(len(OWN))), at=st.integers(0, 300), byte=st.integers(0, 255), cut=st.integers(0, 300))  # fmt: skip
def test_broken_frames_are_explained_to_the_last_byte(name: int, at: int, byte: int, cut: int) -> None:
    changed = bytearray(OWN[name])
    changed[at % len(changed)] = byte
    check_spans(bytes(changed))
    check_spans(OWN[name][:cut])
    check_spans(b"\x00\x7e" + OWN[name] + b"\x7e")
    check_spans(bytes([byte]) * (cut % 40))
