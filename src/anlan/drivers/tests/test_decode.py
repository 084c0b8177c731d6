from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from anlan.drivers.decode import Message, UnknownProtocol, UnreadableMessages, decode, decode_file, explain
from anlan.drivers.sl651.tests.make import STATION, report

REPORT = report("2219000035").hex()
OTHER = report("392300028960").hex()


def test_one_message_a_line_is_numbered_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "captured.txt"
    file.write_text(f"# from the radio room\n{REPORT}\n\n7E7E {OTHER[4:]}\n", encoding="utf-8")
    first, second = decode_file("sl651", file)
    assert (first["id"], second["id"]) == ("2", "4")
    assert first["ok"] is second["ok"] is True
    assert first["station"] == STATION


def test_a_vector_file_keeps_its_ids_and_its_order(tmp_path: Path) -> None:
    file = tmp_path / "vectors.json"
    file.write_text(
        json.dumps([{"id": "b", "raw_hex": OTHER}, {"id": "a", "raw_hex": REPORT}]), encoding="utf-8"
    )
    assert [result["id"] for result in decode_file("sl651", file)] == ["b", "a"]


def test_results_are_plain_json() -> None:
    results = decode("sl651", [Message("1", REPORT), Message("2", "zz")])
    assert json.loads(json.dumps(results)) == results


def test_bytes_around_a_good_frame_are_reported_and_not_fatal() -> None:
    (result,) = decode("sl651", [Message("1", "0D0A" + REPORT + "7E00")])
    assert result["ok"] is True
    assert (result["leading_garbage_hex"], result["trailing_garbage_hex"]) == ("0D0A", "7E00")


def test_further_frames_in_one_message_are_listed() -> None:
    (result,) = decode("sl651", [Message("1", REPORT + OTHER)])
    further = result["further_frames"]
    assert isinstance(further, list)
    assert [each["ok"] for each in further] == [True]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("xyz", "decode.not_hex"),
        ("", "sl651.no_frame"),
        ("00112233", "sl651.no_frame"),
        ("01" + b"0012345678".hex(), "sl651.ascii"),
        ("7E7E0100", "sl651.truncated"),
        (REPORT[:-6], "sl651.truncated"),
        (REPORT[:-4] + "0000", "sl651.crc"),
        (REPORT[:22] + "5" + REPORT[23:], "sl651.header"),
    ],
    ids=["no hex", "nothing", "no start", "ascii", "begun", "cut off", "wrong sum", "wrong direction"],
)
def test_a_message_that_is_no_frame_says_why(text: str, code: str) -> None:
    (result,) = decode("sl651", [Message("1", text)])
    assert result["ok"] is False
    assert result["code"] == code
    assert str(result["reason"]).endswith(".")


def test_an_unknown_protocol_names_those_that_exist() -> None:
    with pytest.raises(UnknownProtocol) as refused:
        decode("sl999", [])
    assert "sl999" in str(refused.value)
    assert "sl651" in str(refused.value)


@pytest.mark.parametrize(
    "entry",
    [1, None, [], {"id": "a"}, {"raw_hex": 7}, {"text": None}, {"base64": "!!"}, {"raw_hex": "7E7"}],
    ids=str,
)
def test_an_entry_without_a_message_is_one_refused_result_and_the_others_are_read(
    tmp_path: Path, entry: object
) -> None:
    file = tmp_path / "odd.json"
    file.write_text(json.dumps([entry, {"id": "good", "raw_hex": REPORT}]), encoding="utf-8")
    odd, good = decode_file("sl651", file)
    assert odd["ok"] is False
    assert str(odd["reason"]).endswith(".")
    assert (good["id"], good["ok"]) == ("good", True)


def test_base64_and_numbers_as_ids_are_read(tmp_path: Path) -> None:
    file = tmp_path / "vectors.json"
    encoded = base64.b64encode(bytes.fromhex(REPORT)).decode("ascii")
    file.write_text(json.dumps({"id": 7, "base64": encoded}), encoding="utf-8")
    (result,) = decode_file("sl651", file)
    assert (result["id"], result["ok"]) == ("7", True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_explanation_names_every_byte_once_and_in_order(language: str) -> None:
    (result,) = explain("sl651", [Message("1", REPORT)], language=language)
    spans = result["spans"]
    assert isinstance(spans, list)
    assert "".join(span["hex"] for span in spans) == REPORT.upper()
    assert [span["start"] for span in spans] == [
        sum(each["length"] for each in spans[:number]) for number in range(len(spans))
    ]


def test_what_is_no_message_has_no_spans() -> None:
    results = explain("sl651", [Message("1", "xyz"), Message("2", "")])
    assert [result["spans"] for result in results] == [[], []]


@pytest.mark.parametrize("text", ["[", "[" * 100_000])
def test_a_file_of_another_shape_is_refused_with_the_next_step(tmp_path: Path, text: str) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableMessages, match="raw_hex"):
        decode_file("sl651", file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMessages):
        decode_file("sl651", tmp_path / "absent.txt")
