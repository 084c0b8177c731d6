"""The roster workbook: one row a shift. Rows that are there already change nothing; other shifts stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from anlan.directory.imports import POSTS
from anlan.directory.models import HoldingRole, Person, Post, Shift
from anlan.directory.rostering import LONGEST_SHIFT, new_shift
from anlan.documents import cells
from anlan.documents.cells import Cell
from anlan.documents.imports import ImportKind, ImportReport, register
from anlan.documents.problems import BadCell, Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.journal import clocks
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places.models import Division
from anlan.vocab.posts import FACES, PostKind, Right
from anlan.vocab.shifts import LABELS as SHIFT_LABELS
from anlan.vocab.shifts import ShiftKind

_FORMS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y-%m-%d")


def moment(cell: Cell) -> datetime:
    """A date and time in Asia/Shanghai, as text or as the spreadsheet's own; UTC."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=SHANGHAI).astimezone(UTC)
    words = cells.tidy(str(cell))
    for form in _FORMS:
        try:
            return datetime.strptime(words, form).replace(tzinfo=SHANGHAI).astimezone(UTC)
        except ValueError:
            continue
    raise BadCell("roster.bad_time", value=words[:30])


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    division: str
    kind: PostKind
    role: str
    name: str
    starts_at: datetime
    ends_at: datetime
    shift_kind: str


def apply_roster(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Add the shifts of the rows. A person is found by name among those whom the importer keeps."""
    places = Division.objects.defer("geometry")
    divisions = {place.code: place for place in places if by.can(Right.EDIT_DIRECTORY, place.path)}
    report = ImportReport()
    fresh: list[Shift] = []
    for line in (_line(row) for row in rows):
        made = _shift(line, divisions, by, at)
        if isinstance(made, Problem):
            report.problems.append(made)
        elif _is_known(made, fresh):
            report.unchanged += 1
        else:
            report.created += 1
            fresh.append(made)
    if not dry_run:
        with transaction.atomic(savepoint=False):
            record_all(fresh, by=by, at=at)
    return report


def _line(row: SheetRow) -> _Line:
    return _Line(
        row.number,
        row.text("区划代码"),
        row.need("岗位", PostKind),
        row.text("角色") or "A",
        row.text("姓名"),
        row.need("开始", datetime),
        row.need("结束", datetime),
        row.text("值班类别") or ShiftKind.DAILY,
    )


def _shift(line: _Line, divisions: dict[str, Division], by: Actor, at: datetime) -> Shift | Problem:
    place = divisions.get(line.division)
    if place is None:
        return Problem(line.number, "区划代码", "row.unknown_division", {"code": line.division})
    post = Post.objects.filter(division=place, kind=line.kind.value).first()
    if post is None:
        data = {"post": FACES[line.kind].zh, "division": place.name}
        return Problem(line.number, "岗位", "roster.no_post", data)
    if not line.starts_at < line.ends_at <= line.starts_at + LONGEST_SHIFT:
        return Problem(line.number, "结束", "roster.bad_interval", {"days": LONGEST_SHIFT.days})
    people = _people(line.name, place, divisions)
    if len(people) != 1:
        code = "roster.nobody" if not people else "roster.several"
        return Problem(line.number, "姓名", code, {"name": line.name})
    return new_shift(
        post, people[0], role=HoldingRole(line.role), kind=line.shift_kind, starts_at=line.starts_at,
        ends_at=line.ends_at, exercise_id=clocks.default_exercise_id(), by=by, at=at,
    )  # fmt: skip


def _people(name: str, place: Division, divisions: dict[str, Division]) -> list[Person]:
    """Of the place itself first, else of any place that the importer keeps; two of one name are never guessed between."""
    same = [one for one in Person.objects.filter(name=name) if one.division_id in divisions]
    return [one for one in same if one.division_id == place.pk] or same


def _is_known(shift: Shift, fresh: Sequence[Shift]) -> bool:
    key = (shift.post_id, shift.person_id, shift.starts_at, shift.ends_at)
    if any((one.post_id, one.person_id, one.starts_at, one.ends_at) == key for one in fresh):
        return True
    return Shift.objects.filter(
        post=shift.post, person=shift.person, cancelled_at=None,
        starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at,
    ).exists()  # fmt: skip


#: As the workbook names the kinds of shifts.
KINDS = {SHIFT_LABELS[kind][0]: kind.value for kind in ShiftKind}

ROSTER = register(
    ImportKind(
        name="roster",
        title=("值班表", "Duty roster"),
        columns=(
            Column("区划代码", True, cells.place_code, "岗位所在的县、乡镇、村或企业的代码", example="530521100000"),
            Column("岗位", True, cells.choice(POSTS), "只能填允许的岗位", tuple(POSTS), "乡镇值班室"),
            Column("角色", False, cells.choice({"A": "A", "B": "B"}), "A 角先叫", ("A", "B"), "A"),
            Column("姓名", True, cells.name(60), "通讯录里已有的姓名", example="李梅"),
            Column("开始", True, moment, "北京时间", example="2026-07-01 08:00"),
            Column("结束", True, moment, "北京时间", example="2026-07-02 08:00"),
            Column("值班类别", False, cells.choice(KINDS), "不填为日常", tuple(KINDS), "日常"),
        ),
        apply=apply_roster,
        examples=(
            {"区划代码": "530521100000", "岗位": "乡镇值班室", "角色": "A", "姓名": "李梅", "开始": "2026-07-01 08:00", "结束": "2026-07-02 08:00", "值班类别": "日常"},
        ),
        notes=("有班次的时段只叫当班人员；没有排班的时段照常叫岗位上的人。", "已有的班次不重复；要改请先在值班页面撤销。"),
        sentences={
            "roster.bad_time": ("“%(value)s”不是时间，请写成 2026-07-01 08:00。", "“%(value)s” is not a time; write it as 2026-07-01 08:00."),
            "roster.no_post": ("%(division)s 没有岗位“%(post)s”，请先设置。", "There is no post “%(post)s” in %(division)s; set it up first."),
            "roster.bad_interval": ("结束须晚于开始，且不超过 %(days)s 天。", "The end must come after the start, within %(days)s days."),
            "roster.nobody": ("通讯录里没有“%(name)s”。", "Nobody called “%(name)s” is in the directory."),
            "roster.several": ("有几位“%(name)s”，请在值班页面选人。", "Several people are called “%(name)s”; choose on the roster page."),
        },
    )
)  # fmt: skip
