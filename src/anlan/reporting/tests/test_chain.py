"""拟稿 → 审核 → 签发: who may do what, what is frozen, how the numbers run, and that nothing of it stops the phone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from anlan.duty.models import Alarm
from anlan.incidents.services import add_figure, change_incident, verify_figure
from anlan.incidents.types import FigureDetails
from anlan.kernel.refusals import Refusal
from anlan.reporting import services
from anlan.reporting.models import ReportDelivery, UpwardReport
from anlan.reporting.queries import findings_of, report_content, standing, to_sign
from anlan.reporting.refusals import (
    AnotherInProgress,
    ChainBegun,
    ChainEnded,
    ChainNotBegun,
    NoEvidence,
    NotASigner,
    NotSigned,
    OwnDraft,
)
from anlan.reporting.tests.desk import clock, draft, landslide, receivers, sent, signed, work
from anlan.reporting.types import Draft, Sending, WordOfMouth
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_whoever_drafted_neither_reviews_nor_signs(county: County) -> None:
    report = services.draft_report(
        landslide(county), Draft("initial", elements={"course": "滑坡"}), division=county.division,
        by=county.actor("Zheng"), at=county.now,
    )  # fmt: skip
    services.submit_report(report, by=county.actor("Zheng"), at=county.now)
    for verb in (services.review_report, services.sign_report):
        with pytest.raises(OwnDraft):
            verb(report, by=county.actor("Zheng"), at=county.now)
    services.sign_report(report, by=county.actor("Wang"), at=county.now)
    assert report.state == "signed"
    assert report.reviewed_by == county.actor("Wang").ref


def test_a_returned_report_goes_back_with_its_reason_and_the_return_is_counted(county: County) -> None:
    report = draft(county, landslide(county))
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    services.return_report(report, reason="地点不准", by=county.actor("Feng"), at=county.now)
    assert (report.state, report.returned_why, report.returned_count) == ("returned", "地点不准", 1)
    services.change_report(report, Draft("initial", title="上柳村东滑坡", elements={"place": "上柳村东"}), by=county.actor("Chen"), at=county.now)  # fmt: skip
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    assert report.state == "in_review"


def test_a_leader_signs_by_word_of_mouth_and_the_number_is_kept_masked(county: County) -> None:
    report = draft(county, landslide(county))
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    said = county.now + timedelta(minutes=3)
    county.clock.advance(minutes=6)
    word = WordOfMouth(county.people["Wang"].pk, said, "100 0000 0004")
    services.sign_by_word(report, word, by=county.actor("Chen"), at=county.now)
    assert (report.state, report.signed_way, report.signed_at) == ("signed", "word", said)
    assert report.word["signer"] == "王建国"
    assert report.word["number"] == "100****0004"
    assert report.word["recorded_by"] == "陈静"
    assert report_content(report).signer == "王建国"


def test_nobody_without_the_post_is_a_signer_by_word(county: County) -> None:
    report = draft(county, landslide(county))
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    with pytest.raises(NotASigner):
        services.sign_by_word(
            report, WordOfMouth(county.people["Feng"].pk, county.now, "10000000002"), by=county.actor("Chen"), at=county.now
        )  # fmt: skip
    assert report.state == "in_review"


def test_a_signature_that_comes_late_never_stops_the_phone_flash(county: County) -> None:
    by_tier = receivers(county)
    incident = landslide(county)
    report = draft(county, incident)
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    county.clock.advance(minutes=12)
    work(county)
    assert Alarm.objects.get(kind="report_step_waiting").state == "ringing"
    flash = services.flash(
        incident, Draft("flash"), [by_tier["city"], by_tier["county_government"]], told_at=county.now,
        by=county.actor("Chen"), at=county.now,
    )  # fmt: skip
    assert report.state == "in_review"
    assert flash.state == "sent"
    assert clock(incident, "phone").state == "met"
    assert not clock(incident, "phone").is_late
    assert clock(incident, "written").state == "open"
    with pytest.raises(NotSigned):
        services.send_report(
            report, [Sending(by_tier["city"], "fax")], by=county.actor("Chen"), at=county.now
        )


def test_the_inner_deadlines_lie_inside_the_legal_one(county: County) -> None:
    incident = landslide(county)
    report = draft(county, incident)
    county.clock.advance(minutes=52)
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    due = clock(incident, "written").due_at
    assert report.step_at is not None
    assert report.step_at < due
    services.review_report(report, by=county.actor("Feng"), at=county.now)
    assert report.step_at is not None
    assert report.step_at < due


def test_one_initial_report_then_gapless_follow_ups_and_nothing_after_the_final_one(county: County) -> None:
    incident = landslide(county)
    with pytest.raises(ChainNotBegun):
        draft(county, incident, "follow_up")
    waiting = draft(county, incident)
    with pytest.raises(AnotherInProgress):
        draft(county, incident)
    services.withdraw_report(waiting, reason="重拟", by=county.actor("Chen"), at=county.now)
    signed(county, incident)
    with pytest.raises(ChainBegun):
        draft(county, incident)
    gone = draft(county, incident, "follow_up")
    services.withdraw_report(gone, reason="重拟", by=county.actor("Chen"), at=county.now)
    assert [signed(county, incident, "follow_up").serial for _ in range(2)] == [1, 2]
    signed(county, incident, "final")
    with pytest.raises(ChainEnded):
        draft(county, incident, "follow_up")
    services.reopen_chain(incident, division=county.division, reason="再次滑动", by=county.actor("Chen"), at=county.now)  # fmt: skip
    again = signed(county, incident, "follow_up")
    assert again.serial == 3
    assert report_content(again).kind_zh == "续报三"


def test_what_is_missing_is_recorded_even_when_it_is_sent_as_being_checked(county: County) -> None:
    report = draft(
        county,
        landslide(county),
        elements={"course": "滑坡", "trend": "不明"},
        unknown=("trend", "casualties"),
    )
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    services.sign_report(report, by=county.actor("Wang"), at=county.now)
    assert {"trend", "casualties", "leaders"} <= set(report.missing)
    assert "正在核实" in report.text
    assert "发展趋势" in report.text
    shown = {one.code: one for one in report_content(report).elements}
    assert shown["leaders"].is_missing
    assert not shown["leaders"].is_unknown
    assert shown["trend"].is_unknown


def test_a_signed_report_stays_as_it_was_and_the_next_one_says_what_changed(county: County) -> None:
    by = county.actor("Chen")
    incident = landslide(county)

    def count(value: int) -> None:
        figure = add_figure(
            incident, FigureDetails("deaths", Decimal(value), "县指挥部", county.now), by=by, at=county.now
        )
        verify_figure(figure, by=county.actor("Feng"), at=county.now)

    count(1)
    first = signed(county, incident)
    county.clock.advance(minutes=30)
    count(3)
    incident.refresh_from_db()
    change_incident(incident, trend="仍有滑动可能", by=by, at=county.now)
    work(county)
    second = signed(county, incident, "follow_up")
    assert [one.value for one in report_content(first).figures] == [1]
    deaths = report_content(second).figures[0]
    assert (int(deaths.value), deaths.former, deaths.is_changed) == (3, Decimal(1), True)
    trend = {one.code: one for one in report_content(second).elements}["trend"]
    assert trend.is_changed
    assert trend.former == ""
    assert "死亡3人" in second.text
    assert "续报一" in second.text
    assert "信息来源" not in second.text


def test_a_direct_report_informs_every_level_between_at_once(county: County) -> None:
    by_tier = receivers(county)
    report = signed(county, landslide(county), is_direct=True, target_tier="province")
    services.send_report(
        report, [Sending(by_tier["province"], "fax")], by=county.actor("Chen"), at=county.now
    )
    rows = {row.tier: row.is_informing for row in ReportDelivery.objects.filter(report=report)}
    assert rows == {"province": False, "city": True, "county_party": True, "county_government": True}
    assert len(set(ReportDelivery.objects.filter(report=report).values_list("asked_at", flat=True))) == 1
    assert "【直报】" in report.text


def test_sending_twice_to_the_same_receiver_is_one_delivery(county: County) -> None:
    by_tier = receivers(county)
    report = signed(county, landslide(county))
    to = [Sending(by_tier["city"], "fax"), Sending(by_tier["city"], "phone")]
    assert len(services.send_report(report, to, by=county.actor("Chen"), at=county.now)) == 2
    assert services.send_report(report, to, by=county.actor("Chen"), at=county.now) == []


def test_a_receipt_that_nobody_confirms_is_chased_until_somebody_does(county: County) -> None:
    by_tier = receivers(county)
    row = sent(county, signed(county, landslide(county)), by_tier["city"], "fax")
    for _ in range(2):
        county.clock.advance(minutes=16)
        work(county)
    row.refresh_from_db()
    assert row.chased == 2
    assert Alarm.objects.get(kind="receipt_missing").state == "ringing"
    services.confirm_receipt(
        row, name="市局值班员张三", confirmed_at=county.now, by=county.actor("Chen"), at=county.now
    )
    assert (row.state, row.confirmed_by, row.chase_at) == ("confirmed", "市局值班员张三", None)
    assert Alarm.objects.get(kind="receipt_missing").state == "cleared"


def test_the_leader_sees_what_waits_for_him_and_the_drafter_does_not(county: County) -> None:
    report = draft(county, landslide(county))
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    assert to_sign(county.actor("Wang")) == [report]
    assert to_sign(county.actor("Chen")) == []
    assert to_sign(county.actor("Li")) == []


def test_a_decision_needs_evidence_and_is_taken_back_by_a_newer_one(county: County) -> None:
    incident, place = landslide(county), county.divisions["Willow River"]
    with pytest.raises(NoEvidence):
        services.decide(
            incident, kind="concealed", division=place, evidence=" ", by=county.actor("Wang"), at=county.now
        )
    found = services.decide(incident, kind="concealed", division=place, evidence="村民举报并有照片", by=county.actor("Wang"), at=county.now)  # fmt: skip
    assert standing(findings_of(incident)) == [found]
    services.take_back(found, evidence="查证已按时电话报告", by=county.actor("Wang"), at=county.now)
    assert standing(findings_of(incident)) == []
    assert len(findings_of(incident)) == 2


def test_a_nil_report_says_that_there_was_nothing(county: County) -> None:
    by_tier = receivers(county)
    report = services.draft_report(
        None, Draft("nil", title="7月1日零报告", period_from=county.now - timedelta(days=1), period_to=county.now),
        division=county.division, by=county.actor("Chen"), at=county.now,
    )  # fmt: skip
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    services.sign_report(report, by=county.actor("Wang"), at=county.now)
    assert "零报告" in report.text
    sent(county, report, by_tier["city"], "fax")
    assert report.state == "sent"


class ChainOfReports(RuleBasedStateMachine):
    """Whatever is drafted, signed, withdrawn and reopened in whatever order, the numbers of a chain stay right."""

    county: County

    @initialize()
    def begin(self) -> None:
        self.incident = landslide(self.county, title=f"滑坡{uuid.uuid4()}")
        self.open: UpwardReport | None = None
        self.ended = False

    @rule(kind=st.sampled_from(["initial", "follow_up", "final"]))
    def draft(self, kind: str) -> None:
        self.county.clock.advance(minutes=1)
        try:
            self.open = draft(self.county, self.incident, kind)
        except Refusal:
            return
        assert not self.ended

    @rule()
    def sign(self) -> None:
        if self.open is None:
            return
        if self.open.state == "draft":
            services.submit_report(self.open, by=self.county.actor("Chen"), at=self.county.now)
        services.sign_report(self.open, by=self.county.actor("Wang"), at=self.county.now)
        self.ended = self.open.kind == "final"
        self.open = None

    @rule()
    def withdraw(self) -> None:
        if self.open is not None:
            services.withdraw_report(
                self.open, reason="重拟", by=self.county.actor("Chen"), at=self.county.now
            )
            self.open = None

    @rule()
    def reopen(self) -> None:
        done = services.reopen_chain(
            self.incident, division=self.county.division, reason="又滑", by=self.county.actor("Chen"), at=self.county.now
        )  # fmt: skip
        assert (done is not None) is self.ended
        self.ended = False

    @invariant()
    def numbers_are_right(self) -> None:
        if not hasattr(self, "incident"):
            return
        rows = UpwardReport.objects.filter(incident=self.incident, signed_at__isnull=False).order_by(
            "signed_at", "id"
        )
        kinds = [(row.kind, row.serial) for row in rows]
        assert sum(kind == "initial" for kind, _ in kinds) <= 1
        assert not kinds or kinds[0][0] == "initial"
        serials = [serial for kind, serial in kinds if kind == "follow_up"]
        assert serials == list(range(1, len(serials) + 1))


def test_no_order_of_steps_breaks_the_numbers_of_a_chain(county: County) -> None:
    class Here(ChainOfReports):
        pass

    Here.county = county
    limits: Any = settings(
        max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Here, settings=limits)
