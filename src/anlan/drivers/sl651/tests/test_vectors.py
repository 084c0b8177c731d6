"""Messages that none of us wrote: 45 real frames and 3 that must be refused."""

from __future__ import annotations

import pytest

from anlan.drivers.decode import decode_file
from anlan.drivers.sl651.codec import decode
from anlan.drivers.sl651.encode import acknowledgement
from anlan.drivers.sl651.explain import explain
from anlan.drivers.sl651.happenings import happenings
from anlan.drivers.sl651.layout import End
from anlan.drivers.sl651.model import Sl651Frame
from anlan.drivers.tests.vectors import Vector, load_vectors, vector_file

VECTORS = load_vectors("sl651")
GOOD = [vector for vector in VECTORS if vector["valid"]]
BAD = [vector for vector in VECTORS if not vector["valid"]]
BY_ID = {vector["id"]: vector for vector in VECTORS}
RESULTS = {str(result["id"]): result for result in decode_file("sl651", vector_file("sl651"))}


def test_every_message_of_the_file_has_a_result_in_its_order() -> None:
    assert list(RESULTS) == [vector["id"] for vector in VECTORS]
    assert (len(GOOD), len(BAD)) == (45, 3)


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["id"])
def test_a_good_frame_decodes_to_the_stated_values(vector: Vector) -> None:
    result = RESULTS[vector["id"]]
    assert result["ok"] is True
    assert result["reason"] is None
    stated = vector["decoded"]
    assert {name: result.get(name) for name in stated} == stated
    assert result["trailing_garbage_hex"] == vector["trailing_garbage_hex"]
    assert "problems" not in result


@pytest.mark.parametrize(
    ("name", "code"),
    [("sl651-051", "sl651.length"), ("sl651-057", "sl651.crc"), ("sl651-090", "sl651.crc")],
)
def test_a_bad_frame_is_refused_with_a_code_and_a_sentence(name: str, code: str) -> None:
    result = RESULTS[name]
    assert result["ok"] is False
    assert result["code"] == code
    assert str(result["reason"]).endswith(".")
    assert result["crc_ok"] is False


@pytest.mark.parametrize("vector", BAD, ids=lambda vector: vector["id"])
def test_a_refused_frame_still_says_which_station_it_claims_to_be(vector: Vector) -> None:
    assert RESULTS[vector["id"]]["station"] == vector["decoded"]["station"]


def test_no_bad_vector_decodes() -> None:
    assert not any(isinstance(decode(bytes.fromhex(vector["raw_hex"])), Sl651Frame) for vector in BAD)


def test_our_answer_to_a_real_report_is_the_real_answer() -> None:
    report = decode(bytes.fromhex(BY_ID["sl651-054"]["raw_hex"]))
    assert isinstance(report, Sl651Frame)
    assert acknowledgement(report, End.ESC) == bytes.fromhex(BY_ID["sl651-094"]["raw_hex"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_every_byte_of_a_real_message_is_explained_once(vector: Vector) -> None:
    raw = bytes.fromhex(vector["raw_hex"])
    spans = explain(raw)
    assert [span.start for span in spans] == [sum(one.length for one in spans[:n]) for n in range(len(spans))]
    assert sum(span.length for span in spans) == len(raw)
    if vector["valid"] and not vector["trailing_garbage_hex"]:
        assert "unread" not in {span.name for span in spans}


def test_the_settings_of_a_real_terminal_are_read_and_its_password_is_not_shown() -> None:
    frame = decode(bytes.fromhex(BY_ID["sl651-063"]["raw_hex"]))
    assert isinstance(frame, Sl651Frame)
    (happening,) = happenings(frame)
    settings = happening.fields["settings"]
    assert isinstance(settings, list)
    shown = {one["id"]: one["raw"] for one in settings}
    assert list(shown) == ["01", "02", "03", "04", "05", "0C", "0D", "0F"]
    assert (shown["02"], shown["03"], shown["0C"]) == ("0011223344", "****", "02")
