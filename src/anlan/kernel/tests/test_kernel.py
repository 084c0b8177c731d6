from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from anlan.kernel import bell, canonical
from anlan.kernel.clock import ManualClock, ScaledClock, parse_instant
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import BadSetting
from anlan.kernel.registry import Registry


def test_an_id_is_version_seven_and_carries_its_millisecond() -> None:
    before = int(datetime.now(UTC).timestamp() * 1000)
    made = uuid7()
    after = int(datetime.now(UTC).timestamp() * 1000)
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= after


def test_ten_thousand_ids_of_one_moment_are_all_different() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000


def test_the_same_meaning_has_the_same_digest_whatever_the_order_or_zone() -> None:
    utc = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
    local = utc.astimezone(timezone(timedelta(hours=8)))
    assert canonical.digest({"b": 1, "a": utc}) == canonical.digest({"a": local, "b": 1})
    assert canonical.digest({"a": 1}) != canonical.digest({"a": 2})


def test_a_number_that_is_not_a_number_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical.dumps({"value": float("nan")})


def test_a_time_without_a_zone_is_refused_not_guessed() -> None:
    with pytest.raises(ValueError, match="zone"):
        parse_instant("2026-07-01T08:00:00")
    with pytest.raises(ValueError, match="zone"):
        ManualClock(datetime(2026, 7, 1))  # noqa: DTZ001 - the point of the test


def test_an_exercise_clock_runs_at_its_speed_from_its_own_start() -> None:
    start = datetime(2026, 7, 1, tzinfo=UTC)
    clock = ScaledClock(clock_start=start, wall_start=datetime.now(UTC) - timedelta(seconds=10), speed=60)
    assert timedelta(minutes=9.9) < clock.now() - start < timedelta(minutes=11)


def test_an_exercise_clock_stands_still_until_it_is_let_go() -> None:
    start = datetime(2026, 7, 1, tzinfo=UTC)
    clock = ScaledClock(clock_start=start, wall_start=datetime.now(UTC) + timedelta(hours=1), speed=60)
    assert clock.now() == start


def test_a_ring_wakes_the_listener_and_many_rings_count_once(tmp_path: Path) -> None:
    path = tmp_path / "worker.sock"
    bell.ring(path)  # nobody listens yet: fine
    listener = bell.Bell(path)
    assert not listener.wait(0)
    bell.ring(path)
    bell.ring(path)
    assert listener.wait(1)
    assert not listener.wait(0)
    listener.close()


def test_a_listener_in_a_deep_folder_still_hears(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 120) / "worker.sock"
    listener = bell.Bell(path)
    bell.ring(path)
    assert listener.wait(1)
    listener.close()


def test_a_registry_refuses_a_second_or_unfinished_member() -> None:
    registry: Registry[object] = Registry("driver", needs=("decode",))
    with pytest.raises(ValueError, match="lacks decode"):
        registry.add("sl651", object())
    whole = type("Driver", (), {"decode": 1})()
    registry.add("sl651", whole)
    with pytest.raises(ValueError, match="two drivers"):
        registry.add("sl651", whole)


def test_a_refusal_speaks_one_sentence_with_the_next_step() -> None:
    refusal = BadSetting(name="ANLAN_PORT", why="'abc' is not a number", example="8651")
    assert str(refusal) == "ANLAN_PORT is not usable: 'abc' is not a number. Set it to something like 8651."


def test_ids_of_one_process_only_grow() -> None:
    made = [uuid7() for _ in range(5_000)]
    assert made == sorted(made)
