"""Official papers: one key each, made from a record or for a period; looked at, corrected, signed, handed out. And their templates."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require, require_somewhere
from anlan.assessment.access import access_bulletin
from anlan.command.access import access_consultation, access_situation
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.datacalls.access import access_call
from anlan.documents.paper.content import Content, Fields, Heading, PageBreak, Para, Picture, Table, meta_line
from anlan.duty.access import access_handover
from anlan.incidents.access import access_chase, access_incident
from anlan.intake.access import access_intake
from anlan.journal import clocks
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal, fill
from anlan.papers import builders, files, services
from anlan.papers.access import access_paper, access_template, visible_papers, visible_templates
from anlan.papers.kinds import KINDS
from anlan.papers.models import BriefSchedule, Paper, PaperState, PaperTemplate, TemplateState
from anlan.papers.refusals import UnknownKind
from anlan.papers.types import Draft
from anlan.places.models import Division
from anlan.reporting.access import access_report
from anlan.response.access import access_notice as access_response_notice
from anlan.review.access import access_review
from anlan.vocab.posts import Right
from anlan.warning.access import access_notice

ROWS = 50
MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
}
#: The record that a paper is made from, behind its own door.
DOORS: dict[str, Callable[[Actor, uuid.UUID], Any]] = {
    "incident": access_incident,
    "report": access_report,
    "chase": access_chase,
    "intake": access_intake,
    "notice": access_notice,
    "handover": access_handover,
    "bulletin": access_bulletin,
    "data_call": access_call,
    "situation": access_situation,
    "consultation": access_consultation,
    "response_notice": access_response_notice,
    "review": access_review,
}
#: Largest upload read; the check of a template is stricter.
MOST_UPLOAD = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the list."""

    paper: Paper
    kind: str
    state: str


def _told(refusal: Refusal) -> str:
    """The refusal with its next step, in the reader's language."""
    step = _(refusal.next_step) if refusal.next_step else ""
    return f"{fill(_(refusal.text), refusal.data)} {fill(step, refusal.data)}".strip()


def _name(kind: str) -> str:
    face = KINDS.get(kind)
    return "" if face is None else face.zh if is_chinese() else face.en


def _state(paper: Paper) -> str:
    return {
        "draft": _("to be signed"),
        "signed": _("signed"),
        "issued": _("made"),
        "discarded": _("discarded"),
    }[paper.state]


@desk
@require_GET
def papers(request: DeskRequest) -> HttpResponse:
    """The newest papers and the keys that make one."""
    require_somewhere(request.actor, Right.SEE)
    rows = visible_papers(request.actor).filter(exercise_id=clocks.default_exercise_id())
    kind, before = request.GET.get("kind", ""), request.GET.get("before", "")
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    if request.GET.get("state") == PaperState.DRAFT:
        rows = rows.filter(state=PaperState.DRAFT)
    mark = _mark(before)
    if mark is not None:
        rows = rows.filter(Q(made_at__lt=mark[0]) | Q(made_at=mark[0], pk__lt=mark[1]))
    found = list(rows.order_by("-made_at", "-id")[: ROWS + 1])
    may_make = request.actor.can_somewhere(Right.TAKE_REPORTS)
    page = {
        "lines": [_Line(row, _name(row.kind), _state(row)) for row in found[:ROWS]],
        "older": f"{found[ROWS - 1].made_at.isoformat()}~{found[ROWS - 1].pk}" if len(found) > ROWS else "",
        "kinds": [(code, _name(code)) for code in KINDS],
        "has_pdf": files.has_pdf(),
        "kind": kind,
        "may_make": may_make,
        "keys": [(code, _name(code)) for code, face in KINDS.items() if face.ask == ""],
        "asked": [
            (code, _name(code)) for code, face in KINDS.items() if face.ask in ("month", "period", "minutes")
        ],
        "schedule": _schedule(request.actor),
        "may_switch": request.actor.can_somewhere(Right.MANAGE_DUTY),
        "read_at": request.now,
    }
    return render(request, "console/papers/papers.html", page)


def _mark(text: str) -> tuple[datetime, uuid.UUID] | None:
    moment, _tilde, key = text.partition("~")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), uuid.UUID(key)
    except (ValueError, OverflowError):
        return None


def _schedule(actor: Actor) -> BriefSchedule | None:
    rows = BriefSchedule.objects.filter(exercise_id=clocks.default_exercise_id(), kind="morning")
    found = rows.select_related("division").defer("division__geometry").first()
    return found if found is not None and actor.sees(found.division.path) else None


def _home(actor: Actor) -> Division:
    """Whose paper it is: the topmost place in which the actor keeps the desk."""
    paths = actor.where(Right.TAKE_REPORTS)
    if not paths:
        raise NotAllowed
    path = min(paths, key=lambda one: (one.count("/"), one))
    found = Division.objects.filter(path=path).defer("geometry").first()
    if found is None:
        raise NotFound
    return found


def _kept(request: DeskRequest, draft: Draft) -> HttpResponse:
    """Record it and show it."""
    run = clocks.default_exercise_id()
    with transaction.atomic():
        paper = services.make_paper(draft, by=request.actor, at=clocks.now(run), exercise_id=run)
    return redirect("console:paper", paper.pk)


@desk
@require_POST
def make_paper(request: DeskRequest, paper_kind: str) -> HttpResponse:
    """One key: the paper of this moment."""
    home = _home(request.actor)
    at = clocks.now(clocks.default_exercise_id())
    return _kept(request, builders.build(paper_kind, division=home, actor=request.actor, at=at))


@desk
@require_POST
def make_paper_of(
    request: DeskRequest, subject_kind: str, subject_about: str, subject_id: uuid.UUID
) -> HttpResponse:
    """From a record that its own door opened."""
    door = DOORS.get(subject_about)
    if door is None or KINDS.get(subject_kind) is None:
        raise NotFound
    row = door(request.actor, subject_id)
    home = _home(request.actor)
    at = clocks.now(clocks.default_exercise_id())
    draft = builders.build_of(subject_kind, subject_about, row, at=at)
    if draft.incident is None:
        require(
            request.actor, Right.TAKE_REPORTS, draft.division.path if subject_about != "chase" else home.path
        )
    return _kept(request, draft)


@desk
def new_paper(request: DeskRequest, asked_kind: str) -> HttpResponse:
    """The month, the period or the words of a paper; what was typed stays when something is wrong."""
    face = KINDS.get(asked_kind)
    if face is None or face.ask not in ("month", "period", "minutes"):
        raise UnknownKind
    home = _home(request.actor)
    at = clocks.now(clocks.default_exercise_id())
    problem = ""
    if request.method == "POST":
        try:
            return _kept(request, _asked(request, asked_kind, home, at))
        except Refusal as refusal:
            problem = _told(refusal)
    local = at.astimezone(SHANGHAI)
    page = {
        "kind": asked_kind,
        "name": _name(asked_kind),
        "ask": face.ask,
        "problem": problem,
        "form": request.POST,
        "month": request.POST.get("month") or f"{(local.replace(day=1) - timedelta(days=1)):%Y-%m}",
        "first": request.POST.get("first") or f"{local - timedelta(days=1):%Y-%m-%dT%H:%M}",
        "last": request.POST.get("last") or f"{local:%Y-%m-%dT%H:%M}",
        "read_at": request.now,
    }
    return render(request, "console/papers/new.html", page, status=409 if problem else 200)


def _asked(request: DeskRequest, kind: str, home: Division, at: datetime) -> Draft:
    ask, actor = KINDS[kind].ask, request.actor
    if ask == "minutes":
        return builders.desk.minutes(request.POST.dict(), division=home, at=at)
    if ask == "month":
        return builders.build_month(kind, day=_month(request, at), division=home, actor=actor, at=at)
    start, end = _moment(request.POST.get("first", ""), at), _moment(request.POST.get("last", ""), at)
    return builders.build_period(kind, start=start, end=end, division=home, actor=actor, at=at)


def _month(request: DeskRequest, at: datetime) -> date:
    try:
        found = date.fromisoformat(request.POST.get("month", "") + "-01")
    except ValueError:
        return at.astimezone(SHANGHAI).date()
    return min(max(found, date(2000, 1, 1)), at.astimezone(SHANGHAI).date())


def _moment(text: str, at: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return at
    if not 2000 <= found.year <= 2100:
        return at
    return min(found.replace(tzinfo=SHANGHAI).astimezone(UTC), at + timedelta(days=1))


@desk
@require_GET
def paper(request: DeskRequest, paper_id: uuid.UUID) -> HttpResponse:
    """The paper as it is printed, with its files and what may be done with it."""
    found = access_paper(request.actor, paper_id)
    content = files.content_of(found)
    actor, path = request.actor, found.division.path
    page = {
        "paper": found,
        "name": _name(found.kind),
        "state": _state(found),
        "content": content,
        "meta": meta_line(content),
        "blocks": [_shown(block) for block in content.blocks],
        "has_pdf": bool(found.pdf_sha256) or files.has_pdf(),
        "may_sign": services.may_be_signed(found) and actor.can(Right.SIGN_REPORTS, path),
        "may_edit": found.state == PaperState.DRAFT and actor.can(Right.TAKE_REPORTS, path),
        "may_discard": found.state in (PaperState.DRAFT, PaperState.ISSUED)
        and actor.can(Right.TAKE_REPORTS, path),
        "read_at": request.now,
    }
    return render(request, "console/papers/paper.html", page)


def _shown(block: object) -> dict[str, Any]:
    """A block for the template, with its name."""
    match block:
        case Heading():
            return {"is": "heading", "block": block}
        case Para():
            return {"is": "para", "block": block}
        case Fields():
            return {"is": "fields", "block": block}
        case Table():
            rows = [
                [(value, number in block.right) for number, value in enumerate(row)] for row in block.rows
            ]
            return {"is": "table", "block": block, "rows": rows}
        case Picture():
            return {"is": "picture", "block": block}
        case PageBreak():
            return {"is": "page", "block": block}
    return {"is": "", "block": block}


@desk
def edit_paper(request: DeskRequest, paper_id: uuid.UUID) -> HttpResponse:
    """Correct the words of a draft."""
    found = access_paper(request.actor, paper_id, need=Right.TAKE_REPORTS)
    problem = ""
    if request.method == "POST":
        texts = {
            int(name[5:]): value
            for name, value in request.POST.dict().items()
            if name.startswith("block") and name[5:].isdecimal() and len(name) < 9
        }
        try:
            with transaction.atomic():
                services.edit(
                    found,
                    title=request.POST.get("title", ""),
                    texts=texts,
                    by=request.actor,
                    at=clocks.now(found.exercise_id),
                )
        except Refusal as refusal:
            problem = _told(refusal)
        else:
            messages.success(request, _("Kept."))
            return redirect("console:paper", found.pk)
    content = files.content_of(found)
    page = {
        "paper": found,
        "name": _name(found.kind),
        "problem": problem,
        "title": request.POST.get("title") or found.title,
        "parts": _editable(content, request),
        "read_at": request.now,
    }
    return render(request, "console/papers/edit.html", page, status=409 if problem else 200)


def _editable(content: Content, request: DeskRequest) -> list[tuple[int, str, bool]]:
    return [
        (number, request.POST.get(f"block{number}", block.text), isinstance(block, Heading))
        for number, block in enumerate(content.blocks)
        if isinstance(block, Heading | Para)
    ]


@desk
@require_POST
def act_on_paper(request: DeskRequest, paper_id: uuid.UUID) -> HttpResponse:
    """Sign it, or take it out of use."""
    wish = request.POST.get("act", "")
    need = Right.SIGN_REPORTS if wish == "sign" else Right.TAKE_REPORTS
    found = access_paper(request.actor, paper_id, need=need)
    at = clocks.now(found.exercise_id)
    with transaction.atomic():
        if wish == "sign":
            services.sign(found, by=request.actor, at=at)
        elif wish == "discard":
            services.discard(found, why=request.POST.get("why", ""), by=request.actor, at=at)
    messages.success(request, _("Signed.") if wish == "sign" else _("Done."))
    return redirect("console:paper", found.pk)


@desk
@require_GET
def paper_file(request: DeskRequest, paper_id: uuid.UUID, paper_form: str) -> HttpResponse:
    """The Word file, the PDF or the text. Who took it is journaled."""
    found = access_paper(request.actor, paper_id)
    if paper_form not in MEDIA:
        raise NotFound
    at = clocks.now(found.exercise_id)
    body = files.text_of(found) if paper_form == "txt" else files.file_of(found, paper_form, at=at)
    with transaction.atomic():
        note(
            kind="paper.handed_out",
            subject=("paper", str(found.pk)),
            payload={"form": paper_form},
            by=request.actor,
            at=at,
            path=found.division.path,
            exercise_id=found.exercise_id,
        )
    return _attached(body, paper_form, f"{found.number}{found.title}" or found.kind)


def _attached(body: bytes, form: str, name: str) -> HttpResponse:
    from django.utils.http import content_disposition_header

    clean = "".join(one for one in name if one.isalnum() or one in "〔〕（）-_")[:80] or "paper"
    response = HttpResponse(body, content_type=MEDIA[form])
    response["Content-Disposition"] = content_disposition_header(True, f"{clean}.{form}") or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@desk
@require_POST
def switch_brief(request: DeskRequest) -> HttpResponse:
    """The time of the morning brief, or none."""
    home = _home(request.actor)
    require(request.actor, Right.MANAGE_DUTY, home.path)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    try:
        chosen: time | None = time.fromisoformat(request.POST.get("time", ""))
    except ValueError:
        chosen = None
    with transaction.atomic():
        services.ensure_schedules(home, by=request.actor, at=at, exercise_id=run)
        row = BriefSchedule.objects.select_related("division").get(
            division=home, kind="morning", exercise_id=run
        )
        services.switch_schedule(
            row,
            hour=None if chosen is None else chosen.hour,
            minute=0 if chosen is None else chosen.minute,
            by=request.actor,
            at=at,
        )
    messages.success(request, _("Kept."))
    return redirect("console:papers")


@desk
@require_GET
def templates(request: DeskRequest) -> HttpResponse:
    """Which template each kind uses, and every version that was uploaded."""
    require_somewhere(request.actor, Right.SEE)
    rows = list(visible_templates(request.actor).order_by("-proposed_at", "-id")[:ROWS])
    states = {
        TemplateState.PROPOSED: _("waits for a second person"),
        TemplateState.IN_FORCE: _("in force"),
        TemplateState.REFUSED: _("refused"),
        TemplateState.RETIRED: _("retired"),
    }
    page = {
        "rows": [(row, _name(row.kind) or _("every kind"), states[TemplateState(row.state)]) for row in rows],
        "kinds": [("", _("every kind")), *((code, _name(code)) for code in KINDS)],
        "may_propose": request.actor.can_somewhere(Right.EDIT_RULES),
        "may_approve": request.actor.can_somewhere(Right.APPROVE_RULES),
        "read_at": request.now,
    }
    return render(request, "console/papers/templates.html", page)


@desk
@require_GET
def current_template(request: DeskRequest, paper_kind: str) -> HttpResponse:
    """The template in use, to be edited in Word; "all" is the one for every kind."""
    require_somewhere(request.actor, Right.SEE)
    wanted = "" if paper_kind == "all" else paper_kind
    if wanted and wanted not in KINDS:
        raise UnknownKind
    rows = visible_templates(request.actor).filter(state=TemplateState.IN_FORCE, kind__in=(wanted, ""))
    found = max(rows, key=lambda row: (row.kind != "", row.serial), default=None)
    return _attached(
        files.template_bytes(found), "docx", f"公文模板-{KINDS[wanted].zh if wanted else '通用'}"
    )


@desk
@require_POST
def propose_template(request: DeskRequest) -> HttpResponse:
    """Upload one; it is tried before it is kept."""
    paths = request.actor.where(Right.EDIT_RULES)
    if not paths:
        raise NotAllowed
    home = Division.objects.filter(path=min(paths, key=len)).defer("geometry").first()
    upload = request.FILES.get("file")
    if home is None or upload is None or upload.size is None or upload.size > MOST_UPLOAD:
        messages.error(request, _("Choose a Word file (.docx) of at most 4 MB."))
        return redirect("console:paper_templates")
    run = clocks.default_exercise_id()
    body = upload.read()
    try:
        with transaction.atomic():
            services.propose_template(
                body,
                kind=request.POST.get("kind", ""),
                name=upload.name or "",
                division=home,
                by=request.actor,
                at=clocks.now(run),
                exercise_id=run,
            )
    except Refusal as refusal:
        messages.error(request, _told(refusal))
    else:
        messages.success(request, _("Tried and kept; a second person puts it into force."))
    return redirect("console:paper_templates")


@desk
@require_POST
def act_on_template(request: DeskRequest, paper_template_id: uuid.UUID) -> HttpResponse:
    """Put it into force, refuse it, or go back to the shipped one."""
    row = access_template(request.actor, paper_template_id, need=Right.APPROVE_RULES)
    at = clocks.now(row.exercise_id)
    wish = request.POST.get("act", "")
    with transaction.atomic():
        if wish == "approve":
            services.approve_template(row, by=request.actor, at=at)
        elif wish == "refuse":
            services.refuse_template(row, why=request.POST.get("why", ""), by=request.actor, at=at)
        elif wish == "retire":
            services.retire_template(row, by=request.actor, at=at)
    messages.success(request, _("Done."))
    return redirect("console:paper_templates")


@desk
@require_GET
def template_preview(request: DeskRequest, paper_template_id: uuid.UUID) -> HttpResponse:
    """The sample as this version would print it."""
    row: PaperTemplate = access_template(request.actor, paper_template_id)
    from anlan.documents.paper.template import sample

    return _attached(files.make_docx(sample(), row), "docx", f"样例-{row.name}")
