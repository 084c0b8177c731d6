"""The import's entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from anlan.directory.contact_list.lines import check_lines, line_of
from anlan.directory.contact_list.plan import Plan
from anlan.documents.imports import ImportReport
from anlan.documents.workbook import SheetRow
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.posts import Right


def apply_contacts(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Bring the directory in line with the rows (see the package); a dry run writes nothing."""
    places = Division.objects.defer("geometry")
    divisions = {place.code: place for place in places if by.can(Right.EDIT_DIRECTORY, place.path)}
    lines, problems = check_lines([line_of(row) for row in rows], divisions, by)
    plan = Plan(lines, divisions, by=by, at=at)
    if not dry_run:
        with transaction.atomic(savepoint=False):
            plan.carry_out()
    outcomes = list(plan.outcome.values())
    return ImportReport(
        created=outcomes.count("created"),
        changed=outcomes.count("changed"),
        unchanged=outcomes.count("unchanged"),
        problems=problems,
    )
