"""A whole storm against every process, judged by an oracle that knows only the script. Times are judged by `./dev bench` and by the
drill's own exit code, not here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from anlan.project.commands.drill import wrong_results

pytestmark = pytest.mark.drill


def drill(folder: Path, *options: str) -> dict[str, Any]:
    """The report of one headless drill in a process of its own."""
    report = folder / "report.json"
    command = [
        sys.executable,
        "-m",
        "anlan.project.cli",
        "drill",
        "storm",
        "--headless",
        "--json",
        str(report),
    ]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=300)
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def test_a_storm_loses_no_reading_no_message_and_no_village(tmp_path: Path) -> None:
    report = drill(tmp_path, "--speed", "60", "--seed", "7")
    assert wrong_results(report) == []
    assert report["oracle"]["met"] == report["oracle"]["expected"] > 10
    assert report["callouts"]["seats"] > 20
    assert report["readings"]["stored"] == report["readings"]["sent"] > 20_000


def test_killing_every_process_at_random_loses_nothing_and_marks_what_may_have_rung_twice(
    tmp_path: Path,
) -> None:
    report = drill(tmp_path, "--speed", "60", "--seed", "11", "--kill", "9", "--phone-drop-rate", "0.05")
    assert len(report["kills"]) == 9
    assert wrong_results(report) == []
    assert report["messages"]["missing"] == report["messages"]["unmarked"] == 0
    assert report["messages"]["uncertain"] > 0, "no attempt was cut off: the drill proved nothing"


def test_faulty_sensors_clocks_and_memories_raise_no_false_warning_and_hide_no_true_one(
    tmp_path: Path,
) -> None:
    report = drill(tmp_path, "--speed", "60", "--seed", "7", "--faults")
    assert wrong_results(report) == []
    treated = {fault["kind"]: fault["treatment"] for fault in report["faults"]}
    assert set(treated) >= {"spike", "stuck", "clock_ahead", "clock_behind", "lost_hour", "hour_sent_late"}
    assert set(treated) >= {"duplicate_burst", "unit_change", "out_of_range", "true_rise"}
    assert all(treated.values())
    assert sum(bool(fault["reason"]) for fault in report["faults"]) >= 8, "a flag without its sentence"
    hiding = [fault["kind"] for fault in report["faults"] if fault["true_warnings"]]
    assert {"lost_hour", "hour_sent_late", "clock_ahead", "clock_behind", "true_rise"} <= set(hiding)


def test_the_drill_notices_when_quality_control_is_switched_off(tmp_path: Path) -> None:
    options = ("--speed", "90", "--faults", "--without", "quality", "--settle-s", "6")
    found = wrong_results(drill(tmp_path, *options))
    for complaint in (
        "crossings came that must not",
        "faults were not treated",
        "faults raised a false warning",
    ):
        assert any(line.startswith(complaint) for line in found), found


@pytest.mark.parametrize(
    ("switched_off", "complaint"),
    [
        ("hysteresis", "crossings came that must not"),
        ("dedup", "readings were stored twice"),
        ("escalation", "seats are silent and nobody has them"),
    ],
)
def test_a_drill_notices_when_a_mechanism_is_switched_off(
    tmp_path: Path, switched_off: str, complaint: str
) -> None:
    report = drill(tmp_path, "--speed", "90", "--without", switched_off, "--settle-s", "6")
    assert [line for line in wrong_results(report) if line.startswith(complaint)], wrong_results(report)
