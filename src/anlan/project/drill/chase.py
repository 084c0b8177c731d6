"""`anlan drill callout`: the whole county is called, a part of it never answers, and one of two phone gateways dies half-way.

Nothing falls from the sky here: two people of the desk draft and sign through the real pages, phones ring over real sockets, the
ladder chases, and at the end the warning is lifted. The report lists the path of every seat.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from anlan.project.drill import cast
from anlan.project.drill.bound import ends_with_parent
from anlan.project.drill.desk import sign_in
from anlan.project.drill.phases import Phases
from anlan.project.drill.stage import COUNTY

CLOCK_START = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
LEAD_S = 1.0
#: The gateway dies when so many of the first hundred seats have answered, or after this wall time at the latest.
HALF_WAY = 0.5
DIES_AFTER_S = 20.0
#: The role at the end of the ladder: who gets a village that nobody could wake.
LAST_RUNG = "township_duty"
#: Two gateways; the platform tries them in this order.
ROUTES = ("first", "second")


@dataclass(slots=True)
class Gateway:
    """One phone gateway of the outside world, on a port of its own, with a ledger that survives its death."""

    name: str
    port: int
    ledger: Path
    process: subprocess.Popen[bytes] | None = None


def play(data: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Stage, draft, sign, chase, lift, judge."""
    phases = Phases()
    left: dict[str, int] = {}
    left_after: dict[str, int] = {}
    stage = cast.Set(
        data=data,
        seed=options.seed,
        speed=options.speed,
        clock_start=CLOCK_START,
        wall_start=time.time() + 24 * 3600,
        sabotage=",".join(options.without),
    )
    made = cast.build_stage(stage, scenario="callout", pre_authorise=False, cast=("chen", "wang"))
    phases.end("build")
    gateways = [Gateway(name, cast.free_port(), data / f"ledger-{name}.jsonl") for name in ROUTES]
    _write_routes(stage, gateways)
    platform = cast.start_platform(stage)
    cast.let_clock_go(stage, lead_s=LEAD_S)
    died_at = None
    try:
        for gateway in gateways:
            gateway.process = _ring(stage, gateway, options)
        _wait_for(gateways)
        time.sleep(max(0.0, stage.wall_start - time.time()))
        with Room(f"http://127.0.0.1:{stage.web}") as room:
            phases.end("start")
            warning = room.issue(villages=_villages(data))
            phases.end("issue")
            died_at = _half_way(stage, gateways[0], kill=not options.spare_gateway)
            phases.end("first_half")
            left = _ask(stage, "--settle", str(options.settle_s))
            phases.end("chase")
            room.lift(warning)
            left_after = _ask(stage, "--settle", str(options.settle_s))
            phases.end("all_clear")
    finally:
        for gateway in gateways:
            cast.stop(gateway.process)
        cast.stop(platform)
    judged = _judge(stage, gateways)
    mute = _mute(stage, options)
    return {
        "exercise": made["exercise"],
        "seed": options.seed,
        "without": options.without,
        "deaf_share": options.deaf_share,
        "mute_share": options.mute_share,
        "mute": mute,
        "mute_and_not_handed_up": [
            seat["village"]
            for seat in judged["seats"]
            if seat["code"] in mute and (not seat["path"] or seat["path"][-1]["to"] != LAST_RUNG)
        ],
        "gateway_died_at_s": died_at,
        "under_way_before_lifting": left,
        "under_way_at_the_end": left_after,
        "phases_s": phases.lengths,
        **judged,
    }


def reasons(report: dict[str, Any]) -> list[str]:
    """Why the drill failed; empty when it passed."""
    wrong = {
        "no seat was called": report["callouts"]["seats"] == 0,
        "nobody answered": report["callouts"]["answered"] == 0,
        "seats were closed silently": len(report["closed_silently"]),
        "seats are silent and nobody has them": report["callouts"]["unanswered"],
        "villages that answer nothing never came to their township": len(report["mute_and_not_handed_up"]),
        "messages are missing": report["messages"]["missing"],
        "messages came twice and are not marked": report["messages"]["unmarked"],
        "the all-clear did not reach everybody who was told": len(report["all_clear"]["not_told"]),
        "the all-clear reached somebody who was not told": len(report["all_clear"]["too_many"]),
        "the all-clear came twice": report["all_clear"]["twice"],
        "the journal does not hold": not report["journal"]["ok"],
        "work failed": len(report["failures"]),
    }
    return [f"{name} ({value})" for name, value in wrong.items() if value]


def summary(report: dict[str, Any]) -> str:
    shown = ("callouts", "messages", "all_clear", "journal")
    parts = [f"{name}: {json.dumps(report[name], ensure_ascii=False)}" for name in shown]
    chased = sum(len(seat["path"]) > 1 for seat in report["seats"])
    parts.append(f"phases: {json.dumps(report['phases_s'])} s")
    parts.append(f"seats: {len(report['seats'])}, chased beyond their first message: {chased}")
    verdict = "FAILED: " + "; ".join(report["failed"]) if report["failed"] else "passed"
    return "\n".join([*parts, f"{verdict} in {report['wall_s']} s"])


class Room:
    """Two people of the desk, each with a session of its own: whoever drafts does not sign."""

    def __init__(self, base: str) -> None:
        # No connection is kept: minutes pass between two requests, and the server closes an idle one.
        plain = httpx.Limits(max_keepalive_connections=0)
        self.drafter = httpx.Client(base_url=base, timeout=20, follow_redirects=True, limits=plain)
        self.signer = httpx.Client(base_url=base, timeout=20, follow_redirects=True, limits=plain)
        self.base = base

    def __enter__(self) -> Room:
        sign_in(self.drafter, "chen", base=self.base)
        sign_in(self.signer, "wang", base=self.base)
        return self

    def __exit__(self, *_: object) -> None:
        self.drafter.close()
        self.signer.close()

    def issue(self, *, villages: list[str]) -> str:
        """An orange flash-flood call-out for the whole county; returns the address of its page."""
        form: dict[str, Any] = {
            "hazard_type": "flash_flood",
            "level": "2",
            "stage": "prepare",
            "body": "",
            "recommended_action": "",
            "villages": villages,
        }
        answer = self._post(self.drafter, "/warnings/new/", form)
        found = re.search(r"/warnings/[0-9a-f-]{36}/", str(answer.url)) or re.search(
            r'href="(/warnings/[0-9a-f-]{36}/)"', self.drafter.get("/warnings/").text
        )
        if found is None:
            raise cast.DidNotStart(what="the call-out of the drill", seconds=0)
        page = found.group(1) if found.groups() else found.group(0)
        self._post(self.signer, f"{page}act/", {"verb": "sign_off"})
        return page

    def lift(self, page: str) -> None:
        self._post(self.signer, f"{page}act/", {"verb": "lift", "reason": "演练：雨停"})

    def _post(self, client: httpx.Client, path: str, form: dict[str, Any]) -> httpx.Response:
        token = client.cookies.get("csrftoken", "")
        return client.post(path, data={**form, "csrfmiddlewaretoken": token}, headers={"Referer": self.base})


def _write_routes(stage: cast.Set, gateways: list[Gateway]) -> None:
    """Both gateways carry texts and calls. The token stands in the variable that the platform is started with."""
    rows = [
        {
            "name": gateway.name,
            "kind": "phone_gateway",
            "url": f"http://127.0.0.1:{gateway.port}",
            "token_env": "ANLAN_PHONE_TOKEN",
        }
        for gateway in gateways
    ]
    (stage.data / "routes.json").write_text(json.dumps({"sms": rows, "voice": rows}))


def _ring(stage: cast.Set, gateway: Gateway, options: argparse.Namespace) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "simulator", "phones", "--world", str(stage.data / "world/world.json")]
    command += ["--seed", str(stage.seed), "--phones", f"127.0.0.1:{gateway.port}"]
    command += [f"--phone-token={stage.phone_token}", f"--callback-token={stage.callback_token}"]
    command += ["--callback", f"http://127.0.0.1:{stage.web}/api/phone/v1/events"]
    command += ["--clock-start", CLOCK_START.isoformat(), "--wall-start", str(stage.wall_start)]
    command += ["--speed", str(stage.speed), "--ledger", str(gateway.ledger)]
    command += ["--deaf-share", str(options.deaf_share), "--mute-share", str(options.mute_share)]
    with (stage.data / f"phones-{gateway.name}.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=ends_with_parent)


def _mute(stage: cast.Set, options: argparse.Namespace) -> list[str]:
    """Codes of the villages that answer nothing, as the phones play them."""
    command = [sys.executable, "-m", "simulator", "mute", "--world", str(stage.data / "world/world.json")]
    command += ["--seed", str(stage.seed), "--mute-share", str(options.mute_share)]
    found: list[str] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def _wait_for(gateways: list[Gateway], seconds: float = 15.0) -> None:
    limit = time.monotonic() + seconds
    for gateway in gateways:
        while not cast.listens(gateway.port):
            if time.monotonic() > limit:
                raise cast.DidNotStart(what=f"the phone gateway {gateway.name}", seconds=seconds)
            time.sleep(0.05)


def _half_way(stage: cast.Set, gateway: Gateway, *, kill: bool) -> float | None:
    """SIGKILL for the first gateway once half of the seats have answered. Returns the wall seconds since the start."""
    if not kill or gateway.process is None:
        return None
    limit = time.monotonic() + DIES_AFTER_S
    while time.monotonic() < limit:
        counts = _ask(stage, "--counts")
        if counts["seats"] and counts["answered"] >= HALF_WAY * counts["seats"]:
            break
        time.sleep(0.3)
    gateway.process.kill()
    gateway.process.wait()
    return round(time.time() - stage.wall_start, 1)


def _villages(data: Path) -> list[str]:
    """Codes of the county's villages, from the file that the county was built of."""
    lines = (data / "world" / "divisions.csv").read_text(encoding="utf-8").splitlines()
    codes = [re.split(r"[,\t]", line)[0].strip('"') for line in lines]
    return [code for code in codes if re.fullmatch(rf"{COUNTY}\d{{6}}", code) and not code.endswith("000")]


def _judge(stage: cast.Set, gateways: list[Gateway]) -> dict[str, Any]:
    return _ask(stage, "--ledgers", *[str(gateway.ledger) for gateway in gateways])


def _ask(stage: cast.Set, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "anlan.project.drill.paths", "--data", str(stage.data), *more]
    environment = {**os.environ, **stage.environment()}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
