"""Plans on the desk: found, opened, written part by part, compared, approved, and taken along on paper and phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.kernel.ids import uuid7
from anlan.plans import services
from anlan.plans.content import read
from anlan.plans.models import Plan, PlanVersion
from anlan.plans.tests.scenes import draft, in_force, large, small
from anlan.testing import County

pytestmark = pytest.mark.django_db


def page(county: County, path: str, who: str = "Feng", language: str = "en") -> str:
    answer = county.client(who, language=language).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def send(county: County, path: str, who: str = "Feng", **fields: Any) -> Any:
    return county.client(who).post(path, fields)


def edit(version: PlanVersion, part: str, row: str = "") -> str:
    return f"/plans/versions/{version.pk}/{part}/" + (f"{row}/" if row else "")


def content(version: PlanVersion) -> Any:
    version.refresh_from_db()
    return read(version.content)


def task_form(**fields: Any) -> dict[str, Any]:
    return {"title": "清点人数", "owner-kind": "affected_townships", "owner-post": "township_duty", "from_level": "4", "limit_min": "60", **fields}  # fmt: skip


def test_the_catalogue_counts_filters_and_pages(county: County) -> None:
    in_force(county)
    for n in range(52):
        county.clock.advance(minutes=1)
        draft(
            county,
            "Upper Willow",
            "Li",
            title=f"上柳村预案{n:02d}",
            kind="village",
            hazards=[],
            event_types=[],
            protected_kind="target",
            protected_words="小学",
        )
    first = page(county, "/plans/")
    assert "53 plans" in first
    assert "上柳村预案51" in first
    assert "上柳村预案01" not in first
    older = re.search(r'href="(\?after=[^"]+)">Older', first)
    assert older is not None
    second = page(county, "/plans/" + older[1].replace("&amp;", "&"))
    assert "上柳村预案01" in second
    assert "云岭县防汛应急预案" in second
    for query in (
        "kind=special",
        "hazard=flash_flood",
        "state=in_force",
        "type=flood",
        "q=防汛",
        "owner=999901000000&kind=special",
    ):
        assert "云岭县防汛应急预案" in page(county, f"/plans/?{query}"), query
    for query in (
        "kind=village",
        "hazard=river_flood",
        "state=withdrawn",
        "state=overdue",
        "q=无此",
        "protected=target",
        "owner=999901101000",
    ):
        assert "云岭县防汛应急预案" not in page(county, f"/plans/?{query}"), query


def test_the_catalogue_asks_as_often_for_fifty_plans_as_for_two(county: County) -> None:
    def asked() -> int:
        client = county.client("Chen")
        client.get("/plans/")
        with CaptureQueriesContext(connection) as found:
            assert client.get("/plans/?q=预").status_code == 200
        return len(found)

    draft(county), draft(county)
    few = asked()
    for n in range(60):
        draft(county, "Upper Willow", "Li", title=f"村预案{n}")
    assert asked() <= few


def test_a_plan_is_opened_once_however_often_the_form_is_sent(county: County) -> None:
    form: dict[str, Any] = {"key": str(uuid7()), "title": "防汛预案", "kind": "special", "division": county.division.code, "event_types": ["flood"], "protected_kind": "none", "from": ""}  # fmt: skip
    first, again = send(county, "/plans/new/", **form), send(county, "/plans/new/", **form)
    assert first.status_code == again.status_code == 302
    plan = Plan.objects.get()
    assert again["Location"] == f"/plans/{plan.pk}/"
    refused = send(
        county, "/plans/new/", **{**form, "key": str(uuid7()), "title": " ", "protected_words": "水库下游"}
    )
    assert refused.status_code == 409
    assert "The plan has no title." in refused.content.decode()
    assert "水库下游" in refused.content.decode()
    assert send(county, "/plans/new/", "Li", **{**form, "key": str(uuid7())}).status_code == 404
    assert Plan.objects.count() == 1


def test_a_plan_begins_with_a_starter_pack_or_a_copy(county: County) -> None:
    assert 'value="pack:flood" selected' in page(county, "/plans/new/?from=pack:flood")
    form: dict[str, Any] = {
        "title": "柳河镇防汛预案",
        "kind": "township",
        "division": "999901101000",
        "event_types": ["flood"],
    }
    send(county, "/plans/new/", "Li", **form, **{"key": str(uuid7()), "from": "pack:flood"})
    made = PlanVersion.objects.get()
    assert made.plan.template == "flood"
    assert content(made).tasks
    source = in_force(county)
    send(county, "/plans/new/", "Li", **form, **{"key": str(uuid7()), "from": f"copy:{source.pk}"})
    copied = PlanVersion.objects.exclude(pk=made.pk).get(plan__division="999901101000")
    assert content(copied) == small()
    assert "to be confirmed" in page(county, f"/plans/{made.plan_id}/", "Li")


def test_every_part_of_a_draft_has_a_page(county: County) -> None:
    version = draft(county)
    for part in ("basics", "levels", "posts", "groups", "tasks", "needs", "contacts", "chapters", "annexes"):
        page(county, edit(version, part))
        if part != "basics":
            page(county, edit(version, part, "new"))
    for part, row in (
        ("levels", "4"),
        ("posts", "p1"),
        ("groups", "g1"),
        ("tasks", "t2"),
        ("needs", "n1"),
        ("contacts", "c2"),
        ("annexes", "0"),
    ):
        before = content(version)
        shown = page(county, edit(version, part, row))
        send(county, edit(version, part, row), **_as_shown(shown))
        assert content(version) == before, part
    assert county.client("Feng").get(edit(version, "nothing")).status_code == 404
    assert county.client("Feng").get(edit(version, "tasks", "t99")).status_code == 404


def _as_shown(text: str) -> dict[str, Any]:
    """What a browser would send back from the row's form, untouched."""
    found: dict[str, Any] = {}
    form = text[text.index('name="was"') - 60 :]
    for tag in re.finditer(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag[0]), re.search(r'value="([^"]*)"', tag[0])
        if name and 'type="checkbox"' not in tag[0]:
            found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = body
    for name, body in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found[name] = re.findall(r'<option value="([^"]+)" selected', body)
    return found


def test_mistakes_stand_beside_their_fields_in_chinese_and_nothing_typed_is_lost(county: County) -> None:
    version = draft(county)
    typed = task_form(title="", limit_min="半小时", words="逐户敲门")
    answer = county.client("Feng", language="zh-hans").post(edit(version, "tasks", "new"), typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "必填" in text
    assert "“半小时”不是数字" in text
    assert "逐户敲门" in text
    assert len(content(version).tasks) == 3


def test_tasks_are_added_changed_moved_and_taken_out(county: County) -> None:
    version = draft(county)
    send(
        county,
        edit(version, "tasks", "new"),
        **task_form(after=["t1", "t3"], needs=["n1", "medical"], needs_proof="1"),
    )
    new = content(version).tasks[-1]
    assert (new.key, new.after, new.needs, new.needs_proof, new.limit_min) == (
        "t4",
        ("t1", "t3"),
        ("n1", "medical"),
        True,
        60,
    )
    button = _button(page(county, edit(version, "tasks")), "up", "t4")
    send(county, edit(version, "tasks"), up=button)
    assert [one.key for one in content(version).tasks] == ["t1", "t2", "t4", "t3"]
    refused = send(
        county, edit(version, "tasks"), remove=_button(page(county, edit(version, "tasks")), "remove", "t1")
    )
    assert refused.status_code == 409
    assert "组织转移" in refused.content.decode()
    send(county, edit(version, "tasks"), remove=_button(page(county, edit(version, "tasks")), "remove", "t4"))
    assert [one.key for one in content(version).tasks] == ["t1", "t2", "t3"]


def _button(text: str, verb: str, row: str) -> str:
    found = re.search(rf'name="{verb}" value="({row}~[0-9a-f]+)"', text)
    assert found is not None
    return found[1]


def test_tasks_that_would_wait_for_each_other_are_refused(county: County) -> None:
    version = draft(county)
    refused = send(county, edit(version, "tasks", "t1"), **task_form(title="通知到户", after="t2"))
    assert refused.status_code == 409
    assert "would wait for each other" in refused.content.decode()
    assert content(version) == small()


def test_two_people_in_one_row_do_not_overwrite_each_other(county: County) -> None:
    version = draft(county)
    old = re.search(r'name="was" value="(\w+)"', page(county, edit(version, "tasks", "t1")))
    assert old is not None
    send(county, edit(version, "tasks", "t1"), "Wang", **task_form(title="先改的", was=old[1]))
    late = send(county, edit(version, "tasks", "t1"), **task_form(title="后改的", was=old[1]))
    assert late.status_code == 409
    assert "后改的" in late.content.decode()
    assert content(version).tasks[0].title == "先改的"
    version.refresh_from_db()
    assert len(version.hands) == 2


def test_addresses_are_chosen_by_name_and_a_department_may_stand_without_a_code(county: County) -> None:
    version = draft(county)
    form: dict[str, Any] = {"name": "转移组", "from_level": "4", "members-0-kind": "division", "members-0-place": "柳河镇 上柳村", "members-1-kind": "department", "members-1-place": "水务局", "members-1-post": "department_duty"}  # fmt: skip
    send(county, edit(version, "groups", "new"), **form)
    village, department = content(version).groups[-1].members
    assert (village.code, department.code, department.name) == ("999901101201", "", "水务局")
    refused = send(county, edit(version, "groups", "new"), **{**form, "members-0-place": "天上"})
    assert refused.status_code == 422
    assert "Choose a place from the list" in refused.content.decode()


def test_a_township_cannot_address_villages_of_its_neighbour(county: County) -> None:
    version = draft(county, "Stone Bridge", "Liu")
    text = page(county, edit(version, "tasks", "new"), "Liu")
    assert "北坡村" in text
    assert "上柳村" not in text
    refused = send(
        county,
        edit(version, "tasks", "new"),
        "Liu",
        **task_form(**{"owner-kind": "division", "owner-place": "999901101201"}),
    )
    assert refused.status_code == 422


def test_two_hundred_tasks_stay_usable(county: County) -> None:
    few, version = draft(county), draft(county, content=large())
    with CaptureQueriesContext(connection) as small_list:
        page(county, edit(few, "tasks"))
    with CaptureQueriesContext(connection) as found:
        text = page(county, edit(version, "tasks"))
    assert len(found) <= len(small_list)
    assert "任务200" in text
    narrowed = page(county, edit(version, "tasks") + "?q=任务19")
    assert "任务199" in narrowed
    assert "任务020" not in narrowed
    assert "10 of 200" in narrowed


def test_a_version_shows_what_it_changed_and_another_person_approves_it(county: County) -> None:
    plan = in_force(county)
    send(county, f"/plans/{plan.pk}/act/", verb="draft", why="三年修订")
    version = plan.versions.get(number=2)
    send(county, edit(version, "tasks", "t1"), **task_form(title="通知到户到人"))
    send(county, f"/plans/versions/{version.pk}/act/", verb="submit")
    assert "plan to approve" in page(county, "/", "Wang")
    assert "plan to approve" not in page(county, "/", "Feng")
    text = page(county, f"/plans/versions/{version.pk}/", "Wang")
    assert "<del>通知到户</del>" in text
    assert "<ins>通知到户到人</ins>" in text
    assert send(county, f"/plans/versions/{version.pk}/act/", verb="approve").status_code == 403
    assert send(county, f"/plans/versions/{version.pk}/act/", "Wang", verb="return").status_code == 409
    assert send(county, f"/plans/versions/{version.pk}/act/", "Wang", verb="approve").status_code == 302
    plan.refresh_from_db()
    assert plan.current == version
    assert county.client("Feng").get(edit(version, "tasks")).status_code == 302


def test_the_writer_with_the_right_to_approve_is_told_why_not(county: County) -> None:
    version = services.submit_version(draft(county, by="Wang"), by=county.actor("Wang"), at=county.now)
    assert "another person approves it" in page(county, f"/plans/versions/{version.pk}/", "Wang")
    assert send(county, f"/plans/versions/{version.pk}/act/", "Wang", verb="approve").status_code == 403


def test_the_plan_s_page_shows_everything_and_its_verbs(county: County) -> None:
    plan, other = in_force(county, template="flood"), in_force(county, title="云岭县地质灾害预案")
    text = page(county, f"/plans/{plan.pk}/", language="zh-hans")
    for word in (
        "总指挥",
        "综合协调组",
        "通知到户",
        "水域救援队",
        "县值班室",
        "山洪预警",
        "第 1 版",
    ):
        assert word in text, word
    send(
        county,
        f"/plans/{plan.pk}/act/",
        verb="link",
        kind="supports",
        other=str(other.pk),
        words="转移与避险",
    )
    assert "转移与避险" in page(county, f"/plans/{plan.pk}/")
    assert (
        send(county, f"/plans/{plan.pk}/act/", verb="link", kind="supports", other=str(other.pk)).status_code
        == 409
    )
    assert send(county, f"/plans/{plan.pk}/act/", verb="confirm").status_code == 403
    send(county, f"/plans/{plan.pk}/act/", "Wang", verb="confirm")
    assert "to be confirmed" not in page(county, f"/plans/{plan.pk}/")
    send(county, f"/plans/{plan.pk}/act/", "Wang", verb="withdraw", why="合并")
    assert "合并" in page(county, f"/plans/{plan.pk}/")


def test_a_township_reads_the_county_s_plan_and_changes_nothing(county: County) -> None:
    plan = in_force(county)
    text = page(county, f"/plans/{plan.pk}/", "Liu")
    assert "通知到户" in text
    assert "Make a new version" not in text
    assert send(county, f"/plans/{plan.pk}/act/", "Liu", verb="draft", why="试").status_code == 403
    hidden = draft(county, title="写给自己")
    assert county.client("Liu").get(f"/plans/{hidden.plan_id}/").status_code == 404


def test_the_face_of_a_plan_is_described_anew(county: County) -> None:
    plan = in_force(county)
    form: dict[str, Any] = {
        "title": "云岭县防汛抗旱应急预案",
        "kind": "special",
        "event_types": ["flood", "drought"],
        "hazards": ["flash_flood"],
    }
    assert send(county, f"/plans/{plan.pk}/face/", **form).status_code == 302
    plan.refresh_from_db()
    assert (plan.title, plan.event_types) == ("云岭县防汛抗旱应急预案", ["flood", "drought"])
    assert send(county, f"/plans/{plan.pk}/face/", **{**form, "title": ""}).status_code == 409


def test_manual_checklist_and_card_come_from_the_plan(county: County) -> None:
    plan = in_force(county)
    manual = page(county, f"/plans/{plan.pk}/posts/p3/?level=2", "Liu")
    assert "清点转移人数" in manual
    assert "组织转移" in manual
    assert "组织转移" not in page(county, f"/plans/{plan.pk}/posts/p3/?level=4", "Liu")
    checklist = page(county, f"/plans/{plan.pk}/checklist/?level=4", "Liu")
    assert "报告总指挥" in checklist
    assert "组织转移" not in checklist
    by_kind = page(county, "/plans/checklists/?type=flood&level=2")
    assert "组织转移" in by_kind
    assert "No plan in force" in page(county, "/plans/checklists/?type=forest_fire&level=2")
    cards = page(county, "/f/plans/cards/", "Liu")
    assert "乡镇联络人" in cards
    assert "总指挥" not in cards
    assert "总指挥" in page(county, "/f/plans/cards/", "Wang")
    card = page(county, f"/f/plans/card/{plan.pk}/p3/", "Liu")
    assert "清点转移人数" in card
    assert county.client("Liu").get(f"/plans/{plan.pk}/posts/p99/").status_code == 404


def test_chinese_pages_of_plans_show_no_english(county: County) -> None:
    plan = in_force(county)
    version = draft(county, title="另一预案")
    for path in (
        "/plans/",
        "/plans/new/",
        f"/plans/{plan.pk}/",
        f"/plans/versions/{version.pk}/",
        edit(version, "tasks"),
        edit(version, "tasks", "t1"),
        edit(version, "levels", "4"),
        f"/plans/{plan.pk}/posts/p1/",
        "/plans/checklists/",
    ):
        text = page(county, path, language="zh-hans")
        main = re.sub(r"<[^>]+>", " ", text[text.index('id="page"') :].split(">", 1)[1].split("</main>")[0])
        words = set(re.findall(r"[A-Za-z]{3,}", re.sub(r"&\w+;", " ", main)))
        assert words <= {"Word", "docx", "xlsx"}, (path, words)


def test_the_face_names_the_protected_place_and_the_plan_above(county: County) -> None:
    above, row = in_force(county, title="县防汛总体预案"), in_force(county, title="柳河小学防汛预案")
    form: dict[str, Any] = {
        "title": row.title, "kind": "special", "event_types": ["flood"], "protected_kind": "target",
        "protected_words": "希望小学", "protected_place": "999901101201", "parent": str(above.pk),
    }  # fmt: skip
    assert send(county, f"/plans/{row.pk}/face/", **form).status_code == 302
    row.refresh_from_db()
    assert (row.protected_place_id, row.parent_id) == ("999901101201", above.pk)
    shown = page(county, f"/plans/{row.pk}/")
    assert "希望小学" in shown
    assert f'href="/plans/{above.pk}/"' in shown
    assert f'href="/plans/{row.pk}/"' in page(county, f"/plans/{above.pk}/")
    edited = page(county, f"/plans/{row.pk}/face/")
    assert f'value="{above.pk}" selected' in edited
    assert 'value="999901101201" selected' in edited
    found = page(county, "/plans/?protected=target")
    assert "柳河小学防汛预案" in found
    assert "县防汛总体预案" not in found
    assert "柳河小学防汛预案" in page(county, "/plans/?q=上柳")  # by the place of what it protects
    left = {name: value for name, value in form.items() if name not in ("protected_place", "parent")}
    send(county, f"/plans/{row.pk}/face/", **left)
    row.refresh_from_db()
    assert (row.protected_place_id, row.parent_id) == ("999901101201", above.pk)
    send(county, f"/plans/{row.pk}/face/", **{**form, "protected_place": "", "parent": ""})
    row.refresh_from_db()
    assert (row.protected_place_id, row.parent_id) == (None, None)


def test_a_plan_never_stands_under_itself_or_a_stranger(county: County) -> None:
    above, row = in_force(county, title="总体预案"), in_force(county, title="专项预案")
    form: dict[str, Any] = {
        "title": row.title,
        "kind": "special",
        "event_types": ["flood"],
        "protected_kind": "none",
    }
    assert send(county, f"/plans/{row.pk}/face/", **form, parent=str(above.pk)).status_code == 302
    circle = send(county, f"/plans/{above.pk}/face/", **{**form, "title": above.title}, parent=str(row.pk))
    assert circle.status_code == 409
    assert "does not stand under itself" in circle.content.decode()
    own = send(county, f"/plans/{row.pk}/face/", **form, parent=str(row.pk))
    assert own.status_code == 409
    assert send(county, f"/plans/{row.pk}/face/", **form, parent=str(uuid7())).status_code == 404
    assert send(county, f"/plans/{row.pk}/face/", **form, protected_place="110101000000").status_code == 404
