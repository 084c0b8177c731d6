"""A call-out over two gateways while every process is killed in turn, one gateway is dead for a while, and the wall clock jumps by
five minutes both ways. 20 % never answer on the first channel, 5 % on none. Only the results are looked at."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.project.benching.callout import is_correct, survival

pytestmark = pytest.mark.drill

VILLAGES = 40


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return survival(VILLAGES, wait_s=4)


def test_every_seat_ends_with_an_answer_or_with_a_named_person(found: dict[str, Any]) -> None:
    assert found["settled"], found["seats"]
    assert sum(found["seats"].values()) == VILLAGES
    assert found["silent_without_an_owner"] == 0
    assert found["closed_silently"] == 0


def test_what_is_shown_as_sent_reached_a_gateway(found: dict[str, Any]) -> None:
    assert found["missing"] == []
    assert found["strangers"] == 0
    assert found["rung_though_cancelled"] == []


def test_nothing_rang_twice_without_being_shown_as_possibly_twice(found: dict[str, Any]) -> None:
    assert found["repeated_unmarked"] == []
    assert found["shown_as_uncertain"] >= found["repeated"]


def test_the_kills_hit_something(found: dict[str, Any]) -> None:
    assert found["cut_off"] > 0, "no attempt was ever cut off: the drill proves nothing"


def test_the_all_clear_went_to_exactly_those_who_were_told(found: dict[str, Any]) -> None:
    assert found["all_clear_missing"] == []
    assert found["all_clear_to_others"] == []
    assert found["told"] + found["all_clear_in_doubt"] == found["all_clear"] > 0


def test_the_journal_holds(found: dict[str, Any]) -> None:
    assert found["journal_problems"] == []
    assert is_correct(found)
