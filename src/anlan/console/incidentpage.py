"""What the record of an incident shows: figures with every earlier value, why it has its grade, what was done and by whom."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.attachments.models import Attachment
from anlan.console import incidentwords as words
from anlan.console.journal_words import kind_word
from anlan.console.people import names_of
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.worddiff import Run, word_diff
from anlan.incidents.models import Figure, Incident, MergeLink
from anlan.incidents.rolling import rolling
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.figures import FIGURES

#: Entries that the timeline shows, the newest; older ones are in the journal.
TIMELINE = 200
#: Texts that are compared word by word.
_TEXTS = ("title", "place_words", "course", "cause_words", "measures", "trend")
#: Of class 3 and 4 the timeline says that something changed, never what.
_FIGURE_FIELDS = frozenset({"code", "value"})


@dataclass(slots=True)
class FigureRow:
    """One counted thing: what counts now, and every value that anybody gave, the newest first."""

    code: str
    name: str
    unit: str
    value: str
    source: str
    as_of: datetime
    is_verified: bool
    disagree: list[tuple[str, str]]
    history: list[FigureView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FigureView:
    """One value of one source."""

    figure: Figure
    value: str
    is_elsewhere: bool
    recorded_by: str
    verified_by: str


def figure_rows(
    incident: Incident, merged: Iterable[Incident], names: Callable[[str], str]
) -> list[FigureRow]:
    """Two queries: the figures of all of them, and who claimed each."""
    ids = [incident.pk, *(one.pk for one in merged)]
    rows = Figure.objects.filter(incident__in=ids).select_related("scope").defer("scope__geometry")
    figures = sorted(rows, key=lambda one: (one.as_of, one.recorded_at, one.pk), reverse=True)
    by_code: dict[str, list[Figure]] = defaultdict(list)
    for one in figures:
        by_code[one.code].append(one)
    counted = rolling(figures)
    order = list(FIGURES)
    found = []
    for code in sorted(by_code, key=lambda code: order.index(code) if code in order else 99):
        now = counted.get(code)
        views = [
            FigureView(
                one,
                words.plain(one.value),
                one.incident_id != incident.pk,
                "",
                names(one.verified_by) if one.verified_by else "",
            )
            for one in by_code[code]
        ]
        found.append(
            FigureRow(
                code=code,
                name=words.figure_word(code),
                unit=words.unit_word(code),
                value="—" if now is None else words.plain(now.value),
                source="" if now is None else now.source,
                as_of=by_code[code][0].as_of if now is None else now.as_of,
                is_verified=now is not None and now.is_verified,
                disagree=[] if now is None else [(who, words.plain(value)) for who, value in now.disagree],
                history=views,
            )
        )
    return found


def reasons_of(incident: Incident) -> list[dict[str, Any]]:
    """The explanation of the grade, line by line, gravest first."""
    lines = sorted(incident.grade_why, key=lambda one: one.get("level") or 9)
    return [
        {
            "text": one.get("zh" if is_chinese() else "en", ""),
            "rule": one.get("rule", ""),
            "grade": one.get("level"),
        }
        for one in lines
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline. `changed` are (name of the field, runs of words)."""

    at: datetime
    what: str
    who: str
    detail: str
    changed: list[tuple[str, list[Run]]]
    seq: int
    cause: str


def entries_of(subjects: dict[str, set[str]]) -> list[Entry]:
    """Sealed entries about these rows, oldest first. Sorted here: an index by sequence would tempt a planner to walk it all."""
    found = Q(pk__in=[])
    for kind, keys in subjects.items():
        if keys:
            found |= Q(subject_type=kind, subject_id__in=list(keys))
    rows = Entry.objects.filter(found, seq__isnull=False).order_by()
    return sorted(rows, key=lambda entry: entry.seq or 0)


def timeline(incident: Incident, subjects: dict[str, set[str]]) -> list[Line]:
    """What happened to it and to everything that hangs on it, the newest first."""
    entries = entries_of(subjects)
    names = names_of(entry.actor for entry in entries)
    known: dict[tuple[str, str], dict[str, Any]] = {}
    lines = []
    for entry in entries:
        payload = json.loads(entry.payload) if entry.payload else {}
        fields = dict(payload.get("set", payload))
        before = known.setdefault((entry.subject_type, entry.subject_id), {})
        lines.append(
            Line(
                at=entry.at,
                what=kind_word(entry.kind),
                who=names.get(entry.actor, entry.actor),
                detail=_detail(entry, {**before, **fields}, is_restricted=incident.is_restricted),
                changed=[] if incident.is_restricted else _changed(entry, before, fields),
                seq=entry.seq or 0,
                cause=entry.cause,
            )
        )
        before.update(fields)
    return lines[::-1][:TIMELINE]


def _detail(entry: Entry, fields: dict[str, Any], *, is_restricted: bool) -> str:
    """The heart of an entry in a few words."""
    if entry.subject_type == "figure":
        code = str(fields.get("code", ""))
        said = f"{words.figure_word(code)} {words.plain(Decimal(str(fields.get('value', 0))))} {words.unit_word(code)}"
        return (
            said if is_restricted else f"{said} · {fields.get('source', '')} {fields.get('why', '')}".strip()
        )
    if is_restricted:
        return ""
    if entry.kind in ("incident.graded", "incident.graded_by_hand"):
        grade = fields.get("grade")
        why = fields.get("grade_reason", "") if entry.kind == "incident.graded_by_hand" else ""
        return f"{words.grade_word(grade if isinstance(grade, int) else None)} {why}".strip()
    if entry.kind == "incident.tagged":
        return "、".join(words.tag_word(code) for code in fields.get("tags", ()))
    for name in ("reason", "undone_why", "closed_why", "words", "answer", "task", "text", "name"):
        if entry.subject_type == "incident" and name != "closed_why":
            continue
        if fields.get(name):
            return str(fields[name])[:200]
    return ""


def _changed(entry: Entry, before: dict[str, Any], fields: dict[str, Any]) -> list[tuple[str, list[Run]]]:
    """What a new description changed, with the words that went and came."""
    if entry.kind != "incident.described":
        return []
    labels = field_words()
    return [
        (labels[name], word_diff(_shown(name, before.get(name)), _shown(name, value)))
        for name, value in fields.items()
        if name in labels and before.get(name) != value
    ]


def _shown(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if name == "event_type":
        return words.type_word(str(value))
    if name == "kind":
        return words.kind_word(str(value))
    if name.endswith("_at"):
        return f"{datetime.fromisoformat(str(value)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def field_words() -> dict[str, str]:
    """Fields of the description in the reader's language."""
    return {
        "title": pgettext("in one line", "What happened"),
        "event_type": _("Type"),
        "kind": _("Threat or impact"),
        "occurred_at": _("Occurred"),
        "known_at": _("Known"),
        "place_words": _("Exact place"),
        "division": _("Place"),
        "lon": _("Longitude"),
        "lat": _("Latitude"),
        "unit": _("Enterprise"),
        "unit_head_knew_at": _("Its head knew at"),
        "course": _("Course"),
        "cause_words": _("Cause"),
        "measures": _("Measures"),
        "trend": _("Trend"),
        "reference": _("Reference"),
        "is_sensitive": _("Sensitive"),
        "sensitive_why": _("Why sensitive"),
    }


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the record that a floor above incidents fills: reports with their clocks, messages that came in."""

    title: str
    html: str


#: (actor, incident, now) → what to show, and the journal's names of those rows ("report" → ids).
SlotMaker = Callable[[Actor, Incident, datetime], tuple[Slot | None, dict[str, set[str]]]]


def subjects_of(
    incident: Incident, figures: Iterable[FigureRow], **others: Iterable[Any]
) -> dict[str, set[str]]:
    """How the journal names the incident and what hangs on it."""
    own = {view.figure.pk for row in figures for view in row.history}
    found = {"incident": {str(incident.pk)}, "figure": {str(key) for key in own}}
    return found | {kind: {str(row.pk) for row in rows} for kind, rows in others.items()}


def links_of(incident: Incident, merged: Iterable[Incident]) -> list[MergeLink]:
    """Every link of it and of what is merged into it, also those that were undone."""
    ids = [incident.pk, *(one.pk for one in merged)]
    rows = MergeLink.objects.filter(Q(incident__in=ids) | Q(main=incident))
    return list(rows.select_related("incident", "main").order_by("-made_at"))


def files_of(incident: Incident, merged: Iterable[Incident]) -> list[Attachment]:
    """Files of all of them."""
    subjects = [f"incident:{incident.pk}", *(f"incident:{one.pk}" for one in merged)]
    return list(Attachment.objects.filter(subject__in=subjects).order_by("-received_at", "-id")[:100])


def key_from(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
