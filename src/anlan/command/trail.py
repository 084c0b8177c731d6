"""Which rows of the journal belong to an incident. The room's timeline, the situation report and the replay build on it.

`TRACES` names every kind of row and the way from it to its incident. Rows of incidents that were merged into it belong to it
as well. A floor above command adds its own rows with `trace`. What is known by a word only ("instruction:<id>") is found by
that word: messages, alarms and files.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db.models import Q

from anlan.command import trailsql
from anlan.dispatch.models import Instruction
from anlan.dissemination.models import Callout
from anlan.incidents.models import Incident
from anlan.journal.models import Journaled
from anlan.warning.models import HazardWarning

Subjects = dict[str, set[str]]

#: A warning that was in force so long before an incident became known may have to do with it. Engineering choice.
BEFORE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Trace:
    """`model` is "app.Model"; any of `lookups` leads to the incident's key."""

    model: str
    lookups: tuple[str, ...]

    @property
    def found(self) -> type[Journaled] | None:
        """The model, None where its app is not installed."""
        try:
            return apps.get_model(self.model)
        except LookupError:
            return None


_I = ("incident_id",)
TRACES: list[Trace] = [
    Trace("incidents.Incident", ("pk",)),
    Trace("incidents.Figure", _I),
    Trace("incidents.MergeLink", ("incident_id", "main_id")),
    Trace("incidents.Remark", _I),
    Trace("incidents.ChaseOrder", _I),
    Trace("intake.Intake", ("incident_id", "duplicate_of__incident_id")),
    Trace("intake.IntakeStep", ("intake__incident_id", "intake__duplicate_of__incident_id")),
    Trace("reporting.UpwardReport", _I),
    Trace("reporting.ReportDelivery", ("report__incident_id",)),
    Trace("reporting.ReportClock", _I),
    Trace("reporting.ClockMeeting", _I),
    Trace("reporting.ChainReopening", _I),
    Trace("reporting.ReportingFinding", _I),
    Trace("losses.LossCourse", _I),
    Trace("losses.CoursePart", ("course__incident_id",)),
    Trace("losses.VillageFiling", ("course__incident_id",)),
    Trace("losses.TownshipReport", ("course__incident_id",)),
    Trace("losses.Correction", ("course__incident_id",)),
    Trace("losses.CourseReport", ("course__incident_id",)),
    Trace("losses.LostPerson", ("course__incident_id",)),
    Trace("losses.DamagedHouse", ("course__incident_id",)),
    Trace("losses.ReportDue", ("course__incident_id",)),
    Trace("dispatch.Instruction", _I),
    Trace("dispatch.InstructionStep", ("instruction__incident_id",)),
    Trace("dispatch.TeamJob", _I),
    Trace("dispatch.TeamCheck", ("job__incident_id",)),
    Trace("dispatch.SupplyRequest", _I),
    Trace("dispatch.SupplyLine", ("request__incident_id",)),
    Trace("response.Activation", _I),
    Trace("response.LevelChange", ("activation__incident_id",)),
    Trace("response.ResponseNotice", ("activation__incident_id",)),
    Trace("response.JointDuty", ("activation__incident_id",)),
    Trace("response.DutySeat", ("joint_duty__activation__incident_id",)),
    Trace("response.PartnerShare", _I),
    Trace("command.CommandGroup", _I),
    Trace("command.Scene", _I),
    Trace("command.CommandTransfer", _I),
    Trace("command.Decision", _I),
    Trace("command.Consultation", _I),
    Trace("command.RollingAssessment", _I),
    Trace("command.ExpertCall", _I),
    Trace("command.SituationReport", _I),
    Trace("command.PlotMark", _I),
    Trace("command.RoomLink", _I),
    Trace("command.RoomCall", _I),
    Trace("papers.Paper", _I),
    Trace("review.Review", _I),
    Trace("review.ReviewFinding", ("review__incident_id",)),
    Trace("review.Lesson", ("review__incident_id",)),
    Trace("review.CaseRecord", _I),
    Trace("review.CaseFile", _I),
]
#: Rows that name what they are about in one word ("callout:<id>").
_BY_WORD = ("duty.Alarm", "attachments.Attachment", "dissemination.Delivery")
#: Kinds of rows that such a word never names, or of which there are too many to ask.
_UNNAMED = frozenset({"instruction_step", "team_check", "supply_line", "figure", "merge_link", "loss_filing"})
#: What journals and words call the same row.
_WORDS = {"chase_order": "chase"}
#: The hazards that a natural incident of each type may have been warned of. Words of `vocab.hazards`.
_WARNED: dict[str, tuple[str, ...]] = {
    "flood": ("river_flood", "flash_flood", "rainstorm", "typhoon"),
    "flash_flood": ("flash_flood", "river_flood", "rainstorm", "geohazard"),
    "landslide": ("geohazard", "flash_flood", "rainstorm"),
    "collapse": ("geohazard", "flash_flood", "rainstorm"),
    "debris_flow": ("geohazard", "flash_flood", "rainstorm"),
    "ground_subsidence": ("geohazard",),
    "forest_fire": ("forest_fire",),
}


def trace(model: str, *lookups: str) -> None:
    """A floor above: rows of "app.Model" belong to the incident that any of the lookups gives."""
    TRACES.append(Trace(model, lookups))


def incident_ids(incident: Incident) -> list[uuid.UUID]:
    """Itself and what is merged into it."""
    return [incident.pk, *incident.merged_from.values_list("pk", flat=True)]


def subjects_of(incident: Incident, *, with_messages: bool = True) -> Subjects:
    """The ids of every row by its name in the journal. Seven queries for up to 5,000 rows; five without messages, alarms and files."""
    ids = incident_ids(incident)
    found = _of_traces(ids)
    warned = warnings_of(incident)
    found["warning"] = {str(one.pk) for one in warned}
    callouts = callouts_of(incident, found)
    found["callout"] = {str(key) for key in callouts}
    of_callouts = _of_callouts(warned, callouts)
    if not with_messages:
        of_callouts.pop("delivery", None)
    _add(found, of_callouts)
    if with_messages:
        _add(found, _by_word(found, ids))
    return {kind: keys for kind, keys in found.items() if keys}


def warnings_of(incident: Incident) -> list[HazardWarning]:
    """Warnings of its hazard about its place that were issued before its end and in force at most a day before it was known."""
    hazards = _WARNED.get(incident.event_type, ())
    if not hazards:
        return []
    path = incident.division.path
    parts = path.split("/")
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    here = Q(villages__division__path__startswith=f"{path}/") | Q(villages__division__path__in=above)
    since = incident.known_at - BEFORE
    rows = HazardWarning.objects.filter(
        here, hazard_type__in=hazards, exercise_id=incident.exercise_id, issued_at__isnull=False
    ).filter(Q(ended_at=None) | Q(ended_at__gte=since))
    if incident.closed_at is not None:
        rows = rows.filter(issued_at__lte=incident.closed_at)
    return list(rows.order_by("issued_at", "pk").distinct())


def callouts_of(incident: Incident, subjects: Subjects | None = None) -> list[uuid.UUID]:
    """Call-outs about the incident, its activations, their notices, its orders, and the warnings that belong to it."""
    found = subjects if subjects is not None else callers_of(incident)
    kinds = ("incident", "activation", "response_notice", "instruction", "warning")
    words = [f"{kind}:{key}" for kind in kinds for key in found.get(kind, ())]
    return [uuid.UUID(key) for _kind, key in trailsql.about([(Callout, "subject")], words)]


def callers_of(incident: Incident) -> Subjects:
    """What of an incident call-outs may be about. Three queries."""
    ids = incident_ids(incident)
    wanted = {"incidents.Incident", "response.Activation", "response.ResponseNotice", "dispatch.Instruction"}
    found = _of_traces(ids, [one for one in TRACES if one.model in wanted])
    found["warning"] = {str(one.pk) for one in warnings_of(incident)}
    return found


def _of_traces(ids: Sequence[uuid.UUID], traces: Iterable[Trace] = TRACES) -> Subjects:
    """One statement over every table."""
    models = [(model, one.lookups) for one in traces if (model := one.found) is not None]
    return _by_kind(trailsql.leading_to(models, ids))


def _of_callouts(warned: Sequence[HazardWarning], callouts: Sequence[uuid.UUID]) -> Subjects:
    seat = apps.get_model("dissemination.CalloutSeat")
    village = apps.get_model("warning.WarningVillage")
    answer = apps.get_model("dissemination.Acknowledgement")
    delivery = apps.get_model("dissemination.Delivery")
    parts = [
        trailsql.named(village, Q(warning__in=warned)),
        trailsql.named(seat, Q(callout__in=callouts)),
        trailsql.named(answer, Q(seat__callout__in=callouts)),
        trailsql.named(delivery, Q(callout__in=callouts)),
    ]
    return _by_kind((kind, str(key)) for kind, key in parts[0].union(*parts[1:]))


def _by_word(found: Subjects, ids: Sequence[uuid.UUID]) -> Subjects:
    words = [
        f"{_WORDS.get(kind, kind)}:{key}"
        for kind, keys in found.items()
        if kind not in _UNNAMED
        for key in keys
    ]
    words += [f"seat:{key}" for key in found.get("callout_seat", ())]
    words += [f"instruction_step:{key}" for key in found.get("instruction_step", ())]
    words += _of_addressees(ids)
    parts = [(apps.get_model(name), "subject") for name in _BY_WORD]
    return _by_kind(trailsql.about(parts, words))


def _of_addressees(ids: Sequence[uuid.UUID]) -> list[str]:
    """Messages about all orders of one addressee or team are called so (`dispatch.ordertelling`)."""
    rows = Instruction.objects.filter(incident__in=ids).order_by()
    told = rows.values_list("incident_id", "team_id", "addressee_id").distinct()
    return [f"orders:{incident}:{team or place}" for incident, team, place in told]


def _by_kind(pairs: Iterable[tuple[str, str]]) -> Subjects:
    found: Subjects = defaultdict(set)
    for kind, key in pairs:
        found[kind].add(key)
    return found


def _add(found: Subjects, more: Subjects) -> None:
    for kind, keys in more.items():
        found.setdefault(kind, set()).update(keys)
