"""A clock that stands until a file steps it: nobody who waits is overtaken, and the one who steps can tell when all is quiet."""

import asyncio
import json
from pathlib import Path

from simulator.phones.callback import Callback
from simulator.storm.clock import FollowedClock


def tell(path: Path, step: int, now: float) -> None:
    """Step the clock as a drill does."""
    path.write_text(json.dumps({"step": step, "now": now}))


def test_it_stands_until_it_is_told_and_never_goes_back(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    clock = FollowedClock(1000.0, path)
    clock.look()
    assert clock.now_s() == 1000.0
    tell(path, 1, 1060.0)
    clock.look()
    assert (clock.now_s(), clock.step) == (1060.0, 1)
    tell(path, 2, 1030.0)
    clock.look()
    assert (clock.now_s(), clock.step) == (1060.0, 2)


def test_whoever_waits_goes_on_at_the_step_that_brings_the_moment(tmp_path: Path) -> None:
    async def run() -> list[str]:
        path = tmp_path / "clock.json"
        clock, seen = FollowedClock(0.0, path), list[str]()

        async def wait(name: str, moment: float) -> None:
            await clock.wait_until(moment)
            seen.append(name)

        waits = [asyncio.create_task(wait("late", 90.0)), asyncio.create_task(wait("early", 30.0))]
        await asyncio.sleep(0)
        assert clock.is_quiet, "both moments are still to come"
        for step, now in ((1, 30.0), (2, 89.0), (3, 90.0)):
            tell(path, step, now)
            clock.look()
            assert clock.is_quiet is (now == 89.0), "somebody's moment has come and he has not gone on yet"
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            seen.append(f"step {step}")
        await asyncio.gather(*waits)
        assert clock.is_quiet
        return seen

    assert asyncio.run(run()) == ["early", "step 1", "step 2", "late", "step 3"]


def test_an_answer_of_a_phone_is_overdue_only_after_its_step(tmp_path: Path) -> None:
    async def run() -> list[int]:
        path = tmp_path / "clock.json"
        clock = FollowedClock(0.0, path)
        callback = Callback("http://127.0.0.1:9/none", "t", clock)
        callback.add(45.0, {"type": "reply"})
        before = callback.overdue
        waiting = asyncio.create_task(clock.wait_or(asyncio.Event(), 45.0))
        await asyncio.sleep(0)
        assert not waiting.done()
        tell(path, 1, 60.0)
        clock.look()
        await asyncio.wait_for(waiting, 5)
        return [before, callback.overdue]

    assert asyncio.run(run()) == [0, 1]
