"""The reader of settled days is a child: started by the first question, bounded, and replaced when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from anlan.sensing.history import client as client_module
from anlan.sensing.history import reader as reader_module
from anlan.sensing.history.client import ReaderClient
from anlan.sensing.history.queries import History
from anlan.sensing.history.tests.world import DAY, RAIN, House, every
from anlan.sensing.history.types import HistoryTooSlow, HistoryUnavailable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[ReaderClient]:
    """A client whose child is killed at the end."""
    before = list(client_module._children)
    yield ReaderClient(tmp_path)
    for child in client_module._children:
        if child not in before:
            child.kill()
            child.wait()


def settled(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.tell(*every(5, range(40)))
    house.settle()
    return house


def test_a_question_about_hot_days_starts_no_child(tmp_path: Path, client: ReaderClient) -> None:
    house = House(tmp_path)
    house.tell(*every(5, [1, 2, 3]))
    points = History(tmp_path, client=client).series(*RAIN, DAY, DAY + timedelta(days=1))
    assert len(points) == 3
    assert not client.is_running()


def test_a_reader_that_was_killed_is_replaced_by_the_next_question(
    tmp_path: Path, client: ReaderClient
) -> None:
    history = History(tmp_path, client=client)
    settled(tmp_path)
    for _ in range(2):
        assert len(history.series(*RAIN, DAY, DAY + timedelta(days=1))) == 40
        child = client_module._children[-1]
        os.kill(child.pid, signal.SIGKILL)
        child.wait()


def test_two_readers_never_serve_one_folder(tmp_path: Path, client: ReaderClient) -> None:
    client.ask("ping")
    command = [sys.executable, "-m", "anlan.sensing.history.reader", "--data", str(tmp_path)]
    assert subprocess.run(command, timeout=20, check=False).returncode == 0
    assert client.is_running()


def test_an_idle_reader_leaves(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "anlan.sensing.history.reader",
        "--data",
        str(tmp_path),
        "--idle-s",
        "0.2",
    ]
    began = time.monotonic()
    assert subprocess.run(command, timeout=20, check=False).returncode == 0
    assert time.monotonic() - began < 15


def test_a_question_that_takes_too_long_is_stopped_with_a_plain_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = settled(tmp_path)
    monkeypatch.setattr(reader_module, "TIMEOUT_S", 0.05)

    def endless(cursor: object, **_given: object) -> dict[str, bytes]:
        cursor.execute("SELECT count(*) FROM range(10000000000) a, range(1000) b")  # type: ignore[attr-defined]
        return {}

    house.client._reader._verbs["rows"] = endless
    with pytest.raises(HistoryTooSlow, match="stopped"):
        house.seen(RAIN)


@pytest.mark.parametrize("name", ["/etc/passwd", "hot/streams.db", "history/../hot/streams.db"])
def test_only_files_of_the_history_are_read(tmp_path: Path, name: str) -> None:
    house = settled(tmp_path)
    with pytest.raises(HistoryUnavailable, match="the question failed"):
        house.client.ask("rows", files=[str(tmp_path / name)], streams=[1], low=0, high=1)


def test_a_missing_file_is_said_without_its_path(tmp_path: Path) -> None:
    house = settled(tmp_path)
    next((tmp_path / "history").rglob("obs.parquet")).unlink()
    with pytest.raises(HistoryUnavailable) as refusal:
        house.seen(RAIN)
    assert str(tmp_path) not in str(refusal.value)
