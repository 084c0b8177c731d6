"""Ladders are data with a source; a wrong one never starts."""

from __future__ import annotations

import json

import pytest

from anlan.dissemination.ladders import DEFAULT, ladder_named, parse, presets
from anlan.dissemination.refusals import BadLadder, UnknownLadder

GOOD = {
    "name": "x",
    "zh": "x",
    "en": "x",
    "source": "x",
    "verified": False,
    "is_assumption": True,
    "rungs": [{"to": "A", "channels": ["sms"], "wait_s": 60}],
    "escalate_to": "county_duty",
}


def test_the_default_ladder_is_marked_as_an_assumption() -> None:
    default = ladder_named("")
    assert default.name == DEFAULT
    assert default.is_assumption
    assert not default.verified


def test_the_default_ladder_goes_through_the_deputy_and_the_township_duty_phone() -> None:
    assert [rung.to for rung in ladder_named(DEFAULT).rungs] == ["A", "A", "B", "township_duty"]


@pytest.mark.parametrize(
    ("name", "waits", "is_verified"),
    [
        ("r30_135_minutes", [60, 180, 300], False),
        ("r30_135_tiers", [60, 180, 300], False),
        ("changzhi_5min", [180, 120, 300], True),
        ("mianxian_3min", [180, 100, 100, 100], True),
    ],
)
def test_each_preset_of_r30_waits_as_its_source_says(name: str, waits: list[int], is_verified: bool) -> None:
    preset = ladder_named(name)
    assert [rung.wait_s for rung in preset.expanded().rungs] == waits
    assert preset.verified is is_verified
    assert preset.is_assumption is not is_verified
    assert "R30" in preset.source


def test_a_running_call_out_can_read_its_own_copy() -> None:
    from anlan.dissemination.ladders import from_copy

    for preset in presets().values():
        assert from_copy(json.loads(json.dumps(preset.as_copy()))) == preset.expanded()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rungs": [{"to": "mayor", "channels": ["sms"], "wait_s": 60}]}, "mayor"),
        ({"rungs": [{"to": "A", "channels": ["pigeon"], "wait_s": 60}]}, "pigeon"),
        ({"rungs": [{"to": "A", "channels": [], "wait_s": 60}]}, "channel"),
        ({"rungs": [{"to": "A", "channels": ["sms"], "wait_s": 0}]}, "second"),
        ({"rungs": []}, "no rung"),
        ({"escalate_to": "nobody"}, "nobody"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_ladder_that_cannot_be_used_is_refused_by_name(change: dict[str, object], named: str) -> None:
    with pytest.raises(BadLadder) as refusal:
        parse(json.dumps(GOOD | change).encode())
    assert named in refusal.value.sentence()


def test_an_unknown_ladder_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownLadder) as refusal:
        ladder_named("nope")
    assert DEFAULT in str(refusal.value)
