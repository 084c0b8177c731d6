"""Messages that none of us wrote: 12 good ones and 7 that must be refused."""

from __future__ import annotations

import pytest

from anlan.drivers import conformance as kit
from anlan.drivers.decode import decode_file
from anlan.drivers.hj212.manifest import MANIFEST
from anlan.drivers.tests.vectors import Vector, load_vectors, vector_file

VECTORS = load_vectors("hj212")
GOOD = [vector for vector in VECTORS if vector["valid"]]
BAD = [vector for vector in VECTORS if not vector["valid"]]
BY_ID = {vector["id"]: vector["text"].encode("ascii") for vector in VECTORS}
RESULTS = {str(result["id"]): result for result in decode_file("hj212", vector_file("hj212"))}


def test_every_message_of_the_file_has_a_result_in_its_order() -> None:
    assert list(RESULTS) == [vector["id"] for vector in VECTORS]
    assert (len(GOOD), len(BAD)) == (12, 7)


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["id"])
def test_a_good_message_decodes_to_the_stated_values(vector: Vector) -> None:
    result = RESULTS[vector["id"]]
    assert result["ok"] is True
    assert result["reason"] is None
    assert {name: result.get(name) for name in vector["decoded"]} == vector["decoded"]


@pytest.mark.parametrize("vector", BAD, ids=lambda vector: vector["id"])
def test_a_bad_message_is_refused_with_a_sentence_and_what_it_says_of_itself(vector: Vector) -> None:
    result = RESULTS[vector["id"]]
    assert result["ok"] is False
    assert str(result["reason"]).endswith(".")
    assert {name: result.get(name) for name in vector["decoded"]} == vector["decoded"]


@pytest.mark.parametrize(
    ("name", "dialect"),
    [("014", "modbus_swapped"), ("016", "modbus_swapped"), ("036", "modbus"), ("038", "modbus")],
)
def test_a_refusal_names_the_dialect_that_would_fit(name: str, dialect: str) -> None:
    result = RESULTS[f"hj212-{name}"]
    assert result["code"] == "hj212.crc_dialect"
    assert f"crc={dialect}" in str(result["reason"])


def test_our_answer_to_a_real_report_is_the_real_answer() -> None:
    (outcome,) = kit.play(MANIFEST, [BY_ID["hj212-026"]])
    assert getattr(outcome, "ack", None) == BY_ID["hj212-031"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_every_byte_of_a_real_message_is_explained(vector: Vector) -> None:
    kit.check_explained(MANIFEST, vector["text"].encode("ascii"))


@pytest.mark.parametrize("name", ["hj212-009", "hj212-023", "hj212-022"])
def test_a_damaged_real_message_is_refused_or_says_the_same(name: str) -> None:
    kit.check_damaged(MANIFEST, BY_ID[name])
