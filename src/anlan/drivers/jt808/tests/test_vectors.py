"""Messages that none of us wrote: 60 good ones and 5 that must be refused."""

from __future__ import annotations

import pytest

from anlan.drivers.decode import decode_file
from anlan.drivers.jt808.manifest import MANIFEST
from anlan.drivers.tests.vectors import Vector, load_vectors, vector_file
from anlan.drivers.types import Fields

VECTORS = load_vectors("jt808")
GOOD = [vector for vector in VECTORS if vector["valid"]]
BAD = [vector for vector in VECTORS if not vector["valid"]]
RESULTS = {str(result["id"]): result for result in decode_file("jt808", vector_file("jt808"))}


def differing(stated: Fields, got: Fields) -> Fields:
    """What is stated and not decoded alike; a stated note is the collector's remark."""
    found: Fields = {}
    for name, value in stated.items():
        mine = got.get(name)
        if isinstance(value, dict) and isinstance(mine, dict):
            found |= differing(value, mine)
        elif name != "note" and value != mine:
            found[name] = (value, mine)
    return found


def test_every_message_of_the_file_has_a_result_in_its_order() -> None:
    assert list(RESULTS) == [vector["id"] for vector in VECTORS]
    assert (len(GOOD), len(BAD)) == (60, 5)


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["id"])
def test_a_good_message_decodes_to_the_stated_values(vector: Vector) -> None:
    result = RESULTS[vector["id"]]
    assert result["ok"] is True, result["reason"]
    assert differing(vector["decoded"], result) == {}


@pytest.mark.parametrize("vector", BAD, ids=lambda vector: vector["id"])
def test_a_bad_message_is_refused_with_a_sentence_and_still_names_its_terminal(vector: Vector) -> None:
    result = RESULTS[vector["id"]]
    assert result["ok"] is False
    assert str(result["code"]).startswith("jt808.")
    assert str(result["reason"]).endswith(".")
    assert differing(vector["decoded"], result) == {}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("jt808-031", "jt808.xor"),
        ("jt808-036", "jt808.xor"),
        ("jt808-040", "jt808.one_byte_serial"),
        ("jt808-078", "jt808.xor"),
        ("jt808-126", "jt808.length"),
    ],
)
def test_the_reason_of_each_refusal(name: str, code: str) -> None:
    assert RESULTS[name]["code"] == code


@pytest.mark.parametrize(("name", "ids"), [("jt808-124", ["0002", "0100"]), ("jt808-125", ["0002"])])
def test_a_stream_gives_its_frames_in_order(name: str, ids: list[str]) -> None:
    frames = RESULTS[name]["frames"]
    assert isinstance(frames, list)
    assert [frame["msg_id"] for frame in frames] == ids


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_every_byte_is_explained_once(vector: Vector) -> None:
    raw = bytes.fromhex(vector["raw_hex"])
    at = 0
    for span in MANIFEST.explain_message(raw):
        assert (span.start, span.length > 0) == (at, True)
        at += span.length
    assert at == len(raw)


def test_registers_of_three_editions_are_told_apart() -> None:
    assert RESULTS["jt808-085"]["edition"] == "2011"
    assert (RESULTS["jt808-085"]["model"], RESULTS["jt808-085"]["terminal_id"]) == ("www.808.", "7654321")
    assert (RESULTS["jt808-062"]["edition"], RESULTS["jt808-062"]["plate"]) == ("2013", "粤B88888")
