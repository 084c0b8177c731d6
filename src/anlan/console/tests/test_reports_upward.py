"""The pages of reporting as people use them: flash, draft, review, sign, send, confirm, decide; board and countdown."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from anlan.console.moments import input_moment
from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.reporting import services
from anlan.reporting.models import ReportClock, ReportDelivery, ReportingFinding, ReportReceiver, UpwardReport
from anlan.reporting.tests.desk import clock, draft, landslide, receivers, sent, signed, work
from anlan.testing import County

pytestmark = pytest.mark.django_db


def act(county: County, who: str, report: UpwardReport, verb: str, **form: Any) -> Any:
    return county.client(who).post(reverse("console:act_on_report", args=[report.pk]), {"verb": verb, **form})


def test_a_report_goes_from_draft_to_confirmed_receipt_on_the_pages(county: County) -> None:
    by_tier = receivers(county)
    incident = landslide(county)
    desk = county.client("Chen")
    form = desk.get(reverse("console:new_report", args=[incident.pk]))
    assert "村后山体滑坡" in form.content.decode()
    sent = {
        "title": "上柳村滑坡",
        "kind": "initial",
        "e-course": "村后滑坡",
        "unknown": ["trend"],
        "verb": "submit",
    }
    assert desk.post(reverse("console:new_report", args=[incident.pk]), sent).status_code == 302
    report = UpwardReport.objects.get()
    act(county, "Feng", report, "review")
    act(county, "Wang", report, "sign")
    report.refresh_from_db()
    assert (report.state, report.number) == ("signed", "报2026-0001")
    page = desk.get(reverse("console:report", args=[report.pk])).content.decode()
    assert "being checked" in page
    assert "missing" in page
    act(county, "Chen", report, "send", **{f"way-{by_tier['city'].pk}": ["fax", "phone"]})
    fax = ReportDelivery.objects.get(way="fax")
    desk.post(reverse("console:act_on_delivery", args=[fax.pk]), {"verb": "confirmed", "name": "张三"})
    fax.refresh_from_db()
    assert (fax.state, fax.confirmed_by, fax.handed_at) == ("confirmed", "张三", county.now)
    assert clock(incident, "written").state == "met"
    assert "张三" in desk.get(reverse("console:report", args=[report.pk])).content.decode()


def test_what_is_refused_is_said_on_the_form_and_what_was_typed_stays(county: County) -> None:
    incident = landslide(county)
    form = {"title": " ", "kind": "follow_up", "e-latest": "我写的最新进展"}
    answer = county.client("Chen").post(reverse("console:new_report", args=[incident.pk]), form)
    assert answer.status_code == 409
    assert "我写的最新进展" in answer.content.decode()
    assert "There is no initial report yet." in answer.content.decode()
    assert not UpwardReport.objects.exists()


def test_a_signature_by_word_of_mouth_is_recorded_with_who_when_and_a_masked_number(county: County) -> None:
    incident = landslide(county)
    desk = county.client("Chen")
    desk.post(
        reverse("console:new_report", args=[incident.pk]),
        {"title": "滑坡", "kind": "initial", "e-course": "滑坡", "verb": "submit"},
    )
    report = UpwardReport.objects.get()
    word = {
        "signer": str(county.people["Wang"].pk),
        "said_at": input_moment(county.now),
        "number": "10000000004",
    }
    assert act(county, "Chen", report, "word", **word).status_code == 302
    page = desk.get(reverse("console:report", args=[report.pk])).content.decode()
    assert "100****0004" in page
    assert "10000000004" not in page
    assert act(county, "Li", report, "sign").status_code == 404


def test_the_flash_is_one_form_and_nobody_signs_it(county: County) -> None:
    by_tier = receivers(county)
    incident = landslide(county)
    answer = county.client("Chen").post(
        reverse("console:flash_report", args=[incident.pk]),
        {"to": [str(by_tier["city"].pk)], "heard_by": "李四"},
    )
    assert answer.status_code == 302
    assert ReportDelivery.objects.get().confirmed_by == "李四"
    assert clock(incident, "phone").state == "met"


def test_every_screen_counts_down_to_the_next_limit_and_is_red_when_one_is_past(county: County) -> None:
    incident = landslide(county)
    page = county.client("Chen").get(reverse("console:journal")).content.decode()
    address = reverse("console:report_clock", args=[clock(incident, "phone").pk])
    assert f'class="chip chip--waiting" href="{address}"' in page
    assert "30 min left" in page
    county.clock.advance(minutes=31)
    work(county)
    assert "chip--red" in county.client("Chen").get(reverse("console:reports")).content.decode()
    assert address not in county.client("Li").get(reverse("field:home")).content.decode()


def test_the_board_shows_lateness_before_any_worker_looked(county: County) -> None:
    landslide(county)
    county.clock.advance(hours=3)
    page = county.client("Chen").get(reverse("console:reports")).content.decode()
    assert "late by 2 h 30 min" in page
    assert not ReportClock.objects.filter(is_late=True).exists()


def test_a_limit_is_met_by_a_persons_word_on_its_page(county: County) -> None:
    incident = landslide(county)
    row = clock(incident, "image")
    address = reverse("console:report_clock", args=[row.pk])
    form = {"met_at": input_moment(county.now), "words": "图像由消防直传"}
    assert county.client("Chen").post(address, form).status_code == 302
    row.refresh_from_db()
    assert row.state == "met"


def test_a_decision_with_evidence_stands_on_the_chain_until_it_is_taken_back(county: County) -> None:
    incident = landslide(county)
    chief = county.client("Feng")
    form = {"kind": "omitted", "division": "999901101000", "evidence": "市局通报"}
    chief.post(reverse("console:decide_finding", args=[incident.pk]), form)
    found = ReportingFinding.objects.get()
    address = reverse("console:incident_reports", args=[incident.pk])
    assert "市局通报" in chief.get(address).content.decode()
    assert (
        county.client("Chen").post(reverse("console:decide_finding", args=[incident.pk]), form).status_code
        == 403
    )
    chief.post(reverse("console:take_back_finding", args=[found.pk]), {"evidence": "已电话报告"})
    assert ReportingFinding.objects.filter(is_upheld=False).count() == 1


def test_the_register_begins_with_the_usual_offices_and_takes_an_interface(county: County) -> None:
    admin = county.client("He")
    address = reverse("console:report_receivers")
    admin.post(address, {"verb": "first"})
    row = ReportReceiver.objects.get(code="city-bureau")
    form = {
        "name": row.name,
        "tier": "city",
        "active": "1",
        "way-api": "1",
        "address-api": "ftp://city.invalid/",
    }
    change = reverse("console:report_receiver", args=[row.pk])
    assert admin.post(change, form).status_code == 409
    assert admin.post(change, form | {"address-api": "https://city.invalid/"}).status_code == 302
    row.refresh_from_db()
    assert row.ways == [{"way": "api", "address": "https://city.invalid/"}]
    page = admin.post(
        address, {"verb": "node", "name": "柳河镇", "division": "999901101000"}
    ).content.decode()
    assert "shown only now" in page


def test_the_text_and_the_letter_leave_as_files(county: County) -> None:
    report = signed(county, landslide(county))
    answer = county.client("Chen").get(reverse("console:report_text", args=[report.pk]))
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == report.text


def test_a_nil_report_is_one_button_and_waits_for_signature(county: County) -> None:
    county.client("Chen").post(reverse("console:nil_report"))
    report = UpwardReport.objects.get()
    assert (report.kind, report.state, report.title) == ("nil", "in_review", "云岭县7月1日零报告")


def test_the_pages_of_reporting_speak_chinese(county: County) -> None:
    by_tier = receivers(county)
    incident = landslide(county)
    report = signed(county, incident)
    sent(county, report, by_tier["city"], "fax")
    county.clock.advance(minutes=70)
    work(county)
    follow = draft(county, incident, "follow_up")
    services.submit_report(follow, by=county.actor("Chen"), at=county.now)
    services.decide(
        incident,
        kind="false",
        division=county.division,
        evidence="核查",
        by=county.actor("Feng"),
        at=county.now,
    )
    addresses = [
        reverse("console:reports"),
        reverse("console:report_receivers"),
        reverse("console:report_receiver", args=[by_tier["city"].pk]),
        reverse("console:incident_reports", args=[incident.pk]),
        reverse("console:new_report", args=[incident.pk]),
        reverse("console:report", args=[report.pk]),
        reverse("console:report", args=[follow.pk]),
        reverse("console:report_clock", args=[clock(incident, "image").pk]),
        reverse("field:upward_list"),
        reverse("field:upward", args=[follow.pk]),
    ]
    for who in ("Wang", "He"):
        reader = county.client(who, language="zh-hans")
        found = {
            one: english_in(reader.get(one).content.decode())
            for one in addresses
            if who == "Wang" or "receivers" in one
        }
        assert {one: said for one, said in found.items() if said} == {}


def test_the_chain_goes_on_after_the_final_report_only_with_a_reason(county: County) -> None:
    incident = landslide(county)
    signed(county, incident)
    signed(county, incident, "final")
    desk, address = county.client("Chen"), reverse("console:new_report", args=[incident.pk])
    assert "Go on after" in desk.get(reverse("console:incident_reports", args=[incident.pk])).content.decode()
    assert desk.post(address, {"verb": "reopen", "reason": " "}).status_code == 409
    assert desk.post(address, {"verb": "reopen", "reason": "再次滑动"}).status_code == 302
    assert signed(county, incident, "follow_up").serial == 1
