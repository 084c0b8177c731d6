"""Draft, change, sign, publish and withdraw a bulletin of scores (通报, D-08)."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from anlan.assessment.models import BulletinState, ScoreBulletin
from anlan.assessment.periods import Period, parse_period
from anlan.assessment.queries import scores_of
from anlan.assessment.refusals import (
    BadPeriod,
    BulletinFixed,
    NoSuchDeduction,
    NoText,
    PeriodNotOver,
    WhyNeeded,
)
from anlan.assessment.types import PlaceScore, Scores, plain
from anlan.assessment.wording import draft_text
from anlan.incidents.numbering import next_number
from anlan.kernel.actor import Actor
from anlan.places.models import Division

_FORM = "信息报送通报〔{year}〕{serial}号"


def draft_bulletin(
    period: Period, *, division: Division, by: Actor, at: datetime, exercise_id: uuid.UUID | None = None
) -> ScoreBulletin:
    """Fix the scores of a period that is over, with a text to start from. Raises `PeriodNotOver`."""
    if period.end > at:
        raise PeriodNotOver
    scores = scores_of(period, at=at, exercise_id=exercise_id)
    return ScoreBulletin(
        state=BulletinState.DRAFT,
        number=next_number("score_bulletin", at, form=_FORM),
        title=f"关于{period.zh}突发事件信息报送情况的通报",
        division=division,
        period=period.code,
        period_from=period.start,
        period_to=period.end,
        rule_version=scores.rule_version,
        rules_verified=scores.is_verified,
        lines=[plain_line(one) for one in scores.places],
        text=draft_text(scores),
        drafted_at=at,
        drafted_by=by.ref,
        drafted_by_person_id=by.person_id,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="drafted")


def edit_bulletin(
    bulletin: ScoreBulletin, *, title: str, text: str, by: Actor, at: datetime
) -> ScoreBulletin:
    """Other words; the figures stay those of the records."""
    _must_be_draft(bulletin)
    if not title.strip() or not text.strip():
        raise NoText
    wanted = (title.strip()[:120], text.strip())
    if wanted == (bulletin.title, bulletin.text):
        return bulletin
    return bulletin.change(by=by, at=at, kind="edited", title=wanted[0], text=wanted[1])


def strike_deduction(
    bulletin: ScoreBulletin, *, place: str, key: str, reason: str, by: Actor, at: datetime
) -> ScoreBulletin:
    """A deduction does not count, and why (a place was cut off, an order came late); the bulletin is worked out again."""
    _must_be_draft(bulletin)
    if not reason.strip():
        raise WhyNeeded
    line = next((one for one in bulletin.lines if one["code"] == place), None)
    if line is None or not any(f"{one['rule']}/{one['subject']}" == key for one in line["deductions"]):
        raise NoSuchDeduction
    struck = bulletin.struck | {f"{place}/{key}": reason.strip()[:200]}
    return _again(bulletin, struck, kind="struck", by=by, at=at)


def restore_deduction(
    bulletin: ScoreBulletin, *, place: str, key: str, by: Actor, at: datetime
) -> ScoreBulletin:
    """It counts after all."""
    _must_be_draft(bulletin)
    struck = {name: why for name, why in bulletin.struck.items() if name != f"{place}/{key}"}
    if struck == bulletin.struck:
        raise NoSuchDeduction
    return _again(bulletin, struck, kind="restored", by=by, at=at)


def sign_bulletin(bulletin: ScoreBulletin, *, name: str, by: Actor, at: datetime) -> ScoreBulletin:
    """A leader signs; from now on nothing in it changes."""
    return bulletin.advance("signed", by=by, at=at, signed_at=at, signed_by=by.ref, signed_name=name[:60])


def return_bulletin(bulletin: ScoreBulletin, *, by: Actor, at: datetime) -> ScoreBulletin:
    """Signed too soon, and not yet published: back to the drafter."""
    return bulletin.advance("draft", by=by, at=at, signed_at=None, signed_by="", signed_name="")


def publish_bulletin(bulletin: ScoreBulletin, *, by: Actor, at: datetime) -> ScoreBulletin:
    """Every township and department may read it."""
    return bulletin.advance("published", by=by, at=at, published_at=at, published_by=by.ref)


def withdraw_bulletin(bulletin: ScoreBulletin, *, reason: str, by: Actor, at: datetime) -> ScoreBulletin:
    if not reason.strip():
        raise WhyNeeded
    return bulletin.advance("withdrawn", by=by, at=at, withdrawn_why=reason.strip()[:300])


def plain_line(line: PlaceScore) -> dict[str, Any]:
    """A line as JSON; marks as text, times as ISO."""
    return {
        "code": line.code,
        "name": line.name,
        "level": line.level,
        "timeliness": plain(line.timeliness),
        "completeness": plain(line.completeness),
        "accuracy": plain(line.accuracy),
        "total": plain(line.total),
        "asked": line.asked,
        "rank": line.rank,
        "deductions": [
            asdict(one) | {"at": one.at.isoformat(), "points": plain(one.points)} for one in line.deductions
        ],
    }


def _again(
    bulletin: ScoreBulletin, struck: dict[str, str], *, kind: str, by: Actor, at: datetime
) -> ScoreBulletin:
    period = parse_period(bulletin.period)
    if period is None:
        raise BadPeriod(given=bulletin.period)
    scores: Scores = scores_of(period, at=at, exercise_id=bulletin.exercise_id, struck=struck)
    lines = [plain_line(one) for one in scores.places]
    return bulletin.change(
        by=by,
        at=at,
        kind=kind,
        struck=struck,
        lines=lines,
        text=draft_text(scores),
        rule_version=scores.rule_version,
    )


def _must_be_draft(bulletin: ScoreBulletin) -> None:
    if bulletin.state != BulletinState.DRAFT:
        raise BulletinFixed
