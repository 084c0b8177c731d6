"""Messages that none of us wrote: 12 good ones and 10 that must be refused; frames, data units alone and a vendor's gauge."""

from __future__ import annotations

from typing import cast

import pytest

from anlan.drivers.decode import decode_file
from anlan.drivers.gb26875.manifest import MANIFEST
from anlan.drivers.tests.vectors import Vector, load_vectors, vector_file
from anlan.drivers.types import Fields

VECTORS = load_vectors("gb26875")
GOOD = [vector for vector in VECTORS if vector["valid"]]
BAD = [vector for vector in VECTORS if not vector["valid"]]
RESULTS = {str(result["id"]): result for result in decode_file("gb26875", vector_file("gb26875"))}
#: Remarks of the collector, not fields of the message.
_REMARKS = frozenset({"case", "expected_go_literal", "error"})


def stated(vector: Vector) -> Fields:
    return {name: value for name, value in vector["decoded"].items() if name not in _REMARKS}


def record(name: str) -> Fields:
    (only,) = cast("list[Fields]", RESULTS[name]["records"])
    return only


def test_every_message_of_the_file_has_a_result_in_its_order() -> None:
    assert list(RESULTS) == [vector["id"] for vector in VECTORS]
    assert (len(GOOD), len(BAD)) == (12, 10)


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["id"])
def test_a_good_message_decodes_to_the_stated_values(vector: Vector) -> None:
    result = RESULTS[vector["id"]]
    assert result["ok"] is True, result["reason"]
    assert {name: result.get(name) for name in stated(vector)} == stated(vector)


@pytest.mark.parametrize("vector", BAD, ids=lambda vector: vector["id"])
def test_a_bad_message_is_refused_with_a_sentence(vector: Vector) -> None:
    result = RESULTS[vector["id"]]
    assert result["ok"] is False
    assert str(result["code"]).startswith("gb26875.")
    assert str(result["reason"]).endswith(".")
    assert {name: result.get(name) for name in stated(vector)} == stated(vector)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("gb26875-001", "gb26875.short"),
        ("gb26875-003", "gb26875.tail"),
        ("gb26875-004", "gb26875.sum"),
        ("gb26875-026", "gb26875.unit"),
    ],
)
def test_the_reason_of_each_refusal(name: str, code: str) -> None:
    assert RESULTS[name]["code"] == code


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "gb26875-017",
            {
                "system_type": 1,
                "system_addr": 2,
                "component_type": 121,
                "component_addr": 0x04030201,
                "state": 0x0204,
                "description": "这是一个转码测试",
                "time": "2021-07-02 09:00:04",
            },
        ),
        (
            "gb26875-019",
            {
                "component_type": 40,
                "component_addr": 0x04030201,
                "analogue_type": 3,
                "analogue_value": 0x0320,
            },
        ),
        ("gb26875-021", {"system_addr": 2, "operation": 0x84, "operator": 0xFA}),
        ("gb26875-027", {"configuration": "这是一个转码测试"}),
        ("gb26875-030", {"component_type": 40, "description": "这是一个转码测试"}),
        ("gb26875-032", {"time": "2021-07-02 09:00:04", "time_encoding": "binary"}),
    ],
)
def test_a_data_unit_has_the_values_that_its_source_asserts(name: str, values: Fields) -> None:
    got = record(name)
    assert {key: got[key] for key in values} == values


def test_a_vendors_pressure_gauge_says_its_pressure_and_time() -> None:
    gauge = RESULTS["gb26875-045"]
    assert (gauge["device"], gauge["current_MPa"], gauge["time"]) == (
        "SHRP25090120",
        0.605,
        "2025-10-28 02:23:03",
    )


def test_a_time_that_reads_both_ways_is_named() -> None:
    problems = cast("list[str]", RESULTS["gb26875-003"]["problems"])
    assert any("reads sensibly both ways" in each for each in problems)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_every_byte_is_explained_once(vector: Vector) -> None:
    raw = bytes.fromhex(vector["raw_hex"])
    spans = MANIFEST.explain_message(raw)
    assert [span.start for span in spans] == [
        sum(each.length for each in spans[:at]) for at in range(len(spans))
    ]
    assert sum(span.length for span in spans) == len(raw)
    assert all(span.length > 0 for span in spans)
