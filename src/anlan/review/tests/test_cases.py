"""The case library: what enters it, who sees it, and what is offered when a like incident opens."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from anlan.documents.imports import import_kind, run_import
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.review.caserefusals import (
    AlreadyACase,
    CaseIncomplete,
    CaseInTheFuture,
    CaseRetired,
    ReviewNotFinished,
    UnknownCaseWord,
)
from anlan.review.cases import WantedCases, access_case, cases_like, find_cases, visible_cases
from anlan.review.casetypes import CaseDetails
from anlan.review.models import CaseRecord, Lesson, Review, ReviewFinding
from anlan.review.services import add_case, case_of_review, describe_case, finish_review, retire_case
from anlan.review.tests import reviewscenes
from anlan.testing import County
from anlan.vocab.posts import Right

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def case(county: County, who: str = "Wang", where: str = "Yunling", **fields: Any) -> CaseRecord:
    given = {
        "title": "2020年北沟山洪", "event_type": "flash_flood", "division": county.divisions[where],
        "happened_on": date(2020, 8, 6), "summary": "夜间山洪冲毁便桥。", "source": "县志", **fields,
    }  # fmt: skip
    actor = county.actor(who)
    return add_case(CaseDetails(**given), by=actor, by_name=actor.name, at=county.now)


def incident(
    county: County, kind: str = "flash_flood", where: str = "Upper Willow", **fields: Any
) -> Incident:
    details = IncidentDetails("柳河山洪", kind, county.divisions[where], "township", county.now, **fields)
    return incidents.open_incident(details, by=county.actor("Chen"), at=county.now)


def review(county: County, row: Incident | None = None, state: str = "final") -> Review:
    made = Review(
        incident=row, division=row.division if row else county.division, title="柳河山洪复盘", computed={}, computed_at=county.now,
        summary="预警到人用时四分钟。", made_at=county.now, state=state,
    ).record(by=county.by, at=county.now)  # fmt: skip
    ReviewFinding(review=made, kind="late", words="叫应晚了十分钟", made_at=county.now).record(
        by=county.by, at=county.now
    )
    Lesson(review=made, words="便桥加装水尺", owner=made.division, state="open").record(
        by=county.by, at=county.now
    )
    Lesson(review=made, words="不要的", owner=made.division, state="dropped").record(
        by=county.by, at=county.now
    )
    return made


def test_a_case_enters_is_described_anew_and_retired_with_its_entries(county: County) -> None:
    row = case(county, tags=("school", "school"))
    details = CaseDetails(
        "北沟山洪", "flash_flood", county.division, summary="冲毁便桥两座。", source="县志第三卷"
    )
    describe_case(row, details, by=county.actor("Wang"), at=county.now)
    describe_case(row, details, by=county.actor("Wang"), at=county.now)
    retire_case(row, by=county.actor("Wang"), at=county.now)
    kinds = Entry.objects.filter(subject_type="case_record").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["case_record.added", "case_record.described", "case_record.retired"]
    with pytest.raises(CaseRetired):
        describe_case(row, details, by=county.actor("Wang"), at=county.now)
    assert not [one for one in verify().problems if "case_record" in one]


def test_the_same_form_sent_twice_makes_one_case(county: County) -> None:
    from anlan.kernel.ids import uuid7

    key, wang = uuid7(), county.actor("Wang")
    details = CaseDetails("北沟山洪", "flash_flood", county.division, summary="夜间。", source="县志")
    for _time in range(2):
        add_case(details, by=wang, by_name="王", at=county.now, key=key)
    assert CaseRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"title": " "}, CaseIncomplete),
        ({"source": ""}, CaseIncomplete),
        ({"summary": ""}, CaseIncomplete),
        ({"event_type": "ufo"}, UnknownCaseWord),
        ({"tags": ("nothing",)}, UnknownCaseWord),
        ({"happened_on": date(2030, 1, 1)}, CaseInTheFuture),
    ],
)
def test_a_case_without_a_source_or_with_nonsense_is_refused(
    county: County, fields: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        case(county, **fields)
    assert not CaseRecord.objects.exists()


@pytest.mark.parametrize("who", ["Chen", "Li", "Zhao"])
def test_only_who_may_review_writes_in_the_library(county: County, who: str) -> None:
    with pytest.raises(NotAllowed):
        case(county, who)


def test_a_finished_review_gives_its_summary_course_and_lessons(county: County) -> None:
    row = incident(county, lon=102.9, lat=27.4)
    found = case_of_review(review(county, row))
    assert (found.title, found.event_type, found.incident) == ("柳河山洪", "flash_flood", row)
    assert found.summary == "预警到人用时四分钟。"
    assert found.lessons == "叫应晚了十分钟\n便桥加装水尺"
    assert "07-01 08:00" in found.course
    assert row.number in found.source
    kept = add_case(found, by=county.actor("Wang"), by_name="王建国", at=county.now)
    assert kept.review is not None
    with pytest.raises(AlreadyACase):
        case_of_review(kept.review)
    retire_case(kept, by=county.actor("Wang"), at=county.now)
    case_of_review(kept.review)


def test_an_unfinished_review_is_no_case_yet(county: County) -> None:
    with pytest.raises(ReviewNotFinished):
        case_of_review(review(county, incident(county), "draft"))


def test_the_county_s_cases_are_open_to_its_townships_and_those_of_a_township_not_to_its_neighbour(
    county: County,
) -> None:
    of_county, of_willow = case(county), case(county, where="Willow River", title="柳河旧案")
    assert set(visible_cases(county.actor("Li"))) == {of_county, of_willow}
    assert set(visible_cases(county.actor("Liu"))) == {of_county}
    with pytest.raises(NotFound):
        access_case(county.actor("Liu"), of_willow.pk)
    with pytest.raises(NotAllowed):
        access_case(county.actor("Li"), of_willow.pk, need=Right.REVIEW_INCIDENTS)


def test_a_case_of_a_restricted_incident_stays_with_those_who_may_read_it(county: County) -> None:
    row = incident(county, where="Willow River")
    kept = case(county, where="Willow River", incident=row)
    of_review = case(county, where="Willow River", title="另一", review=review(county, row))
    assert access_case(county.actor("Li"), kept.pk) == kept
    Incident.objects.filter(pk=row.pk).update(is_restricted=True)
    assert not visible_cases(county.actor("Li")).filter(pk__in=[kept.pk, of_review.pk]).exists()
    assert visible_cases(county.actor("Wang")).filter(pk__in=[kept.pk, of_review.pk]).count() == 2
    assert cases_like(county.actor("Li"), incident(county)) == []


def test_a_case_made_of_a_drill_with_a_restricted_incident_stays_with_them_too(county: County) -> None:
    drill, row = reviewscenes.drilled(county, 4)
    written = reviewscenes.drill_reviewed(county, drill)
    finish_review(written, by=county.actor("Wang"), at=county.now)
    kept = case(county, review=written)
    assert visible_cases(county.actor("Li")).filter(pk=kept.pk).exists()
    Incident.objects.filter(pk=row.pk).update(is_restricted=True)
    assert not visible_cases(county.actor("Li")).filter(pk=kept.pk).exists()
    assert visible_cases(county.actor("Wang")).filter(pk=kept.pk).exists()


def test_cases_are_found_by_hazard_place_tag_and_words(county: County) -> None:
    one = case(county, where="Willow River", tags=("school",))
    two = case(county, where="Stone Bridge", event_type="landslide", title="石桥滑坡", lessons="提前撤离")

    def found(**wanted: Any) -> list[CaseRecord]:
        return list(find_cases(county.actor("Wang"), WantedCases(**wanted), None))

    assert found() == [two, one]
    assert found(event_type="landslide") == [two]
    assert found(place=county.divisions["Willow River"].code) == [one]
    assert found(place=county.division.code) == [two, one]
    assert found(tag="school") == [one]
    assert found(words="撤离 石桥") == [two]
    assert found(words="撤离 柳河") == []
    retire_case(one, by=county.actor("Wang"), at=county.now)
    assert found() == [two]
    assert found(retired=True) == [one]


def test_a_like_incident_is_offered_the_nearest_cases_first_with_the_reason(county: County) -> None:
    far = case(county, title="外地山洪")
    group = case(county, where="Willow River", event_type="debris_flow", title="泥石流")
    near = case(county, where="Stone Bridge", title="邻镇山洪")
    same = case(county, where="Lower Willow", title="同镇山洪", tags=("school",))
    case(county, where="Upper Willow", event_type="forest_fire", title="山火")
    row = incident(county)
    Incident.objects.filter(pk=row.pk).update(tags=["school"])
    row.refresh_from_db()
    offered = cases_like(county.actor("Wang"), row)
    assert [one.case for one in offered] == [same, near, far] or [one.case for one in offered] == [
        same,
        near,
        group,
    ]
    assert (offered[0].is_same_type, offered[0].place, offered[0].tags) == (True, "same", ("school",))
    assert offered[1].place == "near"


def test_an_unlike_incident_is_offered_nothing(county: County) -> None:
    case(county, where="Upper Willow")
    assert cases_like(county.actor("Wang"), incident(county, "forest_fire")) == []


def test_a_retired_case_and_the_incident_itself_are_never_offered(county: County) -> None:
    row = incident(county)
    retire_case(case(county), by=county.actor("Wang"), at=county.now)
    case(county, incident=row)
    assert cases_like(county.actor("Wang"), row) == []


def test_reality_is_not_offered_a_case_of_a_drill(county: County) -> None:
    from anlan.journal.models import ExerciseRun

    run = ExerciseRun.objects.create(scenario="test", clock_start=county.now, wall_start=county.now)
    wang = county.actor("Wang")
    details = CaseDetails("演练案例", "flash_flood", county.division, summary="演。", source="演练")
    add_case(details, by=wang, by_name="王", at=county.now, exercise_id=run.pk)
    row = incident(county)
    assert cases_like(wang, row) == []
    Incident.objects.filter(pk=row.pk).update(exercise_id=run.pk)
    row.refresh_from_db()
    assert len(cases_like(wang, row)) == 1


def test_offering_costs_the_same_with_many_cases(county: County) -> None:
    row, wang = incident(county), county.actor("Wang")
    for number in range(3):
        case(county, where="Lower Willow", title=f"案{number}")
    with CaptureQueriesContext(connection) as few:
        cases_like(wang, row)
    for number in range(30):
        case(county, where="Stone Bridge", title=f"例{number}")
    with CaptureQueriesContext(connection) as many:
        assert len(cases_like(wang, row)) == 3
    assert len(many) == len(few) == 2


HEADS = ("标题", "事件类型", "发生日期", "地点", "区划代码", "标签", "概况", "经过", "教训", "来源")


def workbook(*rows: tuple[object, ...]) -> BytesIO:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADS, *rows):
        sheet.append(list(row))
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def imported(county: County, *rows: tuple[object, ...], who: str = "Wang") -> Any:
    return run_import(import_kind("cases"), workbook(*rows), by=county.actor(who), at=county.now)


def test_cases_come_from_a_workbook_and_a_second_time_correct_themselves(county: County) -> None:
    code = county.division.code
    line = ("北沟山洪", "山洪", "2020-08-06", "北沟", code, "涉校", "冲毁便桥", "", "加装水尺", "县志")
    assert imported(county, line).created == 1
    assert imported(county, line).unchanged == 1
    again = imported(county, (*line[:6], "冲毁便桥两座", *line[7:]))
    assert (again.changed, CaseRecord.objects.get().summary) == (1, "冲毁便桥两座")


def test_a_bad_line_of_the_workbook_is_named_and_nothing_is_stored(county: County) -> None:
    code = county.division.code
    report = imported(
        county,
        ("甲", "山洪", "2020-08-06", "", code, "没有的标签", "概况", "", "", "县志"),
        ("乙", "山洪", "2036-08-06", "", code, "", "概况", "", "", "县志"),
        ("丙", "山洪", "", "", "999999999999", "", "概况", "", "", "县志"),
        ("丁", "山洪", "", "", code, "", "概况", "", "", ""),
    )
    found = {(one.row, one.column) for one in report.problems}
    assert found >= {(2, "标签"), (3, "发生日期"), (4, "区划代码"), (5, "来源")}
    assert not CaseRecord.objects.exists()
    assert imported(county, ("戊", "山洪", "", "", code, "", "概况", "", "", "县志"), who="Li").problems


def test_a_case_stays_where_its_day_is_today(county: County) -> None:
    assert case(county, happened_on=(county.now + timedelta(hours=1)).date()).happened_on is not None
