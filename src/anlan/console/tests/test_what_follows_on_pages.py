"""Statistics, contact tests, outages, silence, returns and notices, pressed through their forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from anlan.console.tests.aftermath import build_aftermath
from anlan.console.tests.scenes import callout
from anlan.dissemination.models import CalloutSeat, ContactTest, Delivery
from anlan.duty.models import Outage
from anlan.testing import County
from anlan.warning.models import HazardWarning, MissedWarning, ReturnDecision, RiskNotice, WarningVerdict
from anlan.warning.services import draft_by_hand, lift_warning, sign_off

pytestmark = pytest.mark.django_db

VILLAGE = "999901101201"


@pytest.fixture
def warning(county: County) -> HazardWarning:
    draft = draft_by_hand(
        hazard_type="flash_flood", level=2, villages=[VILLAGE], by=county.actor("Chen"), at=county.now
    )
    return sign_off(draft, by=county.actor("Wang"), at=county.now)


def text(county: County, who: str, name: str, *keys: object) -> str:
    answer = county.client(who).get(reverse(f"console:{name}", args=keys))
    assert answer.status_code == 200
    return answer.content.decode()


def post(county: County, who: str, name: str, form: Mapping[str, object], *keys: object) -> int:
    return county.client(who).post(reverse(f"console:{name}", args=keys), dict(form)).status_code


def test_the_statistics_show_the_year_and_a_table_that_no_spreadsheet_runs(county: County) -> None:
    started = callout(county, "Upper Willow")
    started.change(by=county.by, at=county.now, kind="closed", title="=HYPERLINK(1)")
    assert "=HYPERLINK(1)" in text(county, "Chen", "statistics")
    table = county.client("Chen").get(reverse("console:statistics_table")).content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in table


def test_a_round_of_tests_is_planned_from_the_page_and_cancelled_again(county: County) -> None:
    form = {"division": VILLAGE, "posts": ["information_officer"], "channel": "sms", "minutes": "30"}
    assert post(county, "Li", "plan_contact_test", form) == 302
    test = ContactTest.objects.get()
    assert (test.minutes, test.every_days) == (30, None)
    assert test.division.name in text(county, "Li", "contact_test", test.pk)
    assert post(county, "Li", "cancel_contact_test", {}, test.pk) == 302
    assert ContactTest.objects.get().state == "cancelled"


def test_an_outage_is_reported_and_ended_from_the_page(county: County) -> None:
    assert (
        post(county, "Chen", "report_outage", {"division": VILLAGE, "kind": "network", "words": "基站断电"})
        == 302
    )
    row = Outage.objects.get()
    assert "基站断电" in text(county, "Chen", "outages")
    assert post(county, "Chen", "end_outage", {}, row.pk) == 302
    row.refresh_from_db()
    assert row.until is not None


def test_a_silent_village_is_given_to_the_deputy_and_somebody_is_sent(county: County) -> None:
    callout(county, "Upper Willow", "Lower Willow")
    seat = CalloutSeat.objects.get(division__name="上柳村")
    assert "钱进" in text(county, "Chen", "silence", seat.pk)
    deputy = str(county.people["Qian"].pk)
    assert post(county, "Chen", "reassign_seat", {"person": deputy, "reason": "甲岗外出"}, seat.pk) == 302
    assert post(county, "Chen", "order_to_go", {"person": "", "words": "派护林员步行前往"}, seat.pk) == 302
    seat.refresh_from_db()
    assert (str(seat.reassigned_to_id), seat.order_to_go) == (deputy, "派护林员步行前往")
    assert Delivery.objects.filter(seat=seat, person__pk=deputy, channel="voice").exists()


def test_one_click_on_the_board_calls_without_leaving_it(county: County) -> None:
    callout(county, "Upper Willow")
    seat = CalloutSeat.objects.get()
    before = seat.deliveries.count()
    answer = county.client("Chen").post(
        reverse("console:act_on_seat", args=[seat.pk]),
        {"verb": "call", "channel": "voice"},
        headers={"HX-Request": "true"},
    )
    assert (answer.status_code, seat.deliveries.count()) == (204, before + 1)


def test_a_warning_is_judged_and_a_missed_one_recorded(county: County, warning: HazardWarning) -> None:
    lift_warning(warning, reason="雨停", by=county.actor("Wang"), at=county.now)
    assert post(county, "Wang", "judge_warning", {"verdict": "hit", "words": "确有山洪"}, warning.pk) == 302
    assert WarningVerdict.objects.get().verdict == "hit"
    form = {
        "hazard": "flash_flood",
        "level": "2",
        "division": VILLAGE,
        "words": "夜间漫水",
        "happened_at": "2026-07-01T03:00",
    }
    assert post(county, "Chen", "record_missed", form) == 302
    assert MissedWarning.objects.get().level == 2


def test_a_return_is_decided_on_its_page(county: County, warning: HazardWarning) -> None:
    build_aftermath(county, warning)
    row = ReturnDecision.objects.get()
    assert "柳河沟口" in text(county, "Wang", "returns")
    form = {"verdict": "may_return", "checked_by": "李梅", "words": "已查看，无险"}
    assert post(county, "Wang", "decide_return", form, row.pk) == 302
    row.refresh_from_db()
    assert row.state == "may_return"


def test_a_notice_goes_its_whole_way_through_its_pages(county: County) -> None:
    day = (county.now + timedelta(days=3)).date().isoformat()
    form = {
        "title": "沟口堆料",
        "body": "占压行洪通道",
        "demands": "清除",
        "place": VILLAGE,
        "reply_by": day,
        "hazard": "flash_flood",
        "level": "2",
    }
    assert post(county, "Chen", "new_notice", form) == 302
    row = RiskNotice.objects.get()
    assert post(county, "Wang", "act_on_notice", {"verb": "sign"}, row.pk) == 302
    assert "应急险提〔2026〕1号" in text(county, "Zhao", "notice", row.pk)
    report: dict[str, object] = {
        "verb": "report",
        "body": "已清完",
        "finished_on": day,
        "file": SimpleUploadedFile("清理后.jpg", b"\xff\xd8\xff\xe0photo"),
    }
    assert post(county, "Zhao", "act_on_notice", report, row.pk) == 302
    assert "清理后.jpg" in text(county, "Chen", "notice", row.pk)
    paper = county.client("Chen").get(reverse("console:notice_paper", args=[row.pk]))
    assert paper.content[:2] == b"PK"
    assert post(county, "Wang", "act_on_notice", {"verb": "accept", "words": "现场核查"}, row.pk) == 302
    row.refresh_from_db()
    assert row.state == "closed"
    assert "沟口堆料" in text(county, "Chen", "notices")


def test_a_file_that_is_no_picture_is_refused_and_the_report_with_it(county: County) -> None:
    day = (county.now + timedelta(days=3)).date().isoformat()
    form = {"title": "t", "body": "b", "place": VILLAGE, "reply_by": day}
    post(county, "Chen", "new_notice", form)
    row = RiskNotice.objects.get()
    post(county, "Wang", "act_on_notice", {"verb": "sign"}, row.pk)
    bad: dict[str, object] = {
        "verb": "report",
        "body": "已清",
        "finished_on": day,
        "file": SimpleUploadedFile("x.jpg", b"<html>"),
    }
    assert post(county, "Zhao", "act_on_notice", bad, row.pk) == 415
    assert not row.reports.exists()
