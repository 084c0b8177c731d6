"""Files that somebody made by mistake or with intent: refused with a reason, in bounded time, and nothing outside is read."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.cap import safexml
from anlan.cap.parse import read, read_all
from anlan.cap.reasons import WORDINGS, CapRefused, Weight
from anlan.cap.tests.samples import GOOD, SQUARE, document, found, with_area, with_info
from anlan.cap.validate import validate

#: Far above what any of these takes, far below what a bomb would.
SOON_S = 5.0


def refused(data: bytes) -> str:
    start = time.monotonic()
    verdict = validate(data)
    assert time.monotonic() - start < SOON_S
    assert not verdict.ok
    reasons = [one.code for one in verdict.reasons]
    with pytest.raises(CapRefused) as caught:
        read(data)
    assert caught.value.reason.code == reasons[0]
    return reasons[0]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "prologue",
    [
        f'<!DOCTYPE alert [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE alert [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
        f'<!DOCTYPE alert [<!ENTITY x "{"a" * 100_000}">]>',
    ],
)
def test_a_file_that_uses_an_entity_is_refused(prologue: str) -> None:
    name = "l11" if "l11" in prologue else "x"
    body = document().partition("?>")[2].replace("停止户外作业。", f"&{name};" * 50)
    assert refused(f"{prologue}{body}".encode()) == "cap.entities"
    assert refused(f"{prologue}{body}".encode("utf-16")) == "cap.entities"


def test_an_entity_in_an_attribute_or_one_nobody_declared_is_refused_too() -> None:
    body = document().partition("?>")[2]
    spoiled = body.replace("<status>", '<status note="&x;">')
    assert refused(f'<!DOCTYPE alert [<!ENTITY x "y">]>{spoiled}'.encode()) == "cap.entities"
    assert refused(body.replace("停止", "&nbsp;").encode()) == "cap.not_well_formed"


def test_a_dtd_that_nothing_uses_is_ignored_and_said(tmp_path: Path) -> None:
    (tmp_path / "x.dtd").write_text('<!ENTITY secret "told">')
    body = document().partition("?>")[2]
    dtd = f'<!DOCTYPE alert SYSTEM "{tmp_path.as_uri()}/x.dtd">'
    assert "cap.dtd_ignored" in found(dtd + body)
    assert read((dtd + body).encode()) == GOOD


def test_a_parameter_entity_bomb_ends_soon() -> None:
    levels = "".join(f"<!ENTITY % p{n} '{f'%p{n - 1};' * 50}'>" for n in range(1, 9))
    data = f"<!DOCTYPE alert [<!ENTITY % p0 'x'>{levels}%p8;]>{document().partition('?>')[2]}".encode()
    start = time.monotonic()
    validate(data)
    assert time.monotonic() - start < SOON_S


def test_a_polygon_of_a_megabyte_is_refused() -> None:
    points = " ".join(f"27.{n:06d},102.9" for n in range(70_000))
    text = document().replace("<circle>", f"<polygon>{points}</polygon><circle>", 1)
    assert len(points) > 1_000_000
    assert refused(text.encode()) == "cap.polygon_too_large"


def test_a_polygon_as_large_as_is_taken_is_judged_soon() -> None:
    """20,000 points that cross each other everywhere."""
    ring = [((n * 7919 % 1000) / 1000, (n * 104_729 % 1000) / 1000) for n in range(19_999)]
    text = document(with_area(polygons=((*ring, ring[0]),)))
    start = time.monotonic()
    assert "cap.polygon_crossing" in found(text)
    assert time.monotonic() - start < SOON_S


@pytest.mark.parametrize("cut", [1, 40, 200, 700])
def test_a_truncated_file_is_refused(cut: int) -> None:
    assert refused(document().encode()[:-cut]) == "cap.not_well_formed"


@pytest.mark.parametrize(
    "data",
    [
        document().encode("gbk", "replace"),
        document().replace("UTF-8", "utf-7").encode(),
        document().replace("UTF-8", "klingon").encode(),
        document().encode().replace(b"\xe5\x81\x9c", b"\xe5\x81", 1),
    ],
)
def test_wrong_characters_are_refused_with_the_encoding(data: bytes) -> None:
    assert refused(data) == "cap.encoding"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "gb18030", "windows-1252"])
def test_other_encodings_are_read_when_they_are_declared(encoding: str) -> None:
    text = document(
        with_info(event="Crue éclair", headline="", description="", recommended_action="", sender_name="")
    )
    text = text.replace("柳河镇", "Vallée").replace("雷达图", "Radar").replace("UTF-8", encoding)
    assert read(text.encode(encoding)).infos[0].event == "Crue éclair"


def test_deep_nesting_and_too_many_elements_are_refused() -> None:
    body = document()
    assert (
        refused(
            body.replace("<note", "<note").replace("</alert>", "<a>" * 60 + "</a>" * 60 + "</alert>").encode()
        )
        == "cap.too_deep"
    )
    assert refused(b"<a>" * 5000 + b"</a>" * 5000) in {"cap.too_deep", "cap.not_well_formed"}
    many = body.replace("</alert>", "<code/>" * 100_001 + "</alert>")
    assert refused(many.encode()) == "cap.too_many_elements"


def test_empty_too_large_and_foreign_files_are_refused_by_name() -> None:
    assert refused(b" \n") == "cap.empty"
    assert refused(b" " * (safexml.MOST_BYTES + 1) + b"<a/>") == "cap.too_large"
    assert refused(b"<html/>") == "cap.not_cap"
    assert refused(document().replace("emergency:cap:1.2", "emergency:cap:9.9").encode()) == "cap.namespace"
    assert refused(b"\x00\x01\x02") in {"cap.not_well_formed", "cap.encoding"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (document(with_area(polygons=(tuple((lon, lat) for lat, lon in SQUARE),))), "cap.coordinates_swapped"),
        (document(with_area(polygons=(((27.4, 200.0), *SQUARE[1:4], (27.4, 200.0)),))), "cap.coordinates_range"),
        (document(with_area(polygons=(SQUARE[:4],))), "cap.polygon_open"),
        (document(with_area(polygons=(SQUARE[:3],))), "cap.polygon_too_short"),
        (document(with_area(polygons=((SQUARE[0], SQUARE[1], SQUARE[3], SQUARE[2], SQUARE[0]),))), "cap.polygon_crossing"),
        (document(with_area(polygons=((SQUARE[0],) * 4,))), "cap.polygon_flat"),
        (document().replace("27.4,102.9 27.4,102.95", "27.4 102.9"), "cap.polygon_form"),
        (document().replace("27.4,102.9 5.5", "27.4,102.9,5.5"), "cap.circle_form"),
        (document().replace("27.4,102.9 5.5", "27.4,102.9 -1"), "cap.circle_radius"),
        (document().replace("27.4,102.9 5.5", "102.9,27.4 5.5"), "cap.coordinates_swapped"),
        (document(with_info(expires=GOOD.sent.replace(hour=7))), "cap.expires_before_sent"),
        (document(with_info(expires=GOOD.sent)), "cap.expires_at_once"),
        (document(with_info(expires=None)), "cap.expires_missing"),
        (document(with_info(recommended_action="")), "cap.advice_missing"),
        (document(with_info(areas=())), "cap.area_missing"),
        (document().replace("<msgType>Alert", "<msgType>Update"), "cap.references_missing"),
        (document().replace("<msgType>Alert", "<msgType>Cancel"), "cap.references_missing"),
        (document().replace("</code>", "</code><references>a b,c</references>"), "cap.reference_form"),
        (document().replace("_20260701080000<", "_2026 0701<"), "cap.restricted_characters"),
        (document().replace("<sender>9", "<sender>9,"), "cap.restricted_characters"),
        (document().replace("08:00:00+08:00</sent>", "00:00:00Z</sent>"), "cap.time_z"),
        (document().replace("08:00:00+08:00</sent>", "08:00:00</sent>"), "cap.time_without_zone"),
        (document().replace("2026-07-01T08:00:00+08:00</sent>", "yesterday</sent>"), "cap.time"),
        (document().replace("2026-07-01T08:00:00+08:00</sent>", "2026-0701</sent>"), "cap.time"),
        (document().replace("2026-07-01T08:00:00+08:00</sent>", "2026-07-01</sent>"), "cap.time_without_zone"),
        (document().replace("2026-07-01T08:00:00+08:00</sent>", "0001-01-01T00:00:00+14:00</sent>"), "cap.time"),
        (document().replace("T08:00:00+08:00</sent>", "T08:61:00+08:00</sent>"), "cap.time"),
        (document().replace("<severity>Severe", "<severity>Orange"), "cap.word"),
        (document().replace("<scope>Public</scope>", "<scope>Restricted</scope>"), "cap.restriction_missing"),
        (document().replace("<scope>Public</scope>", ""), "cap.missing"),
        (document().replace("<size>1234", "<size>large"), "cap.number_in_resource"),
    ],
)  # fmt: skip
def test_each_mistake_of_a_sender_is_told_by_its_own_reason(text: str, code: str) -> None:
    assert code in found(text)
    by_schema = {"cap.time_z", "cap.number_in_resource"}
    assert validate(text.encode()).ok is (WORDINGS[code].weight is not Weight.ERROR and code not in by_schema)


def test_a_time_that_ends_in_z_is_told_although_the_schema_already_refuses_it() -> None:
    verdict = validate(document().replace("08:00:00+08:00</sent>", "00:00:00Z</sent>").encode())
    assert {"cap.schema"} == {one.code for one in verdict.reasons}
    assert "cap.time_z" in {one.code for one in verdict.findings}
    assert read(document().replace("08:00:00+08:00</sent>", "00:00:00Z</sent>").encode()) == GOOD


def test_the_good_message_has_nothing_said_against_it() -> None:
    verdict = validate(document().encode())
    assert verdict.ok
    assert {one.code for one in verdict.findings} == {"cap.profile", "cap.unsigned"}


def test_every_reason_has_both_languages_with_the_same_data() -> None:
    import string

    for code, wording in WORDINGS.items():
        names = [
            {name for _t, name, _f, _c in string.Formatter().parse(text) if name}
            for text in (wording.zh, wording.en)
        ]
        assert names[0] == names[1] or code == "cap.profile_demand", code


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_to_a_file_makes_anything_else_than_a_verdict(data: st.DataObject) -> None:
    good = document().encode()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 60)))
    spoiled = good[:start] + data.draw(st.binary(max_size=20)) + good[end:]
    verdict = validate(spoiled)
    assert all(one.zh and one.en for one in verdict.findings)
    with contextlib.suppress(CapRefused):
        read_all(spoiled)
        return
    assert not verdict.ok
