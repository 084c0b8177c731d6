"""The scorecard of one drill, from its journal."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime

import msgspec

from anlan.drills import scoring
from anlan.drills.models import Drill, DrillMark, Inject
from anlan.drills.refusals import NotRunning
from anlan.drills.script import Expect
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor


def scorecard(drill: Drill) -> scoring.Scorecard:
    """As the journal stands now; while the drill runs, steps whose limit has not passed are open."""
    if drill.run is None:
        raise NotRunning
    given = [_given(inject) for inject in drill.injects.order_by("position")]
    wanted = {expect.entry for one in given for expect in one.expects}
    return scoring.judge(given, _entries(drill, wanted), ended_at=clocks.run_time(drill.run))


def _given(inject: Inject) -> scoring.Given:
    expects = msgspec.convert(inject.expects, tuple[Expect, ...])
    return scoring.Given(inject.key, inject.title, inject.given_at, expects)


def _entries(drill: Drill, kinds: set[str]) -> list[scoring.Happened]:
    rows = Entry.objects.filter(exercise_id=drill.run_id, kind__in=kinds).order_by("at", "id")
    found = rows.values_list("kind", "at", "payload", "subject_type", "subject_id")
    return [
        scoring.Happened(kind, at, _set_by(payload), f"{subject}:{key}")
        for kind, at, payload, subject, key in found
    ]


def _set_by(payload: str) -> dict[str, object]:
    body = json.loads(payload) if payload else {}
    found = body.get("set", body)
    return found if isinstance(found, dict) else {}


def score(drill: Drill, *, by: Actor, at: datetime) -> Drill:
    """Keep the scorecard as it stands with the drill."""
    card = scorecard(drill)
    kept = {
        "score": card.score,
        "counts": dict(card.counts),
        "steps": [json.loads(msgspec.json.encode(dataclasses.asdict(step))) for step in card.steps],
    }
    return drill.change(by=by, at=at, kind="scored", scorecard=kept)


def mark_step(
    drill: Drill, *, step: str, verdict: str, words: str, by: Actor, by_name: str, at: datetime
) -> DrillMark:
    """What an observer saw; it stands beside what the journal says and changes nothing of it."""
    mark = DrillMark(
        drill=drill,
        step=step[:80],
        verdict=verdict,
        words=words.strip(),
        by_name=by_name,
        made_at=at,
    )
    return mark.record(by=by, at=at, kind="made")
