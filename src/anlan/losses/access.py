"""The one door to the statistics: the county's course for the county, a township's part of it for the township and its villages."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet

from anlan.accounts.access import find, require, within
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.losses.models import CoursePart, CourseReport, DamagedHouse, LossCourse, LostPerson, TownshipReport
from anlan.places.models import Division
from anlan.vocab.posts import Right


def visible_courses(actor: Actor) -> QuerySet[LossCourse]:
    """Courses of the actor's county, and those in which his township, or the township of the village he files for, takes part."""
    filed_for = {code for path in actor.where(Right.FILE_DATA) for code in path.split("/")}
    parts = CoursePart.objects.filter(within(actor, "division__path") | Q(division_id__in=filed_for))
    rows = LossCourse.objects.filter(within(actor, "division__path") | Q(pk__in=parts.values("course_id")))
    return rows.select_related("division", "incident").defer("division__geometry")


def files_losses(actor: Actor, *, exercise_id: uuid.UUID | None) -> bool:
    """Whether a disaster is being counted where this person files."""
    if not actor.can_somewhere(Right.FILE_DATA):
        return False
    return visible_courses(actor).filter(state__in=("open", "stable"), exercise_id=exercise_id).exists()


def access_course(actor: Actor, course_id: uuid.UUID, *, need: Right = Right.SEE) -> LossCourse:
    """One course. Anything but looking needs the right in the county; what is of a township goes by `access_part`."""
    course = visible_courses(actor).filter(pk=course_id).first()
    if course is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, course.division.path)
    return course


def access_part(
    actor: Actor, course_id: uuid.UUID, code: str, *, need: Right = Right.SEE
) -> tuple[LossCourse, Division]:
    """A township or village of a course that the actor sees. Another township's does not exist for him."""
    course = access_course(actor, course_id)
    place = Division.objects.filter(within(actor, "path"), pk=code).defer("geometry").first()
    if place is None or not course.parts.filter(division_id__in=place.path.split("/")).exists():
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, place.path)
    return course, place


def access_report(actor: Actor, report_id: uuid.UUID) -> CourseReport:
    """A report of the county: for who sees the county."""
    rows = CourseReport.objects.select_related("course__division", "course__incident__division", "follows")
    return find(rows, actor, report_id, need=Right.SEE, path_field="course__division__path")


def access_township_report(actor: Actor, report_id: uuid.UUID, *, need: Right = Right.SEE) -> TownshipReport:
    rows = TownshipReport.objects.select_related("division", "course__division")
    return find(rows, actor, report_id, need=need)


def access_person(actor: Actor, row_id: uuid.UUID) -> LostPerson:
    rows = LostPerson.objects.select_related("division", "course__division")
    return find(rows, actor, row_id, need=Right.FILE_DATA)


def access_house(actor: Actor, row_id: uuid.UUID) -> DamagedHouse:
    rows = DamagedHouse.objects.select_related("division", "course__division")
    return find(rows, actor, row_id, need=Right.FILE_DATA)


def people_of(course: LossCourse, actor: Actor) -> list[LostPerson]:
    """The lines that the actor sees, the newest first; names are masked by whoever shows them."""
    rows = LostPerson.objects.filter(within(actor, "division__path"), course=course)
    return list(
        rows.select_related("division").defer("division__geometry").order_by("-listed_at", "-pk")[:1000]
    )


def houses_of(course: LossCourse, actor: Actor) -> list[DamagedHouse]:
    rows = DamagedHouse.objects.filter(within(actor, "division__path"), course=course)
    return list(
        rows.select_related("division").defer("division__geometry").order_by("-listed_at", "-pk")[:3000]
    )


def may_read(actor: Actor, path: str) -> bool:
    """Whether the actor may read names and identity numbers there in full."""
    return actor.can(Right.SEE_NUMBERS, path)


def note_look(course: LossCourse, what: str, count: int, *, by: Actor, at: datetime) -> None:
    """Names were shown in full: who looked at how many stays in the journal."""
    note(
        kind="loss_list.looked_at",
        subject=("loss_course", str(course.pk)),
        payload={"list": what, "count": count},
        by=by,
        at=at,
        path=course.division.path,
        exercise_id=course.exercise_id,
    )


def masked(text: str) -> str:
    """ "王**": the first character and how much is hidden."""
    return text[:1] + "*" * max(0, len(text) - 1)
