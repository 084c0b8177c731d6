"""Frames against hand-built bytes, and against real uplinks of others where they are at hand."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.sl651 import frames
from simulator.sl651.frames import Ack, AckReader, Address, cut, element, observed, rain_group, spoiled

VECTORS = Path(__file__).parents[5] / "shared" / "vectors" / "sl651.json"
SENT = datetime(2026, 6, 30, 22, 31, 4, tzinfo=UTC)
RAIN = Address("00990100AF", frames.TYPE_RAIN, centre=1, password="0000")


def test_an_added_report_is_byte_for_byte_the_hand_built_one() -> None:
    """Built by hand from the frame table: 7E7E, centre, station, password, 33, length 0x26, STX … ETX."""
    elements = observed(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) + element(0x22, 5, 3, 1)
    elements += element(0x26, None, 3, 1) + element(0x38, 1198, 2, 2)
    frame = RAIN.uplink(frames.ADDED, serial=0xC1, sent=SENT, elements=elements)
    body = (
        "00C1260701063104" + "F1F100990100AF50" + "F0F02607010630" + "2219000005" + "2619FFFFFF" + "38121198"
    )
    expected = bytes.fromhex(
        "7E7E01" + "00990100AF" + "0000" + "33" + f"{len(body) // 2:04X}" + "02" + body + "03"
    )
    assert frame[:-2] == expected
    assert int.from_bytes(frame[-2:], "big") == frames.crc16(expected)


def test_a_keepalive_has_only_its_serial_and_time() -> None:
    frame = RAIN.uplink(frames.KEEPALIVE, serial=3, sent=SENT)
    assert frame[:-2].hex().upper() == "7E7E0100990100AF00002F0008020003260701063104" + "03"


def test_the_check_value_of_the_crc_is_the_published_one() -> None:
    assert frames.crc16(b"123456789") == 0x4B37  # CRC-16/MODBUS in the public catalogue


@pytest.mark.parametrize(
    ("value", "size", "wire"),
    [
        (0, 3, "000000"),
        (2105, 3, "002105"),
        (None, 3, "FFFFFF"),
        (-152, 4, "FF000152"),
        (4280, 4, "00004280"),
    ],
)
def test_values_are_packed_decimal_with_f_for_no_reading_and_ff_for_minus(
    value: int | None, size: int, wire: str
) -> None:
    assert frames.digits(value, size).hex().upper() == wire


def test_a_rain_group_holds_twelve_slots_of_a_byte() -> None:
    group = rain_group([5, 0, 0, 0, 20, None, None, None, None, None, 0, 0])
    assert group.hex().upper() == "F460" + "0500000014FFFFFFFFFF0000"
    with pytest.raises(ValueError, match="twelve"):
        rain_group([255] + [0] * 11)


def test_a_number_too_long_for_its_field_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        frames.bcd(1_000_000, 3)


def test_acknowledgements_are_found_between_rubbish_and_split_anywhere() -> None:
    good = bytes.fromhex("7E7E00123456780112343080080200035910111549471B75D4")
    for position in range(len(good) + 1):
        reader = AckReader()
        found = reader.feed(b"\x00\x7e\x55" + good[:position]) + reader.feed(good[position:] + good)
        assert found == [Ack("0012345678", 0x30, 3, True)] * 2


def test_a_refusal_or_a_wrong_crc_is_no_acknowledgement() -> None:
    good = bytes.fromhex("7E7E00123456780112343080080200035910111549471B75D4")
    refusing = good[:-3] + b"\x15"
    refusing += frames.crc16(refusing).to_bytes(2, "big")
    assert [ack.accepted for ack in AckReader().feed(refusing)] == [False]
    assert AckReader().feed(spoiled(good)) == []


def test_a_cut_frame_is_whole_again_and_a_spoiled_one_fails_its_crc() -> None:
    frame = RAIN.uplink(frames.KEEPALIVE, serial=3, sent=SENT)
    assert b"".join(cut(frame, 4)) == frame
    bad = spoiled(frame)
    assert len(bad) == len(frame)
    assert frames.crc16(bad[:-2]).to_bytes(2, "big") != bad[-2:]


def _vectors() -> list[dict[str, Any]]:
    return json.loads(VECTORS.read_text()) if VECTORS.exists() else []


@pytest.mark.skipif(not VECTORS.exists(), reason="../shared/vectors/sl651.json is not here")
def test_the_crc_agrees_with_every_real_frame() -> None:
    checked = 0
    for vector in _vectors():
        raw = bytes.fromhex(vector["raw_hex"])
        spare = len(bytes.fromhex(vector["decoded"].get("trailing_garbage_hex") or ""))
        spare = spare or len(bytes.fromhex(vector.get("trailing_garbage_hex") or ""))
        frame = raw[: len(raw) - spare]
        assert (frames.crc16(frame[:-2]).to_bytes(2, "big") == frame[-2:]) == vector["decoded"]["crc_ok"]
        checked += 1
    assert checked > 40


@pytest.mark.skipif(not VECTORS.exists(), reason="../shared/vectors/sl651.json is not here")
def test_real_uplinks_of_known_elements_are_re_encoded_byte_for_byte() -> None:
    again = 0
    for vector in _vectors():
        decoded = vector["decoded"]
        if not vector["valid"] or decoded["direction"] != "up" or len(decoded.get("obs_times_raw", [])) != 1:
            continue
        known = all(len(e["id"]) == 2 and "value" in e for e in decoded["elements"])
        if decoded["function"] not in ("30", "32", "33") or not known:
            continue
        address = Address(
            decoded["station"], int(decoded["station_type"], 16), decoded["center"], decoded["password"]
        )
        elements = observed(_beijing(decoded["obs_times_raw"][0], "%y%m%d%H%M"))
        for item in decoded["elements"]:
            definition = int(item["def"], 16)
            size, decimals = definition >> 3, definition & 7
            value = None if item["value"] is None else round(item["value"] * 10**decimals)
            elements += element(int(item["id"], 16), value, size, decimals)
        frame = address.uplink(
            int(decoded["function"], 16),
            serial=decoded["serial"],
            sent=_beijing(decoded["send_time_raw"], "%y%m%d%H%M%S"),
            elements=elements,
        )
        assert bytes.fromhex(vector["raw_hex"]).startswith(frame), vector["id"]
        again += 1
    assert again >= 3


def _beijing(raw: str, form: str) -> datetime:
    return datetime.strptime(raw, form).replace(tzinfo=frames.BEIJING)
