"""Rows of a plan: compared by key, moved, taken out only when nothing needs them; and what post, level and phone get of them."""

from __future__ import annotations

import msgspec
import pytest

from anlan.plans.arranging import NEW, digest_of, move_row, name_of, new_key, place_of, put_row, take_row
from anlan.plans.content import Address, AddressKind, Content, Task
from anlan.plans.diff import differences
from anlan.plans.listing import HeldPost, holds
from anlan.plans.manuals import order_checklist, phone_card, post_manual
from anlan.plans.naming import named
from anlan.plans.refusals import ChangedMeanwhile, InCircles, StillUsed
from anlan.plans.tests.scenes import COMMANDER, TOWNSHIPS, large, small


def replaced(content: Content, key: str, **fields: object) -> Content:
    tasks = tuple(msgspec.structs.replace(one, **fields) if one.key == key else one for one in content.tasks)
    return msgspec.structs.replace(content, tasks=tasks)


def test_the_same_content_differs_in_nothing() -> None:
    assert differences(small(), small()) == []


def test_a_comparison_names_what_is_new_gone_and_changed() -> None:
    former = small()
    new = replaced(former, "t1", limit_min=20)
    new = msgspec.structs.replace(
        new, purpose="", tasks=(new.tasks[0], new.tasks[2], Task("t9", "新任务", TOWNSHIPS))
    )
    found = {one.part: {row.key: row.kind for row in one.rows} for one in differences(former, new)}
    assert found == {
        "purpose": {"purpose": "gone"},
        "tasks": {"t1": "changed", "t9": "new", "t2": "gone"},
    }
    [tasks] = [one for one in differences(former, new) if one.part == "tasks"]
    [changed] = [row for row in tasks.rows if row.kind == "changed"]
    assert [(one.name, one.before, one.after) for one in changed.fields] == [("limit_min", 30, 20)]


def test_moving_one_task_of_two_hundred_says_that_one_moved() -> None:
    former = large()
    new = msgspec.structs.replace(former, tasks=(*former.tasks[1:], former.tasks[0]))
    [part] = differences(former, new)
    assert [(row.key, row.kind) for row in part.rows] == [("t1", "moved")]


def test_against_nothing_everything_is_new() -> None:
    kinds = {row.kind for part in differences(None, small()) for row in part.rows}
    assert kinds == {"new"}


@pytest.mark.parametrize(
    ("part", "row"), [("posts", "p1"), ("groups", "g1"), ("tasks", "t1"), ("contacts", "c1")]
)
def test_a_row_that_others_name_is_not_taken_out(part: str, row: str) -> None:
    with pytest.raises(StillUsed):
        take_row(small(), part, row)


def test_a_row_that_nobody_names_is_taken_out_unless_it_changed_meanwhile() -> None:
    content = small()
    assert place_of(take_row(content, "tasks", "t3"), "tasks", "t3") is None
    with pytest.raises(ChangedMeanwhile):
        take_row(replaced(content, "t3", title="改了"), "tasks", "t3", was=digest_of(content.tasks[2]))


def test_tasks_and_contacts_never_wait_in_a_circle() -> None:
    content = small()
    with pytest.raises(InCircles):
        put_row(content, "tasks", "t1", msgspec.structs.replace(content.tasks[0], after=("t2",)))
    with pytest.raises(InCircles):
        put_row(content, "contacts", "c1", msgspec.structs.replace(content.contacts[0], above="c2"))


def test_a_row_moves_past_its_neighbour_in_the_list_that_is_shown() -> None:
    content = small()
    assert [one.key for one in move_row(content, "tasks", "t3", up=True).tasks] == ["t1", "t3", "t2"]
    assert [one.key for one in move_row(content, "tasks", "t3", up=True, among=["t1", "t3"]).tasks] == [
        "t3",
        "t1",
        "t2",
    ]
    assert move_row(content, "tasks", "t1", up=True) == content


def test_new_keys_never_repeat_and_levels_stand_in_order() -> None:
    content = take_row(small(), "tasks", "t3")
    assert new_key(content, "tasks") == "t3"
    assert new_key(small(), "tasks") == "t4"
    level = msgspec.structs.replace(small().levels[0], level=3)
    assert [one.level for one in put_row(small(), "levels", NEW, level).levels] == [4, 3, 2]
    assert name_of("annexes", small().annexes[0], 0) == "0"


def test_a_post_s_manual_holds_its_own_tasks_of_that_level() -> None:
    [manual] = [post_manual(small(), "p3", 4)]
    assert manual is not None
    assert [one.task.key for one in manual.steps] == ["t1"]
    graver = post_manual(small(), "p3", 2)
    assert graver is not None
    assert [(one.task.key, one.after) for one in graver.steps] == [("t1", ()), ("t2", ("通知到户",))]
    assert [one.name for one in graver.called_by] == ["县值班室"]
    commander = post_manual(small(), "p1", 4)
    assert commander is not None
    assert [one.name for one in commander.leads] == ["综合协调组"]
    assert [one.level for one in commander.decides] == [2]
    assert post_manual(small(), "p9", 4) is None


def test_the_checklist_puts_what_comes_first_first() -> None:
    content = msgspec.structs.replace(small(), tasks=tuple(reversed(small().tasks)))
    found = [
        (one.group.key if one.group else "", [step.task.key for step in one.steps])
        for one in order_checklist(content, 2)
    ]
    assert found == [("", ["t3", "t2"]), ("g1", ["t1"])]
    loose = replaced(content, "t1", group="")
    assert [step.task.key for step in order_checklist(loose, 2)[0].steps] == ["t3", "t1", "t2"]


def test_a_card_is_short_and_says_from_which_level() -> None:
    card = phone_card(small(), "p3", "云岭县防汛应急预案")
    assert card is not None
    assert card.steps == ((4, (("通知到户", 30),)), (2, (("组织转移", 120),)))


def test_a_plan_names_places_by_code_and_levels_by_word() -> None:
    assert named(small()) == ["999901101000", "county", "township"]
    nameless = small(
        posts=(),
        groups=(),
        contacts=(),
        tasks=(Task("t1", "抽排", Address(AddressKind.DEPARTMENT, name="水务局")),),
    )
    assert named(nameless) == []


@pytest.mark.parametrize(
    ("kind", "code", "level", "fits"),
    [
        ("commander", "999901000000", "county", True),
        ("county_duty", "999901000000", "county", True),
        ("township_duty", "999901101000", "township", False),
        ("duty_leader", "999901000000", "county", False),
    ],
)
def test_a_held_post_fills_the_post_of_a_plan(kind: str, code: str, level: str, fits: bool) -> None:
    slot = small().posts[1]
    assert slot.deputy == COMMANDER
    assert holds(slot, HeldPost(kind, code, level)) is fits
