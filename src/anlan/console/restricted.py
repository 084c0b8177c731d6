"""Entries about incidents of restricted reading: who may not read the incident may not read what the journal says of it.

A floor above incidents names its own rows here (`leads_to`), so that the log, the journal page and every timeline hide alike.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model

from anlan.incidents.models import Incident
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right

#: Kind of row → (app, model, lookup that leads to its incident). A model that is not there yet is passed over.
_LEADS: dict[str, tuple[str, str, str]] = {
    "incident": ("incidents", "Incident", "pk"),
    "figure": ("incidents", "Figure", "incident_id"),
    "merge_link": ("incidents", "MergeLink", "incident_id"),
    "remark": ("incidents", "Remark", "incident_id"),
    "chase_order": ("incidents", "ChaseOrder", "incident_id"),
    "intake": ("intake", "Intake", "incident_id"),
    "intake_step": ("intake", "IntakeStep", "intake__incident_id"),
    "upward_report": ("reporting", "UpwardReport", "incident_id"),
    "report_delivery": ("reporting", "ReportDelivery", "report__incident_id"),
    "report_clock": ("reporting", "ReportClock", "incident_id"),
    "clock_meeting": ("reporting", "ClockMeeting", "incident_id"),
    "chain_reopening": ("reporting", "ChainReopening", "incident_id"),
    "reporting_finding": ("reporting", "ReportingFinding", "incident_id"),
    "paper": ("papers", "Paper", "incident_id"),
    "loss_course": ("losses", "LossCourse", "incident_id"),
    "activation": ("response", "Activation", "incident_id"),
    "level_change": ("response", "LevelChange", "activation__incident_id"),
    "response_notice": ("response", "ResponseNotice", "activation__incident_id"),
    "partner_share": ("response", "PartnerShare", "incident_id"),
    "review": ("review", "Review", "incident_id"),
    "review_finding": ("review", "ReviewFinding", "review__incident_id"),
    "lesson": ("review", "Lesson", "review__incident_id"),
    "case_record": ("review", "CaseRecord", "incident_id"),
    "case_file": ("review", "CaseFile", "incident_id"),
    "instruction": ("dispatch", "Instruction", "incident_id"),
    "instruction_step": ("dispatch", "InstructionStep", "instruction__incident_id"),
    "team_job": ("dispatch", "TeamJob", "incident_id"),
    "team_check": ("dispatch", "TeamCheck", "job__incident_id"),
    "supply_request": ("dispatch", "SupplyRequest", "incident_id"),
    "supply_line": ("dispatch", "SupplyLine", "request__incident_id"),
    **{
        kind: ("command", model, "incident_id")
        for kind, model in (
            ("command_group", "CommandGroup"),
            ("scene", "Scene"),
            ("command_transfer", "CommandTransfer"),
            ("decision", "Decision"),
            ("consultation", "Consultation"),
            ("rolling_assessment", "RollingAssessment"),
            ("expert_call", "ExpertCall"),
            ("situation_report", "SituationReport"),
            ("plot_mark", "PlotMark"),
            ("room_file_link", "RoomLink"),
            ("room_call", "RoomCall"),
        )
    },
}
#: Rows that are closed by a mark of their own, with what gives the mark and the place.
_MARKED: dict[str, tuple[str, str, str, str]] = {
    "intake": ("intake", "Intake", "is_restricted", "path"),
    "intake_step": ("intake", "IntakeStep", "intake__is_restricted", "intake__path"),
}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class About:
    """The incident that an entry is about."""

    key: str
    number: str
    title: str
    is_restricted: bool
    path: str


def leads_to_incident(kind: str, app: str, model: str, lookup: str) -> None:
    """Entries of this kind of row are about the incident that `lookup` gives ("incident_id", "report__incident_id")."""
    _LEADS[kind] = (app, model, lookup)


def about(entries: Iterable[Entry]) -> dict[tuple[str, str], About]:
    """The incident behind each row that has one; a query a kind of row, and one for the incidents."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.subject_type in _LEADS and _is_key(entry.subject_id):
            wanted[entry.subject_type].add(entry.subject_id)
    leads: dict[tuple[str, str], str] = {}
    for kind, keys in wanted.items():
        if kind == "incident":
            leads |= {(kind, key): key for key in keys}
            continue
        rows = _model(kind)._default_manager.filter(pk__in=keys).values_list("pk", _LEADS[kind][2])
        leads |= {(kind, str(pk)): str(incident) for pk, incident in rows if incident is not None}
    found = _incidents(set(leads.values()))
    return {row: found[key] for row, key in leads.items() if key in found}


def _model(kind: str) -> type[Model]:
    app, model, _lookup = _LEADS[kind]
    return apps.get_model(app, model)


def _incidents(keys: set[str]) -> dict[str, About]:
    if not keys:
        return {}
    rows = Incident.objects.filter(pk__in=keys).values_list(
        "pk", "number", "title", "is_restricted", "division__path"
    )
    return {str(pk): About(str(pk), number, title, closed, path) for pk, number, title, closed, path in rows}


def hidden(
    actor: Actor, entries: Iterable[Entry], behind: Mapping[tuple[str, str], About] | None = None
) -> set[uuid.UUID]:
    """Ids of the entries that this actor may not read. By right alone, so that pages can be shared by right.

    `behind` is what `about` says of them, where somebody has asked already.

    Closed is what is about a restricted incident or message, and whatever names one in its cause or content (a file of it, an
    alarm, a paper).
    """
    chosen = list(entries)
    led = about(chosen) if behind is None else behind
    closed = {row for row, one in led.items() if one.is_restricted and not _reads(actor, one.path)}
    closed |= _closed_by_mark(actor, chosen)
    named = {
        entry.pk: set(_UUID.findall(f"{entry.subject_id} {entry.cause} {entry.payload}")) for entry in chosen
    }
    unreadable = _unreadable(actor, set().union(*named.values()) if named else set())
    return {
        entry.pk
        for entry in chosen
        if (entry.subject_type, entry.subject_id) in closed or named[entry.pk] & unreadable
    }


def _reads(actor: Actor, path: str) -> bool:
    return actor.can(Right.SEE_RESTRICTED, path)


def _closed_by_mark(actor: Actor, entries: Iterable[Entry]) -> set[tuple[str, str]]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.subject_type in _MARKED and _is_key(entry.subject_id):
            wanted[entry.subject_type].add(entry.subject_id)
    closed = set()
    for kind, keys in wanted.items():
        app, model, mark, path = _MARKED[kind]
        rows = apps.get_model(app, model)._default_manager.filter(pk__in=keys, **{mark: True})
        closed |= {(kind, str(pk)) for pk, where in rows.values_list("pk", path) if not _reads(actor, where)}
    return closed


def _unreadable(actor: Actor, keys: set[str]) -> set[str]:
    """Of these ids, those of restricted incidents and messages that the actor may not read."""
    if not keys:
        return set()
    found = [one for one in _incidents(keys).values() if one.is_restricted]
    closed = {one.key for one in found if not _reads(actor, one.path)}
    rows = apps.get_model("intake", "Intake")._default_manager.filter(pk__in=keys, is_restricted=True)
    return closed | {str(pk) for pk, path in rows.values_list("pk", "path") if not _reads(actor, path)}


def _is_key(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
