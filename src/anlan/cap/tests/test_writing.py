"""What we write is valid CAP 1.2, and others read in it what we meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest
from capparselib.parsers import CAPParser  # type: ignore[import-untyped]  # no stubs exist
from hypothesis import given
from hypothesis import strategies as st

from anlan.cap import wire
from anlan.cap.model import Alert, Area, Circle, Info, Reference, Valued
from anlan.cap.parse import read
from anlan.cap.schema import check_alert
from anlan.cap.tests.samples import GOOD
from anlan.cap.write import alert_element, write

NS = "{urn:oasis:names:tc:emergency:cap:1.2}"
words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=20,
)
names = st.from_regex(r"[A-Za-z0-9._:-]{1,30}", fullmatch=True)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - the zone is added
    lambda moment: moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=8)))
)
degrees = st.floats(-89, 89).map(lambda number: round(number, 6))
points = st.tuples(degrees, degrees)
pairs = st.builds(Valued, words, words)
areas = st.builds(
    Area,
    words,
    polygons=st.lists(st.lists(points, min_size=4, max_size=6).map(tuple), max_size=2).map(tuple),
    circles=st.lists(
        st.builds(Circle, degrees, degrees, st.floats(0, 900).map(lambda km: round(km, 3))), max_size=2
    ).map(tuple),
    geocodes=st.lists(pairs, max_size=2).map(tuple),
)
infos = st.builds(
    Info,
    event=words,
    categories=st.sampled_from([("Met",), ("Geo", "Safety")]),
    urgency=st.sampled_from(["Immediate", "Unknown"]),
    severity=st.sampled_from(["Extreme", "Minor"]),
    certainty=st.sampled_from(["Observed", "Possible"]),
    language=st.sampled_from(["zh-CN", "en"]),
    expires=st.none() | moments,
    headline=words,
    recommended_action=words,
    parameters=st.lists(pairs, max_size=3).map(tuple),
    areas=st.lists(areas, max_size=2).map(tuple),
)
alerts = st.builds(
    Alert,
    identifier=names,
    sender=names,
    sent=moments,
    msg_type=st.sampled_from(["Alert", "Update", "Cancel"]),
    addresses=st.lists(words.filter(lambda word: '"' not in word), max_size=2).map(tuple),
    references=st.lists(st.builds(Reference, names, names, moments), max_size=2).map(tuple),
    infos=st.lists(infos, max_size=2).map(tuple),
)


@given(alerts)
def test_whatever_is_written_is_valid_against_the_oasis_schema_and_reads_back_equal(alert: Alert) -> None:
    assert check_alert(alert_element(alert)) == []
    assert read(write(alert)) == alert


def test_an_independent_parser_reads_the_same() -> None:
    """capparselib, whose reading shares no code with ours."""
    (read_by_others,) = CAPParser(write(GOOD).decode().partition("?>")[2]).as_dict()
    info = GOOD.infos[0]
    theirs = read_by_others["cap_info"][0]
    assert str(read_by_others["cap_id"]) == GOOD.identifier
    assert str(read_by_others["cap_sent"]) == "2026-07-01T08:00:00+08:00"
    assert str(theirs["cap_headline"]) == info.headline
    assert str(theirs["cap_description"]) == info.description
    assert str(theirs["cap_instruction"]) == info.recommended_action
    assert str(theirs["cap_event_code"][0]["value"]) == "11B03"
    assert (
        str(theirs["cap_area"][0]["polygon"]) == "27.4,102.9 27.4,102.95 27.45,102.95 27.45,102.9 27.4,102.9"
    )


def test_elements_stand_in_the_order_of_the_schema_and_empty_ones_are_left_out() -> None:
    root = ElementTree.fromstring(write(GOOD))  # noqa: S314 - our own document
    assert [one.tag.removeprefix(NS) for one in root] == [
        "identifier", "sender", "sent", "status", "msgType", "scope", "code", "info",
    ]  # fmt: skip
    assert [one.tag.removeprefix(NS) for one in root.find(f"{NS}info") or ()] == [
        "language", "category", "event", "responseType", "urgency", "severity", "certainty", "eventCode", "effective",
        "onset", "expires", "senderName", "headline", "description", "instruction", "parameter", "resource", "area",
    ]  # fmt: skip


def test_times_carry_their_offset_and_utc_is_written_as_cap_asks() -> None:
    assert wire.write_time(GOOD.sent) == "2026-07-01T08:00:00+08:00"
    assert wire.write_time(datetime(2026, 7, 1, 0, 0, 0, 999, tzinfo=UTC)) == "2026-07-01T00:00:00-00:00"
    with pytest.raises(ValueError):
        wire.write_time(datetime(2026, 7, 1))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("name", ["", "a b", "a,b", "a&b", "a<b"])
def test_a_name_that_nobody_could_refer_to_is_not_written(name: str) -> None:
    with pytest.raises(ValueError):
        write(Alert(name, "sender", GOOD.sent))


def test_a_control_character_in_a_text_does_not_make_a_broken_file() -> None:
    alert = Alert("a", "b", GOOD.sent, note="先\x00后\x0b。\ud800")
    assert read(write(alert)).note == "先后。"
