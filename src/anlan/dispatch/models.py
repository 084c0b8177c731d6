"""Orders and their steps, jobs of teams, safety check-ins, positions, requests for supplies."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Advancing, Journaled, Leased
from anlan.kernel.ids import uuid7


class Origin(models.TextChoices):
    PLAN = "plan"
    PACK = "pack"
    FREE = "free"
    TEAM = "team"


class StepKind(models.TextChoices):
    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    STARTED = "started"
    REPORTED = "reported"
    FINISHED = "finished"
    COULD_NOT = "could_not"
    REMINDED = "reminded"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Via(models.TextChoices):
    PAGE = "page"
    LINK = "link"
    DESK = "desk"
    PHONE = "phone"
    MESSAGE = "message"
    RULE = "rule"
    #: The addressee's own platform, over `/api/dispatch/v1/`.
    PROGRAM = "program"


class Instruction(Leased, Advancing):
    """An order (指令): from a plan's task, an order pack, or free. `activation_id` and `scene_id` name rows of floors above. `waiting` means that tasks in `after` (keys of the same activation) are not finished yet."""

    journal_type: ClassVar[str] = "instruction"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "incident",
        "activation_id",
        "scene_id",
        "origin",
        "task_key",
        "level",
        "group_key",
        "title",
        "words",
        "addressee",
        "post_kind",
        "team",
        "after",
        "needs_proof",
        "authority",
        "pack",
        "issued_by",
        "issued_by_name",
        "planned_at",
        "issued_at",
        "ack_limit_min",
        "limit_min",
        "acknowledge_by",
        "due_at",
        "rise_at",
        "risen",
        "progress",
        "acknowledged_at",
        "started_at",
        "finished_at",
        "result",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "waiting": frozenset({"issued", "withdrawn"}),
        "issued": frozenset({"acknowledged", "started", "finished", "could_not", "withdrawn"}),
        "acknowledged": frozenset({"started", "finished", "could_not", "withdrawn"}),
        "started": frozenset({"finished", "could_not", "withdrawn"}),
        "finished": frozenset({"started"}),
        "could_not": frozenset({"issued", "withdrawn"}),
        "withdrawn": frozenset(),
    }

    number = models.CharField(max_length=24, unique=True)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="instructions")
    activation_id = models.UUIDField(null=True)
    scene_id = models.UUIDField(null=True)
    origin = models.CharField(max_length=24, choices=Origin.choices)
    task_key = models.CharField(max_length=60, blank=True, default="")
    level = models.PositiveSmallIntegerField(null=True)
    group_key = models.CharField(max_length=40, blank=True, default="")
    title = models.CharField(max_length=160)
    words = models.TextField(blank=True, default="")
    addressee = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    post_kind = models.CharField(max_length=40, blank=True, default="")
    team = models.ForeignKey("resources.Team", null=True, on_delete=models.PROTECT, related_name="+")
    after = models.JSONField(default=list)
    needs_proof = models.BooleanField(default=False)
    authority = models.CharField(max_length=60, blank=True, default="")
    pack = models.CharField(max_length=40, blank=True, default="")
    issued_by = models.CharField(max_length=120, blank=True, default="")
    issued_by_name = models.CharField(max_length=60, blank=True, default="")
    planned_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    ack_limit_min = models.PositiveIntegerField(null=True)
    limit_min = models.PositiveIntegerField(null=True)
    acknowledge_by = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    rise_at = models.DateTimeField(null=True)
    risen = models.PositiveIntegerField(default=0)
    progress = models.PositiveIntegerField(default=0)
    acknowledged_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.TextField(blank=True, default="")
    #: Of the addressee's link; the secret itself is made anew when it is needed (`dispatch.links`) and stands nowhere.
    token_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["rise_at"], name="instruction_rise", condition=models.Q(rise_at__isnull=False)
            ),
            models.Index(fields=["incident", "state"], name="instruction_of"),
            models.Index(fields=["addressee", "state"], name="instruction_to"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["activation_id", "task_key", "addressee"],
                condition=~models.Q(task_key="") & ~models.Q(state="withdrawn"),
                name="instruction_once",
            ),
        ]

    def journal_path(self) -> str:
        return self.incident.division.path


class InstructionStep(Journaled):
    """One step of an order as it was told: who, when, by which way. Files hang on "instruction_step:<id>"."""

    journal_type: ClassVar[str] = "instruction_step"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "instruction",
        "step",
        "words",
        "progress",
        "happened_at",
        "recorded_at",
        "by_ref",
        "by_name",
        "via",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    instruction = models.ForeignKey("dispatch.Instruction", on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=24, choices=StepKind.choices)
    words = models.TextField(blank=True, default="")
    progress = models.PositiveIntegerField(null=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by_ref = models.CharField(max_length=120, blank=True, default="")
    by_name = models.CharField(max_length=60, blank=True, default="")
    via = models.CharField(max_length=24, choices=Via.choices)
    #: The Idempotency-Key of the program that told it, "" for people: the same key again is the same step.
    key = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["instruction", "key"], condition=~models.Q(key=""), name="instruction_step_once"
            ),
        ]

    def journal_path(self) -> str:
        return self.instruction.incident.division.path


class TeamJob(Leased, Advancing):
    """One team sent to one place. The times are when it was true; `check_due_at` is when the team must say that it is well."""

    journal_type: ClassVar[str] = "team_job"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "incident",
        "scene_id",
        "instruction",
        "team",
        "words",
        "division",
        "place_words",
        "lon",
        "lat",
        "strength",
        "with_words",
        "why",
        "told_by",
        "told_by_name",
        "told_at",
        "left_at",
        "arrived_at",
        "working_at",
        "done_at",
        "back_at",
        "ended_why",
        "travel_min",
        "arrive_by",
        "rise_at",
        "risen",
        "check_every_min",
        "check_due_at",
        "checks_missed",
        "heard_at",
        "step_at",
        "step_words",
        "step_by_name",
        "step_via",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "told": frozenset({"left", "arrived", "refused", "cancelled"}),
        "left": frozenset({"arrived", "cancelled"}),
        "arrived": frozenset({"working", "done", "cancelled"}),
        "working": frozenset({"done", "cancelled"}),
        "done": frozenset({"back"}),
        "back": frozenset(),
        "refused": frozenset(),
        "cancelled": frozenset({"back"}),
    }

    number = models.CharField(max_length=24, unique=True)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, related_name="team_jobs")
    scene_id = models.UUIDField(null=True)
    instruction = models.ForeignKey(
        "dispatch.Instruction", null=True, on_delete=models.PROTECT, related_name="jobs"
    )
    team = models.ForeignKey("resources.Team", on_delete=models.PROTECT, related_name="jobs")
    words = models.TextField(blank=True, default="")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    place_words = models.CharField(max_length=160, blank=True, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    strength = models.PositiveIntegerField(default=0)
    with_words = models.CharField(max_length=200, blank=True, default="")
    why = models.JSONField(default=list)
    told_by = models.CharField(max_length=120, blank=True, default="")
    told_by_name = models.CharField(max_length=60, blank=True, default="")
    told_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    working_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True, default="")
    travel_min = models.PositiveIntegerField(null=True)
    arrive_by = models.DateTimeField(null=True)
    rise_at = models.DateTimeField(null=True)
    risen = models.PositiveIntegerField(default=0)
    check_every_min = models.PositiveIntegerField(null=True)
    check_due_at = models.DateTimeField(null=True)
    checks_missed = models.PositiveIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)
    #: Of the step that was told last: when it was true, in whose words, by which way.
    step_at = models.DateTimeField(null=True)
    step_words = models.CharField(max_length=300, blank=True, default="")
    step_by_name = models.CharField(max_length=60, blank=True, default="")
    step_via = models.CharField(max_length=24, choices=Via.choices, blank=True, default="")
    token_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["rise_at"], name="team_job_rise", condition=models.Q(rise_at__isnull=False)),
            models.Index(
                fields=["check_due_at"], name="team_job_check", condition=models.Q(check_due_at__isnull=False)
            ),
            models.Index(fields=["incident", "state"], name="team_job_of"),
        ]
        constraints: ClassVar = [
            # Of each run for itself: a drill may send a team that is really out.
            models.UniqueConstraint(
                fields=["team"],
                condition=models.Q(state__in=["told", "left", "arrived", "working"], exercise_id=None),
                name="team_job_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["team", "exercise_id"],
                condition=models.Q(
                    state__in=["told", "left", "arrived", "working"], exercise_id__isnull=False
                ),
                name="team_job_one_in_a_drill",
            ),
        ]

    def journal_path(self) -> str:
        return self.incident.division.path


class TeamCheck(Journaled):
    """A team said (or somebody for it) that all are well, or that they are not."""

    journal_type: ClassVar[str] = "team_check"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "job",
        "happened_at",
        "recorded_at",
        "is_well",
        "people",
        "words",
        "by_ref",
        "by_name",
        "via",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    job = models.ForeignKey("dispatch.TeamJob", on_delete=models.PROTECT, related_name="checks")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    is_well = models.BooleanField(default=False)
    people = models.PositiveIntegerField(null=True)
    words = models.CharField(max_length=300, blank=True, default="")
    by_ref = models.CharField(max_length=120, blank=True, default="")
    by_name = models.CharField(max_length=60, blank=True, default="")
    via = models.CharField(max_length=24, choices=Via.choices)

    def journal_path(self) -> str:
        return self.job.incident.division.path


class SupplyRequest(Leased, Advancing):
    """Something that the field asks for; each line keeps the quantity of each step."""

    journal_type: ClassVar[str] = "supply_request"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "number",
        "incident",
        "scene_id",
        "division",
        "place_words",
        "why",
        "asked_by",
        "asked_by_name",
        "asked_at",
        "needed_by",
        "approved_at",
        "approved_by",
        "approved_by_name",
        "refused_why",
        "sent_at",
        "sent_by_name",
        "from_words",
        "received_at",
        "received_by_name",
        "rise_at",
        "risen",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "asked": frozenset({"approved", "refused", "cancelled"}),
        "approved": frozenset({"sent", "cancelled"}),
        "sent": frozenset({"sent", "received"}),
        "received": frozenset(),
        "refused": frozenset({"asked"}),
        "cancelled": frozenset(),
    }

    number = models.CharField(max_length=24, unique=True)
    incident = models.ForeignKey(
        "incidents.Incident", on_delete=models.PROTECT, related_name="supply_requests"
    )
    scene_id = models.UUIDField(null=True)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    place_words = models.CharField(max_length=160, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")
    asked_by = models.CharField(max_length=120, blank=True, default="")
    asked_by_name = models.CharField(max_length=60, blank=True, default="")
    asked_at = models.DateTimeField()
    needed_by = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    approved_by_name = models.CharField(max_length=60, blank=True, default="")
    refused_why = models.CharField(max_length=300, blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    sent_by_name = models.CharField(max_length=60, blank=True, default="")
    from_words = models.CharField(max_length=160, blank=True, default="")
    received_at = models.DateTimeField(null=True)
    received_by_name = models.CharField(max_length=60, blank=True, default="")
    rise_at = models.DateTimeField(null=True)
    risen = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["rise_at"], name="supply_request_rise", condition=models.Q(rise_at__isnull=False)
            ),
            models.Index(fields=["incident", "state"], name="supply_request_of"),
        ]

    def journal_path(self) -> str:
        return self.incident.division.path


class SupplyLine(Journaled):
    """One item of a request with its quantity at each step; null means that the step has not come."""

    journal_type: ClassVar[str] = "supply_line"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "request",
        "item",
        "name",
        "unit",
        "asked",
        "approved",
        "sent",
        "received",
        "note",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey("dispatch.SupplyRequest", on_delete=models.PROTECT, related_name="lines")
    item = models.CharField(max_length=40, blank=True, default="")
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=12)
    asked = models.DecimalField(max_digits=14, decimal_places=2)
    approved = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    sent = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    received = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    note = models.CharField(max_length=200, blank=True, default="")

    def journal_path(self) -> str:
        return self.request.incident.division.path


class OrderPack(Journaled):
    """A ready pack of orders (五停, closing scenic spots ...). `items` are `dispatch.packs.PackItem`; each names who may give it."""

    journal_type: ClassVar[str] = "order_pack"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "code",
        "name",
        "event_types",
        "items",
        "authority",
        "source",
        "division",
        "confirmed_at",
        "confirmed_by",
        "made_at",
        "retired_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    event_types = models.JSONField(default=list)
    items = models.JSONField(default=list)
    authority = models.CharField(max_length=60, blank=True, default="")
    source = models.CharField(max_length=300, blank=True, default="")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=120, blank=True, default="")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def journal_path(self) -> str:
        return self.division.path


class FixSource(models.TextChoices):
    PHONE = "phone"
    TRACKER = "tracker"
    COT = "cot"
    DESK = "desk"


class PositionFix(models.Model):
    """Where a team or vehicle was. Many and never changed, so the journal does not hold them; replay reads them by time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    job = models.ForeignKey(TeamJob, null=True, on_delete=models.PROTECT, related_name="fixes")
    team = models.ForeignKey("resources.Team", null=True, on_delete=models.PROTECT, related_name="+")
    #: The station or TAK client that reported, "" for a phone.
    tracker = models.CharField(max_length=80, blank=True, default="")
    exercise_id = models.UUIDField(null=True)
    lon = models.FloatField()
    lat = models.FloatField()
    accuracy_m = models.FloatField(null=True)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=FixSource.choices)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["job", "-happened_at"], name="fix_of_job"),
            models.Index(fields=["tracker", "-happened_at"], name="fix_of_tracker"),
        ]
