"""Shifts and absences decide who is called; they never take a village's last officer away without a word."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from anlan.directory import queries
from anlan.directory.models import Absence, HoldingRole, Shift
from anlan.directory.refusals import AlreadyEnded, EndBeforeStart, OwnDeputy, ShiftTooLong, ShiftTwice
from anlan.directory.rostering import cancel_absence, cancel_shift, plan_shift, record_absence
from anlan.documents.imports import import_kind, run_import, write_kind_template
from anlan.journal.verify import verify
from anlan.testing import County
from anlan.vocab.posts import PostKind

UPPER, WILLOW = "999901101201", "999901101000"
HOUR = timedelta(hours=1)


def on_duty(county: County, code: str, kind: PostKind) -> list[tuple[str, str, bool]]:
    found = queries.responsible([code], county.now, [kind.value])[code]
    return [(one.name, one.role, one.is_off_duty) for one in found]


def test_while_a_post_has_a_shift_its_other_holders_are_off_duty(county: County) -> None:
    post = county.posts[PostKind.TOWNSHIP_DUTY, "Willow River"]
    plan_shift(
        post,
        county.people["Zhou"],
        starts_at=county.now,
        ends_at=county.now + 8 * HOUR,
        by=county.by,
        at=county.now,
    )
    assert on_duty(county, WILLOW, PostKind.TOWNSHIP_DUTY) == [("周平", "A", False), ("李梅", "A", True)]
    county.clock.advance(hours=8)
    assert on_duty(county, WILLOW, PostKind.TOWNSHIP_DUTY) == [("李梅", "A", False)]


def test_somebody_on_shift_is_reached_on_his_own_number(county: County) -> None:
    post = county.posts[PostKind.TOWNSHIP_DUTY, "Willow River"]
    plan_shift(
        post,
        county.people["Zhou"],
        starts_at=county.now,
        ends_at=county.now + HOUR,
        by=county.by,
        at=county.now,
    )
    first = queries.responsible([WILLOW], county.now, [PostKind.TOWNSHIP_DUTY.value])[WILLOW][0]
    assert [point.value for point in first.points] == ["10000000010"]


def test_a_deputy_steps_in_for_somebody_who_is_away_and_leaves_with_his_return(county: County) -> None:
    absence = record_absence(
        county.people["Zhao"], away_from=county.now, away_to=county.now + 48 * HOUR, reason="病假",
        deputy=county.people["Guo"], by=county.by, at=county.now,
    )  # fmt: skip
    assert on_duty(county, UPPER, PostKind.INFORMATION_OFFICER) == [
        ("郭小明", "A", False), ("钱进", "B", False), ("赵春兰", "A", True)
    ]  # fmt: skip
    county.clock.advance(hours=1)
    cancel_absence(absence, by=county.by, at=county.now)
    assert on_duty(county, UPPER, PostKind.INFORMATION_OFFICER) == [
        ("赵春兰", "A", False),
        ("钱进", "B", False),
    ]


def test_a_deputy_who_is_away_himself_does_not_stand_in(county: County) -> None:
    for name, deputy in (("Zhao", "Guo"), ("Guo", "Zhao")):
        record_absence(
            county.people[name], away_from=county.now, away_to=county.now + HOUR, deputy=county.people[deputy],
            by=county.by, at=county.now,
        )  # fmt: skip
    assert on_duty(county, UPPER, PostKind.INFORMATION_OFFICER) == [
        ("钱进", "B", False),
        ("赵春兰", "A", True),
    ]


def test_a_cancelled_shift_gives_the_post_back_to_its_holders(county: County) -> None:
    post = county.posts[PostKind.TOWNSHIP_DUTY, "Willow River"]
    shift = plan_shift(
        post,
        county.people["Zhou"],
        starts_at=county.now,
        ends_at=county.now + HOUR,
        by=county.by,
        at=county.now,
    )
    cancel_shift(shift, by=county.by, at=county.now)
    assert on_duty(county, WILLOW, PostKind.TOWNSHIP_DUTY) == [("李梅", "A", False)]
    with pytest.raises(AlreadyEnded):
        cancel_shift(shift, by=county.by, at=county.now)


def test_what_cannot_be_a_shift_or_an_absence_is_refused_and_nothing_is_stored(county: County) -> None:
    post, zhou, by, at = (
        county.posts[PostKind.TOWNSHIP_DUTY, "Willow River"],
        county.people["Zhou"],
        county.by,
        county.now,
    )
    plan_shift(post, zhou, starts_at=at, ends_at=at + HOUR, by=by, at=at)
    with pytest.raises(EndBeforeStart):
        plan_shift(post, zhou, starts_at=at, ends_at=at, by=by, at=at)
    with pytest.raises(ShiftTooLong):
        plan_shift(post, zhou, starts_at=at, ends_at=at + timedelta(days=31), by=by, at=at)
    with pytest.raises(ShiftTwice):
        plan_shift(
            post, zhou, starts_at=at + HOUR / 2, ends_at=at + 2 * HOUR, role=HoldingRole.B, by=by, at=at
        )
    with pytest.raises(OwnDeputy):
        record_absence(zhou, away_from=at, away_to=at + HOUR, deputy=zhou, by=by, at=at)
    assert (Shift.objects.count(), Absence.objects.count()) == (1, 0)
    assert verify().problems == []


def test_a_roster_comes_in_as_a_workbook_and_twice_changes_nothing(county: County) -> None:
    from openpyxl import load_workbook

    kind = import_kind("roster")
    file = io.BytesIO()
    write_kind_template(kind, file)
    book = load_workbook(io.BytesIO(file.getvalue()))
    sheet = book.worksheets[0]
    header = next(
        row for row in sheet.iter_rows() if row[0].value and str(row[0].value).startswith("区划代码")
    )
    values = [WILLOW, "乡镇值班室", "A", "周平", "2026-07-01 08:00", "2026-07-01 20:00"]
    start = int(header[0].row or 0) + 1
    for number, row in enumerate((values, [*values[:3], "无此人", *values[4:]]), start=start):
        for column, value in enumerate(row, start=1):
            sheet.cell(row=number, column=column, value=value)
    filled = io.BytesIO()
    book.save(filled)
    li = county.actor("Li")
    report = run_import(kind, io.BytesIO(filled.getvalue()), by=li, at=county.now, skip_bad=True)
    assert (report.created, [problem.code for problem in report.problems]) == (1, ["roster.nobody"])
    assert on_duty(county, WILLOW, PostKind.TOWNSHIP_DUTY)[0] == ("周平", "A", False)
    again = run_import(kind, io.BytesIO(filled.getvalue()), by=li, at=county.now, skip_bad=True)
    assert (again.created, again.unchanged) == (0, 1)
