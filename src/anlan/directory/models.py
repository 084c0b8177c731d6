"""Organisations, posts, who held which post when, people, and how they are reached. Everything dated from-to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled, Leased
from anlan.kernel.ids import uuid7
from anlan.vocab.posts import FACES, PostKind
from anlan.vocab.shifts import LABELS as SHIFT_LABELS
from anlan.vocab.shifts import ShiftKind


class Organisation(Journaled):
    """A government office, a village committee, an enterprise."""

    journal_type: ClassVar[str] = "organisation"
    journal_fields: ClassVar[tuple[str, ...]] = ("name", "division")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["division", "name"], name="organisation_once")
        ]

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path


class Post(Journaled):
    """A responsibility in a division: who holds it changes, the post stays. One post a kind and division."""

    journal_type: ClassVar[str] = "post"
    journal_fields: ClassVar[tuple[str, ...]] = ("kind", "division", "organisation")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40, choices=[(kind.value, FACES[kind].en) for kind in PostKind])
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="posts")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="posts")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["division", "kind"], name="post_once")]

    def journal_path(self) -> str:
        return self.division.path


class Person(Journaled):
    """Somebody with duties. `labels` are codes of `vocab.duty_labels`; `registration_no` is the national register's number."""

    journal_type: ClassVar[str] = "person"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "division",
        "labels",
        "skills",
        "registration_no",
        "lon",
        "lat",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="people")
    labels = models.JSONField(default=list)
    skills = models.JSONField(default=list)
    registration_no = models.CharField(max_length=40, blank=True, default="")
    #: Where the person lives, WGS84; empty means the point of the division.
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path


class HoldingRole(models.TextChoices):
    """The A role is called first; the B role steps in when A is silent (R34)."""

    A = "A"
    B = "B"


class Holding(Journaled):
    """One person on one post for one interval [held_from, held_to); an open end is null. `changed_by` is an actor's ref."""

    journal_type: ClassVar[str] = "holding"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "post",
        "person",
        "role",
        "held_from",
        "held_to",
        "changed_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holdings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holdings")
    role = models.CharField(max_length=1, choices=HoldingRole.choices, default=HoldingRole.A)
    held_from = models.DateTimeField()
    held_to = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["post", "held_from"], name="holding_post_from")]

    def journal_path(self) -> str:
        return self.post.division.path


class ContactKind(models.TextChoices):
    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    SATELLITE = "satellite"


class Contact(Journaled):
    """A number or address of a person for one interval. `verified_at` is when somebody last answered on it or checked it."""

    journal_type: ClassVar[str] = "contact"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "person",
        "kind",
        "value",
        "used_from",
        "used_to",
        "verified_at",
        "failed_at",
        "failed_why",
        "changed_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contacts")
    kind = models.CharField(max_length=10, choices=ContactKind.choices)
    value = models.CharField(max_length=120, db_index=True)
    used_from = models.DateTimeField()
    used_to = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    #: A message or test that will never arrive there; cleared when somebody answers or checks the number.
    failed_at = models.DateTimeField(null=True)
    failed_why = models.CharField(max_length=60, blank=True, default="")
    changed_by = models.CharField(max_length=120)

    def journal_path(self) -> str:
        return self.person.division.path


class Shift(Leased, Journaled):
    """One person on duty for a post during [starts_at, ends_at). While a post has a shift, its other holders are off duty.

    The person need not hold the post: a township's room is manned by turns. A shift gives no rights, it only says who is called.
    `watch_at` is when somebody looks whether the person came; null once that is looked after.
    """

    journal_type: ClassVar[str] = "shift"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "post",
        "person",
        "role",
        "kind",
        "starts_at",
        "ends_at",
        "watch_at",
        "cancelled_at",
        "changed_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="shifts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="shifts")
    role = models.CharField(max_length=1, choices=HoldingRole.choices, default=HoldingRole.A)
    kind = models.CharField(
        max_length=16,
        choices=[(one.value, SHIFT_LABELS[one][1]) for one in ShiftKind],
        default=ShiftKind.DAILY.value,
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    watch_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["ends_at"], name="shift_ends", condition=models.Q(cancelled_at__isnull=True)
            ),
            models.Index(fields=["post", "starts_at"], name="shift_post"),
            models.Index(fields=["watch_at"], name="shift_watch", condition=models.Q(watch_at__isnull=False)),
        ]

    def journal_path(self) -> str:
        return self.post.division.path


class Absence(Journaled):
    """A person is away during [away_from, away_to): not called. `deputy` stands in on every post and shift of that person."""

    journal_type: ClassVar[str] = "absence"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "person",
        "away_from",
        "away_to",
        "reason",
        "deputy",
        "cancelled_at",
        "changed_by",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    away_from = models.DateTimeField()
    away_to = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True, default="")
    deputy = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="stands_in")
    cancelled_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["away_to"], name="absence_ends", condition=models.Q(cancelled_at__isnull=True)
            )
        ]

    def journal_path(self) -> str:
        return self.person.division.path
