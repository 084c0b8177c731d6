"""CMPP against messages of other implementations, and against bytes that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.dissemination.channels.cmpp.wire import (
    MOST,
    Bare,
    CmppError,
    Command,
    ConnectResp,
    Deliver,
    Pdu,
    Report,
    Submit,
    Version,
    answer_digest,
    connect_digest,
    decode,
    decode_report,
    encode,
    encode_report,
    split_header,
)
from anlan.dissemination.channels.texting.alphabets import decode_text
from anlan.dissemination.channels.texting.wire import Framer, WireError

FORMAT_OF_A_CARD = 246


def vectors(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "cmpp.json").read_text(encoding="utf-8"))
    return found


def shown(pdu: Pdu, frame: bytes) -> dict[str, Any]:
    """Our fields under the names of the vectors."""
    body = pdu.body
    told: dict[str, Any] = {
        "total_length": len(frame),
        "command": Command(body.command).name,
        "command_id": f"{int(body.command):08x}",
        "sequence": pdu.sequence,
        "length_ok": True,
    }
    if isinstance(body, ConnectResp):
        told |= {
            "layout": "3.0",
            "status": body.status,
            "version": f"{body.version >> 4}.{body.version & 15}",
        }
    if isinstance(body, Submit):
        header, text = split_header(body.content, body.tp_udhi)
        told |= {name: getattr(body, name) for name in _SAME}
        told |= {
            "msg_id": body.msg_id.hex(),
            "dest": list(body.dest),
            "msg_length": len(body.content),
            "udh": header.hex(),
            "layout": "2.x",
            "fits": True,
            "trailer_bytes": 8,
            "text": text.hex() if body.msg_fmt == FORMAT_OF_A_CARD else decode_text(text, body.msg_fmt),
        }
    return told


_SAME = (
    "pk_total", "pk_number", "registered_delivery", "msg_level", "service_id", "fee_user_type", "tp_pid", "tp_udhi",
    "msg_fmt", "msg_src", "fee_type", "fee_code", "valid_time", "at_time", "src_id", "fee_terminal",
)  # fmt: skip


def test_every_message_is_read_as_its_source_says_and_written_with_the_same_bytes(
    shared_vectors: Path,
) -> None:
    seen = 0
    for vector in vectors(shared_vectors):
        frame = bytes.fromhex(vector["raw_hex"])
        pdu = decode(frame)
        assert encode(pdu) == frame, vector["id"]
        expected = {key: value for key, value in vector["decoded"].items() if key != "part_of_stream"}
        assert shown(pdu, frame) == expected, vector["id"]
        seen += 1
    assert seen == 19


def test_a_message_cut_or_lengthened_anywhere_is_refused_with_a_reason(shared_vectors: Path) -> None:
    """The negative set: there is none in the wild."""
    for vector in vectors(shared_vectors):
        frame = bytes.fromhex(vector["raw_hex"])
        version = decode(frame).version
        for cut in range(len(frame)):
            with pytest.raises(CmppError):
                decode(frame[:cut], version)
        longer = (len(frame) + 1).to_bytes(4, "big") + frame[4:] + b"\0"
        with pytest.raises(CmppError, match="behind the last field"):
            decode(longer, version)
        if len(frame) > 13:
            shorter = (len(frame) - 1).to_bytes(4, "big") + frame[4:-1]
            with pytest.raises(CmppError):
                decode(shorter, version)


def test_messages_glued_together_or_torn_apart_are_found_again(shared_vectors: Path) -> None:
    frames = [bytes.fromhex(vector["raw_hex"]) for vector in vectors(shared_vectors)]
    stream = b"".join(frames)
    for step in (1, 7, 100, len(stream)):
        framer = Framer(12, MOST)
        found = []
        for at in range(0, len(stream), step):
            found += framer.feed(stream[at : at + step])
        assert found == frames
        assert framer.waiting == 0


@pytest.mark.parametrize("length", [0, 11, MOST + 1, 0xFFFFFFFF])
def test_a_length_that_cannot_be_drops_the_link_before_anything_is_buffered(length: int) -> None:
    with pytest.raises(WireError, match="outside"):
        Framer(12, MOST).feed(length.to_bytes(4, "big"))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_nothing_else_happens(data: bytes) -> None:
    for frame in (data, (len(data) + 8).to_bytes(4, "big") + b"\0\0\0\x04" + data):
        try:
            pdu = decode(frame)
        except CmppError:
            continue
        assert encode(pdu) == frame


@given(
    version=st.sampled_from(Version),
    numbers=st.lists(st.text("0123456789", min_size=1, max_size=20), min_size=1, max_size=100),
    content=st.binary(max_size=140),
    sequence=st.integers(0, 2**32 - 1),
)
def test_what_is_submitted_comes_out_as_it_went_in(
    version: Version, numbers: list[str], content: bytes, sequence: int
) -> None:
    pdu = Pdu(sequence, Submit("106900001", tuple(numbers), content, 8, "901234"), version)
    assert decode(encode(pdu), version) == pdu


@given(version=st.sampled_from(Version), stat=st.sampled_from(["DELIVRD", "UNDELIV", "MK:0012"]))
def test_a_status_report_inside_a_deliver_comes_out_as_it_went_in(version: Version, stat: str) -> None:
    report = Report(b"\x01" * 8, stat, "2607010700", "2607010701", "10000000007", 77)
    body = Deliver(
        b"\x02" * 8, "106900001", "10000000007", encode_report(report, version), registered_delivery=1
    )
    pdu = decode(encode(Pdu(5, body, version)), version)
    assert isinstance(pdu.body, Deliver)
    assert decode_report(pdu.body.content) == report


def test_the_digests_are_those_that_another_implementation_computed(shared_vectors: Path) -> None:
    """The published CONNECT_RESP answers user 900001 with secret 888888 at 10-21 08:05:10."""
    raw = next(one["raw_hex"] for one in vectors(shared_vectors) if one["id"] == "cmpp-006")
    body = decode(bytes.fromhex(raw)).body
    assert isinstance(body, ConnectResp)
    asked = connect_digest("900001", "888888", 1021080510)
    assert body.digest == answer_digest(0, asked, "888888", Version.V30)
    assert body.digest != answer_digest(0, asked, "888888", Version.V20)


def test_values_that_have_no_place_are_refused_and_not_cut() -> None:
    with pytest.raises(CmppError, match="at most 21"):
        encode(Pdu(1, Submit("1" * 22, ("10000000007",), b"", 8, "901234")))
    with pytest.raises(CmppError, match="does not fit"):
        encode(Pdu(1, Submit("1", ("10000000007",), bytes(256), 8, "901234")))
    with pytest.raises(CmppError, match="1 to 100"):
        encode(Pdu(1, Submit("1", (), b"", 8, "901234")))
    assert encode(Pdu(7, Bare(Command.ACTIVE_TEST))).hex() == "0000000c0000000800000007"
