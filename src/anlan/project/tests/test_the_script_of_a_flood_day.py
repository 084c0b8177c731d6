"""The flood day as data: it names only what exists, its numbers follow from the plan, and its judge can tell a bad day from a good one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from anlan.console.journal_words import KINDS
from anlan.drills.scoring import Happened, Mark, judge
from anlan.plans.content import AddressKind
from anlan.plans.packs import starter_packs
from anlan.project.drill import cast, floodjudge, floodscript
from anlan.project.drill.floodclock import HeldClock, Ledger
from anlan.project.drill.floodunits import links_in, orders_on
from anlan.vocab.figures import FIGURES
from anlan.vocab.skills import ITEMS, SKILLS

FLOOD = next(pack for pack in starter_packs() if pack.code == "flood")


def test_level_two_of_the_plan_opens_as_many_orders_as_the_day_expects() -> None:
    two = floodscript.day().level_two
    tasks = [task for task in FLOOD.content.tasks if task.from_level >= 2]
    of_townships = [task for task in tasks if task.owner.kind is AddressKind.AFFECTED_TOWNSHIPS]
    departments = {task.owner.name for task in tasks if task.owner.kind is AddressKind.DEPARTMENT}
    assert len(departments) == two.departments
    assert len(tasks) - len(of_townships) + len(of_townships) * two.townships == two.orders


def test_the_day_names_only_tasks_skills_items_and_figures_that_exist() -> None:
    day = floodscript.day()
    titles = {task.title for task in FLOOD.content.tasks}
    named = {*day.units.late, *day.units.not_started, *day.units.long}
    assert named <= titles, named - titles
    assert {one.skill for one in day.teams} <= set(SKILLS)
    assert len(day.teams) == 12
    assert {item for one in day.supplies for item, _quantity in one.items} <= set(ITEMS)
    assert {one["code"] for one in day.figures} <= set(FIGURES)
    assert [one.level for one in day.decisions] == [4, 3, 2]
    assert [one.level for one in day.lowering] == [3, 4, 0]


def test_every_step_of_the_scorecard_is_a_kind_of_the_journal_and_says_where_its_limit_comes_from() -> None:
    for one in floodscript.awaited():
        assert one.when.entry in KINDS, one.when.entry
        for expect in one.expects:
            assert expect.entry in KINDS, expect.entry
            assert expect.source or not expect.within_min, expect.key


def test_a_step_that_nothing_gave_counts_as_missed_and_not_as_never_asked() -> None:
    start = datetime(2026, 7, 1, 22, tzinfo=UTC)
    entries = [Happened("warning.issued", start, {}), Happened("activation.proposed", start, {})]
    given = floodjudge.given_by(floodscript.awaited(), entries)
    card = judge(given, entries, ended_at=start + timedelta(hours=8))
    marks = {step.key: step.mark for step in card.steps}
    assert marks["proposed"] is Mark.DONE
    assert marks["raised_two"] is Mark.MISSED
    assert marks["closed"] is Mark.MISSED


def test_the_same_result_has_the_same_digest_whatever_the_order_of_its_keys() -> None:
    assert floodjudge.digest({"a": 1, "b": [2]}) == floodjudge.digest({"b": [2], "a": 1})
    assert floodjudge.digest({"a": 1}) != floodjudge.digest({"a": 2})


def good_day() -> dict[str, Any]:
    """The result of a day on which everything went as it should."""
    notices = [{"state": "sent"}] * 6
    changes = [{"to": level} for level in (4, 3, 2, 3, 4, None)]
    return {
        "warnings": {"issued_by_level": {"4": 1}, "still_in_force": 0},
        "callouts": {"seats": 3},
        "response": {"changes": changes, "proposed_by": "system:response"},
        "orders": {
            "total": 180, "departments": 14, "townships": 13, "elsewhere": [], "silent": [], "unacknowledged": 0,
            "by_state": {"finished": 180}, "chased": ["松坪乡：2次"],
        },
        "notices": {"notices": notices},
        "room": {"scenes": [1, 2]},
        "teams": {"sent": 12, "back": 12, "missed_check_ins": {"县水利抢险队": 1}},
        "supplies": [{"number": "资2026-0001", "state": "received"}],
        "scorecard": {"steps": {"a.b": "done"}},
        "boards": {"saved": 8, "differing": []},
        "leaders_page": {"differing": []},
        "review": {"state": "final", "findings": [["late", "x"]], "lessons": ["y"]},
    }  # fmt: skip


def complaints(result: dict[str, Any], *, ok: bool = True) -> list[str]:
    return floodjudge.wrong(result, floodscript.day(), ok=ok, failures=[])


def test_the_judge_has_nothing_to_say_about_a_good_day() -> None:
    assert complaints(good_day()) == []


@pytest.mark.parametrize(
    ("part", "name", "value", "complaint"),
    [
        ("orders", "total", 171, "orders of level Ⅱ (171)"),
        ("orders", "departments", 12, "departments (12)"),
        ("orders", "silent", ["松坪乡"], 'units that never answered (["松坪乡"])'),
        ("orders", "unacknowledged", 3, "orders that nobody acknowledged (3)"),
        ("orders", "by_state", {"issued": 2}, "orders are still open (2)"),
        ("teams", "sent", 11, "teams sent (11)"),
        ("room", "scenes", [1], "two scenes (true)"),
        ("scorecard", "steps", {"a.b": "missed"}, 'expected steps were missed (["a.b"])'),
        ("boards", "saved", 0, "boards were not saved (true)"),
    ],
)
def test_the_judge_names_what_is_wrong(part: str, name: str, value: Any, complaint: str) -> None:
    result = good_day()
    result[part][name] = value
    assert complaint in complaints(result)


def test_the_judge_notices_a_journal_that_does_not_hold_and_a_level_that_was_left_out() -> None:
    result = good_day()
    del result["response"]["changes"][1]
    found = complaints(result, ok=False)
    assert "the journal does not hold (true)" in found
    assert "the levels did not go Ⅳ, Ⅲ, Ⅱ, Ⅲ, Ⅳ, end ([4, 2, 3, 4, null])" in found


PAGE = """<ul><li class="card" data-late><p class="row"><b class="grow">逐村叫应</b><span class="chip">已下达</span></p>
<p class="soft">令2026-0007 · <b class="error">逾期</b> 请于前签收 06:23:00</p>
<form method="post"><input type="hidden" name="order" value="01a20349-e674-76cf-84b6-63de6f9ecffb">
<button name="verb" value="acknowledge">签收</button><button name="verb" value="start">开始</button></form></li></ul>"""


def test_a_unit_reads_its_orders_and_their_limits_off_the_page() -> None:
    now = datetime(2026, 7, 1, 22, 13, tzinfo=UTC)
    (order,) = orders_on(PAGE, now)
    assert (order.title, order.is_new, order.is_begun) == ("逐村叫应", True, False)
    assert order.until == now + timedelta(minutes=10)


def test_links_of_orders_and_of_jobs_are_told_apart() -> None:
    text = "【演练】【指令】点开：http://127.0.0.1:9/o/abcdefghijklmnopqrstuvwxyz012345/"
    assert links_in(text) == [("o", "abcdefghijklmnopqrstuvwxyz012345")]
    assert links_in("http://127.0.0.1:9/a/abcdefghijklmnopqrstuvwxyz012345/") == []


def test_messages_of_one_step_are_read_in_an_order_that_does_not_depend_on_speed(tmp_path: Path) -> None:
    first, second = (
        {"to": "10000000002", "kind": "sms", "text": "b", "wall": 1.0},
        {"to": "10000000001", "kind": "sms", "text": "a", "wall": 2.0},
    )
    path = tmp_path / "phones.jsonl"
    ledger = Ledger(path)
    assert ledger.fresh() == []
    path.write_text(json.dumps(first) + "\n" + json.dumps(second) + "\n" + '{"to": "half')
    assert [row["text"] for row in ledger.fresh()] == ["a", "b"]
    assert ledger.fresh() == []


def test_the_clock_steps_to_what_is_planned_first_and_never_further_than_a_stride(tmp_path: Path) -> None:
    start = datetime(2026, 7, 1, 22, tzinfo=UTC)
    stage = cast.Set(data=tmp_path, seed=7, speed=1.0, clock_start=start, wall_start=0.0)
    clock, done = HeldClock(stage, start), list[str]()
    assert json.loads(clock.follow.read_text())["now"] == start.timestamp()
    clock.at(14, lambda: done.append("late"))
    clock.at(4, lambda: done.append("first"))
    clock.at(4, lambda: done.append("second"))
    assert clock.next_minute(10) == 4
    clock.minute = 4
    for work in clock.due():
        work()
    assert done == ["first", "second"], "in the order of asking"
    assert clock.next_minute(2) == 6
    assert clock.next_minute(10) == 14
    clock.minute = 20
    assert clock.next_minute(10) == 21, "what is overdue is done in the next minute"
    assert clock.now() == start + timedelta(minutes=20)
