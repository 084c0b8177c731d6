"""Plans as files: a Word file or workbook comes in, is looked at with its remarks, and becomes a draft; any version goes out."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.attachments.looking import media_type
from anlan.attachments.refusals import UnknownContent
from anlan.attachments.uploading import bounded_uploads
from anlan.console import incidentwords, planpage, uploads
from anlan.console import planwords as words
from anlan.console.incidentpage import key_from
from anlan.console.plandocumentslot import importable
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotFound, Refusal
from anlan.places.access import access_division
from anlan.plans import services
from anlan.plans.access import access_plan, access_version
from anlan.plans.content import read
from anlan.plans.departments import departments_for, instantiate, named, resolve
from anlan.plans.documentproblems import (
    DocumentTooBig,
    Imported,
    NotADocument,
    PlanFileMissing,
    PlanHasMistakes,
)
from anlan.plans.models import Plan, PlanVersion
from anlan.plans.packs import field_command_table, starter_pack, starter_packs
from anlan.plans.word import read_docx, write_docx
from anlan.plans.wordguard import MOST_BYTES
from anlan.plans.workbook import read_xlsx, write_xlsx
from anlan.vocab.posts import Right
from anlan.warning.spoken import DRILL_MARK

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD_FILE, WORKBOOK_FILE = "plan-docx", "plan-xlsx"
SHOWN_REMARKS = 300


# -- in ----------------------------------------------------------------------------------------------------------------


@bounded_uploads
@desk
def import_plan(request: DeskRequest) -> HttpResponse:
    """Choose a file; it is read without storing anything, and shown. `?plan=` makes it a new version of that plan."""
    require_somewhere(request.actor, Right.EDIT_PLANS)
    error: Refusal | None = None
    plan = _plan_of(request, request.POST.get("plan", "") or request.GET.get("plan", ""))
    if request.method == "POST":
        try:
            return redirect("console:plan_import_check", _keep(request, plan).token)
        except NotFound:
            raise
        except Refusal as refusal:
            error = refusal
    page = {"plan": plan, "error": error, "limit_mb": MOST_BYTES // 2**20}
    return render(
        request, "console/plans/doc_import.html", page, status=200 if error is None else error.status
    )


def _plan_of(request: DeskRequest, given: str) -> Plan | None:
    key = key_from(given)
    return access_plan(request.actor, key, need=Right.EDIT_PLANS) if key is not None else None


def _keep(request: DeskRequest, plan: Plan | None) -> uploads.Upload:
    """Look at the file by its content before it is kept for the hour of the preview."""
    file = request.FILES.get("file")
    if getattr(request, "anlan_too_large", False) or (
        isinstance(file, UploadedFile) and (file.size or 0) > MOST_BYTES
    ):
        raise DocumentTooBig(limit_mb=MOST_BYTES // 2**20)
    if not isinstance(file, UploadedFile) or not file.size:
        raise PlanFileMissing
    body = file.read()
    file.seek(0)
    kind = _kind_of(body)
    kept = uploads.keep(file, kind=kind, owner=request.actor.ref)
    kept.report = {"plan": str(plan.pk) if plan is not None else ""}
    uploads.remember(kept)
    return kept


def _kind_of(body: bytes) -> str:
    """By content, never by name. Raises a refusal for anything else than a Word document or workbook without programs."""
    try:
        if media_type(body) == XLSX:
            return WORKBOOK_FILE
    except UnknownContent:
        raise NotADocument from None
    read_docx(body)
    return WORD_FILE


def _read(kept: uploads.Upload) -> Imported:
    body = kept.path.read_bytes()
    return read_xlsx(body) if kept.kind == WORKBOOK_FILE else read_docx(body)


def _kept(request: DeskRequest, token: str) -> uploads.Upload:
    """The file of this person that is a plan; another kind of import does not exist here."""
    require_somewhere(request.actor, Right.EDIT_PLANS)
    kept = uploads.find(token, owner=request.actor.ref)
    if kept.kind not in (WORD_FILE, WORKBOOK_FILE):
        raise NotFound
    return kept


@desk
def import_check(request: DeskRequest, plan_file: str) -> HttpResponse:
    """What the file became, with everything that a person should look at; nothing is stored yet."""
    kept = _kept(request, plan_file)
    return render(request, "console/plans/doc_check.html", _check_page(request, kept, _read(kept)))


def _check_page(
    request: DeskRequest, kept: uploads.Upload, found: Imported, error: Refusal | None = None
) -> dict[str, Any]:
    plan = _plan_of(request, kept.report.get("plan", ""))
    given = request.POST
    typed: dict[str, Any] = {
        "title": found.title,
        "kind": plan.kind if plan else "special",
        "protected_kind": "none",
    }
    if error is not None:
        typed = {
            **given.dict(),
            "event_types": given.getlist("event_types"),
            "hazards": given.getlist("hazards"),
        }
    return {
        "upload": kept,
        "plan": plan,
        "in_work": plan.versions.filter(state__in=("draft", "returned")).first() if plan else None,
        "found": found,
        "remarks": _remarks(found),
        "more_remarks": max(0, len(found.remarks) - SHOWN_REMARKS),
        "typed": typed,
        "error": error,
        "is_new": True,
        **planpage.content_view(found.content, planpage.names_in(found.content)),
        "targets": importable(request.actor, clocks.default_exercise_id()) if plan is None else [],
        "kinds": list(words.kind_words().items()),
        "types": incidentwords.type_choices(),
        "hazards": list(words.hazard_words().items()),
        "protected": list(words.protected_words().items()),
        "owners": planpage.owners_for(request.actor, Right.EDIT_PLANS),
        "read_at": request.now,
    }


def _remarks(found: Imported) -> list[tuple[str, str]]:
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return [(one.column, one.sentence(language)) for one in found.remarks[:SHOWN_REMARKS]]


@desk
@require_POST
def import_apply(request: DeskRequest, plan_file: str) -> HttpResponse:
    """Make the draft: of a new plan, or of the plan that was chosen. Sent twice, the second finds the file gone."""
    kept = _kept(request, plan_file)
    if request.POST.get("decision") == "drop":
        uploads.forget(kept)
        return redirect("console:plans")
    found = _read(kept)
    try:
        if not found.is_usable:
            raise PlanHasMistakes
        with transaction.atomic():
            version = _store(request, kept, found)
    except NotFound:
        raise
    except Refusal as refusal:
        page = _check_page(request, kept, found, refusal)
        return render(request, "console/plans/doc_check.html", page, status=refusal.status)
    uploads.forget(kept)
    messages.success(request, _("The file became version %(number)s, a draft.") % {"number": version.number})
    return redirect("console:plan_version", version.pk)


def _store(request: DeskRequest, kept: uploads.Upload, found: Imported) -> PlanVersion:
    plan = _plan_of(request, kept.report.get("plan", "") or request.POST.get("plan", ""))
    if plan is None:
        return _open(request, kept, found)
    at, by = clocks.now(plan.exercise_id), request.actor
    content = resolve(found.content, departments_for(plan.division))
    in_work = plan.versions.filter(state__in=("draft", "returned")).first()
    if in_work is not None and request.POST.get("replace") == "1":
        return services.save_draft(in_work, content=content, by=by, at=at)
    why = request.POST.get("why", "").strip()
    return services.draft_version(plan, content=content, why=why, by=by, at=at, source_name=kept.name)


def _open(request: DeskRequest, kept: uploads.Upload, found: Imported) -> PlanVersion:
    given, run = request.POST, clocks.default_exercise_id()
    place = access_division(request.actor, given.get("division", ""), need=Right.EDIT_PLANS)
    return services.open_plan(
        title=given.get("title", "").strip(),
        kind=given.get("kind", ""),
        division=place,
        event_types=given.getlist("event_types"),
        hazards=given.getlist("hazards"),
        content=resolve(found.content, departments_for(place)),
        by=request.actor,
        at=clocks.now(run),
        exercise_id=run,
        source_name=kept.name,
        protected_kind=given.get("protected_kind", ""),
        protected_words=given.get("protected_words", ""),
    )


# -- out ---------------------------------------------------------------------------------------------------------------


@desk
def word_file(request: DeskRequest, plan_version_id: uuid.UUID) -> HttpResponse:
    """A version as a Word file in the official layout."""
    version = access_version(request.actor, plan_version_id)
    plan = version.plan
    day = (version.decided_at or version.made_at).astimezone(SHANGHAI)
    body = write_docx(
        plan.title,
        read(version.content),
        number=f"{plan.number} {_('version %(number)s') % {'number': version.number}}",
        unit=plan.division.name,
        dated=f"{day.year}年{day.month}月{day.day}日",
        mark=DRILL_MARK if version.exercise_id is not None else "",
    )
    return _file(body, DOCX, _name(version, "docx"))


@desk
def workbook_file(request: DeskRequest, plan_version_id: uuid.UUID) -> HttpResponse:
    """A version as a workbook that can be changed and imported again."""
    version = access_version(request.actor, plan_version_id)
    return _file(write_xlsx(version.plan.title, read(version.content)), XLSX, _name(version, "xlsx"))


def _name(version: PlanVersion, ending: str) -> str:
    return f"{version.plan.title}-v{version.number}.{ending}"


def _file(body: bytes, media: str, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=media)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


# -- starter packs -----------------------------------------------------------------------------------------------------


@desk
def packs(request: DeskRequest) -> HttpResponse:
    """The templates that a county begins with."""
    require_somewhere(request.actor, Right.SEE)
    rows = [
        {
            "pack": one,
            "kind": words.kind_words().get(one.kind, one.kind),
            "levels": len(one.content.levels),
            "tasks": len(one.content.tasks),
            "sourced": sum(1 for task in one.content.tasks if task.source),
        }
        for one in starter_packs()
    ]
    table = field_command_table()
    page = {
        "rows": rows,
        "table": table,
        "groups": [(group, words.from_level_word(group.from_level)) for group in table.groups],
        "commanders": [(words.level_word(int(level)), who) for level, who in table.commander.items()],
        "may_write": request.actor.can_somewhere(Right.EDIT_PLANS),
        "read_at": request.now,
    }
    return render(request, "console/plans/doc_packs.html", page)


@desk
def pack(request: DeskRequest, starter_code: str) -> HttpResponse:
    """One template as a plan's page shows it, with the departments that this county has."""
    require_somewhere(request.actor, Right.SEE)
    try:
        row = starter_pack(starter_code)
    except KeyError:
        raise NotFound from None
    content = instantiate(row, _known_departments(request))
    page = {
        "pack": row,
        "unknown": sorted(named(content)),
        "may_write": request.actor.can_somewhere(Right.EDIT_PLANS),
        "read_at": request.now,
        **planpage.content_view(content, planpage.names_in(content)),
    }
    return render(request, "console/plans/doc_pack.html", page)


@desk
def pack_word(request: DeskRequest, starter_code: str) -> HttpResponse:
    """The template as a Word file, to be talked over on paper first."""
    require_somewhere(request.actor, Right.SEE)
    try:
        row = starter_pack(starter_code)
    except KeyError:
        raise NotFound from None
    return _file(write_docx(row.title, row.content), DOCX, f"{row.title}（模板）.docx")


def _known_departments(request: DeskRequest) -> dict[str, str]:
    from anlan.places.access import visible

    home = visible(request.actor).only("path").order_by("path").first()
    return departments_for(home) if home is not None else {}
