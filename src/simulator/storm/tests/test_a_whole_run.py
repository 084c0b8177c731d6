"""The play against a stand-in platform over loopback: everything acknowledged, the report adds up."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import main
from simulator.oracle.expect import expect
from simulator.phones.http import Answer, Request, serve
from simulator.storm import preload as preload_module
from simulator.storm import rtu as rtu_module
from simulator.storm.play import Endpoint, Phones, Stage, play
from simulator.storm.script import Script, write_script
from simulator.storm.tests.conftest import CLOCK_START, Centre, hurried_clock
from simulator.world import World


class Platform:
    """Takes history and events; the first post of each kind fails, as after a restart."""

    def __init__(self) -> None:
        self.stored: set[tuple[str, str, str]] = set()
        self.posts = 0
        self.tokens: set[str] = set()

    async def handle(self, request: Request) -> Answer | None:
        self.posts += 1
        self.tokens.add(request.headers["authorization"])
        if self.posts == 1:
            return Answer(503, {"error": "starting", "message": ""})
        document = json.loads(request.body)
        rows = document["readings"]
        self.stored |= {(row["station"], row["quantity"], row["time"]) for row in rows}
        return Answer(200, {"stored": len(rows), "duplicates": 0, "refused": []})


async def _run(script: Script, report: Path) -> tuple[dict[str, Any], Centre, Platform]:
    platform = Platform()
    server = await serve(platform.handle, "127.0.0.1", 0)
    ingest = Endpoint("127.0.0.1", server.sockets[0].getsockname()[1])
    async with Centre().listening() as centre:
        phones = Phones(Endpoint("127.0.0.1", 0), "p", "http://127.0.0.1:9/", "c")
        stage = Stage(Endpoint("127.0.0.1", centre.port), ingest, "t", phones, report)
        document = await asyncio.wait_for(play(script, hurried_clock(), stage), 60)
    server.close()
    return document, centre, platform


def test_a_run_sends_exactly_what_the_oracle_counts(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preload_module, "RETRY_S", 0.001)
    monkeypatch.setattr(preload_module, "BATCH", 2000)
    monkeypatch.setattr(rtu_module, "BACKOFF_S", 0.001)
    monkeypatch.setattr(rtu_module, "PIECE_PAUSE_S", 0)
    script = write_script(world, 5, CLOCK_START, 40, 24)
    document, centre, platform = asyncio.run(_run(script, tmp_path / "sim.json"))
    distinct = expect(script)["readings"]["distinct"]
    readings = document["readings"]
    assert (readings["sent_distinct"], readings["acked"], readings["waiting_frames"]) == (
        distinct,
        distinct,
        0,
    )
    assert readings["sent_total"] > distinct
    assert len(platform.stored) == 72 * 288 - 3
    assert platform.tokens == {"Bearer t"}
    assert centre.rejected > 0
    assert document["faults"]["preload_retries"] == 1
    assert json.loads((tmp_path / "sim.json").read_text()) == document
    assert document["final"] is True


def test_the_oracle_command_prints_one_json_document(
    world_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["oracle", "--world", str(world_file), "--clock-start", "2026-07-01T00:00:00Z"]) == 0
    assert {"crossings", "silent", "readings"} <= set(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["oracle", "--world", "/nowhere/world.json", "--clock-start", "2026-07-01T00:00:00Z"],
            "simulator county",
        ),
        (
            ["oracle", "--world", "WORLD", "--clock-start", "2026-07-01T00:00:00Z", "--duration-min", "1"],
            "duration",
        ),
        (
            ["storm", "--world", "WORLD", "--clock-start", "2026-07-01T00:00:00Z", "--gateway", "h:1"],
            "--http",
        ),
        (
            ["phones", "--world", "WORLD", "--phones", "127.0.0.1:0", "--callback", "http://x/"],
            "--phone-token, --callback-token",
        ),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(
    world_file: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main([str(world_file) if option == "WORLD" else option for option in options]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize("option", [["--clock-start", "2026-07-01T00:00:00"], ["--clock-start", "yesterday"]])
def test_a_time_without_zone_or_sense_is_refused(world_file: Path, option: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["oracle", "--world", str(world_file), *option])
    assert stopped.value.code == 2
