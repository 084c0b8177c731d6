"""Orders on the desk and on a phone: given, answered for one's own place alone, packs only by whoever may."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anlan.console.context import subject_url
from anlan.dispatch import packs, services
from anlan.dispatch.fivesteps import Times, five_steps, times_of
from anlan.dispatch.links import token_for
from anlan.dispatch.models import Instruction, OrderPack
from anlan.dispatch.refusals import NoAuthority
from anlan.dispatch.services.orderpacks import Picked
from anlan.dispatch.tests.order_scenes import departments, flood, order
from anlan.dissemination.models import Delivery
from anlan.incidents import services as incidents
from anlan.journal.deadlines import run_deadlines
from anlan.kernel.ids import uuid7
from anlan.testing import County
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import PostKind

pytestmark = pytest.mark.django_db


def typed(county: County, incident: Any, **fields: Any) -> dict[str, Any]:
    return {
        "key": str(uuid7()), "incident": str(incident.pk), "title": "转移危险区群众", "words": "逐户",
        "to": [county.divisions["Willow River"].pk, county.divisions["Stone Bridge"].pk], "limit_min": "60", **fields,
    }  # fmt: skip


def test_one_form_gives_an_order_to_each_place_once_however_often_it_is_sent(county: County) -> None:
    form, chen = typed(county, flood(county)), county.client("Chen")
    for _ in range(2):
        assert chen.post("/orders/new/", form).status_code == 302
    assert Instruction.objects.count() == 2
    assert Delivery.objects.count() == 2


def test_a_refused_order_keeps_what_was_typed(county: County) -> None:
    incident, chen = flood(county), county.client("Chen")
    for fields, said in (({"limit_min": "soon"}, "no number of minutes"), ({"to": []}, "who must do it")):
        answer = chen.post("/orders/new/", typed(county, incident, words="带上喊话器", **fields))
        page = answer.content.decode()
        assert answer.status_code == 409
        assert said in page
        assert "带上喊话器" in page
    assert not Instruction.objects.exists()


def test_a_township_orders_its_own_villages_and_nobody_elses(county: County) -> None:
    incident = flood(county)
    to = [county.divisions["Upper Willow"].pk, county.divisions["North Slope"].pk]
    county.client("Li").post("/orders/new/", typed(county, incident, to=to))
    assert [row.addressee for row in Instruction.objects.all()] == [county.divisions["Upper Willow"]]


def test_the_lists_show_mine_given_and_late(county: County) -> None:
    incident = flood(county)
    county.client("Chen").post("/orders/new/", typed(county, incident, ack_min="5"))
    number = Instruction.objects.get(addressee=county.divisions["Willow River"]).number
    assert number in county.client("Li").get("/orders/?show=mine").content.decode()
    assert number in county.client("Chen").get("/orders/?show=given").content.decode()
    assert number not in county.client("Liu").get("/orders/?show=all").content.decode()
    assert number not in county.client("Chen").get("/orders/?show=late").content.decode()
    county.clock.advance(minutes=6)
    run_deadlines(owner="test")
    assert number in county.client("Chen").get("/orders/?show=late").content.decode()
    room = county.client("Chen").get(f"/rooms/{incident.pk}/orders/").content.decode()
    assert "柳河镇" in room
    assert "late" in room
    assert "order to acknowledge" in county.client("Li").get("/stacks/").content.decode()


def test_a_township_answers_its_own_order_on_the_page_and_not_its_neighbours(county: County) -> None:
    incident = flood(county, "Yunling")
    order(county, incident)
    mine, theirs = Instruction.objects.get(), order(county, incident, "Stone Bridge")
    li = county.client("Li")
    assert li.post(f"/orders/{mine.pk}/act/", {"verb": "acknowledge"}).status_code == 302
    assert Instruction.objects.get(pk=mine.pk).state == "acknowledged"
    assert li.get(f"/orders/{theirs.pk}/").status_code == 404
    assert li.post(f"/orders/{theirs.pk}/act/", {"verb": "acknowledge"}).status_code == 404
    assert li.post(f"/orders/{mine.pk}/act/", {"verb": "withdraw", "words": "不做了"}).status_code == 403
    assert Instruction.objects.get(pk=theirs.pk).state == "issued"


def test_the_desk_writes_down_what_it_heard_and_must_say_from_whom(county: County) -> None:
    row, chen = order(county, flood(county)), county.client("Chen")
    refused = chen.post(f"/orders/{row.pk}/act/", {"verb": "report", "words": "已转移20户"})
    assert refused.status_code == 409
    assert "已转移20户" in refused.content.decode()
    chen.post(
        f"/orders/{row.pk}/act/",
        {"verb": "report", "words": "已转移20户", "who": "李梅", "via": "phone", "progress": "50"},
    )
    step = row.steps.get(step="reported")
    assert (step.by_name, step.via, step.progress) == ("李梅", "phone", 50)
    page = chen.get(f"/orders/{row.pk}/").content.decode()
    assert "已转移20户" in page
    assert "by phone" in page


def test_the_desk_reminds_takes_back_and_asks_again(county: County) -> None:
    row, chen = order(county, flood(county)), county.client("Chen")
    address = f"/orders/{row.pk}/act/"
    assert chen.post(address, {"verb": "withdraw", "words": " "}).status_code == 409
    assert chen.post(address, {"verb": "remind"}).status_code == 302
    services.could_not_instruction(row, by=county.by, by_name="李梅", via="page", at=county.now, words="路断")
    chen.post(address, {"verb": "reopen", "words": "绕行"})
    assert Instruction.objects.get().state == "issued"
    chen.post(address, {"verb": "withdraw", "words": "雨停"})
    assert Instruction.objects.get().state == "withdrawn"


def test_the_link_of_a_message_opens_the_orders_of_one_place_without_an_account(
    county: County, tmp_path: Any, settings: Any
) -> None:
    settings.ANLAN_DATA = tmp_path
    incident = flood(county)
    first, second = order(county, incident, needs_proof=True), order(county, incident, title="清点人数")
    theirs, phone = order(county, incident, "Stone Bridge", title="封路"), Client()
    address = f"/o/{token_for(incident.pk, first.addressee_id)}/"
    assert address in Delivery.objects.filter(person=county.people["Li"])[0].text
    page = phone.get(address).content.decode()
    assert "清点人数" in page
    assert "封路" not in page
    assert phone.post(address, {"verb": "acknowledge_all", "who": "李梅"}).status_code == 303
    assert set(Instruction.objects.filter(addressee=first.addressee_id).values_list("state", flat=True)) == {
        "acknowledged"
    }
    assert second.steps.get(step="acknowledged").by_name == "李梅"
    assert phone.post(address, {"verb": "finish", "order": str(first.pk)}).status_code == 409
    photo = SimpleUploadedFile("p.jpg", b"\xff\xd8\xff\xe0" + b"0" * 64, "image/jpeg")
    assert phone.post(address, {"verb": "finish", "order": str(first.pk), "file": photo}).status_code == 303
    assert Instruction.objects.get(pk=first.pk).state == "finished"
    assert phone.post(address, {"verb": "acknowledge", "order": str(theirs.pk)}).status_code == 404
    assert Instruction.objects.get(pk=theirs.pk).state == "issued"
    assert phone.get("/o/" + "x" * 32 + "/").status_code == 404


def test_orders_to_me_on_the_phone(county: County) -> None:
    incident = flood(county)
    mine, _theirs = order(county, incident), order(county, incident, "Stone Bridge", title="封路")
    li = county.client("Li", language="zh-hans")
    page = li.get("/f/orders/").content.decode()
    assert "转移危险区群众" in page
    assert "封路" not in page
    assert "/f/orders/" in li.get("/f/").content.decode()
    assert (
        li.post("/f/orders/", {"verb": "report", "order": str(mine.pk), "progress": "abc"}).status_code == 409
    )
    li.post("/f/orders/", {"verb": "report", "order": str(mine.pk), "words": "过半", "progress": "55"})
    li.post("/f/orders/", {"verb": "report", "order": str(mine.pk), "words": "过半", "progress": "55"})
    assert Instruction.objects.get(pk=mine.pk).progress == 55
    assert mine.steps.filter(step="reported").count() == 1


def test_a_pack_without_authority_is_refused_and_nothing_is_written(county: County) -> None:
    departments(county, ["云岭县教育局"])
    incident, pack = flood(county), packs.pack_named("five_stops")
    form = {"item": ["classes"], "to-classes": [county.divisions["Willow River"].pk],
            "words-classes": "全部停课", "limit-classes": "60"}  # fmt: skip
    refused = county.client("Chen").post(f"/rooms/{incident.pk}/packs/five_stops/", form)
    assert refused.status_code == 403
    assert "incident commander" in refused.content.decode()
    with pytest.raises(NoAuthority):
        services.give_pack(
            incident, pack, [Picked("classes")], by=county.actor("Chen"), by_name="", at=county.now
        )
    assert not Instruction.objects.exists()
    assert not Delivery.objects.exists()
    assert county.client("Wang").post(f"/rooms/{incident.pk}/packs/five_stops/", form).status_code == 302
    row = Instruction.objects.get()
    assert (row.words, row.pack, row.authority) == ("全部停课", "five_stops", "commander,duty_leader")


def test_one_item_that_one_may_not_give_stops_the_whole_pack(county: County) -> None:
    departments(county, ["云岭县水利局"])
    incident, pack = flood(county), packs.pack_named("reservoir_guard")
    items = [Picked("posts"), Picked("release")]
    with pytest.raises(NoAuthority):
        services.give_pack(incident, pack, items, by=county.actor("Zheng"), by_name="", at=county.now)
    assert not Instruction.objects.exists()
    made = services.give_pack(incident, pack, items, by=county.actor("Wang"), by_name="王建国", at=county.now)
    assert {row.addressee.name for row in made} == {"云岭县水利局", "柳河镇"}


def test_shipped_packs_are_templates_whose_posts_and_types_exist() -> None:
    known = {kind.value for kind in PostKind}
    for pack in packs.shipped():
        assert not pack.is_confirmed
        assert set(pack.event_types) <= {*TYPES, packs.ANY}
        assert {kind for item in pack.items for kind in pack.authority_of(item)} <= known
        assert pack.items
    quake = next(pack for pack in packs.shipped() if pack.code == "quake_first_hour")
    assert {item.key: item.limit_min for item in quake.items if item.key in ("command", "teams", "rescue")} == {
        "command": 60, "teams": 120, "rescue": 180,
    }  # fmt: skip


def test_packs_fit_the_type_of_the_incident(county: County) -> None:
    assert [pack.code for pack in packs.packs_for("earthquake")][-1] == "four_ones"
    assert "quake_first_hour" not in {pack.code for pack in packs.packs_for("flash_flood")}


def test_the_county_words_a_pack_itself_and_a_leader_confirms_it(county: County) -> None:
    wang, chen = county.client("Wang"), county.client("Chen")
    form = {"verb": "keep", "name": "四个一", "source": "县应急〔内部〕", "authority": ["duty_leader"],
            "title-0": "一个指挥长到场", "to-0": "受影响乡镇、水利", "ack-0": "5", "limit-0": "30"}  # fmt: skip
    assert chen.post("/orders/packs/four_ones/", form).status_code == 302
    own = packs.pack_named("four_ones")
    assert [item.title for item in own.items] == ["一个指挥长到场"]
    assert [(one.kind, one.name) for one in own.items[0].to] == [
        ("affected_townships", ""),
        ("department", "水利"),
    ]
    assert not own.is_confirmed
    assert chen.post("/orders/packs/four_ones/", {"verb": "confirm"}).status_code == 403
    wang.post("/orders/packs/four_ones/", {"verb": "confirm"})
    assert packs.pack_named("four_ones").is_confirmed
    refused = chen.post("/orders/packs/four_ones/", {**form, "title-0": ""})
    assert refused.status_code == 409
    assert "县应急〔内部〕" in refused.content.decode()
    assert OrderPack.objects.get().confirmed_at is not None


def test_the_pages_of_packs_open_and_speak_chinese(county: County) -> None:
    incident, wang = flood(county), county.client("Wang", language="zh-hans")
    for address in ("/orders/packs/", f"/orders/packs/?incident={incident.pk}", "/orders/packs/five_stops/",
                    f"/rooms/{incident.pk}/packs/five_stops/", f"/orders/new/?incident={incident.pk}"):  # fmt: skip
        assert wang.get(address).status_code == 200


def test_the_five_steps_say_what_each_took_and_what_was_skipped(county: County) -> None:
    incident = flood(county)
    county.clock.advance(minutes=7)
    order(county, incident)
    unjudged = [one.key for one in five_steps(times_of(incident)) if one.is_skipped]
    assert unjudged == ["judged"], "that the rules found no grade is no judgement"
    incidents.set_grade(incident, 3, reason="会商研判", by=county.actor("Chen"), at=incident.known_at)
    steps = five_steps(times_of(incident))
    assert [(one.key, one.minutes) for one in steps if one.at] == [
        ("received", None),
        ("judged", 0),
        ("ordered", 7),
    ]
    skipped = five_steps(Times(incident.known_at, arrived=county.now))
    assert [one.key for one in skipped if one.is_skipped] == ["judged", "ordered", "moved"]
    early = five_steps(Times(county.now, judged=incident.known_at))
    assert early[1].minutes == 0


def test_an_alarm_about_orders_leads_to_the_board(county: County) -> None:
    row = order(county, flood(county))
    county.clock.advance(minutes=11)
    run_deadlines(owner="test")
    from anlan.duty.models import Alarm

    address = subject_url(Alarm.objects.get(kind="order_late").subject)
    assert address == f"/rooms/{row.incident_id}/orders/?unit={row.addressee_id}"
    assert county.client("Chen").get(address).status_code == 200


def pack_form(**fields: Any) -> dict[str, Any]:
    return {
        "verb": "keep", "code": "bridge_closed", "name": "封桥", "title-0": "封闭柳河大桥", "to-0": "受影响乡镇",
        "key-0": "close_bridge", "limit-0": "30", **fields,
    }  # fmt: skip


def test_the_county_adds_a_pack_and_orders_under_codes_of_its_own(county: County) -> None:
    chen = county.client("Chen")
    assert chen.get("/orders/packs/new/").status_code == 200
    made = chen.post("/orders/packs/new/", pack_form(event_types=["flood"]))
    assert made["Location"] == "/orders/packs/bridge_closed/"
    pack = packs.pack_named("bridge_closed")
    assert (pack.name, pack.event_types, [item.key for item in pack.items]) == (
        "封桥",
        ("flood",),
        ["close_bridge"],
    )
    assert not pack.is_confirmed
    assert "close_bridge" in chen.get("/orders/packs/bridge_closed/").content.decode()
    more = pack_form(**{"title-1": "疏散行人", "key-1": "people", "title-2": "设置标志"})
    more |= {"to-1": "受影响乡镇", "to-2": "受影响乡镇"}
    assert chen.post("/orders/packs/bridge_closed/", more).status_code == 302
    assert [item.key for item in packs.pack_named("bridge_closed").items] == [
        "close_bridge",
        "people",
        "own0",
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"code": "five_stops"}, "is taken"),
        ({"code": "Big Code"}, "small letters"),
        ({"key-0": "汉字"}, "small letters"),
        ({"title-1": "再封", "to-1": "受影响乡镇", "key-1": "close_bridge"}, "used twice"),
        ({"title-0": ""}, "1 to 40 orders"),
    ],
)
def test_a_code_that_cannot_be_is_refused_and_what_was_typed_stays(
    county: County, fields: dict[str, Any], words: str
) -> None:
    answer = county.client("Chen").post("/orders/packs/new/", pack_form(**fields))
    text = answer.content.decode()
    assert answer.status_code >= 400
    assert words in text
    assert 'value="封桥"' in text
    assert not OrderPack.objects.exists()


def test_a_township_adds_no_pack(county: County) -> None:
    assert county.client("Li").get("/orders/packs/new/").status_code in (403, 404)
    assert county.client("Li").post("/orders/packs/new/", pack_form()).status_code in (403, 404)
    assert not OrderPack.objects.exists()
