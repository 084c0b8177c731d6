"""Workbooks in: choose a kind, take its template, upload, see what would happen, then import all rows or the good ones."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import uploads
from anlan.console.refusals import NoWorkbook, WorkbookTooLarge
from anlan.console.views.base import DeskRequest, desk
from anlan.documents.imports import (
    ImportKind,
    ImportReport,
    import_kind,
    import_kinds,
    run_import,
    write_kind_template,
)
from anlan.documents.workbook import MAX_FILE_BYTES
from anlan.journal.services import note
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right

SHOWN_PROBLEMS = 300
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@desk
def imports(request: DeskRequest) -> HttpResponse:
    """Every kind of workbook that the actor may import, with its template."""
    require_somewhere(request.actor, Right.EDIT_DIRECTORY)
    kinds = [_face(kind) for kind in import_kinds() if request.actor.can_somewhere(kind.need)]
    return render(request, "console/imports/imports.html", {"kinds": kinds})


@desk
def import_template(request: DeskRequest, kind_name: str) -> HttpResponse:
    """The empty workbook of one kind, with examples and what each column takes."""
    kind = _kind(request, kind_name)
    file = io.BytesIO()
    write_kind_template(kind, file)
    response = HttpResponse(file.getvalue(), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="anlan-{kind.name}.xlsx"'
    return response


@desk
@require_POST
def upload(request: DeskRequest, kind_name: str) -> HttpResponse:
    """Keep the file, try every row without writing, and show the result."""
    kind = _kind(request, kind_name)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        raise NoWorkbook
    if file.size > MAX_FILE_BYTES:
        raise WorkbookTooLarge(limit_mb=MAX_FILE_BYTES // 2**20)
    kept = uploads.keep(file, kind=kind.name, owner=request.actor.ref)
    with transaction.atomic():
        report = run_import(kind, kept.path, by=request.actor, at=request.now, dry_run=True)
    kept.report = report.to_json()
    uploads.remember(kept)
    return redirect("console:import_check", kept.token)


@desk
def import_check(request: DeskRequest, token: str) -> HttpResponse:
    """What the dry run said; nothing is stored yet."""
    kept = uploads.find(token, owner=request.actor.ref)
    kind = _kind(request, kept.kind)
    return render(request, "console/imports/check.html", {"upload": kept, **_result(kind, kept.report)})


@desk
@require_POST
def import_apply(request: DeskRequest, token: str) -> HttpResponse:
    """Store all rows, or the good ones if the person chose so. The file is gone afterwards."""
    kept = uploads.find(token, owner=request.actor.ref)
    kind = _kind(request, kept.kind)
    if request.POST.get("decision") == "drop":
        uploads.forget(kept)
        return redirect("console:imports")
    skip_bad = request.POST.get("decision") == "good"
    with transaction.atomic():
        report = run_import(kind, kept.path, by=request.actor, at=request.now, skip_bad=skip_bad)
        if report.stored:
            _journal(request, kept, report)
    if not report.stored:
        # Somebody changed the county between dry run and decision: show what is wrong now.
        kept.report = report.to_json()
        uploads.remember(kept)
        return redirect("console:import_check", token)
    uploads.forget(kept)
    messages.success(request, _sentence(report))
    return render(request, "console/imports/done.html", {"upload": kept, **_result(kind, report.to_json())})


def _kind(request: DeskRequest, name: str) -> ImportKind:
    try:
        kind = import_kind(name)
    except KeyError:
        raise NotFound from None
    require_somewhere(request.actor, kind.need)
    return kind


def _face(kind: ImportKind) -> dict[str, Any]:
    required = [column.header for column in kind.columns if column.required]
    return {"name": kind.name, "title": kind.title, "required": required, "notes": kind.notes}


def _result(kind: ImportKind, report: dict[str, Any]) -> dict[str, Any]:
    problems = report.get("problems", [])
    language = "en" if (get_language() or "").startswith("en") else "zh"
    shown = [{**problem, "sentence": problem[language]} for problem in problems[:SHOWN_PROBLEMS]]
    good = report["created"] + report["changed"] + report["unchanged"]
    bad_rows = {problem["row"] for problem in problems}
    # Row 0 is the file and row 1 its header: then no row can be imported.
    return {
        "kind": _face(kind),
        "report": report,
        "problems": shown,
        "more_problems": len(problems) - len(shown),
        "bad_rows": len(bad_rows - {0, 1}),
        "good_rows": good,
    }


def _journal(request: DeskRequest, kept: uploads.Upload, report: ImportReport) -> None:
    note(
        kind="import.done",
        subject=("import", kept.token[:16]),
        payload={
            "workbook": kept.kind,
            "file": kept.name,
            "sha256": kept.sha256,
            "created": report.created,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "left_out": len({problem.row for problem in report.problems}),
        },
        by=request.actor,
        at=request.now,
        path=request.actor.where(import_kind(kept.kind).need)[0],
    )


def _sentence(report: ImportReport) -> str:
    words = [
        _("%(created)s new, %(changed)s changed, %(unchanged)s unchanged.")
        % {"created": report.created, "changed": report.changed, "unchanged": report.unchanged}
    ]
    left_out = len({problem.row for problem in report.problems})
    if left_out:
        words.append(
            ngettext("%(number)s row was left out.", "%(number)s rows were left out.", left_out)
            % {"number": left_out}
        )
    return " ".join(words)
