"""Sentences that none of us wrote: 10 good ones and 1 that must be refused."""

from __future__ import annotations

import pytest

from anlan.drivers import conformance as kit
from anlan.drivers.beidou.manifest import MANIFEST
from anlan.drivers.decode import decode_file
from anlan.drivers.tests.vectors import Vector, load_vectors, vector_file

VECTORS = load_vectors("beidou")
RESULTS = {str(result["id"]): result for result in decode_file("beidou", vector_file("beidou"))}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_sentence_decodes_to_the_stated_values_and_a_bad_one_is_refused(vector: Vector) -> None:
    result = RESULTS[vector["id"]]
    assert result["ok"] is vector["valid"]
    assert {name: result.get(name) for name in vector["decoded"]} == vector["decoded"]
    assert (result["reason"] is None) is vector["valid"]


def test_the_wrong_sum_of_a_published_example_is_named() -> None:
    assert RESULTS["beidou-020"]["reason"] == "The XOR says 35, the bytes give 2A."


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_every_byte_of_a_real_sentence_is_explained(vector: Vector) -> None:
    kit.check_explained(MANIFEST, vector["text"].encode("ascii"))
