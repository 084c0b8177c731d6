"""The timeline of the incident room: one line for each entry about the incident, the newest first, narrowed to what the reader sees.

Everything is found by the trail. The database narrows, counts and sorts; only the entries of the page that is shown are read, so
that two thousand lines cost about as much as fifty.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Window
from django.utils.translation import gettext as _

from anlan.accounts.access import within
from anlan.command import trail
from anlan.command.labels import Fields, texts_of
from anlan.command.models import CommandTransfer, PlotMark, RoomCall, Scene
from anlan.console import incidentwords
from anlan.console.context import subject_url
from anlan.console.journal_words import kind_word
from anlan.console.people import names_of
from anlan.console.roomwords import outcome_words
from anlan.dispatch.models import Instruction, TeamJob
from anlan.incidents.models import Incident
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor

#: Lines of one page.
LINES = 60
#: Kinds of rows behind each filter.
FILTERS: dict[str, frozenset[str]] = {
    "orders": frozenset({"instruction", "instruction_step", "chase_order", "remark"}),
    "teams": frozenset({"team_job", "team_check"}),
    "requests": frozenset({"supply_request", "supply_line"}),
    "scenes": frozenset({"scene", "plot_mark", "command_group", "command_transfer"}),
    "decisions": frozenset({"decision", "consultation", "rolling_assessment", "expert_call", "situation_report"}),
    "response": frozenset({"activation", "level_change", "response_notice", "joint_duty", "duty_seat", "partner_share"}),
    "figures": frozenset({"incident", "figure", "merge_link", "intake", "intake_step"}),
    "reports": frozenset({"upward_report", "report_delivery", "report_clock", "clock_meeting", "paper"}),
    "warnings": frozenset({"warning", "callout", "callout_seat", "acknowledgement"}),
    "calls": frozenset({"room_call", "room_file_link"}),
}  # fmt: skip
#: Entries that only repeat what another one of the same moment says.
_NOISE = frozenset({"supply_line", "warning_village", "clock_meeting"})
#: Of an order and its step, which are written together, the one that says less: a step holds words and who told it.
_ECHOES = (
    "instruction_step.issued", "instruction.acknowledged", "instruction.started", "instruction.finished", "instruction.could_not",
)  # fmt: skip
#: What pages call a row that the journal names otherwise.
_PAGES = {"callout_seat": "seat", "chase_order": "chase"}
_COLOURS = {
    "warnings": "log--warning",
    "response": "log--warning",
    "calls": "log--callout",
    "teams": "log--station",
}
_LABELS = (
    "advice", "conclusions", "result", "closed_why", "dropped_why", "ended_why", "title", "headline", "task",
    "question", "situation", "words", "name", "why",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when, what, who, the heart of it, and the page of what it is about ("" where there is none)."""

    key: uuid.UUID
    at: datetime
    what: str
    who: str
    detail: str
    url: str
    colour: str


@dataclass(frozen=True, slots=True)
class Page:
    """`total` counts what fits the filter; `number` begins at 1."""

    lines: list[Line]
    total: int
    number: int

    @property
    def newer(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def older(self) -> int | None:
        return self.number + 1 if self.number * LINES < self.total else None


def timeline(
    actor: Actor,
    incident: Incident,
    *,
    chosen: str = "",
    number: int = 1,
    subjects: trail.Subjects | None = None,
) -> Page:
    """One page. The number of queries depends on the kinds of rows on it, never on how many there are; fewer with its trail."""
    if subjects is None:
        subjects = trail.subjects_of(incident, with_messages=False)
    wanted = FILTERS.get(chosen)
    kept = {
        kind: keys
        for kind, keys in subjects.items()
        if kind not in _NOISE and (wanted is None or kind in wanted)
    }
    rows = _entries(actor, kept)
    number = max(1, number)
    shown, total = _page(rows, number)
    if not shown and number > 1:  # fewer than when the address was made
        number = max(1, -(-rows.count() // LINES))
        shown, total = _page(rows, number)
    return Page(_lines(incident, shown), total, number)


def of_scenes(incident: Incident, scenes: Iterable[Scene]) -> list[Line]:
    """What happened at these scenes, the newest first, for whoever came in by the door of a scene."""
    keys = [one.pk for one in scenes]
    subjects = {
        "scene": {str(key) for key in keys},
        "command_transfer": _keys(CommandTransfer.objects.filter(scene__in=keys)),
        "plot_mark": _keys(PlotMark.objects.filter(scene__in=keys)),
        "room_call": _keys(RoomCall.objects.filter(scene__in=keys)),
        "instruction": _keys(Instruction.objects.filter(incident=incident, scene_id__in=keys)),
        "team_job": _keys(TeamJob.objects.filter(incident=incident, scene_id__in=keys)),
    }
    about = Q(pk__in=[])
    for kind, ids in subjects.items():
        about |= Q(subject_type=kind, subject_id__in=ids)
    found = Entry.objects.filter(about).order_by().values_list("pk", flat=True)
    return _lines(incident, sorted(found, reverse=True)[:LINES])


def _keys(rows: QuerySet[Any]) -> set[str]:
    return {str(key) for key in rows.order_by().values_list("pk", flat=True)}


def _entries(actor: Actor, subjects: trail.Subjects) -> QuerySet[Entry]:
    """What the reader may see of them; entries that wait for their seal too."""
    about = Q(pk__in=[])
    for kind, keys in subjects.items():
        about |= Q(subject_type=kind, subject_id__in=keys)
    return (
        Entry.objects.filter(about, within(actor, "division_path")).exclude(kind__in=_ECHOES).order_by("-pk")
    )


def _page(rows: QuerySet[Entry], number: int) -> tuple[list[uuid.UUID], int]:
    """The ids of one page and how many there are in all. An entry's id begins with the time of its writing: the newest first."""
    counted = rows.annotate(in_all=Window(Count("*"))).values_list("pk", "in_all")
    found = list(counted[(number - 1) * LINES : number * LINES])
    return [key for key, _all in found], found[0][1] if found else 0


def _lines(incident: Incident, keys: list[uuid.UUID]) -> list[Line]:
    entries = {one.pk: one for one in Entry.objects.filter(pk__in=keys)}
    ordered = [entries[key] for key in keys if key in entries]
    texts = {} if incident.is_restricted else texts_of(ordered)
    who = names_of(one.actor for one in ordered)
    return [_line(one, texts.get(one.pk, {}), who) for one in ordered]


def _line(entry: Entry, fields: Fields, who: dict[str, str]) -> Line:
    page = _PAGES.get(entry.subject_type, entry.subject_type)
    return Line(
        entry.pk,
        entry.at,
        kind_word(entry.kind),
        who.get(entry.actor) or _said_by(entry, fields) or entry.actor,
        _detail(entry, fields),
        "" if entry.subject_type in _HERE else subject_url(f"{page}:{entry.subject_id}"),
        _colour(entry.subject_type),
    )


def _said_by(entry: Entry, fields: Fields) -> str:
    """The name that somebody gave behind a link."""
    if not entry.actor.startswith(_LINKS):
        return ""
    name = next((str(fields[name]) for name in ("by_name", "step_by_name") if fields.get(name)), "")
    # Whoever holds the link may type any name: it never stands alone, as that of an account does.
    return _("by link: %(name)s") % {"name": name} if name else ""


_LINKS = ("order_link:", "job_link:")
#: What stands on this very page needs no way to it.
_HERE = frozenset({"incident", "expert_call", "room_call"})


def _colour(kind: str) -> str:
    return next((_COLOURS.get(name, "") for name, kinds in FILTERS.items() if kind in kinds), "")


def _detail(entry: Entry, fields: Fields) -> str:
    if entry.subject_type == "figure":
        code = str(fields.get("code", ""))
        value = incidentwords.plain(Decimal(str(fields.get("value", 0))))
        return f"{incidentwords.figure_word(code)} {value} {incidentwords.unit_word(code)} · {fields.get('source', '')}"
    parts: Iterable[Any] = (
        fields.get("number") if entry.subject_type not in _COUNTED else "",
        fields.get("team_name"),
        fields.get("of"),
        _heart(entry, fields),
        fields.get("place") if entry.subject_type in _PLACED else "",
        _outcome(entry, fields),
    )
    return " ".join(str(one) for one in parts if one)[:200]


def _outcome(entry: Entry, fields: Fields) -> str:
    """Whether somebody who was called answered."""
    given = fields.get("outcome") if entry.subject_type == "room_call" else ""
    return outcome_words().get(str(given), "") if given else ""


def _heart(entry: Entry, fields: Fields) -> str:
    if entry.subject_type == "command_transfer":
        return (
            f"{fields.get('from_words') or ''} → {fields.get('name', '')} {fields.get('title') or ''}".strip(
                " →"
            )
        )
    if entry.subject_type in ("activation", "level_change"):
        level = fields.get("to_level") or fields.get("level")
        return f"{'ⅠⅡⅢⅣ'[int(level) - 1]} {fields.get('why') or ''}".strip() if level in (1, 2, 3, 4) else ""
    return next((str(fields[name]) for name in _LABELS if fields.get(name)), "")


#: A bare count of these is no number that anybody asks for.
_COUNTED = frozenset({"scene", "rolling_assessment", "situation_report", "plan_version", "incident"})
_PLACED = frozenset(
    {"instruction", "instruction_step", "callout_seat", "supply_request", "team_job", "chase_order"}
)
