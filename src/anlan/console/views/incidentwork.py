"""Working on incidents: enter, describe, count, verify, merge, split, remark, order. A refusal keeps what was typed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import find, require_somewhere
from anlan.attachments import services as attachments
from anlan.attachments.refusals import EmptyFile
from anlan.attachments.uploading import bounded_uploads, check_uploads
from anlan.console import incidentforms as forms
from anlan.console import incidentpage
from anlan.console import incidentwords as words
from anlan.console.moments import input_moment
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.console.views.incidents import record
from anlan.incidents import services
from anlan.incidents.access import access_incident
from anlan.incidents.listing import similar
from anlan.incidents.models import Figure, Incident
from anlan.incidents.refusals import DueInThePast, OnlyTheCount, SameIncident
from anlan.journal import clocks
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.access import access_division
from anlan.vocab.incidents import KIND_LABELS, RESTRICTED, TYPES
from anlan.vocab.posts import Right

#: How far from its own time an incident's double is looked for, hours.
SPANS = (6, 24, 72, 24 * 7)


@desk
def new(request: DeskRequest) -> HttpResponse:
    """Enter an incident without a message that came in. Sent twice, the form makes one."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            return _enter(request)
        except NotFound:
            raise
        except Refusal as refusal:
            error = refusal
    page: dict[str, Any] = {"key": request.POST.get("key") or str(uuid7()), "error": error}
    if error is None:
        page["fields"] = _empty_fields(request)
        return render(request, "console/incidents/new.html", page)
    page |= {**_new_choices(request), "typed": request.POST}
    return render(request, "console/incidents/new.html", page, status=error.status)


#: Stands for the present minute in the empty form, which everybody with the same rights shares.
_NOW = "MINUTE-OF-WHOEVER-READS-THIS"


def _empty_fields(request: DeskRequest) -> SafeString:
    """The fields as nobody has filled them yet."""

    def make() -> str:
        typed = {"known_at": _NOW, "informant": "phone", "kind": "impact"}
        page = {**_new_choices(request), "typed": typed, "is_new": True}
        return render_to_string("console/incidents/_fields.html", page)

    text = shared(request, "incident_new", make).replace(_NOW, input_moment(request.now))
    return mark_safe(text)  # noqa: S308 - escaped by its template


def _new_choices(request: DeskRequest) -> dict[str, Any]:
    figures = [(code, words.figure_word(code), words.unit_word(code)) for code in forms.FIRST_FIGURES]
    return {**_form_choices(request), "figures": figures}


def _enter(request: DeskRequest) -> HttpResponse:
    key = forms.key_of(request.POST)
    if Incident.objects.filter(pk=key).exists():
        access_incident(request.actor, key)
        return redirect("console:incident", key)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    with transaction.atomic():
        details = forms.details_of(request.POST, request.actor, at)
        made = services.open_incident(details, by=request.actor, at=at, exercise_id=run, key=key)
    messages.success(request, _("Entered as %(number)s.") % {"number": made.number})
    return redirect("console:incident", made.pk)


def _form_choices(request: DeskRequest) -> dict[str, Any]:
    actor, need = request.actor, Right.TAKE_REPORTS
    return {
        "types": words.type_choices(),
        "kinds": [(one.value, words.said(pair)) for one, pair in KIND_LABELS.items()],
        "informants": words.informant_choices(),
        "places": shared(request, "places_below:TAKE", lambda: forms.places_for(actor, need)),
        "units": shared(request, "units_below:TAKE", lambda: forms.units_for(actor, need)),
        "restricted_types": "、".join(
            words.said((face.zh, face.en)) for face in TYPES.values() if face.event_class in RESTRICTED
        ),
    }


@desk
def edit(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Describe it better; the record then shows which words went and which came."""
    row = access_incident(request.actor, incident_id, need=Right.TAKE_REPORTS)
    error: Refusal | None = None
    if request.method == "POST":
        at = clocks.now(row.exercise_id)
        try:
            with transaction.atomic():
                changes = forms.changes_of(request.POST, request.actor, row)
                services.change_incident(row, by=request.actor, at=at, **changes)
            return redirect("console:incident", row.pk)
        except NotFound:
            raise
        except Refusal as refusal:
            error = refusal
            row.refresh_from_db()
    page = {
        "incident": row,
        "typed": request.POST if error is not None else forms.typed_of(row),
        "error": error,
        **_form_choices(request),
        "read_at": request.now,
    }
    return render(request, "console/incidents/edit.html", page, status=200 if error is None else error.status)


Verb = Callable[[DeskRequest, Incident, Any], str]


@bounded_uploads
@desk
@require_POST
def act(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """One of the verbs of the record. Refused, the record comes back with the sentence beside the form and the words in it."""
    verb = request.POST.get("verb", "")
    need = _NEEDS.get(verb, Right.TAKE_REPORTS)
    row = access_incident(request.actor, incident_id)
    if not (request.actor.can(need, row.division.path) or _may_as_desk(request, row, verb)):
        raise NotAllowed
    if verb not in _VERBS:
        raise NotFound
    try:
        with transaction.atomic():
            said = _VERBS[verb](request, row, clocks.now(row.exercise_id))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        row = access_incident(request.actor, incident_id)
        page = record(request, row, error=refusal, verb=verb)
        return render(request, "console/incidents/incident.html", page, status=refusal.status)
    if said:
        messages.success(request, said)
    return redirect(reverse("console:incident", args=[row.pk]) + _ANCHORS.get(verb, ""))


def _may_as_desk(request: DeskRequest, row: Incident, verb: str) -> bool:
    """The duty officer writes down what a leader said, and orders what that remark asks for."""
    if verb not in ("remark", "chase") or not request.actor.can(Right.TAKE_REPORTS, row.division.path):
        return False
    return verb == "remark" or row.remarks.filter(pk=_remark_key(request)).exists()


def _remark_key(request: DeskRequest) -> uuid.UUID:
    """The remark that was chosen; an id that nothing has where none was."""
    return incidentpage.key_from(request.POST.get("remark", "")) or uuid.UUID(int=0)


def _verify(request: DeskRequest, row: Incident, at: Any) -> str:
    services.verify_incident(row, by=request.actor, at=at)
    return _("Verified.")


def _not_true(request: DeskRequest, row: Incident, at: Any) -> str:
    services.find_not_true(row, reason=request.POST.get("reason", ""), by=request.actor, at=at)
    return _("Kept as not true, with your reason.")


def _close(request: DeskRequest, row: Incident, at: Any) -> str:
    services.close_incident(row, reason=request.POST.get("reason", ""), by=request.actor, at=at)
    return _("Closed.")


def _reopen(request: DeskRequest, row: Incident, at: Any) -> str:
    services.reopen_incident(row, reason=request.POST.get("reason", ""), by=request.actor, at=at)
    return _("Open again.")


def _grade(request: DeskRequest, row: Incident, at: Any) -> str:
    grade = request.POST.get("grade", "")
    number = int(grade) if grade in {"1", "2", "3", "4"} else None
    services.set_grade(row, number, reason=request.POST.get("reason", ""), by=request.actor, at=at)
    return (
        _("The grade is set; the record names you and your reason.")
        if number
        else _("The rule grades it again.")
    )


def _tags(request: DeskRequest, row: Incident, at: Any) -> str:
    services.tag_incident(row, request.POST.getlist("tag"), by=request.actor, at=at)
    return _("Tags stored.")


def _figure(request: DeskRequest, row: Incident, at: Any) -> str:
    details = forms.figure_of(request.POST, request.actor, at)
    figure = services.add_figure(row, details, by=request.actor, at=at)
    if request.POST.get("is_verified") == "1" and figure.state == "claimed":
        services.verify_figure(figure, by=request.actor, at=at)
    return _("Figure stored; the former value stays.")


def _figure_of(request: DeskRequest, row: Incident) -> Figure:
    """A figure of this incident or of one merged into it."""
    key = incidentpage.key_from(request.POST.get("figure", ""))
    ids = [row.pk, *row.merged_from.values_list("pk", flat=True)]
    rows = Figure.objects.filter(incident__in=ids).select_related("incident", "incident__merged_into")
    return find(rows, request.actor, key, need=Right.TAKE_REPORTS, path_field="incident__division__path")


def _verify_figure(request: DeskRequest, row: Incident, at: Any) -> str:
    services.verify_figure(_figure_of(request, row), by=request.actor, at=at)
    return _("Figure verified.")


def _withdraw_figure(request: DeskRequest, row: Incident, at: Any) -> str:
    reason = request.POST.get("reason", "")
    services.withdraw_figure(_figure_of(request, row), reason=reason, by=request.actor, at=at)
    return _("Figure withdrawn; the value before it counts again.")


def _merge(request: DeskRequest, row: Incident, at: Any) -> str:
    key = incidentpage.key_from(request.POST.get("main", ""))
    if key is None:
        raise SameIncident
    main = access_incident(request.actor, key, need=Right.TAKE_REPORTS)
    services.merge_incident(row, main, reason=request.POST.get("reason", ""), by=request.actor, at=at)
    return _("Merged into %(number)s; both originals are kept.") % {"number": main.number}


def _split(request: DeskRequest, row: Incident, at: Any) -> str:
    services.split_incident(row, reason=request.POST.get("reason", ""), by=request.actor, at=at)
    return _("Split again; it stands as before the merge.")


def _remark(request: DeskRequest, row: Incident, at: Any) -> str:
    given = request.POST
    services.record_remark(
        row,
        leader=given.get("leader", ""),
        leader_post=given.get("leader_post", ""),
        words=given.get("words", ""),
        said_at=forms.moment(given.get("said_at", "")) or at,
        way="phone" if given.get("way") == "phone" else "written",
        by=request.actor,
        at=at,
    )
    return _("Remark recorded.")


def _chase(request: DeskRequest, row: Incident, at: Any) -> str:
    division = access_division(request.actor, request.POST.get("division", ""))
    remark = row.remarks.filter(pk=_remark_key(request)).first()
    due_at = forms.moment(request.POST.get("due_at", ""))
    if due_at is None:
        raise DueInThePast
    services.issue_chase(
        incident=row,
        addressee=request.POST.get("addressee", "") or division.name,
        division=division,
        task=request.POST.get("task", ""),
        due_at=due_at,
        remark=remark,
        by=request.actor,
        at=at,
    )
    return _("Chase order issued; overdue it rings.")


def _attach(request: DeskRequest, row: Incident, at: Any) -> str:
    if row.is_restricted:
        raise OnlyTheCount
    check_uploads(request)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise EmptyFile
    attachments.keep(
        file.chunks(),
        subject=f"incident:{row.pk}",
        division=row.division,
        name=file.name or "",
        sender=request.actor.name,
        by=request.actor,
        at=at,
        exercise_id=row.exercise_id,
    )
    return _("File kept.")


_VERBS: dict[str, Verb] = {
    "verify": _verify,
    "not_true": _not_true,
    "close": _close,
    "reopen": _reopen,
    "grade": _grade,
    "tags": _tags,
    "figure": _figure,
    "verify_figure": _verify_figure,
    "withdraw_figure": _withdraw_figure,
    "merge": _merge,
    "split": _split,
    "remark": _remark,
    "chase": _chase,
    "attach": _attach,
}
#: Leaders sign these; everything else is the desk's.
_NEEDS = {"remark": Right.REMARK, "chase": Right.REMARK}
_ANCHORS = {
    "figure": "#figures", "verify_figure": "#figures", "withdraw_figure": "#figures", "grade": "#grade", "tags": "#tags",
    "remark": "#remarks", "chase": "#chases", "attach": "#files", "split": "#links",
}  # fmt: skip


@desk
def merge(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Find the incident that this one is the same as, and see both before saying so."""
    row = access_incident(request.actor, incident_id, need=Right.TAKE_REPORTS)
    given = request.GET.get("hours", "")
    hours = int(given) if given in {str(one) for one in SPANS} else SPANS[1]
    text = request.GET.get("q", "").strip()[:60]
    key = incidentpage.key_from(request.GET.get("main", ""))
    main = access_incident(request.actor, key) if key is not None else None
    page = {
        "incident": row,
        "main": main,
        "pair": [_face(row), _face(main)] if main is not None else [],
        "found": similar(request.actor, row, within_time=timedelta(hours=hours), text=text),
        "why_words": words.why_words(),
        "hours": hours,
        "spans": SPANS,
        "q": text,
        "state_words": words.state_words(),
        "read_at": request.now,
    }
    return render(request, "console/incidents/merge.html", page)


def _face(row: Incident) -> dict[str, Any]:
    """One of the two originals, side by side with the other."""
    return {
        "incident": row,
        "type": words.type_word(row.event_type),
        "state": words.state_words()[row.state],
        "chip": words.STATE_CHIPS[row.state],
        "informant": words.informant_word(row.informant),
        "figures": incidentpage.figure_rows(row, [], lambda ref: ref),
    }
