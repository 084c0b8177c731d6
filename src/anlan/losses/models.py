"""Courses of disasters, what villages and townships counted, the county's reports, the personal lists and the clocks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class CourseState(models.TextChoices):
    OPEN = "open"
    STABLE = "stable"
    VERIFIED = "verified"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class LossCourse(Leased, Advancing):
    """灾害过程: one disaster from its beginning to the verified figures. `division` is the county.

    `sub_hazards` are codes of `losses.hazards`, `main_hazard` one of them and `first_hazard` its first level. `known_at` is
    the moment of knowing, from which the first clocks run. `round_at` is when the next round of reports opens: midnight in
    Shanghai until it is stable, every ten days of a drought.
    """

    journal_type: ClassVar[str] = "loss_course"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "title",
        "division",
        "sub_hazards",
        "main_hazard",
        "first_hazard",
        "began_at",
        "known_at",
        "incident",
        "separate_why",
        "round_at",
        "stable_at",
        "verified_at",
        "ended_at",
        "ended_why",
        "transferred_report",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "open": frozenset({"stable", "withdrawn"}),
        "stable": frozenset({"open", "verified"}),
        "verified": frozenset({"closed"}),
        "closed": frozenset(),
        "withdrawn": frozenset(),
    }

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    sub_hazards = models.JSONField(default=list)
    main_hazard = models.CharField(max_length=24)
    first_hazard = models.CharField(max_length=24)
    began_at = models.DateTimeField()
    known_at = models.DateTimeField()
    incident = models.ForeignKey(
        "incidents.Incident", null=True, on_delete=models.PROTECT, related_name="loss_courses"
    )
    separate_why = models.CharField(max_length=300, blank=True, default="")
    round_at = models.DateTimeField(null=True)
    stable_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True, default="")
    #: The signed report whose figures went to the incident last.
    transferred_report = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-known_at", "-id"], name="loss_course_latest"),
            models.Index(
                fields=["round_at"], name="loss_course_round", condition=models.Q(round_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def journal_path(self) -> str:
        return self.division.path


class CoursePart(Journaled):
    """A township that takes part in a course; its first clock starts at `joined_at`."""

    journal_type: ClassVar[str] = "loss_part"
    journal_fields: ClassVar[tuple[str, ...]] = ("course", "division", "joined_at")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    course = models.ForeignKey(LossCourse, on_delete=models.PROTECT, related_name="parts")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "division"], name="loss_part_once")
        ]

    def journal_path(self) -> str:
        return self.division.path


class VillageFiling(Journaled):
    """What a village counts now, for the whole course so far. Every earlier filing stays in the journal."""

    journal_type: ClassVar[str] = "loss_filing"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "course",
        "division",
        "values",
        "as_of",
        "filed_at",
        "filed_by",
        "words",
        "times",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    course = models.ForeignKey(LossCourse, on_delete=models.PROTECT, related_name="filings")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    #: {code: decimal as text}, zeros left out; {} is a zero report.
    values = models.JSONField(default=dict)
    as_of = models.DateTimeField()
    filed_at = models.DateTimeField()
    filed_by = models.CharField(max_length=120)
    words = models.CharField(max_length=300, blank=True, default="")
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "division"], name="loss_filing_once")
        ]

    def journal_path(self) -> str:
        return self.division.path


class TownshipReport(Advancing):
    """A township's submission: frozen figures with what its villages had filed at that moment. A newer one follows, none is changed."""

    journal_type: ClassVar[str] = "loss_township_report"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "course",
        "division",
        "number",
        "values",
        "village_sums",
        "villages_filed",
        "villages_total",
        "explanations",
        "data_until",
        "submitted_at",
        "submitted_by",
        "submitted_by_person",
        "responsible",
        "is_late",
        "returned_at",
        "returned_by",
        "returned_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "submitted": frozenset({"returned"}),
        "returned": frozenset(),
    }

    course = models.ForeignKey(LossCourse, on_delete=models.PROTECT, related_name="township_reports")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    village_sums = models.JSONField(default=dict)
    villages_filed = models.PositiveIntegerField(default=0)
    villages_total = models.PositiveIntegerField(default=0)
    explanations = models.JSONField(default=dict)
    data_until = models.DateTimeField()
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=120)
    submitted_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    responsible = models.CharField(max_length=60, blank=True, default="")
    is_late = models.BooleanField(default=False)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.CharField(max_length=120, blank=True, default="")
    returned_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "division", "number"], name="loss_township_report_once")
        ]

    def journal_path(self) -> str:
        return self.division.path


class Correction(Journaled):
    """A figure that somebody above changed: the former value, who and why. `level` is where it was corrected."""

    journal_type: ClassVar[str] = "loss_correction"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "course",
        "division",
        "level",
        "indicator",
        "former",
        "value",
        "why",
        "corrected_at",
        "corrected_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    course = models.ForeignKey(LossCourse, on_delete=models.PROTECT, related_name="corrections")
    #: The place whose figure was changed.
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=12)
    indicator = models.CharField(max_length=40)
    former = models.CharField(max_length=24)
    value = models.CharField(max_length=24)
    why = models.CharField(max_length=300)
    corrected_at = models.DateTimeField()
    corrected_by = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["course", "corrected_at"], name="loss_correction_of")]

    def journal_path(self) -> str:
        return self.division.path


class CourseReport(Advancing):
    """A report of the county: 初报, 续报 `number`, 核报. Drafted from the sums, reviewed, signed; signed it never changes.

    `by_township` is {code: {name, values, data_until}} as the sums were made; `follows` the signed report before it.
    """

    journal_type: ClassVar[str] = "loss_report"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "course",
        "kind",
        "number",
        "follows",
        "values",
        "by_township",
        "explanations",
        "situation",
        "measures",
        "data_until",
        "drafted_at",
        "drafted_by",
        "drafted_by_person",
        "reviewed_at",
        "reviewed_by",
        "reviewed_by_person",
        "signed_at",
        "signed_by",
        "signed_by_person",
        "returned_why",
        "reported_to",
        "is_late",
        "due_at",
        "is_unchanged",
        "listed_people",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"review", "dropped"}),
        "review": frozenset({"reviewed", "draft"}),
        "reviewed": frozenset({"signed", "draft"}),
        "signed": frozenset(),
        "dropped": frozenset(),
    }

    course = models.ForeignKey(LossCourse, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=8)
    number = models.PositiveIntegerField(default=0)
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField(default=dict)
    by_township = models.JSONField(default=dict)
    explanations = models.JSONField(default=dict)
    situation = models.TextField(blank=True, default="")
    measures = models.TextField(blank=True, default="")
    data_until = models.DateTimeField()
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=120)
    drafted_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=120, blank=True, default="")
    reviewed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_by_person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_why = models.CharField(max_length=300, blank=True, default="")
    #: "city", "province", "ministry".
    reported_to = models.JSONField(default=list)
    is_late = models.BooleanField(default=False)
    #: The earliest limit that it was to keep.
    due_at = models.DateTimeField(null=True)
    is_unchanged = models.BooleanField(default=False)
    listed_people = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["course", "kind", "number"],
                condition=models.Q(state="signed"),
                name="loss_report_once",
            ),
            models.UniqueConstraint(
                fields=["course"],
                condition=models.Q(state__in=["draft", "review", "reviewed"]),
                name="one_waiting_loss_report",
            ),
        ]

    def journal_path(self) -> str:
        return self.course.division.path


class LostPerson(Advancing):
    """A line of 因灾死亡失踪人口一览表: personal data. A name may follow later; a missing person may be found dead or alive."""

    journal_type: ClassVar[str] = "lost_person"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "course",
        "division",
        "name",
        "sex",
        "age",
        "identity",
        "home",
        "happened_at",
        "place_words",
        "cause_words",
        "listed_at",
        "listed_by",
        "changed_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "missing": frozenset({"dead", "found", "struck"}),
        "dead": frozenset({"struck"}),
        "found": frozenset({"missing"}),
        "struck": frozenset(),
    }

    course = models.ForeignKey(LossCourse, on_delete=models.PROTECT, related_name="lost_people")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60, blank=True, default="")
    sex = models.CharField(max_length=8, blank=True, default="")
    age = models.PositiveSmallIntegerField(null=True)
    identity = models.CharField(max_length=24, blank=True, default="")
    home = models.CharField(max_length=120, blank=True, default="")
    happened_at = models.DateTimeField(null=True)
    place_words = models.CharField(max_length=120, blank=True, default="")
    cause_words = models.CharField(max_length=120, blank=True, default="")
    listed_at = models.DateTimeField()
    listed_by = models.CharField(max_length=120)
    changed_why = models.CharField(max_length=300, blank=True, default="")

    def journal_path(self) -> str:
        return self.division.path


class DamagedHouse(Advancing):
    """A line of 因灾倒塌损坏住房户一览表: a household and how many of its rooms are destroyed or damaged. Personal data."""

    journal_type: ClassVar[str] = "damaged_house"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "course",
        "division",
        "head",
        "members",
        "structure",
        "is_rural",
        "rooms_collapsed",
        "rooms_severe",
        "rooms_slight",
        "listed_at",
        "listed_by",
        "changed_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "listed": frozenset({"struck"}),
        "struck": frozenset(),
    }

    course = models.ForeignKey(LossCourse, on_delete=models.PROTECT, related_name="damaged_houses")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    head = models.CharField(max_length=60)
    members = models.PositiveSmallIntegerField(null=True)
    structure = models.CharField(max_length=40, blank=True, default="")
    is_rural = models.BooleanField(default=True)
    rooms_collapsed = models.PositiveSmallIntegerField(default=0)
    rooms_severe = models.PositiveSmallIntegerField(default=0)
    rooms_slight = models.PositiveSmallIntegerField(default=0)
    listed_at = models.DateTimeField()
    listed_by = models.CharField(max_length=120)
    changed_why = models.CharField(max_length=300, blank=True, default="")

    def journal_path(self) -> str:
        return self.division.path


class ReportDue(Leased, Advancing):
    """Something that a township or the county must report by `due_at`; counted from `counts_from`, never from when anybody looked.

    `look_at` is when the loop looks next: a while before the limit to remind, at the limit to mark it late and ring.
    """

    journal_type: ClassVar[str] = "loss_due"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "course",
        "division",
        "kind",
        "counts_from",
        "due_at",
        "look_at",
        "met_at",
        "is_late",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "waiting": frozenset({"overdue", "met", "missed", "dropped"}),
        "overdue": frozenset({"met", "missed", "dropped"}),
        "met": frozenset(),
        "missed": frozenset(),
        "dropped": frozenset(),
    }

    course = models.ForeignKey(LossCourse, on_delete=models.PROTECT, related_name="dues")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    counts_from = models.DateTimeField()
    due_at = models.DateTimeField()
    look_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["course", "division", "kind", "counts_from"], name="loss_due_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["look_at"], name="loss_due_look", condition=models.Q(look_at__isnull=False)),
            models.Index(fields=["course", "state"], name="loss_due_of"),
        ]

    def journal_path(self) -> str:
        return self.division.path
