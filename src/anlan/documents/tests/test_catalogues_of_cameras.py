"""Catalogue answers of GB/T 28181 devices. The messages are ours, after the shape that public implementations read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.documents.gb28181 import Catalogue, CatalogueProblem, read_catalogues, text_of

FIRST, SECOND, RECORDER = "99990100001310000001", "99990100001320000002", "99990100001180000003"
VECTORS = Path(__file__).parents[5] / "shared" / "vectors" / "gb28181.json"


def item(
    code: str, name: str = "柳河大桥", status: str = "ON", lon: str = "102.92", lat: str = "27.41"
) -> str:
    return (
        f"<Item><DeviceID>{code}</DeviceID><Name>{name}</Name><Owner>公安局</Owner><CivilCode>999901</CivilCode>"
        f"<Status>{status}</Status><Longitude>{lon}</Longitude><Latitude>{lat}</Latitude></Item>"
    )


def message(
    *items: str, total: str = "2", encoding: str = "GB2312", sender: str = "99990100002000000001"
) -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\r\n<Response><CmdType>Catalog</CmdType><SN>7</SN>'
        f"<DeviceID>{sender}</DeviceID><SumNum>{total}</SumNum>"
        f'<DeviceList Num="{len(items)}">{"".join(items)}</DeviceList></Response>'
    )


def read(*documents: bytes) -> Catalogue:
    return read_catalogues((f"{number}.xml", data) for number, data in enumerate(documents))


def problems(found: Catalogue) -> list[CatalogueProblem]:
    return [problem for _name, problem, _what in found.problems]


def test_a_catalogue_in_two_messages_is_whole_when_as_many_came_as_were_announced() -> None:
    found = read(
        message(item(FIRST)).encode("gb2312"), message(item(SECOND, "滨河路", "OFF")).encode("gb2312")
    )
    assert [(one.code, one.name, one.is_online) for one in found.cameras] == [
        (FIRST, "柳河大桥", True),
        (SECOND, "滨河路", False),
    ]
    assert (found.announced, found.listed, found.missing, found.messages) == (2, 2, 0, 2)
    assert (found.cameras[0].lon, found.cameras[0].lat, found.cameras[0].owner) == (102.92, 27.41, "公安局")


def test_a_lost_message_is_noticed_by_the_number_announced() -> None:
    found = read(message(item(FIRST), total="3").encode("gb2312"))
    assert (found.listed, found.missing) == (1, 2)


def test_the_same_message_twice_counts_once() -> None:
    once = message(item(FIRST), item(SECOND)).encode("gb2312")
    found = read(once, once)
    assert (found.listed, found.missing) == (2, 0)


def test_catalogues_of_two_devices_are_added_up() -> None:
    other = message(item(SECOND), total="1", sender="99990100002000000002")
    found = read(message(item(FIRST), total="1").encode("gb2312"), other.encode("gb2312"))
    assert (found.announced, found.missing) == (2, 0)


@pytest.mark.parametrize("declared", ["GB2312", "UTF-8"])
@pytest.mark.parametrize("sent", ["gb18030", "utf-8", "utf-8-sig"])
def test_names_are_read_whatever_encoding_the_firmware_declares(declared: str, sent: str) -> None:
    document = message(item(FIRST, "北门㙍口监控"), total="1", encoding=declared).encode(sent)
    assert [one.name for one in read(document).cameras] == ["北门㙍口监控"]


def test_gb_text_that_happens_to_be_valid_utf8_is_still_read_as_gb() -> None:
    assert "一路".encode("gb2312").decode("utf-8")
    assert text_of("一路".encode("gb2312")) == "一路"


def test_messages_saved_one_after_the_other_in_one_file_are_all_read() -> None:
    both = message(item(FIRST)) + "\r\n" + message(item(SECOND))
    assert read(both.encode("gb2312")).listed == 2


def test_recorders_groups_and_regions_are_counted_and_are_no_camera() -> None:
    found = read(message(item(FIRST), item(RECORDER), item("999901"), total="3").encode("gb2312"))
    assert ([one.code for one in found.cameras], found.others, found.missing) == ([FIRST], 2, 0)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("0", "0"), ("", ""), ("nan", "27.4"), ("1e400", "27.4"), ("东经102", "27.4"), ("500", "27")],
)
def test_a_camera_that_does_not_know_where_it_stands_has_no_place(lon: str, lat: str) -> None:
    found = read(message(item(FIRST, lon=lon, lat=lat), total="1").encode("gb2312"))
    assert (found.cameras[0].lon, found.cameras[0].lat) == (None, None)


def test_an_unknown_status_is_neither_on_nor_off() -> None:
    found = read(message(item(FIRST, status="VLOST"), total="1").encode("gb2312"))
    assert found.cameras[0].is_online is None


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<Response><CmdType>Catalog</CmdType><SumNum>1</SumNum><Name>&b;</Name></Response>"
)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"", CatalogueProblem.NOT_XML),
        (b"\x00\xff" * 40, CatalogueProblem.NOT_XML),
        (b"<Response><CmdType>Catalog</Response>", CatalogueProblem.NOT_XML),
        (BOMB.encode(), CatalogueProblem.NOT_XML),
        (b"<Response><CmdType>DeviceInfo</CmdType></Response>", CatalogueProblem.NOT_A_CATALOGUE),
        (message(item("12345678901234567890x")).encode("gb2312"), CatalogueProblem.BAD_ID),
        (message(item(FIRST), total="many").encode("gb2312"), CatalogueProblem.NO_SUM),
    ],
)
def test_what_is_no_catalogue_is_named_and_the_other_files_are_read(
    document: bytes, problem: CatalogueProblem
) -> None:
    found = read(document, message(item(FIRST), total="1").encode("gb2312"))
    assert problem in problems(found)
    assert [one.code for one in found.cameras] == [FIRST]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_message_never_raises(data: st.DataObject) -> None:
    whole = bytearray(message(item(FIRST), item(SECOND)).encode("gb2312"))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[at] = data.draw(st.integers(0, 255))
    read(bytes(whole[: data.draw(st.integers(0, len(whole)))]))


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared vectors are not beside this checkout")
def test_real_messages_that_are_no_catalogue_are_recognised_as_such() -> None:
    for vector in json.loads(VECTORS.read_text()):
        found = read(vector["text"].encode("gb2312"))
        expected = (
            CatalogueProblem.NOT_A_CATALOGUE
            if vector["decoded"]["root"] == "Notify"
            else CatalogueProblem.NOT_XML
        )
        assert problems(found) == [expected]
