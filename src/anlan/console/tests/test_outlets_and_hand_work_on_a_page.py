"""Outlets, hand work, displays and the link of a keeper, in a browser's eyes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from anlan.api.ebd import OK
from anlan.console.context import subject_url
from anlan.dissemination.channels import use_twins
from anlan.dissemination.channels.loudspeaker.package import unpack
from anlan.dissemination.channels.loudspeaker.signing import KnownKeys
from anlan.dissemination.models import Broadcast, Delivery, HandReceipt, Outlet
from anlan.dissemination.outbox import deliver_due
from anlan.dissemination.queries_outlets import display_token, village_reports
from anlan.dissemination.services import broadcast, end_broadcast
from anlan.dissemination.services.outlets import OutletDetails, define_outlet
from anlan.dissemination.tests.night import make_twins
from anlan.documents.imports import import_kind, run_import
from anlan.testing import County
from simulator.ebd.platform import Platform, public_of, tar_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def twins() -> Any:
    made = make_twins()
    use_twins(dict(made))
    yield made
    use_twins(None)


def outlet(county: County, channel: str, address: str = "", keeper: str = "") -> Outlet:
    person = county.people[keeper].pk if keeper else None
    details = OutletDetails(
        channel, f"{channel}·上柳", county.divisions["Upper Willow"], address or channel, person
    )
    return define_outlet(details, by=county.actor("He"), at=county.now)


def say(county: County, *chosen: Outlet, **fields: Any) -> Broadcast:
    given: dict[str, Any] = {"text": "请立即转移。", "title": "山洪红色", "level": 1} | fields
    row = broadcast(
        subject="warning:1",
        outlets=chosen,
        issuer="云岭县",
        division=county.division,
        by=county.by,
        at=county.now,
        **given,
    )
    deliver_due(owner="w")
    return row


def test_an_outlet_is_registered_and_changed_at_the_desk(county: County) -> None:
    client = county.client("He")
    form = {
        "channel": "display",
        "name": "广场屏",
        "address": "广场屏-1",
        "division": county.divisions["Willow River"].code,
        "is_active": "on",
    }
    assert client.post("/outlets/new/", form).status_code == 302
    made = Outlet.objects.get()
    assert client.post(f"/outlets/at/{made.pk}/", form | {"name": "文化广场屏"}).status_code == 302
    made.refresh_from_db()
    assert made.name == "文化广场屏"
    page = client.get(f"/outlets/at/{made.pk}/").content.decode()
    assert display_token(made) in page
    assert "文化广场屏" in client.get("/outlets/?channel=display").content.decode()
    assert client.post("/outlets/new/", form).status_code in (409, 422, 400)


def test_a_display_shows_what_is_in_force_and_asking_proves_that_it_has_it(county: County) -> None:
    screen = outlet(county, "display")
    row = say(county, screen)
    token = display_token(screen)
    assert Client().head(f"/api/display/v1/{token}.json").status_code == 200
    assert Delivery.objects.get(broadcast=row).state == "sent"
    answer = Client().get(f"/api/display/v1/{token}.json").json()
    assert [(one["title"], one["colour"]) for one in answer["texts"]] == [("山洪红色", "red")]
    assert Delivery.objects.get(broadcast=row).state == "delivered"
    page = Client().get(f"/display/{token}/")
    assert page["Refresh"] == "20"
    assert "请立即转移。" in page.content.decode()
    assert "<script" not in page.content.decode()


def test_an_update_replaces_the_text_and_an_all_clear_stands_there_afterwards(county: County) -> None:
    screen = outlet(county, "display")
    first = say(county, screen)
    second = say(county, screen, text="扩大范围。", replaces=first)
    address = f"/api/display/v1/{display_token(screen)}.json"
    assert [one["text"] for one in Client().get(address).json()["texts"]] == ["扩大范围。"]
    end_broadcast(second, all_clear="已经解除。", reason="lifted", by=county.by, at=county.now)
    deliver_due(owner="w")
    [clear] = Client().get(address).json()["texts"]
    assert (clear["text"], clear["is_all_clear"]) == ("已经解除。", True)


def test_a_forged_or_old_display_address_opens_nothing(county: County) -> None:
    screen = outlet(county, "display")
    token = display_token(screen)
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", "A" * 38, "%00"):
        assert Client().get(f"/api/display/v1/{wrong}.json").status_code == 404
    screen.change(by=county.by, at=county.now, kind="changed", address="new")
    assert Client().get(f"/api/display/v1/{token}.json").status_code == 404


def test_a_keeper_reports_through_the_link_once(county: County) -> None:
    gong = outlet(county, "gong", keeper="Zhao")
    row = say(county, gong)
    told = Delivery.objects.get(broadcast=row, channel="sms")
    address = f"/h/{told.answer_token}"
    assert "鸣锣" in Client().get(address).content.decode()
    photo = io.BytesIO(b"\xff\xd8\xff photo")
    photo.name = "gong.jpg"
    assert Client().post(address, {"name": "赵春兰", "words": "敲了三遍", "photo": photo}).status_code == 303
    task = Delivery.objects.get(broadcast=row, channel="gong")
    assert (task.state, task.read_at) == ("delivered", None)
    assert HandReceipt.objects.get().photo_id is not None
    assert Client().post(address, {"name": "别人"}).status_code == 409
    assert HandReceipt.objects.count() == 1
    assert len(Client().get(address).content) < 30_000


def test_the_desk_ticks_hand_work_and_prints_a_sheet(county: County) -> None:
    tv = outlet(county, "tv")
    row = say(county, tv)
    task = Delivery.objects.get(broadcast=row)
    client = county.client("Chen")
    assert "tv·上柳" in client.get("/hand/").content.decode()
    assert "请立即转移。" in client.get(f"/hand/{task.pk}/sheet/").content.decode()
    assert client.post(f"/hand/{task.pk}/", {"name": "县台编辑", "time": ""}).status_code == 302
    task.refresh_from_db()
    assert task.state == "delivered"
    assert "县台编辑" in client.get(f"/hand/{task.pk}/").content.decode()


def test_a_workbook_of_outlets_is_imported_twice_without_doubling(county: County, tmp_path: Path) -> None:
    from anlan.console.tests.scenes import workbook

    headers = ["渠道", "名称", "区划代码", "地址", "责任人"]
    code = county.divisions["Upper Willow"].code
    rows = [["应急广播大喇叭", "村委会喇叭", code, "H-1", "赵春兰"], ["鸣锣", "铜锣", code, "锣-1", "无此人"]]
    path = tmp_path / "outlets.xlsx"
    path.write_bytes(workbook(headers, rows).read())
    kind = import_kind("outlets")
    for created in (1, 0):
        report = run_import(kind, path, by=county.actor("He"), at=county.now, skip_bad=True)
        assert report.created == created
        assert [one.code for one in report.problems] == ["outlet.unknown_keeper"]
    assert Outlet.objects.get().keeper == county.people["Zhao"]


# --- packages of the platform ---

KEY = 987654321
OURS = "530000000000000001"


@pytest.fixture
def platform(tmp_path: Path, settings: Any) -> Any:
    peer = Platform()
    key = tmp_path / "key"
    key.write_text(f"{KEY:064x}")
    route = {
        "name": "county", "kind": "ebd", "url": peer.url, "platform_id": OURS, "dest_id": "888888888888888888", "certificate": "1",
        "private_key_file": str(key), "public_key": public_of(KEY), "peers": {peer.certificate: peer.public},
    }  # fmt: skip
    (tmp_path / "routes.json").write_text(json.dumps({"loudspeaker": [route]}))
    settings.ANLAN_DATA = tmp_path
    yield peer
    peer.stop()


def post(data: bytes) -> Any:
    return Client().post("/api/ebd/v1", data, content_type="application/x-tar")


def answer_of(response: Any) -> str:
    return unpack(response.content, KnownKeys({"1": public_of(KEY)})).text("EBDResponse/ResultCode")


def test_a_broadcast_log_delivers_the_loudspeakers_that_played_it(
    county: County, platform: Platform, twins: Any
) -> None:
    speaker = outlet(county, "loudspeaker", "H-1")
    row = say(county, speaker)
    delivery = Delivery.objects.get(broadcast=row)
    assert twins["loudspeaker"].taken[0].occasion.number == f"{OURS}202607010001"
    Delivery.objects.filter(pk=delivery.pk).update(provider_ref=f"{OURS}202607010001")
    log = platform.log_package([(f"{OURS}202607010001", "H-1", "2"), (f"{OURS}202607019999", "H-9", "2")])
    for _ in range(2):
        response = post(log)
        assert (response.status_code, answer_of(response)) == (200, OK)
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_what_terminals_reported_is_summed_up_by_village_and_the_newest_word_counts(
    county: County, platform: Platform, twins: Any
) -> None:
    speakers = [outlet(county, "loudspeaker", f"H-{n}") for n in (1, 2, 3)]
    row = say(county, *speakers)
    numbers = {}
    for n, one in enumerate(Delivery.objects.filter(broadcast=row).order_by("address"), start=1):
        numbers[one.address] = f"{OURS}20260701000{n}"
        Delivery.objects.filter(pk=one.pk).update(provider_ref=numbers[one.address])
    first, second = numbers["H-1"], numbers["H-2"]
    assert (
        answer_of(
            post(platform.log_package([(first, "T-1", "1"), (first, "T-2", "2"), (second, "T-3", "1")]))
        )
        == OK
    )
    reports = village_reports(county.actor("Chen"))
    assert [(one.village.name, one.told, one.silent, dict(one.by_state)) for one in reports] == [
        (county.divisions["Upper Willow"].name, 3, 1, {"received": 2, "playing": 1})
    ]
    county.clock.advance(seconds=30)
    assert answer_of(post(platform.log_package([(first, "T-1", "3"), (second, "T-3", "4")]))) == OK
    last = county.client("Chen").get(f"/outlets/at/{speakers[0].pk}/").content.decode()
    assert "1" in last.split("playing")[1][:4]
    assert "1" in last.split("finished")[1][:4]
    [report] = village_reports(county.actor("Chen"))
    assert dict(report.by_state) == {"finished": 1, "playing": 1, "failed": 1}
    states = {one.address: one.state for one in Delivery.objects.filter(broadcast=row)}
    assert states == {"H-1": "delivered", "H-2": "failed", "H-3": "sent"}
    page = county.client("Chen").get("/outlets/").content.decode()
    assert page.count(report.village.name) >= 4
    assert "chip--unanswered" in page
    assert village_reports(county.actor("Liu")) == []


def test_an_alarm_about_hand_work_leads_to_the_task(county: County) -> None:
    row = say(county, outlet(county, "gong"))
    task = Delivery.objects.get(broadcast=row)
    address = subject_url(f"delivery:{task.pk}")
    assert "gong·上柳" in county.client("Chen").get(address).content.decode()


def test_the_list_of_call_outs_leads_to_outlets_and_hand_work(county: County) -> None:
    page = county.client("Chen").get("/callouts/").content.decode()
    assert 'href="/outlets/"' in page
    assert 'href="/hand/"' in page


def test_unsigned_packages_are_refused_and_heartbeats_are_not(county: County, platform: Platform) -> None:
    log = platform.log_package([(f"{OURS}202607010001", "H-1", "2")], is_signed=False)
    assert post(log).status_code == 401
    beat = platform.package("ConnectionCheck", "<ConnectionCheck/>", is_signed=False)
    assert answer_of(post(beat)) == OK
    assert post(tar_of({"../x": b""})).status_code == 400
    assert post(b"junk" * 400).status_code == 400


def test_without_a_platform_there_is_no_such_door(county: County, tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path
    assert post(b"").status_code == 404
