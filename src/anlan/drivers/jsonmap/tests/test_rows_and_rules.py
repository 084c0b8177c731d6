"""What a mapping does with rows that are odd, and what it refuses before it is ever used."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.drivers.jsonmap import (
    BadDocument,
    BadMapping,
    Mapped,
    Memory,
    Sm4Cbc,
    map_document,
    open_document,
    parse_mapping,
)
from anlan.drivers.jsonmap.examples import NAMES, example
from anlan.drivers.jsonmap.units import BadUnit, canonical, convert
from anlan.kernel.clock import parse_instant

NOON = parse_instant("2026-07-01T04:00:00Z")


def mapping(**changes: Any) -> Any:
    rule = {"from": "v", "to": "stage", "unit": "m", **changes.pop("rule", {})}
    time = {"from": "t", **changes.pop("time", {})}
    part = {"records": "[]", "station": "{s}", "time": time, "readings": [rule], **changes}
    return parse_mapping(json.dumps({"parts": [part]}))


def read(described: Any, *rows: Any, memory: Memory | None = None, arrival: Any = NOON) -> Mapped:
    document = open_document(described, json.dumps(list(rows)).encode())
    return map_document(described, document, arrival=arrival, memory=memory)


def row(**changes: Any) -> dict[str, Any]:
    return {"s": "A1", "t": "2026-07-01T12:00:00", "v": 9.5, **changes}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"s": None}, "field.missing"),
        ({"s": "x" * 41}, "name.unusable"),
        ({"s": {}}, "field.missing"),
        ({"t": None}, "time.missing"),
        ({"t": "noon"}, "time.unreadable"),
        ({"t": "1899-01-01"}, "time.impossible"),
        ({"v": "much"}, "value.not_a_number"),
        ({"v": "NaN"}, "value.not_a_number"),
        ({"v": [1]}, "value.not_a_number"),
        ({"v": True}, "word.unknown"),
    ],
)
def test_a_bad_row_is_refused_with_its_place_and_costs_no_good_one(bad: dict[str, Any], code: str) -> None:
    found = read(mapping(), row(), row(**bad), row(s="A2"))
    assert [r.station for r in found.readings] == ["A1", "A2"]
    assert [(r.code, r.place.startswith("$[1]")) for r in found.refused] == [(code, True)]


def test_null_and_what_the_sender_writes_for_it_are_no_reading() -> None:
    found = read(mapping(rule={"missing": ["-9999"]}), row(v=None), row(v=-9999.0), row(v=""))
    assert [r.value for r in found.readings] == [None, None, None]


def test_a_station_that_names_another_unit_is_refused_and_not_silently_scaled() -> None:
    described, memory = mapping(rule={"unit": "", "unit_from": "u"}), Memory()
    assert read(described, row(u="m"), memory=memory).readings[0].value == Decimal("9.5")
    found = read(described, row(u="cm", v=950), row(s="A2", u="cm", v=950), memory=memory)
    assert [(r.station, r.value) for r in found.readings] == [("A2", Decimal("9.5"))]
    assert [(r.code, r.station) for r in found.refused] == [("unit.changed", "A1")]
    assert "m until now" in found.refused[0].reason
    assert read(described, row(u="米"), memory=memory).refused == []


def test_a_row_without_a_unit_or_with_an_unknown_one_is_refused() -> None:
    described = mapping(rule={"unit": "", "unit_from": "u"})
    assert [r.code for r in read(described, row(), row(u="尺"), row(u="kPa")).refused] == [
        "unit.missing",
        "unit.unknown",
        "unit.unfit",
    ]


@pytest.mark.parametrize(
    ("value", "given_unit", "wanted", "result"),
    [
        ("123.4", "cm", "m", "1.234"),
        ("1.25", "MPa", "kPa", "1250"),
        ("0.1", "千帕", "MPa", "0.0001"),
        ("36", "m³/h", "m³/s", "0.01"),
        ("300", "K", "℃", "26.85"),
        ("50", "°F", "℃", "10"),
        ("1", "m3/d", "m³/s", "0.000011574074074074"),
        ("3.5", "百万m³", "万m³", "350"),
        ("1", "%CH4", "ppm", "10000"),
    ],
)
def test_units_convert_exactly(value: str, given_unit: str, wanted: str, result: str) -> None:
    assert convert(Decimal(value), given_unit, wanted) == Decimal(result)


def test_a_share_of_the_explosive_limit_is_no_share_of_the_volume() -> None:
    with pytest.raises(BadUnit, match="cannot be turned"):
        convert(Decimal(1), "%LEL", "%VOL")
    assert canonical("m³/s") == canonical("立方米/秒")


@settings(max_examples=60, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_there_and_back_again_changes_no_digit(value: Decimal) -> None:
    assert convert(convert(value, "m", "mm"), "mm", "m") == value
    assert convert(convert(value, "°C", "K"), "K", "°C") == value


def test_a_time_without_zone_is_beijing_time_and_one_with_a_zone_is_its_own() -> None:
    found = read(mapping(), row(), row(t="2026-07-01T04:00:00Z"), row(t="2026-07-01T09:30:00+05:30"))
    assert {r.phenomenon_time for r in found.readings} == {NOON}


@pytest.mark.parametrize(("form", "text"), [("epoch_s", 1782878400), ("epoch_ms", "1782878400000"), ("%Y%m%d%H%M%S", "20260701120000")])  # fmt: skip
def test_other_ways_to_write_a_time_are_read(form: str, text: Any) -> None:
    assert read(mapping(time={"format": form}), row(t=text)).readings[0].phenomenon_time == NOON


def test_a_period_named_by_its_start_is_kept_by_its_end() -> None:
    found = read(mapping(time={"label": "start", "period_s": 3600}), row(t="2026-07-01T11:00:00"))
    assert found.readings[0].phenomenon_time == NOON


def test_a_device_that_writes_beijing_time_with_a_z_is_found_by_a_live_reading_and_then_known() -> None:
    described, memory = mapping(time={"z_is": "by_arrival"}), Memory()
    assert read(described, row(t="2026-07-01T05:00:00Z"), memory=memory, arrival=NOON + timedelta(hours=9)).refused[0].code == "time.zone_undecided"  # fmt: skip
    live = read(
        described, row(t="2026-07-01T12:00:00Z"), row(s="UTC1", t="2026-07-01T03:59:00Z"), memory=memory
    )
    assert [r.phenomenon_time.hour for r in live.readings] == [4, 3]
    late = read(described, row(t="2026-07-01T05:00:00Z"), memory=memory, arrival=NOON + timedelta(hours=9))
    assert late.readings[0].phenomenon_time == parse_instant("2026-06-30T21:00:00Z")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{\n"parts": [\n}', 3, "not JSON"),
        ('{"parts": [],\n"colour": 1}', 2, "colour"),
        ("[]", 1, "object"),
        ('{"parts": []}', 1, "no part"),
    ],
)
def test_a_mapping_with_a_mistake_is_refused_and_the_line_is_named(text: str, line: int, words: str) -> None:
    with pytest.raises(BadMapping, match=words) as caught:
        parse_mapping(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"unit": "cm"', '"unit": "尺"', "unit"),
        ('"unit": "cm"', '"unit": "kPa"', "cannot be turned"),
        ('"tank_level@{tank}"', '"mood"', "no quantity"),
        ('"unit": "cm"', '"colour": "cm"', "colour"),
    ],
)
def test_a_mistake_in_one_rule_names_the_line_of_that_rule(old: str, new: str, words: str) -> None:
    text = example("major_hazard")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(BadMapping, match=words) as caught:
        parse_mapping(text.replace(old, new, 1))
    assert caught.value.line == line


def test_a_secret_never_stands_in_a_mapping() -> None:
    with pytest.raises(BadMapping, match="ANLAN_CONNECT_"):
        parse_mapping(example("dust_explosion").replace("ANLAN_CONNECT_DUST_KEY", "0123456789abcdef"))


def test_sm4_opens_the_example_of_the_standard() -> None:
    """GB/T 32907-2016, example 1: one block; with a zero vector the first block of CBC is the block itself."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert Sm4Cbc(key, bytes(16)).encrypt(key)[:16].hex() == "681edf34d206965e86b3e94f536e4246"


@pytest.mark.parametrize("damage", ["", "zz", "00" * 15, "00" * 16, "wrong key"])
def test_an_encrypted_text_that_cannot_be_opened_is_refused_as_a_whole(damage: str) -> None:
    described = parse_mapping(example("dust_explosion"))
    good = Sm4Cbc(b"k" * 16, b"s" * 16).encrypt(b'{"points": []}').hex()
    body = json.dumps({"data": good if damage == "wrong key" else damage}).encode()
    with pytest.raises(BadDocument) as caught:
        open_document(described, body, Sm4Cbc(b"x" * 16, b"s" * 16))
    assert caught.value.code == "document.cannot_open"


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "events", "a", "item", "value", "unit", "time", "mine", "kind"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NAMES), _json)
def test_no_document_whatever_makes_it_raise(name: str, document: Any) -> None:
    described = parse_mapping(example(name))
    map_document(described, document, arrival=NOON)
