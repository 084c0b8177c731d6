"""Findings, filings, progress and studies of plans on the desk: who may do what, and what stays in the form."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anlan.console import mine_plans
from anlan.plans import services
from anlan.plans.content import Content
from anlan.plans.models import Plan, PlanFiling, PlanFinding, PlanStudy
from anlan.plans.tests.test_filing_of_plans import complete, opened, submitted
from anlan.plans.tests.test_findings_are_kept import NO_LIMIT, OPENS, ROOM, in_force
from anlan.testing import County

pytestmark = pytest.mark.django_db

BROKEN = Content(levels=(OPENS,), contacts=(ROOM,), tasks=(NO_LIMIT,))


@pytest.fixture(autouse=True)
def files_here(tmp_path: Any, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def willows(county: County, content: Content = BROKEN) -> Plan:
    return in_force(
        county, content, kind="township", division=county.divisions["Willow River"], title="柳河镇防汛预案"
    )


def test_the_desk_checks_a_plan_and_a_leader_accepts_a_finding_with_a_reason(county: County) -> None:
    plan = willows(county)
    chief, leader = county.client("Feng"), county.client("Zheng")
    assert "was not checked yet" in text(chief, f"/plans/{plan.pk}/findings/")
    assert chief.post(f"/plans/{plan.pk}/findings/act/", {"verb": "check"}).status_code == 302
    page = text(leader, f"/plans/{plan.pk}/findings/")
    assert "The task “加密监测” has no limit." in page
    finding = PlanFinding.objects.get()
    given = {"verb": "accept", "finding": str(finding.pk), "why": " "}
    refused = leader.post(f"/plans/{plan.pk}/findings/act/", given)
    assert refused.status_code == 409
    assert "It is not said why." in refused.content.decode()
    assert chief.post(f"/plans/{plan.pk}/findings/act/", {**given, "why": "由镇里定"}).status_code == 403
    leader.post(f"/plans/{plan.pk}/findings/act/", {**given, "why": "由镇里定"})
    finding.refresh_from_db()
    assert finding.state == "accepted"
    assert "由镇里定" in text(leader, f"/plans/{plan.pk}/findings/")
    leader.post(f"/plans/{plan.pk}/findings/act/", {"verb": "reopen", "finding": str(finding.pk)})
    finding.refresh_from_db()
    assert finding.state == "open"


def test_a_finding_of_another_plan_is_not_reached_through_this_one(county: County) -> None:
    plan, other = willows(county), in_force(county, BROKEN)
    services.check_plan(other, by=county.by, at=county.now)
    given = {"verb": "accept", "finding": str(other.findings.get().pk), "why": "x"}
    assert county.client("Zheng").post(f"/plans/{plan.pk}/findings/act/", given).status_code == 404
    assert (
        county.client("Zheng")
        .post(f"/plans/{plan.pk}/findings/act/", {"verb": "accept", "finding": "no"})
        .status_code
        == 404
    )


def test_the_list_of_findings_narrows_and_shows_each_reader_his_own(county: County) -> None:
    for plan in (willows(county), in_force(county, Content(levels=(OPENS,)), title="县预案")):
        services.check_plan(plan, by=county.by, at=county.now)
    chen = county.client("Chen")
    page = text(chen, "/plans/findings/")
    assert "柳河镇防汛预案" in page
    assert "The plan has no contact tree." in page
    assert "The plan has no contact tree." not in text(chen, "/plans/findings/?code=task_no_limit")
    assert "柳河镇防汛预案" not in text(chen, "/plans/findings/?kind=special")
    assert "柳河镇防汛预案" not in text(chen, "/plans/findings/?severity=stop")
    assert "柳河镇防汛预案" not in text(chen, "/plans/findings/?state=accepted")
    li = text(county.client("Li"), "/plans/findings/")
    assert "柳河镇防汛预案" in li
    assert "县预案" not in li
    assert "柳河镇防汛预案" not in text(county.client("Liu"), "/plans/findings/")
    text(county.client("Liu"), f"/plans/{Plan.objects.order_by('number')[0].pk}/findings/", 404)


def test_whoever_only_reads_a_plan_does_not_read_what_is_wrong_with_it(county: County) -> None:
    plan = in_force(county, BROKEN, named=["township"])
    services.check_plan(plan, by=county.by, at=county.now)
    assert text(county.client("Li"), f"/plans/{plan.pk}/findings/", 404)
    assert text(county.client("Li"), f"/plans/{plan.pk}/studies/", 404)


def test_a_township_hands_in_and_the_county_returns_and_accepts(county: County) -> None:
    filing = opened(county, date(2026, 7, 1), title="柳河镇防汛预案")
    li, leader = county.client("Li"), county.client("Zheng")
    act = f"/plans/filings/{filing.pk}/act/"
    refused = li.post(act, {"verb": "submit", "explanation": "按新办法修订"})
    assert refused.status_code == 409
    assert "printed plan" in refused.content.decode()
    assert "按新办法修订" in refused.content.decode()
    file = SimpleUploadedFile("预案.pdf", b"%PDF-1.7 plan")
    assert li.post(act, {"verb": "attach", "part": "plan", "file": file}).status_code == 302
    assert "预案.pdf" in text(li, f"/plans/filings/{filing.pk}/")
    assert li.post(act, {"verb": "submit", "explanation": "按新办法修订"}).status_code == 302
    page = text(leader, f"/plans/filings/{filing.pk}/")
    assert "It is not complete: risk assessment, resource survey, opinions and expert review" in page
    assert leader.post(act, {"verb": "accept"}).status_code == 409
    assert leader.post(act, {"verb": "return", "why": "缺评审意见"}).status_code == 302
    assert "缺评审意见" in text(li, f"/plans/filings/{filing.pk}/")
    complete(county, PlanFiling.objects.get())
    assert li.post(act, {"verb": "submit", "explanation": "按新办法修订"}).status_code == 302
    assert li.post(act, {"verb": "accept"}).status_code == 403
    assert county.client("Chen").post(act, {"verb": "accept"}).status_code == 403
    assert leader.post(act, {"verb": "accept"}).status_code == 302
    assert "备2026-0001" in text(li, "/plans/filings/?show=accepted")
    assert leader.post(act, {"verb": "nothing"}).status_code == 404


def test_the_board_shows_what_is_owed_with_its_countdown_and_what_is_late(county: County) -> None:
    opened(county, date(2026, 7, 1), title="柳河镇防汛预案")
    opened(county, date(2026, 5, 1), title="柳河镇山火预案")
    chen = county.client("Chen")
    page = text(chen, "/plans/filings/")
    assert page.index("柳河镇山火预案") < page.index("柳河镇防汛预案")
    assert "data-deadline" in page
    late = text(chen, "/plans/filings/?show=late")
    assert "柳河镇山火预案" in late
    assert "柳河镇防汛预案" not in late
    assert "柳河镇" not in text(chen, "/plans/filings/?show=submitted")
    assert "柳河镇山火预案" not in text(chen, "/plans/filings/?kind=village")
    assert "柳河镇" not in text(county.client("Liu"), "/plans/filings/")


def test_progress_counts_by_kind_and_names_the_next_reviews(county: County) -> None:
    willows(county)
    in_force(county, review_due_on=date(2026, 6, 1), title="县预案")
    in_force(county, review_due_on=date(2026, 9, 1), title="县专项预案二", template="flood")
    in_force(county, state="draft", title="草稿")
    page = text(county.client("Chen"), "/plans/progress/")
    [special] = re.findall(r"<tr><td>special plan</td>(.*?)</tr>", page)
    assert re.sub(r"\D+", " ", re.sub(r"<a [^>]*>|<meter.*?</meter>", "", special)).split() == [
        "3", "2", "1", "0", "1", "1", "0", "1", "0", "33",
    ]  # fmt: skip
    assert page.index("县预案") < page.index("县专项预案二")
    assert "柳河镇防汛预案" not in page.split("Reviews that come next")[1]
    assert "县预案" not in text(county.client("Li"), "/plans/progress/")


def test_a_study_is_added_once_with_its_file_and_ended(county: County) -> None:
    plan = willows(county)
    li = county.client("Li")
    page = text(li, f"/plans/{plan.pk}/studies/")
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found is not None
    form = {
        "verb": "add",
        "key": found[1],
        "kind": "risk_assessment",
        "title": "2026 年风险评估",
        "done_on": "2026-06-01",
    }
    refused = li.post(
        f"/plans/{plan.pk}/studies/act/", {**form, "done_on": "2027-01-01", "summary": "沟口有 40 户"}
    )
    assert refused.status_code == 409
    assert "沟口有 40 户" in refused.content.decode()
    for _time in range(2):
        file = SimpleUploadedFile("评估.pdf", b"%PDF-1.7")
        assert li.post(f"/plans/{plan.pk}/studies/act/", {**form, "file": file}).status_code == 302
    study = PlanStudy.objects.get()
    assert text(li, f"/plans/{plan.pk}/studies/").count("评估.pdf") == 1
    assert li.post(f"/plans/{plan.pk}/studies/act/", {**form, "done_on": "no day"}).status_code == 400
    assert county.client("Zhao").post(f"/plans/{plan.pk}/studies/act/", form).status_code == 404
    li.post(f"/plans/{plan.pk}/studies/act/", {"verb": "end", "study": str(study.pk)})
    study.refresh_from_db()
    assert study.ended_at is not None
    assert li.post(f"/plans/{plan.pk}/studies/act/", {"verb": "end", "study": "x"}).status_code == 404


def test_the_plans_page_shows_its_findings_filings_and_studies(county: County) -> None:
    filing = opened(county, date(2026, 7, 1), title="柳河镇防汛预案")
    services.add_study(filing.plan, kind="scenario", title="溃坝情景", by=county.by, at=county.now)
    services.end_study(
        services.add_study(filing.plan, kind="scenario", title="旧情景", by=county.by, at=county.now),
        by=county.by, at=county.now,
    )  # fmt: skip
    page = text(county.client("Li"), f"/plans/{filing.plan.pk}/")
    assert "溃坝情景" in page
    assert "旧情景" not in page
    assert f"/plans/filings/{filing.pk}/" in page
    assert f"/plans/{filing.plan.pk}/findings/" in page


def test_mine_now_names_what_i_owe_and_what_waits_for_my_word(county: County) -> None:
    late = opened(county, date(2026, 5, 1))
    opened(county, date(2026, 7, 1))
    waiting = submitted(county, opened(county, date(2026, 7, 1)))

    def mine(who: str) -> list[tuple[str, str]]:
        found = mine_plans.filings(county.actor(who), county.now, None)
        return [(one.what, one.url) for one in found]

    assert mine("Li") == [("plan to be filed", f"/plans/filings/{late.pk}/")]
    assert mine("Zheng") == [("plan filing to answer", f"/plans/filings/{waiting.pk}/")]
    assert mine("Chen") == []
    assert mine("Liu") == []
    assert mine("Zhao") == []


@pytest.mark.parametrize("address", ["/plans/findings/", "/plans/progress/", "/plans/filings/"])
def test_every_list_says_its_time_and_refreshes_itself(county: County, address: str) -> None:
    page = text(county.client("Chen"), address)
    assert "data-age" in page
    assert "anlan:plan from:body" in page


def test_the_pages_of_checks_speak_chinese_without_codes(county: County) -> None:
    filing = opened(county, date(2026, 5, 1), content=BROKEN, title="柳河镇防汛预案")
    services.check_plan(filing.plan, by=county.by, at=county.now)
    services.add_study(filing.plan, kind="capability", title="能力评估", by=county.by, at=county.now)
    zheng, li = county.client("Zheng", language="zh-hans"), county.client("Li", language="zh-hans")
    plan = filing.plan.pk
    for client, address in (
        (zheng, "/plans/findings/"), (zheng, "/plans/progress/"), (zheng, "/plans/filings/"),
        (zheng, f"/plans/{plan}/findings/"), (zheng, f"/plans/filings/{filing.pk}/"),
        (li, f"/plans/filings/{filing.pk}/"), (li, f"/plans/{plan}/studies/"),
    ):  # fmt: skip
        body = "<main" + text(client, address).split("<main", 1)[1].split("</main>", 1)[0]
        shown = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", body, flags=re.S)
        stray = [word for word in re.findall(r"[A-Za-z_]{3,}", shown) if word not in ("PDF",)]
        assert stray == [], (address, stray)
