"""Incidents: the list with its filters and the record of one."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import incidentpage, layers
from anlan.console import incidentwords as words
from anlan.console.fivestepwords import last_steps, steps_of
from anlan.console.incidentforms import places_for
from anlan.console.incidentslots import slots_of
from anlan.console.mapprops import map_props
from anlan.console.moments import input_moment, parse_moment
from anlan.console.people import names_of
from anlan.console.views.base import DeskRequest, desk, shared, shared_form, shared_text
from anlan.console.views.maps import answer_layer
from anlan.documents.cells import writable
from anlan.incidents.access import access_incident, may_answer_chase, may_close_chase, sees_incident
from anlan.incidents.listing import Mark, Wanted, chosen, similar
from anlan.incidents.models import ChaseOrder, Incident
from anlan.incidents.tags import known_tags
from anlan.journal import clocks
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import Refusal
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import CLASS_LABELS, GRADE_LABELS
from anlan.vocab.posts import Right

PAGE_ROWS = 50
#: More rows than this are narrowed first; engineering choice.
MOST_EXPORTED = 20_000
FILTERS = ("state", "class", "type", "grade", "place", "tag", "from", "to", "q")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@desk
@require_GET
def incidents(request: DeskRequest) -> HttpResponse:
    """A bounded page; the next one begins after the last row, so that a growing list never shifts it."""
    require_somewhere(request.actor, Right.SEE)
    given = {name: request.GET.get(name, "").strip()[:60] for name in FILTERS}
    after = request.GET.get("after", "")[:90]
    name = f"incidents:{reader(request.actor)}:{after}:{sorted(given.items())}"

    def make() -> str:
        choices = shared(request, "incident_choices", lambda: _choices(request.actor))
        head = {"given": given, "is_narrowed": any(given.values()), **choices}
        return render_to_string("console/incidents/_list.html", {**head, **_page(request, given, after)})

    page = {
        "given": given,
        "rows": shared_text(request, name, make),
        "may_enter": request.actor.can_somewhere(Right.TAKE_REPORTS),
        "read_at": request.now,
    }
    return render(request, "console/incidents/incidents.html", page)


def reader(actor: Actor) -> str:
    """What a shared page must name beside the rights: whoever may not read restricted ones still reads his own."""
    return "" if actor.can_somewhere(Right.SEE_RESTRICTED) else str(actor.person_id)


def _page(request: DeskRequest, given: dict[str, str], after: str) -> dict[str, Any]:
    wanted = _wanted(given)
    rows = list(chosen(request.actor, wanted, _mark(after))[: PAGE_ROWS + 1])
    state_words, steps = words.state_words(), last_steps(rows[:PAGE_ROWS])
    return {
        "rows": [
            {
                "incident": row,
                "step": steps.get(row.pk),
                "type": words.type_word(row.event_type),
                "state": state_words[row.state],
                "chip": words.STATE_CHIPS[row.state],
                "tags": [words.tag_word(code) for code in row.tags],
            }
            for row in rows[:PAGE_ROWS]
        ],
        "older": _link(given, rows[PAGE_ROWS - 1]) if len(rows) > PAGE_ROWS else "",
        "newest": "?" + urlencode({name: value for name, value in given.items() if value}) if after else "",
    }


def _wanted(given: dict[str, str]) -> Wanted:
    """The filters; what makes no sense narrows nothing."""
    kind, grade = given["class"], given["grade"]
    return Wanted(
        state=given["state"] if given["state"] in {"open", *words.STATE_CHIPS} else "",
        event_class=int(kind) if kind in {"1", "2", "3", "4"} else None,
        event_type=given["type"],
        grade=int(grade) if grade in {"0", "1", "2", "3", "4"} else None,
        place=given["place"],
        tag=given["tag"] if given["tag"] in known_tags() else "",
        since=_day(given["from"]),
        until=_day(given["to"], after=1),
        text=given["q"],
        exercise_id=clocks.default_exercise_id(),
    )


def _day(text: str, *, after: int = 0) -> datetime | None:
    try:
        return parse_moment(text) + timedelta(days=after) if text else None
    except (Refusal, OverflowError):
        return None


def _mark(text: str) -> Mark | None:
    stamp, _sep, key = text.partition("~")
    try:
        return Mark(datetime.fromisoformat(stamp).astimezone(UTC), uuid.UUID(key))
    except (ValueError, OverflowError):
        return None


def _link(given: dict[str, str], last: Incident) -> str:
    query = {name: value for name, value in given.items() if value}
    return "?" + urlencode({**query, "after": f"{last.known_at.isoformat()}~{last.pk}"})


def _choices(actor: Actor) -> dict[str, Any]:
    seen = places_for(actor, Right.SEE)
    return {
        "states": [("open", _("open")), *words.state_words().items()],
        "classes": [(str(one.value), words.said(pair)) for one, pair in CLASS_LABELS.items()],
        "types": words.type_choices(),
        "grades": [
            *((str(grade), words.grade_word(grade)) for grade in GRADE_LABELS),
            ("0", words.grade_word(None)),
        ],
        "places": [(code, name) for code, name in seen if not name.startswith("　")] or seen,
        "tags": [(code, words.tag_word(code)) for code in known_tags()],
    }


@desk
@require_POST
def export(request: DeskRequest) -> HttpResponse:
    """The chosen incidents as a workbook. The journal says who took what."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    given = {name: request.POST.get(name, "").strip()[:60] for name in FILTERS}
    rows = list(chosen(request.actor, _wanted(given))[:MOST_EXPORTED])
    body = _workbook(rows)
    with transaction.atomic():
        note(
            kind="incident.exported",
            subject=("incident", "list"),
            payload={"filters": {name: value for name, value in given.items() if value}, "rows": len(rows)},
            by=request.actor,
            at=request.now,
            path=request.actor.where(Right.TAKE_REPORTS)[0],
            exercise_id=clocks.default_exercise_id(),
        )
    answer = HttpResponse(body, content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="anlan-incidents-{request.now:%Y%m%d}.xlsx"'
    return answer


def _workbook(rows: list[Incident]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Incidents"))
    sheet.append(
        [
            _("Number"), pgettext("in one line", "What happened"), _("Class"), _("Type"), _("Grade"), _("State"), _("Place"), _("Exact place"),
            _("Occurred"), _("Known"), _("Tags"), _("Reference"), _("Longitude"), _("Latitude"),
        ]
    )  # fmt: skip
    states = words.state_words()
    for row in rows:
        values = [
            row.number, row.title, words.class_word(row.event_class), words.type_word(row.event_type),
            words.grade_word(row.grade), states[row.state], row.division.name, row.place_words,
            _local(row.occurred_at), _local(row.known_at), "、".join(words.tag_word(code) for code in row.tags),
            row.reference, row.lon, row.lat,
        ]  # fmt: skip
        sheet.append([_harmless(value) for value in values])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is shown as text."""
    value = writable(value)
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value


def _local(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@desk
@require_GET
def incident(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The record of one incident."""
    row = access_incident(request.actor, incident_id)
    name = f"incident:{row.pk}:{reader(request.actor)}"
    body = shared_form(request, name, "console/incidents/_record.html", lambda: record(request, row))
    return render(request, "console/incidents/incident.html", {**_head(request, row), "record": body})


def _head(request: DeskRequest, row: Incident) -> dict[str, Any]:
    return {
        "incident": row,
        "state": words.state_words()[row.state],
        "chip": words.STATE_CHIPS[row.state],
        "may_work": request.actor.can(Right.TAKE_REPORTS, row.division.path),
        "read_at": request.now,
    }


def record(
    request: DeskRequest, row: Incident, *, error: Refusal | None = None, verb: str = ""
) -> dict[str, Any]:
    """Everything that the record shows; with `error`, the form that was refused and what was typed into it."""
    actor, path = request.actor, row.division.path
    merged = list(row.merged_from.select_related("division").defer("division__geometry").order_by("number"))
    remarks = list(row.remarks.order_by("-said_at"))
    chases = list(row.chases.select_related("division").defer("division__geometry").order_by("due_at"))
    links = incidentpage.links_of(row, merged)
    names = _Names([row.graded_by, *(one.made_by for one in links), *(one.recorded_by for one in remarks)])
    figures = incidentpage.figure_rows(row, merged, names)
    names.read(view.figure.verified_by for line in figures for view in line.history)
    slots, more_subjects = slots_of(request, row)
    subjects = incidentpage.subjects_of(row, figures, merge_link=links, remark=remarks, chase_order=chases)
    for kind, keys in more_subjects.items():
        subjects[kind] = subjects.get(kind, set()) | keys
    may_work = actor.can(Right.TAKE_REPORTS, path)
    is_open = row.state in ("received", "verified")
    return {
        "incident": row,
        "type": words.type_word(row.event_type),
        "class": words.class_word(row.event_class),
        "kind": words.kind_word(row.kind),
        "informant": words.informant_word(row.informant),
        "state": words.state_words()[row.state],
        "chip": words.STATE_CHIPS[row.state],
        "grade_by": names(row.graded_by) if row.graded_by not in ("", "rule") else "",
        "reasons": incidentpage.reasons_of(row),
        "steps": [] if row.is_restricted or row.state == "merged" else steps_of(row),
        "figures": figures,
        "figure_choices": words.figure_choices(is_restricted=row.is_restricted),
        "main": row.merged_into
        if row.merged_into is not None and sees_incident(actor, row.merged_into)
        else None,
        "merged": [one for one in merged if sees_incident(actor, one)],
        "links": [(one, names(one.made_by)) for one in links],
        "alike": similar(actor, row, most=3) if is_open and may_work else [],
        "why_words": words.why_words(),
        "remarks": [(one, names(one.recorded_by)) for one in remarks],
        "chases": [chase_line(actor, one) for one in chases],
        "files": incidentpage.files_of(row, merged),
        "tag_groups": _tag_groups(row),
        "tags": [words.tag_word(code) for code in row.tags],
        "slots": slots,
        "lines": incidentpage.timeline(row, subjects),
        "places": shared(request, "places_below:TAKE", lambda: places_for(actor, Right.TAKE_REPORTS))
        if may_work
        else [],
        "addressees": shared(request, "addressees", lambda: addressees(actor)) if may_work else [],
        "grades": [(grade, words.grade_word(grade)) for grade in GRADE_LABELS],
        "map_props": map_props(incident=row) if row.lon is not None else None,
        "may_work": may_work,
        "may_remark": may_work or actor.can(Right.REMARK, path),
        "may_chase": actor.can(Right.REMARK, path) or (may_work and bool(remarks)),
        "now_input": input_moment(request.now),
        "in_an_hour": input_moment(request.now + timedelta(hours=1)),
        "typed": request.POST if error is not None else {},
        "error": error,
        "error_verb": verb,
        "read_at": request.now,
    }


class _Names:
    """Names of actors, read together."""

    def __init__(self, refs: list[str]) -> None:
        self._known: dict[str, str] = {}
        self.read(refs)

    def read(self, refs: Any) -> None:
        new = {ref for ref in refs if ref} - self._known.keys()
        if new:
            self._known |= {ref: ref for ref in new} | names_of(new)

    def __call__(self, ref: str) -> str:
        return self._known.get(ref, ref)


def _tag_groups(row: Incident) -> list[dict[str, Any]]:
    group_words = words.tag_group_words()
    groups: dict[str, list[dict[str, Any]]] = {}
    for code, tag in known_tags().items():
        groups.setdefault(tag.group, []).append(
            {"code": code, "word": words.said((tag.zh, tag.en)), "is_set": code in row.tags}
        )
    return [{"word": group_words.get(name, name), "tags": tags} for name, tags in groups.items()]


def chase_line(actor: Actor, chase: ChaseOrder) -> dict[str, Any]:
    """A chase order as a row: its state, whether it is late, and what this reader may do with it."""
    return {
        "chase": chase,
        "state": words.chase_words()[chase.state],
        "chip": words.CHASE_CHIPS[chase.state],
        "may_answer": chase.state in ("issued", "acknowledged") and may_answer_chase(actor, chase),
        "may_close": chase.state != "closed" and may_close_chase(actor, chase),
        "is_waiting": chase.state in ("issued", "acknowledged"),
        "sees_incident": chase.incident is not None and sees_incident(actor, chase.incident),
    }


def addressees(actor: Actor) -> list[tuple[str, str]]:
    """To whom an order can go: townships, departments and enterprises of the actor's places, and the place itself."""
    from anlan.places.access import visible

    rows = visible(actor).filter(
        level__in=(
            DivisionLevel.COUNTY,
            DivisionLevel.DEPARTMENT,
            DivisionLevel.TOWNSHIP,
            DivisionLevel.ENTERPRISE,
        ),
        valid_to=None,
    )
    order: dict[str, int] = {
        DivisionLevel.DEPARTMENT: 0,
        DivisionLevel.TOWNSHIP: 1,
        DivisionLevel.ENTERPRISE: 2,
        DivisionLevel.COUNTY: 3,
    }
    listed = list(rows.values_list("code", "name", "level"))
    return [
        (code, name) for code, name, level in sorted(listed, key=lambda row: (order.get(row[2], 9), row[0]))
    ]


@desk
@require_GET
def on_map(request: DeskRequest) -> HttpResponse:
    """Open incidents as points; of the one named in the address alone."""
    named = request.GET.get("incident", "")
    if named:
        key = incidentpage.key_from(named)
        row = access_incident(request.actor, key or uuid.UUID(int=0))
        return answer_layer(request, layers.incidents([row]))
    found = shared(
        request, f"map_incidents:{reader(request.actor)}", lambda: layers.open_incidents(request.actor)
    )
    return answer_layer(request, found)
