from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from anlan.project.parent import HEALTHY_AFTER_S, PAUSES_S, AlreadyRunning, Child, wait_for_orphans
from anlan.project.runtime import mark_start, read_state, starts, write_state


def a_child(command: str) -> Child:
    return Child("worker", [sys.executable, "-c", command])


def test_a_child_that_dies_is_started_again_at_once_and_the_next_one_is_told_who_died() -> None:
    child = a_child("raise SystemExit(9)")
    child.start()
    first = child.owner
    assert child.process is not None
    child.process.wait()
    assert child.look_after(now=child.started_at + 1)
    assert child.dead_owners == [first]
    assert child.look_after(now=child.started_at + 1)
    assert child.process is not None
    assert child.owner != first
    child.process.kill()
    child.process.wait()


def test_a_child_that_dies_again_and_again_is_given_a_growing_pause() -> None:
    child = a_child("raise SystemExit(9)")
    pauses = []
    for _ in range(6):
        child.start()
        assert child.process is not None
        child.process.wait()
        child.look_after(now=child.started_at + 1)
        pauses.append(child.restart_at - (child.started_at + 1))
    assert pauses[0] == 0
    assert pauses == sorted(pauses)
    assert pauses[-1] == PAUSES_S[-1]


def test_a_child_that_lived_long_is_not_punished_for_old_deaths() -> None:
    child = a_child("raise SystemExit(9)")
    child.deaths = 4
    child.start()
    assert child.process is not None
    child.process.wait()
    child.look_after(now=child.started_at + HEALTHY_AFTER_S + 1)
    assert child.deaths == 0


def test_state_files_are_replaced_whole_and_missing_ones_are_empty(tmp_path: Path) -> None:
    assert read_state(tmp_path, "parent") == {}
    write_state(tmp_path, "parent", {"pid": 1})
    write_state(tmp_path, "parent", {"pid": 2})
    assert read_state(tmp_path, "parent") == {"pid": 2}
    assert not list((tmp_path / "run").glob("*.tmp"))


def test_starts_of_workers_are_kept_in_order(tmp_path: Path) -> None:
    assert starts(tmp_path) == []
    mark_start(tmp_path, "worker-1")
    mark_start(tmp_path, "worker-2")
    assert len(starts(tmp_path)) == 2


def started(*arguments: str) -> subprocess.Popen[bytes]:
    """A process whose command line can be read: right after its start the system shows none."""
    process = subprocess.Popen([sys.executable, "-c", *arguments])
    limit = time.monotonic() + 10
    while not Path(f"/proc/{process.pid}/cmdline").read_bytes() and time.monotonic() < limit:
        pass
    return process


def test_a_start_after_a_kill_waits_until_the_children_of_the_killed_parent_are_gone(tmp_path: Path) -> None:
    leaving = started("import time; time.sleep(0.3)", "anlan.project.web")
    staying = started("import time; time.sleep(60)", "anlan.gateway")
    threading.Thread(target=leaving.wait, daemon=True).start()
    write_state(tmp_path, "parent", {"pid": 0, "children": {"web": leaving.pid, "gateway": staying.pid}})
    assert set(wait_for_orphans(tmp_path, seconds=0.6)) == {leaving.pid, staying.pid}
    assert leaving.poll() == 0
    assert staying.wait(timeout=10) == -signal.SIGKILL


def test_a_number_that_belongs_to_somebody_else_now_is_left_alone(tmp_path: Path) -> None:
    somebody = started("import time; time.sleep(60)")
    write_state(tmp_path, "parent", {"pid": 0, "children": {"web": somebody.pid}})
    assert wait_for_orphans(tmp_path, seconds=0.1) == []
    assert somebody.poll() is None
    somebody.kill()
    somebody.wait()


def test_a_second_start_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = started("import time; time.sleep(60)", "anlan", "serve")
    write_state(tmp_path, "parent", {"pid": first.pid, "children": {}})
    with pytest.raises(AlreadyRunning):
        wait_for_orphans(tmp_path, seconds=0.1)
    first.kill()
    first.wait()
