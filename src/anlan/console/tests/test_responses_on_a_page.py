"""Responses on the desk: decide with a preview, read the faults, change and end, sign and send, seats and partners."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anlan.console.moments import input_moment
from anlan.dispatch.models import Instruction
from anlan.journal.sealer import seal_everything
from anlan.kernel.actor import system
from anlan.response import services
from anlan.response.models import (
    Activation,
    CoordinatingBody,
    DutySeat,
    JointDuty,
    LevelChange,
    PartnerShare,
    ResponseNotice,
    StandingConsent,
)
from anlan.response.tests import scenes
from anlan.testing import County

pytestmark = pytest.mark.django_db

READ = {"places": "1", "has_read_faults": "1", "why": "雨大"}


def proposed(county: County) -> Activation:
    return services.propose(
        scenes.a_flood(county), scenes.a_plan(county), 4, by=system("response"), at=county.now,
        reasons=[{"zh": "山洪蓝色预警生效中", "en": "a blue warning is in force", "rule": "P-1", "level": 4}],
        affected=[county.divisions["Willow River"].pk],
    )  # fmt: skip


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_decision_page_says_what_will_be_opened_and_what_the_check_found(county: County) -> None:
    row = proposed(county)
    page = text(
        county.client("Wang").get(f"/responses/at/{row.pk}/decide/?level=3&places=1&affected=999901101000")
    )
    assert "5 orders are opened" in page
    assert "任务dams" in page
    assert "a blue warning is in force" in page
    assert "I have read them and decide all the same." in page
    assert not Instruction.objects.exists()


def test_a_decision_opens_the_orders_and_leads_to_the_response(county: County) -> None:
    row = proposed(county)
    wang = county.client("Wang")
    typed = {**READ, "verb": "open", "level": "4", "seen": str(row.version), "affected": "999901101000"}
    answer = wang.post(f"/responses/at/{row.pk}/decide/", typed)
    assert answer["Location"] == f"/responses/at/{row.pk}/"
    page = text(wang.get(answer["Location"]))
    assert "0 of 2 finished" in page
    assert "柳河镇" in page
    assert "Emergency mode" in page
    assert Activation.objects.get().state == "active"


def test_faults_that_stop_work_must_be_ticked_and_what_was_typed_stays(county: County) -> None:
    row = proposed(county)
    typed = {"verb": "open", "level": "4", "why": "雨下得很大", "places": "1", "affected": "999901101000"}
    answer = county.client("Wang").post(f"/responses/at/{row.pk}/decide/", typed)
    page = text(answer)
    assert answer.status_code == 409
    assert "nobody ticked that they were read" in page
    assert "雨下得很大" in page
    assert not LevelChange.objects.exists()


def test_whoever_may_not_decide_this_level_is_told_who_may_and_nothing_is_written(county: County) -> None:
    row = proposed(county)
    answer = county.client("Feng").post(
        f"/responses/at/{row.pk}/decide/", {**READ, "verb": "open", "level": "2"}
    )
    assert answer.status_code == 403
    assert "王建国" in text(answer)
    assert Activation.objects.get().state == "proposed"
    assert not Instruction.objects.exists()


def test_the_second_of_two_deciders_is_refused_by_the_page_that_he_saw(county: County) -> None:
    row = proposed(county)
    seen = {**READ, "verb": "open", "seen": str(row.version), "affected": "999901101000"}
    assert (
        county.client("Zheng").post(f"/responses/at/{row.pk}/decide/", {**seen, "level": "3"}).status_code
        == 302
    )
    answer = county.client("Wang").post(f"/responses/at/{row.pk}/decide/", {**seen, "level": "2"})
    assert answer.status_code == 409
    assert LevelChange.objects.count() == 1


def test_the_desk_proposes_and_the_leader_declines(county: County) -> None:
    plan, incident = scenes.a_plan(county), scenes.a_flood(county)
    chen = county.client("Chen")
    assert plan.title in text(chen.get(f"/incidents/{incident.pk}/response/"))
    typed = {**READ, "verb": "propose", "plan": str(plan.pk), "level": "4"}
    answer = chen.post(f"/incidents/{incident.pk}/response/", typed)
    row = Activation.objects.get()
    assert (answer.status_code, row.state, row.reasons[0]["zh"]) == (302, "proposed", "雨大")
    assert plan.title in text(county.client("Feng").get("/stacks/"))
    county.client("Feng").post(f"/responses/at/{row.pk}/decide/", {"verb": "decline", "why": "雨停了"})
    row.refresh_from_db()
    assert (row.state, row.declined_why) == ("declined", "雨停了")


def test_lowering_shows_what_goes_on_and_ending_closes_it(county: County) -> None:
    row = scenes.opened(county, 2)
    scenes.act(county, "teams", "start")
    wang = county.client("Wang")
    page = text(wang.get(f"/responses/at/{row.pk}/decide/?level=4&places=1&affected=999901101000"))
    assert "4 are withdrawn" in page
    assert "1 started one goes on" in page
    wang.post(
        f"/responses/at/{row.pk}/decide/", {**READ, "verb": "open", "level": "4", "affected": "999901101000"}
    )
    page = text(wang.get(f"/responses/at/{row.pk}/"))
    assert "Open orders that this level no longer asks for" in page
    wang.post(f"/responses/at/{row.pk}/decide/", {"verb": "end", "why": "雨停"})
    assert Activation.objects.get().state == "ended"
    assert row.plan.title in text(wang.get("/responses/"))


def test_the_notice_is_corrected_signed_and_sent_on_its_page(county: County) -> None:
    row = scenes.opened(county, 4)
    notice = ResponseNotice.objects.get()
    wang, url = county.client("Wang"), f"/responses/notices/{notice.pk}/"
    typed = {
        "title": "关于启动响应的通知",
        "body": "请到岗。",
        "phone_text": "请到岗",
        "main_to": "柳河镇\n县武警中队",
    }
    wang.post(url, {**typed, "verb": "edit"})
    wang.post(url, {"verb": "sign"})
    wang.post(url, {"verb": "send"})
    notice.refresh_from_db()
    assert (notice.state, notice.signer_name) == ("sent", "王建国")
    assert [one["code"] for one in notice.main_to] == ["999901101000", ""]
    page = text(wang.get(url))
    assert "李梅" in page
    assert "县武警中队" in page
    assert wang.post(f"/papers/of/response/response_notice/{notice.pk}/").status_code == 302
    assert county.client("Zhao").get(url).status_code == 404
    assert row.pk


def test_a_township_that_has_an_order_sees_the_response_and_only_its_own_orders(county: County) -> None:
    row = scenes.opened(county, 3)
    page = text(county.client("Li").get(f"/responses/at/{row.pk}/"))
    assert "柳河镇" in page
    assert "云岭县水利局" not in page
    assert "Notices" not in page
    assert county.client("Liu").get(f"/responses/at/{row.pk}/").status_code == 404


def test_bodies_seats_consents_and_the_mode_are_kept_on_their_pages(county: County) -> None:
    wang = county.client("Wang")
    wang.post("/responses/bodies/", {"template": "flood_command"})
    body = CoordinatingBody.objects.get()
    wang.post(
        f"/responses/bodies/{body.pk}/",
        {"verb": "add", "person": str(county.people["Wang"].pk), "role": "chief"},
    )
    assert "王建国" in text(wang.get(f"/responses/bodies/{body.pk}/"))
    starts = input_moment(county.now)
    wang.post(
        "/responses/joint-duty/", {"title": "联合值守", "division": county.division.pk, "starts_at": starts}
    )
    duty = JointDuty.objects.get()
    url = f"/responses/joint-duty/{duty.pk}/"
    wang.post(url, {"verb": "add", "name": "消防席"})
    wang.post(url, {"verb": "take", "seat": str(DutySeat.objects.get().pk), "person_words": "张队"})
    assert "张队" in text(wang.get(url))
    plan = scenes.a_plan(county)
    until = input_moment(county.now + timedelta(days=10))
    given = {"verb": "give", "plan": str(plan.pk), "level": "4", "ends_at": until, "words": "主汛期"}
    wang.post("/responses/consents/", given)
    consent = StandingConsent.objects.get()
    wang.post("/responses/consents/", {"verb": "revoke", "consent": str(consent.pk)})
    consent.refresh_from_db()
    assert consent.revoked_at is not None
    wang.post("/responses/mode/", {"mode": "emergency", "why": "演习"})
    assert "Emergency mode" in text(wang.get("/responses/mode/"))


def test_the_record_of_an_incident_shows_responses_and_partners(county: County) -> None:
    row = scenes.opened(county, 4)
    seal_everything()
    chen, url = county.client("Chen"), f"/incidents/{row.incident_id}/"
    chen.post(f"{url}share/", {"verb": "ask", "partner": "fire", "words": "请派两车"})
    share = PartnerShare.objects.get()
    chen.post(f"{url}share/", {"verb": "heard", "share": str(share.pk), "state": "moving", "words": "两车"})
    page = text(chen.get(url))
    assert row.plan.title in page
    assert "on the way" in page


def test_chinese_pages_say_it_in_chinese(county: County) -> None:
    row = proposed(county)
    wang = county.client("Wang", language="zh-hans")
    page = text(wang.get(f"/responses/at/{row.pk}/decide/"))
    assert "水利局" in page
    for english in ("Affected places", "Who may decide", "level Ⅳ", "orders are opened", "Plan check"):
        assert english not in page
