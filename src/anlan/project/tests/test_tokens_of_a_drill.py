"""Tokens are random text; one in sixty-four begins with a dash and must not be taken for an option."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anlan.project.drill import cast


def test_the_outside_world_understands_tokens_that_begin_with_a_dash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = cast.Set(
        data=tmp_path, seed=7, speed=60, clock_start=datetime(2026, 7, 1, tzinfo=UTC), wall_start=0.0
    )
    stage.phone_token = stage.callback_token = "-a"
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    cast.start_storm(stage, ingest_token="-b", duration_min=55, stay=False, extra=[])
    monkeypatch.undo()
    done = subprocess.run(started[0], capture_output=True, text=True, check=False, timeout=60)
    # The county is not there; that is the first thing it finds fault with.
    assert "world.json" in done.stderr
    assert "expected one argument" not in done.stderr
    assert started[0][0] == sys.executable
