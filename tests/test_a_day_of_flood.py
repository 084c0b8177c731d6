"""A storm raises the county's flood plan from Ⅳ to Ⅱ and lets it down again: 180 orders, twelve teams, two scenes, a scorecard, a review.

Results only; the clock of the day is held, so they are the same on any machine.
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
    """The report of one headless day in a process of its own."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "anlan.project.cli", "drill", "flood-day", "--headless"]
    command += ["--json", str(report), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    found["exit"] = done.returncode
    return found


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The whole day, judged after its first hour as well."""
    return drill(tmp_path_factory.mktemp("day"), "--seed", "7", "--look-min", "60")


def test_the_plan_goes_up_to_two_and_down_again_and_nobody_is_forgotten(report: dict[str, Any]) -> None:
    assert report["failed"] == []
    assert report["exit"] == 0
    result = report["result"]
    changes = [(one["from"], one["to"]) for one in result["response"]["changes"]]
    assert changes == [(None, 4), (4, 3), (3, 2), (2, 3), (3, 4), (4, None)]
    orders = result["orders"]
    assert (orders["total"], orders["departments"], orders["townships"]) == (180, 14, 13)
    assert orders["by_state"] == {"finished": 179, "withdrawn": 1}
    assert orders["chased"], "somebody was late on purpose"
    assert result["teams"]["sent"] == result["teams"]["back"] == 12
    assert len(result["teams"]["missed_check_ins"]) == 1
    assert len(result["room"]["scenes"]) == 2
    assert [one["state"] for one in result["supplies"]] == ["received", "received"]
    assert [one["status"] for one in report["player"]["refused"]] == [403, 409, 403, 409]
    assert result["boards"]["saved"] >= 8
    assert result["boards"]["differing"] == []
    assert "missed" not in result["scorecard"]["counts"]
    assert result["review"]["state"] == "final"


def test_the_same_seed_gives_the_same_hour_however_fast_the_machine_is(
    report: dict[str, Any], tmp_path: Path
) -> None:
    """The hour in which everything races: the storm, the call-outs, 180 orders, twelve teams on their way."""
    again = drill(tmp_path, "--seed", "7", "--until-min", "60")
    assert again["result"] == report["looked"]["result"]
    assert again["digest"] == report["looked"]["digest"]
    assert again["result"]["orders"]["total"] == 180


def test_a_drill_notices_a_township_that_answers_nothing(tmp_path: Path) -> None:
    report = drill(tmp_path, "--seed", "7", "--until-min", "50", "--without", "township")
    assert report["exit"] == 1
    assert [line for line in report["failed"] if line.startswith("units that never answered")]
    assert len(report["result"]["orders"]["silent"]) == 1
