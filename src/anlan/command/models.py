"""The incident room: groups, scenes, transfers of command, decisions, consultations, experts, situation reports, plotting."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class CommandRole(models.TextChoices):
    COMMANDER = "commander"
    DEPUTY = "deputy"
    FIELD_COMMANDER = "field_commander"
    COORDINATOR = "coordinator"
    SCENE_COMMANDER = "scene_commander"


class CommandGroup(Journaled):
    """A working group of an incident; from the plan, from the table by level, or free."""

    journal_type: ClassVar[str] = "command_group"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "activation_id",
        "key",
        "name",
        "level",
        "duties",
        "unit",
        "lead",
        "lead_words",
        "members",
        "source",
        "opened_at",
        "closed_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey(
        "incidents.Incident", on_delete=models.PROTECT, related_name="command_groups"
    )
    activation_id = models.UUIDField(null=True)
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    level = models.PositiveSmallIntegerField(null=True)
    duties = models.TextField(blank=True, default="")
    unit = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    lead_words = models.CharField(max_length=80, blank=True, default="")
    members = models.JSONField(default=list)
    source = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.incident.division.path


class Scene(Advancing):
    """One place of an incident with its own phase, sector and priority (1 first)."""

    journal_type: ClassVar[str] = "scene"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "number",
        "name",
        "sector",
        "priority",
        "division",
        "place_words",
        "lon",
        "lat",
        "note",
        "opened_at",
        "closed_at",
        "closed_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "reported": frozenset({"working", "controlled", "closed"}),
        "working": frozenset({"controlled", "closed"}),
        "controlled": frozenset({"working", "closed"}),
        "closed": frozenset({"working"}),
    }

    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="scenes")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    sector = models.CharField(max_length=40, blank=True, default="")
    priority = models.PositiveSmallIntegerField()
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    place_words = models.CharField(max_length=160, blank=True, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    note = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_why = models.CharField(max_length=300, blank=True, default="")

    def journal_path(self) -> str:
        return self.incident.division.path


class CommandTransfer(Journaled):
    """Who commands from now on, in which role; the newest of a role and scene counts."""

    journal_type: ClassVar[str] = "command_transfer"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "scene",
        "role",
        "from_words",
        "person",
        "name",
        "title",
        "happened_at",
        "recorded_at",
        "why",
        "by_name",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey(
        "incidents.Incident", on_delete=models.PROTECT, related_name="command_transfers"
    )
    scene = models.ForeignKey("command.Scene", null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24, choices=CommandRole.choices)
    from_words = models.CharField(max_length=80, blank=True, default="")
    person = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=80, blank=True, default="")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    why = models.CharField(max_length=300, blank=True, default="")
    by_name = models.CharField(max_length=60, blank=True, default="")

    def journal_path(self) -> str:
        return self.incident.division.path


class Decision(Journaled):
    """A decision of the command, or the next one that is needed (`made_at` is null then)."""

    journal_type: ClassVar[str] = "decision"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "words",
        "needed_by",
        "made_at",
        "made_by_name",
        "why",
        "dropped_why",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="decisions")
    words = models.TextField(blank=True, default="")
    needed_by = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)
    made_by_name = models.CharField(max_length=60, blank=True, default="")
    why = models.TextField(blank=True, default="")
    dropped_why = models.CharField(max_length=300, blank=True, default="")

    def journal_path(self) -> str:
        return self.incident.division.path


class Consultation(Advancing):
    """A consultation (会商) with those present, minutes and conclusions."""

    journal_type: ClassVar[str] = "consultation"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "title",
        "starts_at",
        "ended_at",
        "chair",
        "attendees",
        "link",
        "minutes",
        "conclusions",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "planned": frozenset({"open", "cancelled"}),
        "open": frozenset({"closed"}),
        "closed": frozenset({"open"}),
        "cancelled": frozenset(),
    }

    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="consultations")
    title = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    chair = models.CharField(max_length=60, blank=True, default="")
    attendees = models.JSONField(default=list)
    link = models.CharField(max_length=300, blank=True, default="")
    minutes = models.TextField(blank=True, default="")
    conclusions = models.TextField(blank=True, default="")

    def journal_path(self) -> str:
        return self.incident.division.path


class RollingAssessment(Journaled):
    """One version of the rolling assessment (滚动研判)."""

    journal_type: ClassVar[str] = "rolling_assessment"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "number",
        "consultation",
        "situation",
        "trend",
        "risks",
        "advice",
        "made_at",
        "made_by_name",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveSmallIntegerField()
    consultation = models.ForeignKey(
        "command.Consultation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    situation = models.TextField(blank=True, default="")
    trend = models.TextField(blank=True, default="")
    risks = models.TextField(blank=True, default="")
    advice = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "number"], name="rolling_assessment_once"),
        ]

    def journal_path(self) -> str:
        return self.incident.division.path


class ExpertCall(Leased, Advancing):
    """An expert was asked; the advice as it was given."""

    journal_type: ClassVar[str] = "expert_call"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "expert",
        "question",
        "asked_at",
        "asked_by_name",
        "via",
        "rise_at",
        "answered_at",
        "advice",
        "declined_why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "asked": frozenset({"answered", "declined"}),
        "declined": frozenset({"asked"}),
        "answered": frozenset(),
    }

    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="expert_calls")
    expert = models.ForeignKey("resources.Expert", on_delete=models.PROTECT, related_name="+")
    question = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=60, blank=True, default="")
    via = models.CharField(max_length=16, blank=True, default="")
    rise_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    advice = models.TextField(blank=True, default="")
    declined_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["rise_at"], name="expert_call_rise", condition=models.Q(rise_at__isnull=False)
            ),
        ]

    def journal_path(self) -> str:
        return self.incident.division.path


class SituationReport(Advancing):
    """A situation report drafted from the journal for [from_at, to_at]. `parts` are {"heading", "lines"}; a person may edit them until it is final."""

    journal_type: ClassVar[str] = "situation_report"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "number",
        "from_at",
        "to_at",
        "parts",
        "made_at",
        "made_by_name",
        "finished_at",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "draft": frozenset({"final"}),
        "final": frozenset(),
    }

    incident = models.ForeignKey(
        "incidents.Incident", on_delete=models.PROTECT, related_name="situation_reports"
    )
    number = models.PositiveSmallIntegerField()
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField()
    parts = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=60, blank=True, default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "number"], name="situation_report_once"),
        ]

    def journal_path(self) -> str:
        return self.incident.division.path


class PlotMark(Journaled):
    """A symbol or line drawn on the shared map (标绘). `symbol` is a code of `vocab.symbols`, `geometry` GeoJSON in WGS84."""

    journal_type: ClassVar[str] = "plot_mark"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "scene",
        "symbol",
        "geometry",
        "label",
        "style",
        "placed_by",
        "placed_by_name",
        "placed_at",
        "moved_at",
        "removed_at",
        "removed_by_name",
        "uid",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="plot_marks")
    scene = models.ForeignKey("command.Scene", null=True, on_delete=models.PROTECT, related_name="+")
    symbol = models.CharField(max_length=40)
    geometry = models.TextField(blank=True, default="")
    label = models.CharField(max_length=80, blank=True, default="")
    style = models.JSONField(default=dict)
    placed_by = models.CharField(max_length=120, blank=True, default="")
    placed_by_name = models.CharField(max_length=60, blank=True, default="")
    placed_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by_name = models.CharField(max_length=60, blank=True, default="")
    uid = models.CharField(max_length=80, blank=True, default="")

    def journal_path(self) -> str:
        return self.incident.division.path


class RoomLink(Journaled):
    """A large file or video meeting by link."""

    journal_type: ClassVar[str] = "room_file_link"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "kind",
        "title",
        "address",
        "words",
        "added_at",
        "added_by_name",
        "removed_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="room_links")
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    address = models.CharField(max_length=500)
    words = models.CharField(max_length=300, blank=True, default="")
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=60, blank=True, default="")
    removed_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.incident.division.path


class RoomCall(Journaled):
    """Somebody was called from the room: who, by which way, what came of it."""

    journal_type: ClassVar[str] = "room_call"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "incident",
        "person",
        "team",
        "scene",
        "name",
        "way",
        "subject",
        "called_at",
        "called_by_name",
        "outcome",
        "outcome_at",
        "words",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="room_calls")
    person = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("resources.Team", null=True, on_delete=models.PROTECT, related_name="+")
    scene = models.ForeignKey("command.Scene", null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    way = models.CharField(max_length=12)
    subject = models.CharField(max_length=80, blank=True, default="")
    called_at = models.DateTimeField()
    called_by_name = models.CharField(max_length=60, blank=True, default="")
    outcome = models.CharField(max_length=24, blank=True, default="")
    outcome_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True, default="")

    def journal_path(self) -> str:
        return self.incident.division.path


class TakClient(Journaled):
    """A TAK client that may keep a line open: known by its certificate or by a key of which only the SHA-256 is kept.

    One that was registered inside a drill belongs to that run and sees nothing else; every other sees reality alone.
    """

    journal_type: ClassVar[str] = "tak_client"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "division",
        "certificate_sha256",
        "key_sha256",
        "may_send",
        "added_at",
        "added_by_name",
        "revoked_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=40, unique=True)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    #: SHA-256 of the certificate in DER, small hexadecimal digits; "" where it shows a key.
    certificate_sha256 = models.CharField(max_length=64, blank=True, default="")
    key_sha256 = models.CharField(max_length=64, blank=True, default="")
    may_send = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=60, blank=True, default="")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["certificate_sha256"],
                name="tak_client_certificate",
                condition=~models.Q(certificate_sha256="") & models.Q(revoked_at__isnull=True),
            )
        ]

    def journal_path(self) -> str:
        return self.division.path
