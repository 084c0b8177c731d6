"""Exact shares of people who are deaf to calls and of villages that never answer."""

from simulator.county.build import build_county
from simulator.phones.behaviour import react
from simulator.phones.shares import mute_villages, with_shares


def test_one_village_in_twenty_never_answers_and_one_phone_in_five_answers_texts_only() -> None:
    world = build_county(3).world()
    changed = with_shares(world, deaf=0.2, mute=0.05, seed=3)
    villagers = [one for one in changed.people if one.habit != "reliable"]
    villages = {one.division for one in villagers}
    silent = {one.division for one in villagers if one.habit == "never"}
    assert len(silent) == round(0.05 * len(villages))
    assert mute_villages(world, mute=0.05, seed=3) == sorted(silent)
    others = [one for one in villagers if one.division not in silent]
    assert sum(one.habit == "deaf_to_calls" for one in others) == round(0.2 * len(others))
    assert [one.phone for one in changed.people] == [one.phone for one in world.people]


def test_who_is_deaf_to_calls_never_picks_up_and_answers_the_text() -> None:
    told = {"phone": "10000000001", "nth": 1, "key": "1", "seed": 1}
    assert [act.status for act in react("deaf_to_calls", kind="voice", **told)] == ["no_answer"]  # type: ignore[arg-type]
    assert react("deaf_to_calls", kind="sms", **told)[-1].type == "reply"  # type: ignore[arg-type]
