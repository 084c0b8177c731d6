"""Papers made from one record or one shift say what a duty officer expects of them: numbers, names, what changed, nothing restricted."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from anlan.assessment import services as assessment
from anlan.assessment.periods import last_month
from anlan.datacalls.tests import scenes as calls
from anlan.documents.paper.content import Fields, Para, Row
from anlan.duty.models import Handover
from anlan.duty.services.handovers import carry_note, offer_handover, take_handover
from anlan.duty.services.logbook import write_note
from anlan.duty.tests.rooms import Rooms
from anlan.incidents.models import Incident
from anlan.incidents.services import add_figure, change_incident, issue_chase, verify_figure, withdraw_figure
from anlan.incidents.types import FigureDetails
from anlan.intake import services as intake
from anlan.intake.models import Intake
from anlan.intake.types import IntakeDetails
from anlan.journal.models import ChainHead
from anlan.journal.sealer import seal_everything
from anlan.papers import builders, files, services
from anlan.papers.access import visible_papers
from anlan.papers.models import Paper, PaperState
from anlan.papers.refusals import SignedInItsChain
from anlan.papers.tests.test_papers import made, opened, text
from anlan.reporting.models import UpwardReport
from anlan.reporting.tests import desk
from anlan.testing import County
from anlan.vocab.posts import PostKind
from anlan.warning.models import RiskNotice
from anlan.warning.services import notices

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def own_data(settings: Any, tmp_path: Path) -> None:  # Any: pytest-django's
    settings.ANLAN_DATA = tmp_path


def printed(
    county: County, kind: str, about: str, row: Any, by: str = "Chen"
) -> Paper:  # Any: whatever it is about
    draft = builders.build_of(kind, about, row, at=county.now)
    return services.make_paper(draft, by=county.actor(by), at=county.now)


def rows_of(paper: Paper) -> dict[str, Row]:
    """The lines of its forms, by what is asked."""
    blocks = files.content_of(paper).blocks
    return {row.label: row for block in blocks if isinstance(block, Fields) for row in block.rows}


def head() -> str:
    found = ChainHead.objects.get()
    return f"第{found.seq}号，首端哈希 {found.hash}"


# -- the shift


def handed_over(county: County) -> Handover:
    """A night with an open incident, a restricted one, an order and a note that was carried; both signed."""
    rooms = Rooms(county)
    rooms.open()
    rooms.shift("Chen", starts_in=timedelta(hours=-24))
    rooms.shift("Zheng", PostKind.DUTY_LEADER, starts_in=timedelta(hours=-24))
    rooms.shift("Feng", PostKind.COUNTY_DUTY_CHIEF, starts_in=timedelta())
    chen, now = county.actor("Chen"), county.now
    opened(county, course="冲毁房屋3间")
    opened(county, "social_security", "Stone Bridge", reference="公安〔2026〕7号")
    issue_chase(
        incident=None, addressee="柳河镇人民政府", division=county.divisions["Willow River"], task="核清失联人员",
        due_at=now + timedelta(hours=2), by=county.actor("Feng"), at=now,
    )  # fmt: skip
    carry_note(rooms.room(), "09:00前向市局补报图像", due_at=now + timedelta(hours=1), by=chen, at=now)
    seal_everything()
    sheet = offer_handover(
        rooms.room(), shift_from=now - timedelta(hours=24), shift_to=now, summary="雨势减弱，注意下柳村。",
        by=chen, at=now,
    )  # fmt: skip
    county.clock.advance(minutes=6)
    seal_everything()
    return take_handover(sheet, words="已逐项核对", by=county.actor("Feng"), at=county.now)


def test_a_handover_record_names_both_and_every_open_thing_and_the_head_of_the_journal(
    county: County,
) -> None:
    sheet = handed_over(county)
    paper = printed(county, "handover", "handover", sheet)
    words, rows = text(paper), rows_of(paper)
    assert paper.number == "999901000000-0001"
    assert rows["交班人"].value == "陈静　2026-07-01 08:00"
    assert rows["接班人"].value == "冯涛　2026-07-01 08:06"
    assert "陈静" in rows["本班人员"].value
    assert "冯涛" in rows["接班人员"].value
    assert rows["接班意见"].value == "已逐项核对"
    assert rows["交班说明"].value == "雨势减弱，注意下柳村。"
    for wanted in ("山洪冲毁房屋", "柳河镇人民政府：核清失联人员", "09:00前向市局补报图像", "（新增）"):
        assert wanted in words
    assert f"留痕链：第{sheet.taken_seq}号，首端哈希 {sheet.taken_hash}" in words
    assert sheet.taken_seq > 0
    assert "接班人签字" in words


def test_a_restricted_incident_stands_on_the_handover_record_without_its_words(county: County) -> None:
    paper = printed(county, "handover", "handover", handed_over(county))
    words = text(paper)
    hidden = Incident.objects.get(is_restricted=True)
    assert "限制阅读事项" in words
    for secret in (hidden.number, "社会安全", "公安〔2026〕7号"):
        assert secret not in words
    assert not paper.is_restricted
    assert paper in visible_papers(county.actor("He"))


def test_a_journal_without_a_sealed_entry_is_said_so_on_the_handover_record(county: County) -> None:
    rooms = Rooms(county)
    rooms.open()
    now = county.now
    ChainHead.objects.all().delete()
    sheet = offer_handover(
        rooms.room(), shift_from=now - timedelta(hours=8), shift_to=now, by=county.actor("Chen"), at=now
    )
    words = text(printed(county, "handover", "handover", sheet))
    assert "留痕链：尚无封存条目" in words
    assert "（未接班）" in words


def test_the_morning_brief_prints_the_very_head_of_the_journal(county: County) -> None:
    seal_everything()
    expected = head()
    assert f"留痕链：{expected}" in text(made(county, "morning"))


def logged(county: County, by: str = "Chen", place: str = "Yunling") -> Paper:
    draft = builders.build_period(
        "log", start=county.now - timedelta(hours=24), end=county.now + timedelta(minutes=1),
        division=county.divisions[place], actor=county.actor(by), at=county.now,
    )  # fmt: skip
    return services.make_paper(draft, by=county.actor(by), at=county.now)


def a_logged_shift(county: County) -> None:
    rooms = Rooms(county)
    rooms.open()
    rooms.shift("Chen", starts_in=timedelta(hours=-24))
    opened(county)
    opened(county, "social_security", reference="公安〔2026〕7号")
    chen = county.actor("Chen")
    first = write_note(rooms.room(), "柳河水位3.2米", by=chen, at=county.now)
    write_note(rooms.room(), "柳河水位2.3米", corrects=first.pk, by=chen, at=county.now)
    write_note(rooms.room("Willow River"), "镇里一切正常", by=county.actor("Li"), at=county.now)
    seal_everything()


def test_the_duty_log_tells_what_was_done_by_whom_and_where(county: County) -> None:
    a_logged_shift(county)
    paper = logged(county)
    words = text(paper)
    assert paper.number == "〔2026〕1号"
    assert "陈静" in rows_of(paper)["值班人员"].value
    for wanted in ("柳河水位3.2米（已更正）", "柳河水位2.3米", "镇里一切正常", "山洪冲毁房屋", "值班员签字"):
        assert wanted in words
    assert f"留痕链：{head()}" in words
    assert paper.is_restricted
    place = county.divisions["Upper Willow"].pk
    assert place not in words
    assert "其他记录" not in words


def test_a_townships_log_holds_nothing_restricted_and_is_read_by_the_township(county: County) -> None:
    a_logged_shift(county)
    paper = logged(county, "Li", "Willow River")
    words = text(paper)
    assert "镇里一切正常" in words
    assert "社会安全" not in words
    assert "公安〔2026〕7号" not in words
    assert not paper.is_restricted
    assert paper in visible_papers(county.actor("Li"))


# -- the report chain


def three_reports(county: County) -> list[UpwardReport]:
    """初报 with one dead; 续报 with three dead, nobody missing any more and a new trend; 终报."""
    chen, feng = county.actor("Chen"), county.actor("Feng")
    desk.receivers(county)
    incident = desk.landslide(county)

    def count(code: str, value: int) -> Any:
        details = FigureDetails(code, Decimal(value), "县指挥部", county.now)
        figure = add_figure(incident, details, by=chen, at=county.now)
        verify_figure(figure, by=feng, at=county.now)
        return figure

    count("deaths", 1)
    count("evacuated", 20)
    missing = count("missing", 2)
    first = desk.signed(county, incident)
    county.clock.advance(minutes=30)
    count("deaths", 3)
    withdraw_figure(missing, reason="已找到", by=chen, at=county.now)
    incident.refresh_from_db()
    change_incident(incident, trend="仍有滑动可能", by=chen, at=county.now)
    desk.work(county)
    second = desk.signed(county, incident, "follow_up")
    county.clock.advance(hours=5)
    return [first, second, desk.signed(county, incident, "final")]


def test_an_initial_report_carries_the_number_and_signature_of_its_chain(county: County) -> None:
    first, *_later = three_reports(county)
    paper = printed(county, "special", "report", first)
    words = text(paper)
    assert (paper.state, paper.number, paper.signed_by) == (PaperState.SIGNED, first.number, "王建国")
    assert paper.signed_at == first.signed_at
    for wanted in ("（初报）", "签发人：王建国", first.number, "村后山体滑坡", "已组织转移，正在抢险"):
        assert wanted in words
    assert rows_of(paper)["死亡"].value.startswith("1人（县指挥部，2026-07-01 08:00）")
    assert rows_of(paper)["事发地点"].value == "上柳村"
    assert "▲" not in words


def test_a_follow_up_report_marks_what_changed_and_nothing_else(county: County) -> None:
    _first, second, _final = three_reports(county)
    paper = printed(county, "special", "report", second)
    words, rows = text(paper), rows_of(paper)
    assert "（续报一）" in words
    assert "▲为较前报有变化的内容" in words
    assert rows["死亡"].changed
    assert rows["死亡"].value.endswith("，前报1人")
    assert rows["失踪"].changed
    assert "已撤回，前报2人" in rows["失踪"].value
    assert not rows["紧急转移安置"].changed
    changed = [
        block.text for block in files.content_of(paper).blocks if isinstance(block, Para) and block.changed
    ]
    assert any("仍有滑动可能" in one for one in changed)
    assert not any("村后山体滑坡" in one for one in changed)
    assert "▲仍有滑动可能" in words


def test_a_final_report_says_that_it_is_over(county: County) -> None:
    *_earlier, final = three_reports(county)
    words = text(printed(county, "special", "report", final))
    assert "（终报）" in words
    assert "现将有关情况终报如下" in words


def test_the_paper_of_an_unsigned_report_is_not_signed_beside_its_chain(county: County) -> None:
    draft = desk.draft(county, desk.landslide(county))
    paper = printed(county, "special", "report", draft)
    assert (paper.state, paper.number) == (PaperState.DRAFT, "")
    assert "（未签发）" in text(paper)
    with pytest.raises(SignedInItsChain):
        services.sign(paper, by=county.actor("Wang"), at=county.now)
    page = county.client("Wang").get(f"/papers/at/{paper.pk}/").content.decode()
    assert 'value="sign"' not in page


# -- one message, one call for figures, one bulletin, one notice


def called(county: County, **more: Any) -> Intake:  # Any: details
    fields: dict[str, Any] = {
        "source": "110",
        "received_at": county.now - timedelta(minutes=5),
        "occurred_at": county.now - timedelta(minutes=20),
        "division": county.divisions["Upper Willow"],
        "place_words": "上柳村东头桥边",
        "event_type": "flash_flood",
        "caller_name": "钱某",
        "caller_number": "10000000077",
        "casualties": "2人受困屋顶",
        "figures": {"trapped": "2"},
        "told": "柳河镇值班室",
    }
    details = IntakeDetails(text="河水进屋，两人上了屋顶。", **(fields | more))
    row = intake.take_intake(details, by=county.actor("Chen"), at=county.now)[0]
    return intake.verify_intake(row, result="村干部到场核实", by=county.actor("Chen"), at=county.now)


def test_an_intake_sheet_tells_the_call_with_its_number_masked(county: County) -> None:
    row = called(county)
    paper = printed(county, "intake", "intake", row)
    words, rows = text(paper), rows_of(paper)
    assert paper.number == row.number
    assert "10000000077" not in words
    assert rows["来电号码"].value.endswith("0077")
    assert rows["来电人"].value == "钱某"
    assert rows["发生时间"].value == "2026-07-01 07:40"
    assert rows["发生地点"].value == "上柳村东头桥边"
    assert rows["报告内容"].value == "河水进屋，两人上了屋顶。"
    assert rows["所报数字"].value == "被困2人"
    assert rows["处理"].value == "已核实　村干部到场核实"
    assert rows["已告知"].value == "柳河镇值班室"
    assert rows["接报人"].value == "陈静"


def test_a_township_prints_the_sheet_of_a_message_of_its_own(county: County) -> None:
    row = called(county)
    answer = county.client("Li").post(f"/papers/of/intake/intake/{row.pk}/")
    paper = Paper.objects.get(kind="intake")
    assert answer["Location"] == f"/papers/at/{paper.pk}/"
    assert county.client("Li").get(answer["Location"]).status_code == 200
    assert paper not in visible_papers(county.actor("Liu"))


def test_the_sheet_of_a_restricted_message_is_read_by_few(county: County) -> None:
    row = called(county, event_type="social_security", figures={})
    paper = printed(county, "intake", "intake", row)
    assert paper.is_restricted
    assert paper not in visible_papers(county.actor("Li"))
    assert paper not in visible_papers(county.actor("He"))
    assert paper in visible_papers(county.actor("Feng"))


def test_the_table_of_a_data_call_has_each_place_the_sums_and_who_has_not_filed(county: County) -> None:
    call = calls.ask(county)
    calls.fill(county, calls.seat_of(call, county.divisions["Willow River"]), 5, 12)
    call.refresh_from_db()
    paper = printed(county, "data_call", "data_call", call)
    words = text(paper)
    assert "应报2个单位，已报1个" in words
    assert "时限7月1日09:00" in words
    assert "柳河镇  5  12  已报" in words
    assert "合计  5  12  1/2" in words
    assert "未报单位：石桥镇。" in words
    assert paper.title == "汛情收数（收数汇总表）"
    assert files.content_of(paper).phone.startswith("【收数】汛情收数：应报2，已报1。被困人数（人）5")


def test_a_bulletin_is_printed_with_its_table_and_its_signature(county: County) -> None:
    call = calls.ask(county)
    calls.fill(county, calls.seat_of(call, county.divisions["Willow River"]), 0, 0)
    county.clock.advance(days=31)
    calls.tick(county)
    row = assessment.draft_bulletin(
        last_month(county.now), division=county.division, by=county.actor("Feng"), at=county.now
    )
    unsigned = text(printed(county, "bulletin", "bulletin", row))
    assert "（未签发）" in unsigned
    assessment.sign_bulletin(row, name="郑国安", by=county.actor("Zheng"), at=county.now)
    paper = printed(county, "bulletin", "bulletin", row)
    words = text(paper)
    assert paper.number == "信息报送通报〔2026〕1号"
    for wanted in ("签发人：郑国安", "石桥镇98.8分：收数未报1次", "名次  单位  及时性", "1  柳河镇"):
        assert wanted in words
    assert "（未签发）" not in words


def noticed(county: County) -> RiskNotice:
    """Signed, answered in part and sent back, answered again and accepted."""
    wang, li = county.actor("Wang"), county.actor("Li")
    row = notices.draft_notice(
        title="上柳村沟口隐患", body="沟口堆料占压行洪通道。", demands="三日内清除。", division=county.division,
        addressee="柳河镇人民政府", addressee_place=county.divisions["Willow River"],
        reply_by=county.now + timedelta(days=3), level=2, by=county.actor("Chen"), at=county.now,
    )  # fmt: skip
    notices.sign_notice(row, by=wang, at=county.now)
    half = notices.file_report(row, body="已清一半", finished_on=date(2026, 7, 2), by=li, at=county.now)
    notices.judge_report(
        half, accepted=False, words="未清完", new_reply_by=county.now + timedelta(days=5), by=wang, at=county.now
    )  # fmt: skip
    whole = notices.file_report(row, body="已清完", finished_on=date(2026, 7, 3), by=li, at=county.now)
    notices.judge_report(whole, accepted=True, words="现场核查通过", by=wang, at=county.now)
    row.refresh_from_db()
    return row


def test_a_risk_notice_is_printed_with_the_reports_that_answered_it(county: County) -> None:
    paper = printed(county, "notice", "notice", noticed(county))
    words = text(paper)
    assert paper.number == "应急险提〔2026〕1号"
    for wanted in (
        "签发人：王建国", "柳河镇人民政府：", "风险等级：Ⅱ级（橙色）", "请于2026年7月4日前反馈整改报告单。",
        "编号：应急险提〔2026〕1号-报1", "整改情况：已清一半", "审查意见：退回 未清完", "审查意见：通过 现场核查通过",
        "完成日期：2026年7月3日", "2026年7月1日",
    ):  # fmt: skip
        assert wanted in words
    assert "年07月" not in words
    assert words.index("云岭县应急管理局\n2026年7月1日") < words.index("整改报告单\n")


# -- the page


def test_the_page_says_when_this_machine_makes_no_pdf(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = made(county, "rain")
    client = county.client("Chen")
    addresses = ("/papers/", f"/papers/at/{paper.pk}/")
    monkeypatch.setattr(files, "has_pdf", lambda: False)
    for address in addresses:
        page = client.get(address).content.decode()
        assert "No PDF can be made on this machine" in page
        assert "file.pdf" not in page
        assert "file.docx" in page
    monkeypatch.setattr(files, "has_pdf", lambda: True)
    for address in addresses:
        page = client.get(address).content.decode()
        assert "No PDF can be made" not in page
        assert "file.pdf" in page


def test_a_machine_whose_folders_hold_no_chinese_font_makes_no_pdf(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from anlan.documents.paper import fonts

    monkeypatch.setattr(fonts, "FOLDERS", ())
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_package_of_fonts")
    assert not fonts.can_set(str(tmp_path))
    own = tmp_path / "own"
    own.mkdir()
    (own / "simfang.ttf").write_bytes(b"")
    assert fonts.can_set(str(own))


def test_a_run_that_begins_later_than_it_was_set_up_drafts_its_first_brief_after_its_beginning(
    county: County,
) -> None:
    from anlan.papers.models import BriefSchedule

    begins = county.now + timedelta(hours=25)
    services.ensure_schedules(county.division, by=county.by, at=county.now, after=begins)
    assert BriefSchedule.objects.get().next_at == county.now + timedelta(days=2)
