"""What follows a warning in Upper Willow, for tests that walk its pages: a test, an outage, a return, a notice with its report."""

from __future__ import annotations

from datetime import date, timedelta

from anlan.attachments.services import keep
from anlan.dissemination.services.contact_tests import plan_test
from anlan.duty.losing import report_outage
from anlan.testing import County
from anlan.vocab.posts import PostKind
from anlan.warning.models import HazardWarning, ReturnDecision
from anlan.warning.services import notices


def build_aftermath(county: County, warning: HazardWarning) -> dict[str, object]:
    """The keys of the routes, by name."""
    at, upper = county.now, county.divisions["Upper Willow"]
    chen, wang = county.actor("Chen"), county.actor("Wang")
    test = plan_test(
        name="汛前测试",
        division=upper,
        posts=[PostKind.INFORMATION_OFFICER],
        channel="sms",
        starts_at=at + timedelta(days=1),
        minutes=60,
        every_days=None,
        by=chen,
        at=at,
    )
    outage = report_outage(kind="road", division=upper, since=at, words="塌方", by=chen, at=at)
    decision = ReturnDecision(
        state="waiting", warning=warning, division=upper, zone_name="柳河沟口", people=41
    ).record(by=county.by, at=at, kind="opened")
    notice = notices.draft_notice(
        title="沟口堆料",
        body="占压行洪通道。",
        demands="清除。",
        division=county.division,
        addressee=upper.name,
        addressee_place=upper,
        reply_by=at + timedelta(days=3),
        by=chen,
        at=at,
    )
    notices.sign_notice(notice, by=wang, at=at)
    report = notices.file_report(
        notice, body="已清", finished_on=date(2026, 7, 2), by=county.actor("Li"), at=at
    )
    photo = keep(
        [b"\xff\xd8\xff\xe0photo"],
        subject=f"rectification_report:{report.pk}",
        division=county.division,
        name="清理后.jpg",
        by=chen,
        at=at,
    )
    return {
        "test_id": test.pk,
        "outage_id": outage.pk,
        "decision_id": decision.pk,
        "notice_id": notice.pk,
        "attachment_id": photo.pk,
    }
