"""Make a case file (案卷) of an incident and keep it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.review.casefile.building import Built, build
from anlan.review.casefile.parts import makers
from anlan.review.casefile.state import CaseState, read_state
from anlan.review.models import CaseFile


def make_case_file(incident: Incident, *, by: Actor, by_name: str, at: datetime) -> CaseFile:
    """Called outside a transaction, since writing may take a while; only the row is stored in one.

    1. What is made on first use (Word, PDF) is made. 2. The journal is sealed and read up to there. 3. The archive is written.
    A crash in between leaves a file that nobody names, never a row without its file. Who may is asked by the caller
    (`casefile.access`), since the command line makes them as well.
    """
    for maker in makers():
        if maker.prepare is not None:
            maker.prepare(incident, at)
    state = read_state(incident)
    built = build(state)
    with transaction.atomic():
        return _kept(incident, state, built, by=by, by_name=by_name, at=at)


def _kept(
    incident: Incident, state: CaseState, built: Built, *, by: Actor, by_name: str, at: datetime
) -> CaseFile:
    row = CaseFile(
        incident=incident,
        sha256=built.sha256,
        bytes=built.bytes,
        files=built.files,
        head_seq=state.head.seq,
        head_hash=state.head.hash,
        made_at=at,
        made_by_name=by_name[:60],
        exercise_id=incident.exercise_id,
    )
    return row.record(by=by, at=at, kind="made", cause=f"incident:{incident.pk}")
