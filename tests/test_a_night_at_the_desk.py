"""120 calls in 40 minutes, 35 of them told before; three incidents of different class; a late report; a change of shift.

Results only; times are judged by `./dev bench`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.drill


def drill(folder: Path, *options: str) -> dict[str, Any]:
    """The report of one headless night in a process of its own."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "anlan.project.cli", "drill", "night", "--headless"]
    command += ["--json", str(report), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def test_nothing_is_lost_in_a_night_of_calls_and_every_mark_follows_from_true_times(tmp_path: Path) -> None:
    report = drill(tmp_path, "--seed", "7")
    assert report["failed"] == []
    calls = report["calls"]
    assert (calls["sent"], calls["kept"], calls["lost"], calls["twice"]) == (120, 120, 0, 0)
    assert calls["repeats"] == calls["linked"] == 35
    assert len(calls["by_source"]) == 6
    assert sorted(one["class"] for one in report["incidents"]) == [1, 2, 3]
    grown = next(one for one in report["incidents"] if one["class"] == 2)
    assert grown["grades"] == [4, 3, 2]
    assert grown["figures"]["deaths"] == "11.00"
    assert [one["undone"] for one in report["merges"]] == [False]
    late = {one["incident"] for one in report["clocks"] if one["late"]}
    slide = next(one for one in report["incidents"] if one["class"] == 1)
    assert slide["number"] in late
    assert [sheet["two_people"] for sheet in report["handovers"]] == [True]
    assert all(paper["docx"] and paper["pdf"] and paper["txt"] for paper in report["papers"])
