"""Drills on the desk: plan, write the script, start, enter, leave, end, and who sees what."""

from __future__ import annotations

import pytest

from anlan.drills.models import Drill
from anlan.journal.deadlines import run_deadlines
from anlan.testing import County

pytestmark = pytest.mark.django_db


def planned(county: County, **fields: str) -> Drill:
    form = {
        "title": "山洪桌面推演",
        "kind": "tabletop",
        "division": county.division.code,
        "verb": "plan",
        **fields,
    }
    county.client("Wang").post("/drills/new/", form)
    return Drill.objects.get()


def with_a_line(county: County, drill: Drill) -> None:
    form = {
        "at_min": "1", "kind": "caller", "title": "来电", "source": "110", "text": "上柳村进水",
        "entry-1": "incident.opened", "within-1": "10", "words-1": "登记事件", "verb": "save",
    }  # fmt: skip
    county.client("Wang").post(f"/drills/{drill.pk}/lines/new/", form)


def test_a_drill_is_planned_scripted_started_entered_left_and_ended(county: County) -> None:
    drill = planned(county)
    with_a_line(county, drill)
    wang = county.client("Wang", language="zh-hans")
    wang.post(f"/drills/{drill.pk}/act/", {"verb": "start", "speed": "1"})
    county.clock.advance(minutes=2)
    run_deadlines(owner="test")
    inside = wang.get("/intake/").content.decode()
    assert ("上柳村进水" in inside, "strip--exercise" in inside) == (True, True)
    assert "上柳村进水" not in county.client("Chen").get("/intake/").content.decode()
    wang.post(f"/drills/{drill.pk}/enter/", {"verb": "leave"})
    assert "上柳村进水" not in wang.get("/intake/").content.decode()
    wang.post(f"/drills/{drill.pk}/act/", {"verb": "end"})
    page = wang.get(f"/drills/{drill.pk}/").content.decode()
    assert ("登记事件" in page, "未完成" in page or "待完成" in page) == (True, True)


def test_a_planned_drill_is_put_off_and_becomes_another_kind_and_keeps_its_script(county: County) -> None:
    drill = planned(county, planned_on="2026-07-10", parties="水利局，气象局")
    with_a_line(county, drill)
    wang = county.client("Wang")
    form = wang.get(f"/drills/{drill.pk}/edit/").content.decode()
    assert 'value="2026-07-10"' in form
    assert "水利局，气象局" in form
    drill.refresh_from_db()
    typed = {
        "title": "山洪实战演练", "kind": "functional", "division": county.division.code, "planned_on": "2026-07-20",
        "read_version": str(drill.version),
    }  # fmt: skip
    assert wang.post(f"/drills/{drill.pk}/edit/", typed).status_code == 302
    fresh = Drill.objects.get()
    assert (fresh.kind, str(fresh.planned_on), fresh.title) == ("functional", "2026-07-20", "山洪实战演练")
    assert fresh.script == drill.script != {}


def test_two_people_who_put_off_the_same_drill_do_not_overwrite_each_other(county: County) -> None:
    drill = planned(county)
    typed = {"title": "甲", "kind": "tabletop", "division": county.division.code, "read_version": "1"}
    wang = county.client("Wang")
    assert wang.post(f"/drills/{drill.pk}/edit/", typed).status_code == 302
    assert wang.post(f"/drills/{drill.pk}/edit/", {**typed, "title": "乙"}).status_code == 409
    assert Drill.objects.get().title == "甲"


def test_a_drill_that_runs_is_described_as_it_was_started(county: County) -> None:
    drill = planned(county)
    with_a_line(county, drill)
    wang = county.client("Wang")
    wang.post(f"/drills/{drill.pk}/act/", {"verb": "start", "speed": "1"})
    drill.refresh_from_db()
    typed = {"title": "改", "kind": "tabletop", "division": county.division.code}
    assert (
        wang.post(f"/drills/{drill.pk}/edit/", {**typed, "read_version": str(drill.version)}).status_code
        == 409
    )


def test_a_duty_officer_cannot_start_a_drill(county: County) -> None:
    drill = planned(county)
    with_a_line(county, drill)
    answer = county.client("Chen").post(f"/drills/{drill.pk}/act/", {"verb": "start"})
    drill.refresh_from_db()
    assert (answer.status_code, drill.state) == (403, "planned")


def test_a_limit_that_is_no_number_is_refused_and_nothing_is_written(county: County) -> None:
    drill = planned(county)
    form = {"at_min": "bald", "kind": "note", "title": "x", "verb": "save"}
    answer = county.client("Wang").post(f"/drills/{drill.pk}/lines/new/", form)
    drill.refresh_from_db()
    assert (answer.status_code >= 400, drill.script) == (True, {})


def test_a_drill_held_elsewhere_is_recorded_and_leaves_the_list_of_what_is_missing(county: County) -> None:
    wang = county.client("Wang", language="zh-hans")
    before = wang.get("/drills/").content.decode()
    form = {
        "title": "地震疏散演练", "kind": "comprehensive", "division": county.division.code, "verb": "record",
        "held_on": county.now.date().isoformat(), "findings": "广播不清",
    }  # fmt: skip
    wang.post("/drills/new/", form)
    after = wang.get("/drills/").content.decode()
    assert "地震疏散演练" in after
    assert before != after


def test_a_double_blind_drill_is_not_on_the_page_of_a_player(county: County) -> None:
    drill = planned(county, blindness="double")
    page = county.client("Li").get("/drills/").content.decode()
    assert (drill.title in page, county.client("Li").get(f"/drills/{drill.pk}/").status_code) == (False, 404)


def running(county: County, **fields: str) -> Drill:
    drill = planned(county, **fields)
    with_a_line(county, drill)
    county.client("Wang").post(f"/drills/{drill.pk}/act/", {"verb": "start", "speed": "1"})
    drill.refresh_from_db()
    return drill


def test_a_drill_that_ended_lets_everybody_out_who_was_in_it_and_in_again_to_look_back(
    county: County,
) -> None:
    drill = running(county)
    chen = county.client("Chen", language="zh-hans")
    chen.post(f"/drills/{drill.pk}/enter/", {"verb": "enter"})
    assert "strip--exercise" in chen.get("/").content.decode()
    county.client("Wang").post(f"/drills/{drill.pk}/act/", {"verb": "end"})
    assert "strip--exercise" not in chen.get("/").content.decode()
    county.clock.advance(seconds=5)
    chen.post(f"/drills/{drill.pk}/enter/", {"verb": "enter"})
    assert "strip--exercise" in chen.get("/").content.decode()


def test_every_page_of_a_drill_has_the_way_out_of_it_on_desk_and_phone(county: County) -> None:
    drill = running(county)
    chen = county.client("Chen", language="zh-hans")
    chen.post(f"/drills/{drill.pk}/enter/", {"verb": "enter"})
    for page in ("/", "/f/report/"):
        assert "退出演练" in chen.get(page).content.decode()
    assert chen.post("/accounts/leave-drill/", {"next": "/"}).status_code == 302
    assert "退出演练" not in chen.get("/").content.decode()


def test_what_a_phone_kept_for_reality_waits_while_its_owner_is_inside_a_drill(county: County) -> None:
    drill = running(county)
    chen = county.client("Chen")
    chen.post(f"/drills/{drill.pk}/enter/", {"verb": "enter"})
    kept = {"key": "01a20435-8f74-77f2-8157-f2c47f952ef8", "text": "上柳村进水"}
    queued = {"X-Anlan-Queue": "1", "X-Anlan-Run": ""}
    answer = chen.post("/f/report/", kept, headers=queued)
    assert answer.status_code == 503, "kept by the phone, neither taken into the drill nor thrown away"
    chen.post("/accounts/leave-drill/")
    assert chen.post("/f/report/", kept, headers=queued).status_code != 503


def test_another_field_is_saved_and_the_withdrawn_plan_of_a_drill_stays(county: County) -> None:
    from anlan.response.tests import scenes

    plan = scenes.a_plan(county)
    drill = planned(county, plan=str(plan.pk))
    plan.advance("withdrawn", by=county.by, at=county.now)
    drill.refresh_from_db()
    wang = county.client("Wang")
    assert f'value="{plan.pk}" selected' in wang.get(f"/drills/{drill.pk}/edit/").content.decode()
    typed = {"title": "x", "kind": "tabletop", "division": county.division.code, "plan": "-" * 36}
    assert wang.post(f"/drills/{drill.pk}/edit/", {**typed, "read_version": "oops"}).status_code == 409
    assert wang.post("/drills/new/", {**typed, "verb": "plan"}).status_code == 302


def test_a_form_on_a_phone_page_says_where_it_comes_from(county: County) -> None:
    """With "no-referrer" a browser sends the origin "null" along with a plain form, and every such form is refused."""
    assert 'name="referrer" content="same-origin"' in county.client("Chen").get("/f/report/").content.decode()
