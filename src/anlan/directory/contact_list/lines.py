"""The rows of the list as lines, and what is wrong among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anlan.directory.access import may_fill
from anlan.directory.models import ContactKind
from anlan.documents.problems import Problem
from anlan.documents.workbook import SheetRow
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.posts import FACES, PostKind

REACHED = {"手机": ContactKind.MOBILE, "座机": ContactKind.LANDLINE, "邮箱": ContactKind.EMAIL}
Seat = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One row, its cells under their own names. `labels` and `skills` are None where the cell was empty."""

    number: int
    division: str
    kind: PostKind
    role: str
    name: str
    organisation: str
    reached: Mapping[ContactKind, str]
    labels: list[str] | None
    skills: list[str] | None
    registration_no: str

    @property
    def post(self) -> tuple[str, str]:
        return self.division, self.kind.value

    @property
    def seat(self) -> Seat:
        return self.division, self.kind.value, self.role

    @property
    def callable(self) -> list[str]:
        """The phone numbers of the line."""
        return [value for kind, value in self.reached.items() if kind is not ContactKind.EMAIL]


def line_of(row: SheetRow) -> Line:
    labels, skills = row.get("职责标签", tuple), row.get("技能", tuple)
    return Line(
        number=row.number,
        division=row.text("区划代码"),
        kind=row.need("岗位", PostKind),
        role=row.text("角色"),
        name=row.text("姓名"),
        organisation=row.text("单位"),
        reached={kind: row.text(header) for header, kind in REACHED.items() if row.text(header)},
        labels=None if labels is None else list(labels),
        skills=None if skills is None else list(skills),
        registration_no=row.text("登记编号"),
    )


def check_lines(
    lines: Sequence[Line], divisions: Mapping[str, Division], by: Actor
) -> tuple[list[Line], list[Problem]]:
    """The lines that can be stored, and a problem for each of the others."""
    good: list[Line] = []
    problems: list[Problem] = []
    firsts: dict[tuple[str, str], int] = {}
    people: dict[tuple[str, ...], Line] = {}
    for line in lines:
        problem = _problem_of_division(line, divisions)
        problem = problem or _problem_of_rights(line, divisions[line.division], by)
        problem = problem or _problem_of_role(line, firsts, people)
        if problem is None:
            good.append(line)
        else:
            problems.append(problem)
    return good, problems


def _problem_of_division(line: Line, divisions: Mapping[str, Division]) -> Problem | None:
    place = divisions.get(line.division)
    if place is None:
        return Problem(line.number, "区划代码", "row.unknown_division", {"code": line.division})
    if FACES[line.kind].tier != place.level:
        data = {"post": FACES[line.kind].zh, "division": place.name}
        return Problem(line.number, "岗位", "contacts.wrong_tier", data)
    return None


def _problem_of_rights(line: Line, place: Division, by: Actor) -> Problem | None:
    if may_fill(by, line.kind, place.path):
        return None
    return Problem(line.number, "岗位", "contacts.beyond_own_rights", {"post": FACES[line.kind].zh})


def _problem_of_role(
    line: Line, firsts: dict[tuple[str, str], int], people: dict[tuple[str, ...], Line]
) -> Problem | None:
    """The same person twice on a post, or a second A."""
    key = (*line.post, line.name, line.registration_no, line.reached.get(ContactKind.MOBILE, ""))
    other = people.setdefault(key, line)
    if other is not line:
        code = "row.twice" if other.role == line.role else "contacts.both_roles"
        return Problem(line.number, "姓名", code, {"other": other.number})
    if line.role == "A" and firsts.setdefault(line.post, line.number) != line.number:
        return Problem(line.number, "角色", "contacts.second_first", {"other": firsts[line.post]})
    return None
