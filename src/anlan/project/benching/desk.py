"""`anlan bench desk`: list, form, record and create with years of incidents behind them, and ten officers at once."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from anlan.kernel.clock import SHANGHAI
from anlan.project.benching import pages
from anlan.project.commands.drill import CLOCK_START
from anlan.project.drill import cast

#: The clock almost stands still: nothing falls due while pages are measured.
_SPEED = 0.001


def run(*, incidents: int = 20_000, entries: int = 200_000) -> dict[str, Any]:
    """Build, fill, measure, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-bench-desk-"))
    stage = cast.Set(data=folder, seed=7, speed=_SPEED, clock_start=CLOCK_START, wall_start=time.time())
    platform = None
    try:
        cast.build_stage(stage, scenario="bench", pre_authorise=False)
        filled = _fill(stage, incidents, entries)
        platform = cast.start_platform(stage)
        base = f"http://127.0.0.1:{stage.web}"
        return {**filled, **measure(base, filled["incident"])}
    finally:
        cast.stop(platform)
        shutil.rmtree(folder, ignore_errors=True)


def _fill(stage: cast.Set, incidents: int, entries: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "anlan.project.benching.filldesk", "--data", str(stage.data)]
    command += ["--incidents", str(incidents), "--entries", str(entries)]
    done = subprocess.run(command, env=stage.environment(), check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(base: str, incident: str) -> dict[str, Any]:
    """Times in milliseconds: one reader after the other, forms sent, ten officers at once while another one types."""
    client = pages.signed_in(base, "wang")
    paths = {
        "today": "/",
        "list": "/incidents/",
        "list, narrowed": "/incidents/?state=closed&type=fire&place=",
        "list, by tag": "/incidents/?tag=heavy_rain",
        "list, by words": "/incidents/?q=%E8%B5%B7%E7%81%AB",
        "form": "/incidents/new/",
        "record": f"/incidents/{incident}/",
        "chase orders": "/chases/",
        "journal": "/journal/",
        "intake": "/intake/",
        "reports": "/reports/",
    }
    found: dict[str, Any] = {"pages": {}}
    for name, path in paths.items():
        if client.get(path).status_code == 404:
            continue
        found["pages"][name] = _ms(pages.one_after_the_other(client, path))
    older = re.search(r'href="(\?after=[^"]+)"', client.get("/incidents/").text)
    if older is not None:
        second = "/incidents/" + older[1].replace("&amp;", "&")
        found["pages"]["list, second page"] = _ms(pages.one_after_the_other(client, second))
    found["create"] = _ms(create(client, base))
    for name, path in (("today", "/"), ("list", "/incidents/")):
        found[f"ten at once, {name}"] = _ms(pages.ten_at_once(base, path))
    found["ten at once, today, somebody typing"] = _ms(_while_typing(client, base))
    client.close()
    return found


def create(client: httpx.Client, base: str, *, count: int = 40) -> pages.Times:
    """A form sent until the answer that leads to the record."""
    values = []
    for number in range(count + 3):
        typed = form(client.get("/incidents/new/").text, number)
        began = time.perf_counter()
        answer = client.post("/incidents/new/", data=typed, headers={"Referer": base}, follow_redirects=False)
        took = (time.perf_counter() - began) * 1000
        if answer.status_code != 302:
            raise RuntimeError(f"an incident was not entered: {answer.status_code}")
        if number >= 3:
            values.append(took)
    return pages.times_of(values)


def form(page: str, number: int) -> dict[str, str]:
    """What an officer types."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    places = re.findall(r'<option value="(\d{12})">', page)
    if token is None or not places:
        raise RuntimeError("the form of an incident has no place to choose")
    return {
        "csrfmiddlewaretoken": token[1],
        "key": str(uuid.uuid4()),
        "title": f"测量用事件{number}",
        "event_type": "fire",
        "division": places[number % len(places)],
        "known_at": f"{(CLOCK_START - timedelta(minutes=1)).astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        "informant": "119",
        "kind": "impact",
        "deaths": "0",
        "injured": "1",
        "source": "119",
        "course": "民房起火，正在扑救。",
    }


def _while_typing(client: httpx.Client, base: str) -> pages.Times:
    """Ten read the first page while an eleventh enters an incident about twice a second."""
    is_over = threading.Event()

    def type_on() -> None:
        number = 1_000
        while not is_over.wait(0.5):
            typed = form(client.get("/incidents/new/").text, number)
            client.post("/incidents/new/", data=typed, headers={"Referer": base}, follow_redirects=False)
            number += 1

    typist = threading.Thread(target=type_on)
    typist.start()
    try:
        return pages.ten_at_once(base, "/")
    finally:
        is_over.set()
        typist.join()


def _ms(times: pages.Times) -> dict[str, float]:
    return {"p50_ms": round(times.p50, 1), "p95_ms": round(times.p95, 1), "worst_ms": round(times.worst, 1)}
