"""Checks before sending: what stops, what is shown, and that stopping is in code."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from anlan.journal.models import ExerciseRun
from anlan.warning.checks import Case, Severity, findings, stops
from anlan.warning.models import HazardWarning
from anlan.warning.refusals import CheckStops
from anlan.warning.services import draft_by_hand, resubmit, return_draft, sign_off, update_warning
from anlan.warning.tests.storm import ORANGE, RED, Storm
from anlan.warning.types import TextIn

NOW = datetime(2026, 7, 1, tzinfo=UTC)
GOOD = Case(
    kind="callout", hazard="山洪", level=1, issuer="云岭县防办", headline="上柳村山洪叫应", body="请立即转移。",
    recommended_action="向高处走。", voice_text="请立即转移。", places=1, at=NOW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code", "severity"),
    [
        ({"expires_at": NOW}, "expired", "stop"),
        ({"expires_at": NOW + timedelta(minutes=5)}, "short_validity", "warn"),
        ({"places": 0}, "no_audience", "stop"),
        ({"issuer": " "}, "no_issuer", "stop"),
        ({"may_issue": False}, "only_relay", "stop"),
        ({"body": ""}, "no_text", "stop"),
        ({"units": 135}, "too_long", "stop"),
        ({"is_drill": True}, "drill_mark_missing", "stop"),
        ({"body": "【演练】请转移。"}, "drill_mark_in_reality", "stop"),
        ({"headline": "山洪红色预警"}, "claims_to_be_a_warning", "stop"),
        ({"unreachable": ("上柳村",)}, "unreachable", "warn"),
        ({"spill_share": 0.3}, "spill_over", "warn"),
        ({"recommended_action": ""}, "no_advice", "warn"),
        ({"blocked": "签名未报备"}, "blocked_by_carrier", "warn"),
        ({"languages_missing": ("ii",)}, "language_missing", "warn"),
        ({"others_in_force": ("上柳村山洪",)}, "another_in_force", "warn"),
        ({"voice_text": ""}, "no_voice", "warn"),
        ({"queue_seconds": 400.0}, "queue_time", "note"),
        ({"has_area": False}, "no_area", "note"),
    ],
)
def test_each_thing_that_is_wrong_has_its_finding(
    change: dict[str, object], code: str, severity: str
) -> None:
    assert [one.code for one in findings(GOOD)] == ["segments"]
    found = findings(dataclasses.replace(GOOD, **change))  # type: ignore[arg-type]  # fields of the case
    hit = {one.code: one for one in found}[code]
    assert hit.severity == Severity(severity)
    assert "%(" not in hit.sentence()
    assert (code in {one.code for one in stops(dataclasses.replace(GOOD, **change))}) == (severity == "stop")  # type: ignore[arg-type]


def test_people_alone_are_an_audience() -> None:
    assert not stops(dataclasses.replace(GOOD, places=0, parties=3))


def test_what_the_checks_stop_is_not_submitted(storm: Storm) -> None:
    with pytest.raises(CheckStops):
        storm.drafted_by_chen(expires_at=storm.now)
    with pytest.raises(CheckStops):
        storm.drafted_by_chen(body="山洪红色预警，请转移。")
    assert not HazardWarning.objects.exists()


def test_a_draft_that_ran_out_while_it_waited_cannot_be_signed_but_can_be_mended(storm: Storm) -> None:
    draft = storm.drafted_by_chen(expires_at=storm.now + timedelta(minutes=10))
    storm.county.clock.advance(minutes=11)
    feng, wang = storm.county.actor("Feng"), storm.county.actor("Wang")
    with pytest.raises(CheckStops):
        sign_off(draft, by=feng, at=storm.now)
    draft.refresh_from_db()
    assert draft.state == "draft"
    return_draft(draft, reason="有效期已过", by=feng, at=storm.now)
    resubmit(draft, by=storm.county.actor("Chen"), at=storm.now, expires_at=storm.now + timedelta(hours=3))
    assert sign_off(draft, by=wang, at=storm.now).state == "issued"


def test_every_text_of_an_exercise_says_so_and_nothing_else_changes(storm: Storm) -> None:
    run = ExerciseRun.objects.create(scenario="t", clock_start=storm.now, wall_start=storm.now)
    texts = [
        TextIn("en", body="Leave at once.", voice_text="Leave at once."),
        TextIn("zh", "public", body="请离开。", plain_text="请离开。"),
    ]
    drill = storm.drafted_by_chen(
        RED, exercise_id=run.pk, body="请立即转移到小学。", voice_text="请立即转移。", texts=texts
    )
    assert drill.body == "【演练】请立即转移到小学。"
    assert drill.voice_text.startswith("演练，演练。")
    for row in drill.texts.all():
        assert all("演练" in text for text in (row.body, row.voice_text, row.plain_text) if text)
    real = storm.drafted_by_chen(RED, body="请立即转移到小学。", texts=texts)
    assert real.body == "请立即转移到小学。"
    assert (drill.level, drill.stage, drill.issuer, drill.headline) == (
        real.level, real.stage, real.issuer, real.headline,
    )  # fmt: skip
    assert sign_off(drill, by=storm.county.actor("Feng"), at=storm.now).state == "issued"


def test_an_update_passes_the_same_checks(storm: Storm) -> None:
    issued = sign_off(storm.drafted_by_chen(ORANGE), by=storm.county.actor("Wang"), at=storm.now)
    with pytest.raises(CheckStops):
        update_warning(issued, body="红色预警", by=storm.county.actor("Chen"), at=storm.now)
    with pytest.raises(CheckStops):
        draft_by_hand(
            hazard_type="flash_flood",
            level=RED,
            villages=[storm.county.divisions["Upper Willow"].code],
            headline="红色预警",
            by=storm.county.actor("Chen"),
            at=storm.now,
        )
