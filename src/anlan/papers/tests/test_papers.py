"""Papers of the duty room: made with one key, frozen, signed, read by whoever may, and never counting what may not be counted."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from anlan.documents.paper.content import plain_text
from anlan.documents.paper.shipped import shipped_template
from anlan.incidents.models import Incident
from anlan.incidents.services import find_not_true, issue_chase, open_incident
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.journal.deadlines import run_deadlines
from anlan.journal.sealer import seal_everything
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.papers import builders, files, services
from anlan.papers.access import access_paper, visible_papers
from anlan.papers.builders.analysis import analyse, change_words, former_period, month_of, quarter_of
from anlan.papers.models import BriefSchedule, Paper, PaperState, PaperTemplate, TemplateState
from anlan.papers.refusals import AlreadySigned, OwnTemplate, PeriodWrong
from anlan.testing import County

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def opened(
    county: County, event_type: str = "flash_flood", place: str = "Upper Willow", **more: object
) -> Incident:
    known = more.pop("known_at", county.now - timedelta(minutes=30))
    details = IncidentDetails(
        title="山洪冲毁房屋",
        event_type=event_type,
        division=county.divisions[place],
        informant="village",
        known_at=known,  # type: ignore[arg-type]  # one of the keywords
        **more,  # type: ignore[arg-type]  # likewise
    )
    return open_incident(details, by=county.actor("Chen"), at=county.now)


def made(county: County, kind: str, by: str = "Chen") -> Paper:
    draft = builders.build(kind, division=county.division, actor=county.actor(by), at=county.now)
    return services.make_paper(draft, by=county.actor(by), at=county.now)


def text(paper: Paper) -> str:
    return plain_text(files.content_of(paper))


def test_one_key_makes_the_morning_brief_with_the_head_of_the_journal(county: County) -> None:
    opened(county)
    seal_everything()
    paper = made(county, "morning")
    words = text(paper)
    assert paper.state == PaperState.ISSUED
    assert paper.number == "〔2026〕第1期"
    assert "共接报突发事件1起" in words
    assert "留痕链：第" in words
    assert "首端哈希" in words


@pytest.mark.parametrize("kind", ["morning", "rain", "flood", "daily", "weekly"])
def test_each_key_on_the_page_makes_its_paper(county: County, kind: str) -> None:
    answer = county.client("Chen").post(f"/papers/make/{kind}/")
    paper = Paper.objects.get(kind=kind)
    assert answer["Location"] == f"/papers/at/{paper.pk}/"
    page = county.client("Chen").get(answer["Location"]).content.decode()
    assert files.content_of(paper).head in page


def test_numbers_of_a_kind_have_no_gaps(county: County) -> None:
    assert [made(county, "rain").number for _n in range(3)] == [f"〔2026〕第{n}期" for n in (1, 2, 3)]
    assert made(county, "flood").number == "〔2026〕第1期"


def test_a_special_report_waits_for_the_leader_and_gets_its_number_when_signed(county: County) -> None:
    draft = builders.build_of("special", "incident", opened(county), at=county.now)
    paper = services.make_paper(draft, by=county.actor("Chen"), at=county.now)
    assert (paper.state, paper.number) == (PaperState.DRAFT, "")
    answer = county.client("Chen").post(f"/papers/at/{paper.pk}/act/", {"act": "sign"})
    assert answer.status_code == 403
    county.client("Zheng").post(f"/papers/at/{paper.pk}/act/", {"act": "sign"})
    paper.refresh_from_db()
    assert (paper.state, paper.number, paper.signed_by) == (PaperState.SIGNED, "〔2026〕第1期", "郑国安")
    assert "签发人：郑国安" in text(paper)


def test_a_signed_paper_is_not_changed_any_more(county: County) -> None:
    draft = builders.build_of("special", "incident", opened(county), at=county.now)
    paper = services.make_paper(draft, by=county.actor("Chen"), at=county.now)
    services.sign(paper, by=county.actor("Wang"), at=county.now)
    before = paper.content
    with pytest.raises(AlreadySigned):
        services.edit(paper, title="改了", texts={}, by=county.actor("Chen"), at=county.now)
    with pytest.raises(AlreadySigned):
        services.discard(paper, why="不要了", by=county.actor("Chen"), at=county.now)
    assert Paper.objects.get(pk=paper.pk).content == before


def test_words_of_a_draft_are_corrected_on_its_page(county: County) -> None:
    draft = builders.build_of("special", "incident", opened(county), at=county.now)
    paper = services.make_paper(draft, by=county.actor("Chen"), at=county.now)
    answer = county.client("Chen").post(
        f"/papers/at/{paper.pk}/edit/", {"title": "更正后的标题", "block1": "更正后的第一段。"}
    )
    assert answer.status_code == 302
    paper.refresh_from_db()
    assert "更正后的标题" in text(paper)
    assert "更正后的第一段。" in text(paper)


def test_the_incident_may_change_but_the_paper_stays(county: County) -> None:
    incident = opened(county, course="冲毁房屋3间")
    draft = builders.build_of("flash", "incident", incident, at=county.now)
    paper = services.make_paper(draft, by=county.actor("Chen"), at=county.now)
    before = text(paper)
    Incident.objects.filter(pk=incident.pk).update(course="别的")
    assert text(Paper.objects.get(pk=paper.pk)) == before


def test_files_made_again_have_the_same_bytes(county: County) -> None:
    paper = made(county, "rain")
    files.file_of(paper, "docx", at=county.now)
    assert len(paper.docx_sha256) == 64
    county.clock.advance(hours=3)
    assert files.is_as_made(Paper.objects.get(pk=paper.pk), "docx")


def test_a_lost_file_is_made_again(county: County, settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.ANLAN_DATA = tmp_path  # type: ignore[attr-defined]  # pytest-django's
    paper = made(county, "rain")
    first = files.file_of(paper, "docx", at=county.now)
    settings.ANLAN_DATA = tmp_path / "other"  # type: ignore[attr-defined]
    assert files.file_of(Paper.objects.get(pk=paper.pk), "docx", at=county.now) == first


def test_a_restricted_incident_is_counted_nowhere_and_read_by_few(county: County) -> None:
    opened(county)
    hidden = opened(county, "social_security", "Stone Bridge", reference="公安〔2026〕7号")
    start, end = month_of(county.now.date())
    found = analyse(county.actor("Chen"), county.division, start, end + timedelta(days=60))
    assert found.now.total == 1
    for kind in ("morning", "daily", "weekly", "flood"):
        assert "社会安全" not in text(made(county, kind)).replace("不统计公共卫生事件和社会安全事件", "")
    draft = builders.build_of("flash", "incident", hidden, at=county.now)
    paper = services.make_paper(draft, by=county.actor("Chen"), at=county.now)
    assert paper.is_restricted
    with pytest.raises(NotFound):
        access_paper(county.actor("He"), paper.pk)
    assert access_paper(county.actor("Feng"), paper.pk) == paper


def test_a_paper_about_an_incident_is_seen_where_it_was_made_by_whoever_sees_the_incident(
    county: County,
) -> None:
    draft = builders.build_of("flash", "incident", opened(county), at=county.now)
    paper = services.make_paper(draft, by=county.actor("Chen"), at=county.now)
    assert paper in visible_papers(county.actor("Wang"))
    assert paper not in visible_papers(county.actor("Liu"))
    assert county.client("Liu").get(f"/papers/at/{paper.pk}/").status_code == 404


def test_counts_stand_beside_the_period_before(county: County) -> None:
    day = county.now
    for days in (1, 2, 3):
        opened(
            county,
            known_at=day - timedelta(days=days),
            figures=(FigureDetails("deaths", Decimal(1), "村", day - timedelta(days=days)),),
        )
    opened(county, "fire", "Stone Bridge", known_at=day - timedelta(days=10))
    untrue = opened(county, known_at=day - timedelta(days=1))
    find_not_true(untrue, reason="误报", by=county.actor("Chen"), at=county.now)
    found = analyse(county.actor("Chen"), county.division, day - timedelta(days=7), day)
    assert (found.now.total, found.before.total) == (3, 1)
    assert found.now.by_township == {"柳河镇": 3}
    assert found.before.by_township == {"石桥镇": 1}
    assert "环比上升200.0%" in plain_text(
        builders.build("weekly", division=county.division, actor=county.actor("Chen"), at=day).content
    )


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (3, 1, "上升200.0%"),
        (1, 2, "下降50.0%"),
        (2, 2, "持平"),
        (0, 0, "持平"),
        (4, 0, "上期为0"),
        (0, 4, "下降100.0%"),
    ],
)
def test_a_change_is_said_without_dividing_by_nothing(now: int, before: int, words: str) -> None:
    assert change_words(now, before) == words


def test_a_month_is_compared_with_the_whole_month_before(county: County) -> None:
    start, end = month_of(county.now.date().replace(month=3))
    assert former_period(start, end) == month_of(county.now.date().replace(month=2))
    start, end = quarter_of(county.now.date().replace(month=2))
    assert former_period(start, end) == quarter_of(county.now.date().replace(year=2025, month=11))


def test_a_period_turned_round_is_refused_and_what_was_typed_stays(county: County) -> None:
    with pytest.raises(PeriodWrong):
        analyse(county.actor("Chen"), county.division, county.now, county.now)
    page = county.client("Chen").post(
        "/papers/new/analysis_period/", {"first": "2026-06-30T08:00", "last": "2026-06-01T08:00"}
    )
    assert page.status_code == 409
    assert b"2026-06-30T08:00" in page.content


def test_minutes_are_what_was_written(county: County) -> None:
    form = {"topic": "强降雨防范", "decided": "一、加密巡查。\n二、提前转移。", "chair": "王建国"}
    county.client("Chen").post("/papers/new/minutes/", form)
    words = text(Paper.objects.get(kind="minutes"))
    assert "关于强降雨防范的会商纪要" in words
    assert "二、提前转移。" in words


def test_a_chase_order_becomes_a_paper(county: County) -> None:
    order = issue_chase(
        incident=None, addressee="柳河镇人民政府", division=county.divisions["Willow River"], task="核清失联人员",
        due_at=county.now + timedelta(hours=2), by=county.actor("Feng"), at=county.now,
    )  # fmt: skip
    answer = county.client("Chen").post(f"/papers/of/chase/chase/{order.pk}/")
    paper = Paper.objects.get(kind="chase")
    assert answer["Location"].endswith(f"{paper.pk}/")
    assert paper.number == order.number
    assert "核清失联人员" in text(paper)


def test_the_morning_brief_is_drafted_by_itself_at_eight(county: County) -> None:
    services.ensure_schedules(county.division, by=county.by, at=county.now)
    row = BriefSchedule.objects.get()
    assert row.next_at == county.now + timedelta(days=1)  # it is 08:00 now
    county.clock.advance(days=1)
    run_deadlines(owner="test")
    row.refresh_from_db()
    paper = Paper.objects.get(kind="morning")
    assert paper.made_by_person_id is None
    assert row.next_at == county.now + timedelta(days=1)
    assert "系统自动" in text(paper)


def test_days_that_passed_while_nothing_ran_are_not_made_up(county: County) -> None:
    services.ensure_schedules(county.division, by=county.by, at=county.now)
    county.clock.advance(days=5, hours=1)
    run_deadlines(owner="test")
    run_deadlines(owner="test")
    assert Paper.objects.filter(kind="morning").count() == 1


def test_the_brief_may_be_switched_off(county: County) -> None:
    county.client("Feng").post("/papers/brief/", {"time": ""})
    assert BriefSchedule.objects.get().next_at is None
    county.client("Feng").post("/papers/brief/", {"time": "07:30"})
    assert (BriefSchedule.objects.get().hour, BriefSchedule.objects.get().minute) == (7, 30)


def upload(body: bytes, name: str = "红头.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body)


def test_a_template_is_tried_and_then_approved_by_a_second_person(county: County) -> None:
    county.client("Feng").post(
        "/papers/templates/upload/", {"kind": "rain", "file": upload(shipped_template())}
    )
    row = PaperTemplate.objects.get()
    assert row.state == TemplateState.PROPOSED
    assert made(county, "rain").template is None
    with pytest.raises(OwnTemplate):
        services.approve_template(row, by=_same_person(county), at=county.now)
    county.client("Wang").post(f"/papers/templates/{row.pk}/act/", {"act": "approve"})
    assert made(county, "rain").template == PaperTemplate.objects.get(state=TemplateState.IN_FORCE)
    assert made(county, "flood").template is None


def _same_person(county: County) -> Actor:
    return replace(county.actor("Wang"), person_id=county.people["Feng"].pk)


def test_an_older_version_is_kept_when_a_newer_one_is_approved(county: County) -> None:
    for _n in range(2):
        row = services.propose_template(
            shipped_template(),
            kind="",
            name="模板.docx",
            division=county.division,
            by=county.actor("Feng"),
            at=county.now,
        )
        services.approve_template(row, by=county.actor("Wang"), at=county.now)
    assert dict(PaperTemplate.objects.values_list("serial", "state")) == {1: "retired", 2: "in_force"}


def test_a_file_with_macros_is_refused_with_a_sentence(county: County) -> None:
    import io
    import zipfile

    body = io.BytesIO(shipped_template())
    with zipfile.ZipFile(body, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"x")
    page = county.client("Feng").post(
        "/papers/templates/upload/", {"kind": "", "file": upload(body.getvalue())}, follow=True
    )
    assert "macro" in page.content.decode()
    assert not PaperTemplate.objects.exists()


def test_the_files_come_with_their_types(county: County) -> None:
    paper = made(county, "rain")
    chen = county.client("Chen")
    word = chen.get(f"/papers/at/{paper.pk}/file.docx")
    assert word.content[:2] == b"PK"
    assert "attachment" in word["Content-Disposition"]
    assert "雨水情快报" in chen.get(f"/papers/at/{paper.pk}/file.txt").content.decode()
    assert chen.get(f"/papers/at/{paper.pk}/file.exe").status_code == 404


def test_a_paper_of_a_drill_says_so(county: County) -> None:
    draft = builders.build("rain", division=county.division, actor=county.actor("Chen"), at=county.now)
    paper = services.make_paper(draft, by=county.actor("Chen"), at=county.now, exercise_id=uuid.uuid4())
    assert text(paper).startswith("【演练】")
