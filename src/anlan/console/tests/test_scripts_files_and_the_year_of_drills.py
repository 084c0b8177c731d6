"""Library, copies and files of scripts; photos of a drill held outside; the year and what is still owed on the first page."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.attachments.models import Attachment
from anlan.console.tests.scenes import build_stations
from anlan.console.tests.test_drills_on_a_page import planned, with_a_line
from anlan.drills import minimums, services
from anlan.drills.models import Drill
from anlan.journal.deadlines import run_deadlines
from anlan.review.models import Lesson, Review
from anlan.testing import County

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 200


def held(county: County, name: str = "Yunling", **fields: object) -> Drill:
    details = services.DrillDetails(
        title="防汛演练", kind="comprehensive", division=county.divisions[name], people=40
    )
    given = {"held_on": county.now.date(), "summary": "有序", "findings": "广播不清", **fields}
    return services.record_outside(
        details,
        by=county.actor("Wang"),
        by_name="王",
        at=county.now,
        **given,  # type: ignore[arg-type]
    )


def test_the_library_is_read_previewed_with_the_countys_names_and_taken_into_a_new_drill(
    county: County,
) -> None:
    wang = county.client("Wang", language="zh-hans")
    assert "夜间山洪" in wang.get("/drills/library/").content.decode()
    page = wang.get(f"/drills/library/flood/?division={county.division.code}&seed=2").content.decode()
    assert "模板，待本县确认" in page
    assert any(name in page for name in ("上柳村", "下柳村", "北坡村"))
    new = wang.get(f"/drills/new/?library=flood&division={county.division.code}&seed=2")
    assert 'value="flood" selected' in new.content.decode()
    form = {
        "title": "汛前演练", "kind": "tabletop", "division": county.division.code, "verb": "plan", "library": "flood", "seed": "2",
    }  # fmt: skip
    wang.post("/drills/new/", form)
    drill = Drill.objects.get()
    assert (drill.scenario, drill.seed, len(drill.script["lines"])) == ("flood", 2, 8)
    assert wang.get(f"/drills/{drill.pk}/lines/L1/").status_code == 200


def test_the_library_is_for_those_who_run_drills(county: County) -> None:
    chen = county.client("Li")
    assert chen.get("/drills/library/").status_code == 403
    assert chen.get("/drills/library/flood/").status_code == 403
    assert county.client("Wang").get("/drills/library/nothing/").status_code == 404


def test_a_script_goes_out_as_a_file_and_comes_into_another_drill(county: County) -> None:
    first = planned(county)
    with_a_line(county, first)
    wang = county.client("Wang")
    book = wang.get(f"/drills/{first.pk}/script/xlsx/").content
    text = wang.get(f"/drills/{first.pk}/script/json/").content
    first.refresh_from_db()
    for number, data in enumerate((book, text)):
        form = {
            "title": f"再练{number}",
            "kind": "tabletop",
            "division": county.division.code,
            "verb": "plan",
        }
        wang.post("/drills/new/", form)
        other = Drill.objects.get(title=f"再练{number}")
        answer = wang.post(
            f"/drills/{other.pk}/script/", {"verb": "import", "file": SimpleUploadedFile("script", data)}
        )
        other.refresh_from_db()
        assert (answer.status_code, other.script) == (302, first.script)


def test_a_wrong_file_is_refused_on_the_page_and_the_script_stays(county: County) -> None:
    drill = planned(county)
    with_a_line(county, drill)
    drill.refresh_from_db()
    answer = county.client("Wang").post(
        f"/drills/{drill.pk}/script/", {"verb": "import", "file": SimpleUploadedFile("x.json", b"[1")}
    )
    kept = Drill.objects.get()
    assert (answer.status_code, kept.script) == (422, drill.script)


def test_the_script_of_a_former_drill_is_copied_but_not_that_of_a_blind_one_to_a_stranger(
    county: County,
) -> None:
    first = planned(county, blindness="single")
    with_a_line(county, first)
    wang = county.client("Wang")
    form = {"title": "再练", "kind": "tabletop", "division": county.division.code, "verb": "plan"}
    wang.post("/drills/new/", form)
    other = Drill.objects.get(title="再练")
    wang.post(f"/drills/{other.pk}/script/", {"verb": "copy", "former": str(first.pk)})
    other.refresh_from_db()
    first.refresh_from_db()
    assert other.script == first.script
    assert county.client("Chen").get(f"/drills/{first.pk}/script/json/").status_code == 404
    assert county.client("Chen").get(f"/drills/{first.pk}/script/").status_code == 403


def test_what_a_file_said_beyond_the_form_survives_an_edit_of_the_line(county: County) -> None:
    drill = planned(county)
    wang = county.client("Wang")
    text = (
        '{"lines":[{"key":"L1","at_min":1,"kind":"caller","title":"来电","payload":{"source":"110","text":"x","event_type":"flood"},'
        '"expects":[{"key":"L1-1","words":"定级","entry":"incident.graded","fields":{"grade":[2]}}]}]}'
    )
    wang.post(
        f"/drills/{drill.pk}/script/", {"verb": "import", "file": SimpleUploadedFile("s", text.encode())}
    )
    form = {"at_min": "3", "kind": "caller", "title": "来电", "source": "110", "text": "y",
            "entry-1": "incident.graded", "words-1": "定级", "verb": "save"}  # fmt: skip
    wang.post(f"/drills/{drill.pk}/lines/L1/", form)
    drill.refresh_from_db()
    [line] = drill.script["lines"]
    assert (line["at_min"], line["payload"]["event_type"], line["payload"]["text"]) == (3, "flood", "y")
    assert line["expects"][0]["fields"] == {"grade": [2]}


def test_photos_of_a_drill_held_outside_are_shown_counted_and_read_through_its_door_alone(
    county: County,
) -> None:
    drill = held(county)
    wang = county.client("Wang")
    files = [SimpleUploadedFile(f"照片{n}.jpg", JPEG + bytes([n])) for n in range(2)]
    wang.post(f"/drills/{drill.pk}/files/", {"file": files})
    kept = list(Attachment.objects.all())
    assert [one.subject for one in kept] == [f"drill:{drill.pk}"] * 2
    page = wang.get(f"/drills/{drill.pk}/").content.decode()
    assert page.count("<img") == 2
    assert '<td class="number">2</td>' in wang.get("/drills/calendar/").content.decode()
    answer = county.client("Li").get(f"/drills/{drill.pk}/files/{kept[0].pk}/")
    assert answer.status_code == 404  # a township's officer does not see the county's drill
    assert wang.get(f"/files/{kept[0].pk}/").status_code == 404
    assert wang.get(f"/drills/{drill.pk}/files/{kept[0].pk}/").content == JPEG + bytes([0])


def test_a_paper_of_a_blind_drill_is_not_for_its_players_before_it_is_over(county: County) -> None:
    drill = planned(county, blindness="single")
    county.client("Wang").post(f"/drills/{drill.pk}/files/", {"file": [SimpleUploadedFile("情景.jpg", JPEG)]})
    kept = Attachment.objects.get()
    at = f"/drills/{drill.pk}/files/{kept.pk}/"
    assert county.client("Wang").get(at).status_code == 200
    assert county.client("Chen").get(at).status_code == 404
    assert str(kept.pk) not in county.client("Chen").get(f"/drills/{drill.pk}/").content.decode()


def test_a_file_that_is_none_is_refused_and_none_of_the_others_is_kept(county: County) -> None:
    drill = held(county)
    files = [SimpleUploadedFile("a.jpg", JPEG), SimpleUploadedFile("b.jpg", b"<script>")]
    county.client("Wang").post(f"/drills/{drill.pk}/files/", {"file": files})
    assert not Attachment.objects.exists()


def test_the_year_shows_each_month_and_until_when_the_missing_ones_count(county: County) -> None:
    held(county)
    page = county.client("Wang", language="zh-hans").get("/drills/calendar/?year=2026").content.decode()
    assert ("防汛演练" in page, "2026-12-31" in page, "县级综合演练每年至少2次" in page) == (True, True, True)
    last = county.client("Wang").get("/drills/calendar/?year=2025").content.decode()
    assert "防汛演练" not in last


def test_the_year_of_a_player_hides_a_double_blind_drill(county: County) -> None:
    planned(county, blindness="double", planned_on="2026-09-01")
    assert "山洪桌面推演" in county.client("Wang").get("/drills/calendar/?year=2026").content.decode()
    assert "山洪桌面推演" not in county.client("Chen").get("/drills/calendar/?year=2026").content.decode()


def test_the_year_costs_the_same_with_many_drills(county: County) -> None:
    wang = county.client("Wang")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            wang.get("/drills/calendar/?year=2026")
        return len(queries)

    cost()
    held(county)
    few = cost()
    for n in range(15):
        held(county, ("Yunling", "Willow River")[n % 2])
    assert cost() <= few


def test_an_owed_drill_and_a_passed_day_are_on_the_first_page_of_whoever_runs_drills(county: County) -> None:
    planned(county, planned_on="2026-06-28")
    wang = county.client("Wang").get("/").content.decode()
    assert "drill was not held" in wang
    assert "drill still owed" not in wang
    county.clock.advance(days=140)
    cache.clear()  # what is shared is made anew after seconds of the wall, and the test's clock is none
    assert "drill still owed" in county.client("Wang").get("/").content.decode()
    assert "drill still owed" not in county.client("Li").get("/").content.decode()


def test_a_drill_of_several_years_runs_out_so_many_months_after_the_last_one() -> None:
    last = minimums.HeldDrill("D", "department", "tabletop", date(2023, 5, 31))
    [one] = minimums.standings([("D", "department")], [last], today=date(2026, 7, 1))
    assert (one.missing, minimums.until(one, today=date(2026, 7, 1))) == (1, date(2026, 5, 28))
    [never] = minimums.standings([("D", "department")], [], today=date(2026, 7, 1))
    assert minimums.until(never, today=date(2026, 7, 1)) == date(2026, 12, 31)
    assert date(2026, 5, 28) + timedelta(days=1) < date(2026, 7, 1)


def played(county: County) -> Drill:
    """One step was missed."""
    drill = planned(county)
    with_a_line(county, drill)
    drill.refresh_from_db()
    services.start_drill(drill, by=county.actor("Wang"), at=county.now)
    county.clock.advance(minutes=2)
    run_deadlines(owner="test")
    county.clock.advance(minutes=30)
    return services.end_drill(drill, by=county.actor("Wang"), at=county.now)


def test_a_missed_step_becomes_a_lesson_in_the_review_of_the_drill(county: County) -> None:
    drill = played(county)
    feng = county.client("Feng", language="zh-hans")
    assert "未完成：登记事件" in feng.get(f"/drills/{drill.pk}/").content.decode()
    form = {"words": "未完成：登记事件", "owner": county.division.code, "due_on": "2026-09-01"}
    feng.post(f"/drills/{drill.pk}/lessons/", form)
    feng.post(f"/drills/{drill.pk}/lessons/", {**form, "words": "再来一条"})
    assert [one.words for one in Lesson.objects.order_by("pk")] == ["未完成：登记事件", "再来一条"]
    assert {one.review_id for one in Lesson.objects.all()} == {Review.objects.get(drill=drill).pk}
    assert {one.exercise_id for one in Lesson.objects.all()} == {None}


def test_no_lesson_comes_of_a_drill_that_is_not_over_or_from_somebody_who_writes_no_reviews(
    county: County,
) -> None:
    drill = planned(county)
    form = {"words": "x", "owner": county.division.code}
    county.client("Feng").post(f"/drills/{drill.pk}/lessons/", form)
    assert county.client("Li").post(f"/drills/{drill.pk}/lessons/", form).status_code == 404
    over = held(county)
    assert county.client("He").post(f"/drills/{over.pk}/lessons/", form).status_code == 403
    assert not Lesson.objects.exists()
    assert not Review.objects.exists()


def test_the_pages_of_scripts_and_of_the_year_speak_chinese(county: County) -> None:
    build_stations(county)
    drill = played(county)
    other = held(county)
    feng = county.client("Feng", language="zh-hans")
    addresses = [
        "/drills/", "/drills/library/", "/drills/library/flood/", "/drills/new/", "/drills/calendar/", "/tak/",
        f"/drills/{drill.pk}/", f"/drills/{other.pk}/", f"/drills/{drill.pk}/script/",
    ]  # fmt: skip
    for address in addresses:
        answer = feng.get(address)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        words = re.sub(r"<[^>]*>|&\w+;", " ", re.sub(r"<script.*?</script>", " ", main, flags=re.S))
        stray = set(re.findall(r"[A-Za-z]{3,}", words)) - {"SHA", "JSON", "xlsx"}
        assert not stray, (address, stray)
