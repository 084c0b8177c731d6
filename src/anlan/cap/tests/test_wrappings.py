"""Envelopes, feeds, profiles and areas."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from shapely.geometry import Point, Polygon, box, mapping, shape

from anlan.cap import schema
from anlan.cap.edxl import Envelope, read_envelope, write_envelope
from anlan.cap.feeds import Entry, Feed, read_feed, write_atom, write_rss
from anlan.cap.model import Alert, Area, Circle, Valued
from anlan.cap.national import is_national_identifier, read_json
from anlan.cap.parse import read_all, read_document
from anlan.cap.profiles import NATIONAL, check_profile, profiles_of
from anlan.cap.reasons import CapRefused
from anlan.cap.shapes import MOST_POINTS, geojson_of, polygons_of
from anlan.cap.show import lines
from anlan.cap.tests.samples import GOOD, SENT, SQUARE, document, found, with_info
from anlan.cap.validate import validate
from anlan.cap.write import write

SECOND = replace(GOOD, identifier="99990141600000_20260701090000", sent=SENT + timedelta(hours=1))
FEED = Feed(
    id="https://example.invalid/p/feeds/warnings.atom",
    title="云岭县预警",
    link="https://example.invalid/p/",
    updated=SENT,
    author="云岭县应急管理局",
    entries=(
        Entry("urn:1", "暴雨橙色预警", "https://example.invalid/1.xml", SENT, SENT, "停止户外作业", "云岭县气象台", ("Met",)),
        Entry("urn:2", "暴雨红色预警", "https://example.invalid/2.xml", SENT),
    ),
)  # fmt: skip


def test_an_envelope_carries_several_alerts_there_and_back_and_is_valid() -> None:
    envelope = Envelope("d-1", "yunling@example.invalid", SENT, language="zh-CN", places=("CN-53",))
    octets = write_envelope(envelope, [GOOD, write(SECOND)])
    assert schema.check_wrapping(read_document(octets).root, schema.EDXL) == []
    assert read_envelope(read_document(octets)) == envelope
    assert read_all(octets) == (GOOD, SECOND)
    assert validate(octets).ok


def test_an_empty_envelope_is_remarked_and_one_without_sender_refused() -> None:
    octets = write_envelope(Envelope("d-1", "x", SENT), [])
    assert "cap.envelope_empty" in found(octets)
    with pytest.raises(CapRefused):
        read_envelope(read_document(octets.replace(b"senderID", b"senderName")))


def test_an_atom_index_is_read_back_and_has_what_the_format_demands() -> None:
    octets = write_atom(FEED)
    verdict = validate(octets)
    assert (verdict.ok, verdict.findings) == (True, ())
    back = read_feed(read_document(octets))
    assert [entry.link for entry in back.entries] == [entry.link for entry in FEED.entries]
    assert (back.title, back.updated) == (FEED.title, SENT)
    assert back.entries[0].author == "云岭县气象台"


def test_alerts_embedded_in_a_feed_are_read() -> None:
    octets = write_atom(FEED, [write(GOOD), write(SECOND)])
    assert read_all(octets) == (GOOD, SECOND)
    assert [entry.has_alert for entry in read_feed(read_document(octets)).entries] == [True, True]


def test_an_rss_index_is_read_back_and_valid() -> None:
    octets = write_rss(FEED)
    verdict = validate(octets)
    assert (verdict.ok, verdict.findings) == (True, ())
    back = read_feed(read_document(octets))
    assert [(entry.id, entry.link, entry.updated) for entry in back.entries] == [
        ("urn:1", "https://example.invalid/1.xml", SENT),
        ("urn:2", "https://example.invalid/2.xml", SENT),
    ]


def test_an_rss_feed_with_an_embedded_alert_is_read() -> None:
    root = etree.fromstring(write_rss(FEED))
    item = root.find("channel/item")
    assert item is not None
    item.append(etree.fromstring(write(GOOD)))
    assert read_all(etree.tostring(root)) == (GOOD,)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (("<title>云岭县预警</title>", ""), "cap.feed_missing"),
        (("<link>https://example.invalid/1.xml</link>", ""), "cap.entry_without_link"),
        (("<channel>", "<chanel>"), "cap.not_well_formed"),
    ],
)
def test_a_broken_rss_feed_is_refused(spoil: tuple[str, str], code: str) -> None:
    assert code in found(write_rss(FEED).decode().replace(*spoil, 1))


def test_the_national_profile_is_recognised_and_says_what_it_demands() -> None:
    assert [profile.name for profile in profiles_of(GOOD)] == [NATIONAL.name]
    assert check_profile(GOOD, NATIONAL) == []
    spoiled = with_info(severity="Minor", language="en", event_codes=())
    assert len(check_profile(spoiled, NATIONAL)) == 3


@pytest.mark.parametrize(
    ("alert", "name", "demands"),
    [
        (replace(GOOD, identifier="urn:oid:2.49.0.0.156.1", infos=with_info(language="", parameters=(), event_codes=()).infos), "WMO", 1),
        (replace(GOOD, identifier="x", codes=("IPAWSv1.0",), infos=with_info(parameters=(), event_codes=()).infos), "IPAWS v1.0", 2),
        (replace(GOOD, identifier="x", infos=with_info(event_codes=(), parameters=(Valued("awareness_level", "3; orange; Severe"), Valued("awareness_type", "10; Rain"))).infos), "MeteoAlarm", 1),
        (replace(GOOD, identifier="x", infos=with_info(event_codes=(), parameters=(Valued("awareness_level", "4; red; Extreme"), Valued("awareness_type", "rain"))).infos), "MeteoAlarm", 3),
    ],
)  # fmt: skip
def test_other_profiles_are_recognised_and_what_is_missing_is_told(
    alert: Alert, name: str, demands: int
) -> None:
    (profile,) = profiles_of(alert)
    assert profile.name == name
    assert len(check_profile(alert, profile)) == demands


def test_latitude_comes_first_in_cap_and_longitude_in_geojson() -> None:
    geometry = geojson_of([Area("x", polygons=(SQUARE,))])
    assert geometry is not None
    assert shape(geometry).bounds == (102.90, 27.40, 102.95, 27.45)
    assert polygons_of(mapping(box(102.9, 27.4, 103.0, 27.5)))[0][0] in {(27.4, 103.0), (27.4, 102.9)}


def test_a_circle_becomes_a_polygon_around_it_and_a_hole_stays_a_hole() -> None:
    disc = geojson_of([Area("x", circles=(Circle(27.4, 102.9, 11.1195),))])
    assert disc is not None
    west, south, east, north = shape(disc).bounds
    assert (north - south) / 2 == pytest.approx(0.1, rel=0.01)
    assert (east - west) / 2 == pytest.approx(0.1 / 0.8878, rel=0.01)
    ring = "27.41,102.91 27.41,102.94 27.44,102.94 27.44,102.91 27.41,102.91"
    holed = geojson_of([Area("x", polygons=(SQUARE,), geocodes=(Valued("EXCLUDE_POLYGON", ring),))])
    assert holed is not None
    assert shape(holed).area == pytest.approx(0.05**2 - 0.03**2)
    assert len(polygons_of(holed)) == 1


def test_a_boundary_of_very_many_points_is_written_with_fewer_and_keeps_its_place() -> None:
    circle = Point(102.9, 27.4).buffer(0.1, quad_segs=20_000)
    (polygon,) = polygons_of(mapping(circle))
    assert len(polygon) <= MOST_POINTS
    assert (
        Polygon([(lon, lat) for lat, lon in polygon]).symmetric_difference(circle).area < circle.area / 1000
    )
    assert polygon[0] == polygon[-1]


@pytest.mark.parametrize("geometry", [{}, {"type": "Point", "coordinates": [1, 2]}, {"type": "Polygon"}])
def test_a_geometry_without_a_boundary_is_refused(geometry: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        polygons_of(geometry)


NATIONAL_JSON = '{"identifier":"65402641600000_20261006212927","ISSUETIME":"2026-10-06 21:29:27","SIGNALTYPE":"雷电","SIGNALLEVEL":"黄色","head":"h"%s}'


@pytest.mark.parametrize("shell", ["%s", "var alarminfo=%s;", "alarm(%s);", "  %s\n"])
def test_the_national_json_is_read_with_and_without_its_shell(shell: str) -> None:
    warning = read_json(shell % (NATIONAL_JSON % ""))
    assert warning.alert.sent == datetime(2026, 10, 6, 13, 29, 27, tzinfo=UTC)
    assert warning.alert.infos[0].expires is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("var alarminfo={", "cap.json"),
        ("{}", "cap.json"),
        (NATIONAL_JSON.replace("_20261006212927", "_20261306212927") % "", "cap.json_field"),
        (NATIONAL_JSON.replace("21:29:27", "21.29") % "", "cap.json_field"),
        (NATIONAL_JSON % ',"msgType":"Cancel"', "cap.references_missing"),
        (NATIONAL_JSON % ',"msgType":"Nonsense"', "cap.json_field"),
        ("{" * 100_000, "cap.json"),
    ],
)
def test_broken_national_json_is_refused_with_its_field(text: str, code: str) -> None:
    assert code in found(text)


def test_an_unknown_event_is_shown_with_the_senders_words_and_an_unknown_colour_has_no_level() -> None:
    strange = NATIONAL_JSON.replace("雷电", "沙尘大雾").replace("黄色", "紫色") % ""
    warning = read_json(strange)
    assert (warning.level, warning.event_code) == (None, "")
    assert warning.alert.infos[0].event == "沙尘大雾紫色预警"
    assert warning.alert.infos[0].severity == "Unknown"


def test_an_update_names_what_it_updates_by_the_identifier_of_the_first() -> None:
    text = NATIONAL_JSON % ',"msgType":"Update","references":"65402641600000_20261006200000"'
    (named,) = read_json(text).alert.references
    assert (named.sender, named.sent) == ("65402641600000", datetime(2026, 10, 6, 12, 0, tzinfo=UTC))
    assert is_national_identifier(named.identifier)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_message_is_shown_in_plain_lines(language: str) -> None:
    shown = "\n".join(lines(GOOD, language=language))
    assert "2026-07-01 08:00:00 (+08:00)" in shown
    assert GOOD.infos[0].headline in shown
    assert document() not in shown
