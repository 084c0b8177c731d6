"""Reads of the statistics: sums, the board, differences, and everything that a paper prints."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from anlan.incidents.queries import rolling_of
from anlan.kernel.actor import Actor
from anlan.losses import checks, forms, hazards, wording
from anlan.losses.limits import Limits, limits_at
from anlan.losses.models import (
    CourseReport,
    DamagedHouse,
    LossCourse,
    LostPerson,
    ReportDue,
    TownshipReport,
    VillageFiling,
)
from anlan.losses.types import Board, Difference, ReportContent, ReportGroup, ReportLine, TownshipLine
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.figures import FIGURES

#: Under which the incident's figures name the statistics, from report to report the same.
SOURCE = "灾情统计"
_ON_LIST = ("missing", "dead")
_OWED = ("waiting", "overdue")


@dataclass(frozen=True, slots=True)
class VillageSums:
    """What the villages of a township filed so far."""

    values: checks.Values
    filed: int
    total: int


@dataclass(frozen=True, slots=True)
class VillageLine:
    code: str
    name: str
    path: str
    filing: VillageFiling | None
    values: checks.Values

    @property
    def is_zero(self) -> bool:
        return self.filing is not None and not self.values


def villages_of(course: LossCourse, township: Division) -> list[VillageLine]:
    """Every village of a township with what it filed, in order of code."""
    places = (
        Division.objects.filter(
            path__startswith=township.path + "/", level=DivisionLevel.VILLAGE, valid_to=None
        )
        .defer("geometry")
        .order_by("code")
    )
    filings = {
        row.division_id: row
        for row in VillageFiling.objects.filter(course=course, division__path__startswith=township.path + "/")
    }
    lines = []
    for place in places:
        row = filings.get(place.code)
        values = checks.loaded(row.values) if row is not None else {}
        lines.append(VillageLine(place.code, place.name, place.path, row, values))
    return lines


def village_sums(course: LossCourse, township: Division) -> VillageSums:
    lines = villages_of(course, township)
    filed = [line for line in lines if line.filing is not None]
    return VillageSums(checks.total(line.values for line in filed), len(filed), len(lines))


def last_of(course: LossCourse, township: Division) -> TownshipReport | None:
    """The submission of a township that counts: the newest that was not returned."""
    rows = TownshipReport.objects.filter(course=course, division=township, state="submitted")
    return rows.order_by("-number").first()


def proposed(sums: checks.Values, last: TownshipReport | None) -> checks.Values:
    """What a township probably submits: the sum of its villages; where that did not move since, what it submitted last."""
    if last is None:
        return dict(sums)
    known, former = checks.loaded(last.village_sums), checks.loaded(last.values)
    codes = {*sums, *former}
    found = {
        code: former.get(code) if sums.get(code) == known.get(code) else sums.get(code)
        for code in sorted(codes)
    }
    return {code: value for code, value in found.items() if value}


def last_reports(course: LossCourse) -> dict[str, TownshipReport]:
    """The submission that counts, by township."""
    found: dict[str, TownshipReport] = {}
    for row in TownshipReport.objects.filter(course=course, state="submitted").order_by("number"):
        found[row.division_id] = row
    return found


def county_sums(course: LossCourse) -> checks.Values:
    """The sum of what townships submitted; the township is the statistical unit (R06)."""
    return checks.total(checks.loaded(row.values) for row in last_reports(course).values())


def listed_people(course: LossCourse, path: str = "") -> int:
    """Lines of the list of dead and missing people at or below a path."""
    return _below(LostPerson.objects.filter(course=course, state__in=_ON_LIST), path).count()


def listed_houses(course: LossCourse, path: str = "") -> int:
    return _below(DamagedHouse.objects.filter(course=course, state="listed"), path).count()


def _below(rows: QuerySet, path: str) -> QuerySet:  # type: ignore[type-arg]  # of either list
    if not path:
        return rows
    return rows.filter(Q(division__path=path) | Q(division__path__startswith=path + "/"))


def direct_reasons(sums: Mapping[str, Decimal], limits: Limits) -> list[str]:
    """Why city, province and ministry must be told together, in Chinese; [] while nothing reached its number."""
    zero = Decimal(0)
    people = sums.get("deaths", zero) + sums.get("missing", zero)
    plan = (
        ("direct_people", people, "死亡失踪", "人"),
        ("direct_rooms", sums.get("collapsed_rooms", zero), "倒塌住房", "间"),
        ("direct_farmland_ha", sums.get("farmland_destroyed", zero), "毁坏耕地", "公顷"),
    )
    found = []
    for name, value, zh, unit in plan:
        limit = limits.number(name)
        if limit is not None and value >= Decimal(str(limit)):
            found.append(f"{zh}{checks.show(value)}{unit}")
    return found


def board(course: LossCourse, actor: Actor) -> Board:
    """Who has filed, live sums; townships that the reader does not see are left out. Four statements whatever the county."""
    parts = [
        part
        for part in course.parts.select_related("division")
        .defer("division__geometry")
        .order_by("division_id")
        if actor.sees(part.division.path)
    ]
    reports = _newest(course)
    returned = {code for code, (counting, newest) in reports.items() if newest.state == "returned"}
    villages = _villages_by_township(course, [part.division for part in parts])
    dues = _owed(course)
    lines = []
    for part in parts:
        place = part.division
        counting = reports[place.code][0] if place.code in reports else None
        filed, total_count, sums = villages[place.code]
        due = dues.get(place.code)
        submitted = checks.loaded(counting.values) if counting is not None else None
        known = checks.loaded(counting.village_sums) if counting is not None else {}
        lines.append(
            TownshipLine(
                code=place.code,
                name=place.name,
                path=place.path,
                submitted=submitted,
                submitted_at=counting.submitted_at if counting is not None else None,
                data_until=counting.data_until if counting is not None else None,
                number=counting.number if counting is not None else 0,
                is_late=counting.is_late if counting is not None else False,
                is_returned=place.code in returned,
                village_sums=sums,
                villages_filed=filed,
                villages_total=total_count,
                has_changed=bool(filed) and sums != known,
                due_at=due.due_at if due is not None else None,
                is_overdue=due is not None and due.state == "overdue",
            )
        )
    sums_of_all = checks.total(line.values for line in lines)
    live = checks.total(
        line.village_sums if line.submitted is None or line.has_changed else line.values for line in lines
    )
    done = sum(line.submitted is not None for line in lines)
    return Board(tuple(lines), sums_of_all, live, done, len(lines))


def _newest(course: LossCourse) -> dict[str, tuple[TownshipReport | None, TownshipReport]]:
    """By township: the submission that counts and the newest one, which may have been returned."""
    found: dict[str, tuple[TownshipReport | None, TownshipReport]] = {}
    for row in TownshipReport.objects.filter(course=course).order_by("number"):
        counting = found.get(row.division_id, (None, row))[0]
        found[row.division_id] = (row if row.state == "submitted" else counting, row)
    return found


def _villages_by_township(
    course: LossCourse, townships: list[Division]
) -> dict[str, tuple[int, int, checks.Values]]:
    by_path = {place.path: place.code for place in townships}
    found: dict[str, tuple[int, int, checks.Values]] = {place.code: (0, 0, {}) for place in townships}
    rows = Division.objects.filter(
        level=DivisionLevel.VILLAGE, path__startswith=course.division.path + "/", valid_to=None
    ).values_list("code", "path")
    township_of: dict[str, str] = {}
    counts: dict[str, int] = {}
    for code, path in rows:
        above = next((by_path[head] for head in _heads(path) if head in by_path), None)
        if above is not None:
            township_of[code] = above
            counts[above] = counts.get(above, 0) + 1
    filed: dict[str, list[checks.Values]] = {}
    for code, values in VillageFiling.objects.filter(course=course).values_list("division_id", "values"):
        if code in township_of:
            filed.setdefault(township_of[code], []).append(checks.loaded(values))
    for code in found:
        rows_of = filed.get(code, [])
        found[code] = (len(rows_of), counts.get(code, 0), checks.total(rows_of))
    return found


def _heads(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))


def _owed(course: LossCourse) -> dict[str, ReportDue]:
    """The earliest limit that a place still owes."""
    found: dict[str, ReportDue] = {}
    for due in ReportDue.objects.filter(course=course, state__in=_OWED).order_by("-due_at", "pk"):
        found[due.division_id] = due
    return found


def missed_dues(course: LossCourse, actor: Actor) -> list[ReportDue]:
    """Reports that are missing or came late, the newest first, narrowed to what the reader sees."""
    rows = ReportDue.objects.filter(course=course, is_late=True).select_related("division")
    rows = rows.defer("division__geometry").order_by("-due_at", "division_id")
    return [due for due in rows[:300] if actor.sees(due.division.path)]


def owed_dues(course: LossCourse, actor: Actor) -> list[ReportDue]:
    """What is owed now, the most urgent first."""
    rows = ReportDue.objects.filter(course=course, state__in=_OWED).select_related("division")
    rows = rows.defer("division__geometry").order_by("due_at", "division_id")
    return [due for due in rows[:300] if actor.sees(due.division.path)]


def last_signed(course: LossCourse) -> CourseReport | None:
    return CourseReport.objects.filter(course=course, state="signed").order_by("-signed_at", "-pk").first()


def waiting_report(course: LossCourse) -> CourseReport | None:
    """The one that is drafted and not signed yet."""
    return CourseReport.objects.filter(course=course, state__in=("draft", "review", "reviewed")).first()


def report_lines(report: CourseReport) -> tuple[ReportGroup, ...]:
    """The form with the former report beside it. Lines that were never anything but zero stay: a zero is an answer."""
    form = forms.form_of(report.course.first_hazard)
    values = checks.loaded(report.values)
    former = checks.loaded(report.follows.values) if report.follows is not None else None
    needing: set[str] = set()
    if former is not None:
        when = report.signed_at or report.drafted_at
        limits = limits_at(when, path=report.course.division.path, exercise_id=report.exercise_id)
        needing = {jump.code for jump in checks.jumps(form, former, values, limits)}
    zero = Decimal(0)
    return tuple(
        ReportGroup(
            code,
            zh,
            en,
            tuple(
                ReportLine(
                    one.code,
                    one.zh,
                    one.en,
                    one.unit,
                    values.get(one.code, zero),
                    None if former is None else former.get(one.code, zero),
                    one.code in needing,
                    report.explanations.get(one.code, ""),
                    bool(one.part_of),
                )
                for one in rows
            ),
        )
        for code, zh, en, rows in form.groups
    )


def differences(report: CourseReport) -> list[Difference]:
    """The report beside the rolling figures of the incident, line by line; [] without an incident."""
    incident = report.course.incident
    if incident is None:
        return []
    rolling = rolling_of(incident)
    values = checks.loaded(report.values)
    found = []
    for indicator in forms.form_of(report.course.first_hazard).indicators:
        if not indicator.figure:
            continue
        face = FIGURES[indicator.figure]
        ours = values.get(indicator.code, Decimal(0)) * Decimal(indicator.figure_factor)
        theirs = rolling.get(indicator.figure)
        if theirs is None and not ours:
            continue
        found.append(
            Difference(
                indicator.figure, face.zh, face.en, face.unit_zh, face.unit_en, ours,
                None if theirs is None else theirs.value,
                "" if theirs is None else theirs.source,
                None if theirs is None else theirs.as_of,
            )
        )  # fmt: skip
    return found


def report_content(report_id: uuid.UUID) -> ReportContent:
    """Everything that a paper prints of a report; unknown ids raise `CourseReport.DoesNotExist`."""
    report = CourseReport.objects.select_related("course__division", "follows").get(pk=report_id)
    return content_of(report)


def content_of(report: CourseReport) -> ReportContent:
    course = report.course
    form = forms.form_of(course.first_hazard)
    kind_zh, kind_en = wording.kind_words(report.kind, report.number)
    names = {one.code: one.plain_zh for one in form.indicators}
    townships = sorted(report.by_township.items())
    return ReportContent(
        report_id=str(report.pk),
        course_number=course.number,
        course_title=course.title,
        county=course.division.name,
        form_zh=form.zh,
        kind_zh=kind_zh,
        kind_en=kind_en,
        hazard_zh="、".join(hazards.SUB[code].zh for code in course.sub_hazards),
        first_hazard_zh=hazards.FIRST[course.first_hazard][0],
        began_at=course.began_at,
        data_until=report.data_until,
        groups=report_lines(report),
        townships=tuple((row["name"], checks.loaded(row["values"])) for _code, row in townships),
        situation=report.situation,
        measures=report.measures,
        text=wording.text_of(course, report),
        explanations=tuple((names.get(code, code), why) for code, why in sorted(report.explanations.items())),
        reported_to=tuple(wording.RECEIVERS[one][0] for one in report.reported_to),
        drafted_by=report.drafted_by,
        reviewed_by=report.reviewed_by,
        signed_by=report.signed_by,
        signed_at=report.signed_at,
        due_at=report.due_at,
        is_late=report.is_late,
        is_signed=report.state == "signed",
        listed_people=report.listed_people,
        source=forms.table().source,
    )
