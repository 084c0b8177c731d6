"""SMPP against messages of other implementations, and against bytes that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.dissemination.channels.smpp.wire import (
    MOST,
    Address,
    Bind,
    Command,
    Pdu,
    ShortMessage,
    SmppError,
    Tlv,
    decode,
    encode,
)
from anlan.dissemination.channels.texting.wire import Framer, WireError

#: What must be said about each message that is not good.
WHY = {
    "smpp-001": "header: 3 bytes",
    "smpp-007": "length 4026531857 above",
    "smpp-014": "length says 16",
    "smpp-015": "header: 1 bytes",
    "smpp-019": "message_id: no NUL",
}


def vectors(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "smpp.json").read_text(encoding="utf-8"))
    return found


def _address(one: Address) -> dict[str, Any]:
    return {"ton": one.ton, "npi": one.npi, "addr": one.addr}


def shown(pdu: Pdu, frame: bytes) -> dict[str, Any]:
    """Our fields under the names of the vectors."""
    told: dict[str, Any] = {
        "command_length": len(frame),
        "command_id": f"{pdu.command:08x}",
        "command": Command(pdu.command).name.lower(),
        "status": pdu.status,
        "sequence": pdu.sequence,
        "length_ok": True,
    }
    for name, how in getattr(pdu.body, "fields", ()):
        value = getattr(pdu.body, name)
        if isinstance(value, Address):
            told[name] = _address(value)
        elif how != "message" and value is not None:
            told[name] = value
    body = pdu.body
    if isinstance(body, Bind):
        told["interface_version"] = f"{body.interface_version:02x}"
    if isinstance(body, ShortMessage):
        told["sm_length"] = len(body.short_message) if body.stated_length is None else body.stated_length
        told["short_message_hex"] = body.short_message.hex()
    if getattr(body, "tlvs", ()):
        told["tlvs"] = [
            {"tag": f"{one.tag:04x}", "len": len(one.value) if one.stated_length is None else one.stated_length, "hex": one.value.hex()}
            for one in body.tlvs  # type: ignore[union-attr]  # only bodies with TLVs come here
        ]  # fmt: skip
    return told


def test_every_good_message_is_read_as_its_source_says_and_written_with_the_same_bytes(
    shared_vectors: Path,
) -> None:
    good = [vector for vector in vectors(shared_vectors) if vector["valid"]]
    assert len(good) == 24
    for vector in good:
        frame = bytes.fromhex(vector["raw_hex"])
        pdu = decode(frame)
        assert encode(pdu) == frame, vector["id"]
        told = shown(pdu, frame)
        for name, value in vector["decoded"].items():
            if name not in ("short_message_ucs2", "short_message_latin1"):
                assert told[name] == value, (vector["id"], name)


def test_every_bad_message_is_refused_with_its_reason(shared_vectors: Path) -> None:
    bad = {vector["id"]: vector for vector in vectors(shared_vectors) if not vector["valid"]}
    assert set(bad) == set(WHY)
    for name, why in WHY.items():
        with pytest.raises(SmppError, match=why):
            decode(bytes.fromhex(bad[name]["raw_hex"]))


def test_two_glued_messages_of_which_one_is_cut_give_the_first_and_wait_for_the_rest(
    shared_vectors: Path,
) -> None:
    raw = next(one["raw_hex"] for one in vectors(shared_vectors) if one["id"] == "smpp-014")
    framer = Framer(16, MOST)
    frames = framer.feed(bytes.fromhex(raw))
    assert len(frames) == 1
    assert framer.waiting == 15
    assert len(framer.feed(b"\xec")) == 1


def test_every_good_message_cut_anywhere_is_refused(shared_vectors: Path) -> None:
    for vector in vectors(shared_vectors):
        if not vector["valid"]:
            continue
        frame = bytes.fromhex(vector["raw_hex"])
        for cut in range(len(frame)):
            with pytest.raises(SmppError):
                decode(frame[:cut])


@pytest.mark.parametrize("length", [0, 15, MOST + 1, 0xF0000011])
def test_a_length_that_cannot_be_drops_the_link_before_anything_is_buffered(length: int) -> None:
    with pytest.raises(WireError, match="outside"):
        Framer(16, MOST).feed(length.to_bytes(4, "big"))


@given(data=st.binary(max_size=300), command=st.sampled_from([*Command, 0x42]))
def test_any_bytes_are_read_or_refused_and_nothing_else_happens(data: bytes, command: int) -> None:
    whole = (len(data) + 16).to_bytes(4, "big") + int(command).to_bytes(4, "big") + bytes(8) + data
    for frame in (data, whole):
        try:
            pdu = decode(frame)
        except SmppError:
            continue
        assert encode(pdu) == frame


@given(
    text=st.binary(max_size=254),
    to=st.text("0123456789", min_size=1, max_size=20),
    tlvs=st.lists(st.builds(Tlv, st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=4),
    sequence=st.integers(0, 2**32 - 1),
    coding=st.integers(0, 255),
)
def test_what_is_submitted_comes_out_as_it_went_in(
    text: bytes, to: str, tlvs: list[Tlv], sequence: int, coding: int
) -> None:
    body = ShortMessage(Address(5, 0, "ANLAN"), Address(1, 1, to), text, data_coding=coding, tlvs=tuple(tlvs))
    pdu = Pdu(Command.SUBMIT_SM, sequence, body)
    assert decode(encode(pdu)) == pdu


def test_a_value_that_has_no_place_is_refused_and_not_cut() -> None:
    with pytest.raises(SmppError, match="does not fit"):
        encode(Pdu(Command.SUBMIT_SM, 1, ShortMessage(Address(), Address(), bytes(256))))
    with pytest.raises(SmppError, match="holds a NUL"):
        encode(Pdu(Command.BIND_TRANSCEIVER, 1, Bind("a\0b", "")))
