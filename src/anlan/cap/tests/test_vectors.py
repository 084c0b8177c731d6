"""Messages that none of us wrote: 34 documents of seven senders and the national JSON, judged as their sources state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.cap.national import read_json
from anlan.cap.parse import read_all
from anlan.cap.shapes import geojson_of
from anlan.cap.show import lines
from anlan.cap.signing import verify_bytes
from anlan.cap.validate import Verdict, validate
from anlan.cap.wire import write_time
from anlan.cap.write import write
from anlan.drivers.tests.vectors import vector_file
from anlan.vocab.levels import Level


def _load(name: str) -> list[dict[str, Any]]:
    path = Path(vector_file(name))
    if not path.is_file():
        pytest.skip(f"the {name} vectors are not beside this checkout", allow_module_level=True)
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


ROWS = [row for row in _load("cap") if row.get("text")]
BY_ID = {row["id"]: row for row in ROWS}


def octets(name: str) -> bytes:
    row = BY_ID[name]
    return str(row["text"]).encode(row.get("encoding") or "utf-8")


def codes(verdict: Verdict) -> set[str]:
    return {one.code for one in verdict.reasons}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["id"]))
def test_every_document_is_judged_as_its_source_states(row: dict[str, Any]) -> None:
    verdict = validate(octets(row["id"]))
    assert verdict.ok is row["valid"], [one.en for one in verdict.findings]
    assert bool(verdict.reasons) is not row["valid"]
    assert all(one.zh and one.en for one in verdict.findings)


@pytest.mark.parametrize(
    ("name", "reasons", "says"),
    [
        ("cap-016", {"cap.alert_outside_entry", "cap.schema"}, "incidents"),
        ("cap-017", {"cap.feed_missing"}, "id"),
        ("cap-018", {"cap.entry_without_link"}, "alternate link"),
        ("cap-020", {"cap.feed_missing"}, "title"),
        ("cap-048", {"cap.signature_text"}, "X509Certificate"),
        ("cap-049", {"cap.signature_text"}, "DigestValue"),
        ("cap-050", {"cap.not_cap"}, "schema"),
        ("cap-051", {"cap.signature_text"}, "SignatureValue"),
        ("cap-054", {"cap.signature_text"}, "X509Certificate"),
        ("cap-055", {"cap.signature_text"}, "DigestValue"),
        ("cap-056", {"cap.schema", "cap.missing", "cap.digest_mismatch"}, "certainty"),
        ("cap-057", {"cap.signature_text"}, "SignatureValue"),
    ],
)
def test_a_bad_document_is_refused_for_what_is_wrong_with_it(name: str, reasons: set[str], says: str) -> None:
    verdict = validate(octets(name))
    assert codes(verdict) == reasons
    assert says in " ".join(one.en for one in verdict.reasons)


def test_every_bad_document_is_in_the_table_above() -> None:
    bad = {row["id"] for row in ROWS if not row["valid"]}
    table = test_a_bad_document_is_refused_for_what_is_wrong_with_it.pytestmark[0].args[1]  # type: ignore[attr-defined]  # pytest's mark
    assert bad == {name for name, *_rest in table}


def _stated(row: dict[str, Any]) -> dict[str, Any] | None:
    decoded = row["decoded"]
    return decoded.get("first_alert") or (decoded if decoded["root"] == "alert" else None)


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if _stated(row) and row["id"] not in ("cap-016", "cap-056")],
    ids=lambda row: str(row["id"]),
)
def test_an_alert_is_read_with_the_values_that_others_read(row: dict[str, Any]) -> None:
    stated = _stated(row)
    assert stated is not None
    alerts = read_all(octets(row["id"]))
    assert len(alerts) == row["decoded"].get("alerts_inside", 1)
    alert = alerts[0]
    assert (alert.identifier, alert.sender, alert.status, alert.msg_type, alert.scope) == tuple(
        stated[name] for name in ("identifier", "sender", "status", "msgType", "scope")
    )
    assert write_time(alert.sent).replace("+00:00", "-00:00") == stated["sent"].replace("+00:00", "-00:00")
    assert list(alert.codes) == stated["codes"]
    assert len(alert.infos) == stated["info_count"]
    for info, said in zip(alert.infos, stated["infos"], strict=False):
        assert (info.event, info.urgency, info.severity, info.certainty) == tuple(
            said.get(name, "") for name in ("event", "urgency", "severity", "certainty")
        )
        assert info.headline == said.get("headline", "")
        assert len(info.areas) == said.get("area_count", len(info.areas))


@pytest.mark.parametrize("row", [row for row in ROWS if row["valid"]], ids=lambda row: str(row["id"]))
def test_what_was_read_is_written_as_valid_cap_1_2_and_read_back_equal(row: dict[str, Any]) -> None:
    for alert in read_all(octets(row["id"])):
        again = read_all(write(alert))[0]
        for name in ("identifier", "sender", "sent", "msg_type", "references", "codes"):
            assert getattr(again, name) == getattr(alert, name)
        assert [info.parameters for info in again.infos] == [info.parameters for info in alert.infos]
        assert [info.areas for info in again.infos] == [info.areas for info in alert.infos]


def test_the_signature_of_the_ipaws_message_is_good_at_the_time_it_was_signed_and_was_not_before_or_after() -> (
    None
):
    signed = octets("cap-032")
    (check,) = verify_bytes(signed)
    assert (check.digest_matches, check.signature_matches, check.was_valid_then) == (True, True, True)
    assert check.is_good
    assert check.is_trusted is None  # nobody gave a list
    assert "IPAWSOPEN_200096" in check.subject
    assert (check.judged_at and write_time(check.judged_at)) == "2019-05-30T11:55:41-04:00"
    (later,) = verify_bytes(signed, at=read_all(octets("cap-068"))[0].sent)
    assert (later.digest_matches, later.signature_matches, later.was_valid_then) == (True, True, False)


def test_one_changed_letter_in_the_ipaws_message_is_told_as_a_changed_digest() -> None:
    changed = (
        octets("cap-032")
        .replace(b"<status>Actual</status>", b"<status>System</status>")
        .replace(b"<scope>Public</scope>", b"<scope>Public </scope>")
    )
    assert changed != octets("cap-032")
    (check,) = verify_bytes(changed)
    assert (check.digest_matches, check.signature_matches) == (False, True)
    assert "cap.digest_mismatch" in codes(validate(changed))


def test_a_placeholder_instead_of_a_signature_counts_as_unsigned() -> None:
    (check,) = verify_bytes(octets("cap-029"))
    assert not check.is_good
    assert [one.code for one in check.reasons] == ["cap.signature_unreadable"]


@pytest.mark.parametrize("name", ["cap-053", "cap-059"])
def test_a_message_reformatted_after_signing_still_shows_a_good_digest_and_says_so(name: str) -> None:
    (check,) = verify_bytes(octets(name))
    assert (check.digest_matches, check.signature_matches) == (True, True)
    assert check.was_valid_then is False  # the sample was signed weeks after it says it was sent
    assert {one.code for one in check.reasons} == {"cap.signature_reformatted", "cap.certificate_time"}


def test_two_signatures_each_made_without_the_other_are_both_good() -> None:
    checks = verify_bytes(octets("cap-008"))
    assert [check.is_good for check in checks] == [True, True]
    assert ["pelmorex" in check.subject for check in checks] == [True, False]


def test_the_national_json_is_the_same_message_in_the_common_model() -> None:
    (row,) = _load("cn_warning")
    warning = read_json(row["text"])
    alert, info = warning.alert, warning.alert.infos[0]
    stated = row["decoded"]
    assert alert.identifier == stated["identifier"]
    assert (alert.sender, alert.msg_type, alert.references) == ("65402641600000", "Alert", ())
    assert write_time(alert.sent) == "2026-10-06T21:29:27+08:00"
    assert info.expires is not None
    assert write_time(info.expires) == "2026-10-07T09:29:27+08:00"
    assert (info.headline, info.description) == (stated["head"], stated["ISSUECONTENT"])
    assert (warning.level, info.severity, warning.event_code) == (Level.YELLOW, "Moderate", "11B14")
    assert info.sender_name == "昭苏县气象台"
    assert {name: getattr(warning.fields, name) for name in ("TYPECODE", "LEVELCODE", "SIGNALTYPE")} == {
        name: stated[name] for name in ("TYPECODE", "LEVELCODE", "SIGNALTYPE")
    }
    assert validate(row["text"].encode()).ok


#: What tears at the readers of times, points, Base64 and markup.
TEETH = (
    b"<", b"&", b"nan,inf", b"1e400,2", b"\x00", b"\xff", b"</info>", b"<area/>", b"9" * 400, b"2026-02-30T00:00:00+08:00",
    b"0001-01-01T00:00:00+14:00", b"2026-01-01T00:00:00+99:00", b"2026-0701", b"AAAA",
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(BY_ID)), st.integers(0, 10**6), st.integers(0, 40), st.sampled_from(TEETH))
def test_no_damage_to_a_real_message_makes_anything_else_than_a_verdict(
    name: str, at: int, length: int, tooth: bytes
) -> None:
    whole = octets(name)
    at %= len(whole)
    verdict = validate(whole[:at] + tooth + whole[at + length :])
    assert all(one.zh and one.en for one in verdict.findings)
    for alert in verdict.alerts:
        assert list(lines(alert))
        geojson_of([area for info in alert.infos for area in info.areas])
