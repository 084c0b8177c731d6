"""The day before the storm, uploaded in batches over the platform's HTTP ingest."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from simulator.storm.reports import history_rows, moment_of
from simulator.storm.script import Script
from simulator.storm.tally import Tally

BATCH = 4000
RETRY_S = 0.3
TIMEOUT_S = 15.0

Row = tuple[int, str, str, int]


class PreloadRefused(ValueError):
    """The ingest refuses the history for a reason that repeating cannot mend."""


def body_of(batch_id: str, rows: list[Row]) -> dict[str, Any]:
    """The ingest's JSON: rain as numbers with a UTC time, stages as text with a Beijing time (both are allowed)."""
    readings: list[dict[str, Any]] = []
    for moment, station, quantity, value in rows:
        if quantity == "stage":
            time, shown = (
                moment_of(moment + 8 * 3600).strftime("%Y-%m-%dT%H:%M:%S+08:00"),
                f"{value / 1000:.3f}",
            )
            readings.append({"station": station, "quantity": quantity, "time": time, "value": shown})
        else:
            time = moment_of(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
            readings.append({"station": station, "quantity": quantity, "time": time, "value": value / 10})
    return {"batch_id": batch_id, "readings": readings}


async def preload(script: Script, url: str, token: str, tally: Tally, tell: Callable[..., None]) -> None:
    """Upload the history, oldest first; a batch is repeated under its own id until the platform stored it."""
    rows = history_rows(script)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers, timeout=TIMEOUT_S, trust_env=False) as client:
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            body = body_of(f"{script.world.county}-{script.seed}-{script.clock_start_s}-{start}", part)
            refused = await _upload(client, f"{url}/v1/readings", body, len(part), tally)
            tally.refused += len(refused)
            gone = {entry.get("index") for entry in refused}
            tally.acked.update((s, q, t) for i, (t, s, q, _) in enumerate(part) if i not in gone)
            tally.sent.update((s, q, t) for t, s, q, _ in part)
    tell("preloaded", readings=len(rows), refused=tally.refused)


async def _upload(
    client: httpx.AsyncClient, url: str, body: dict[str, Any], count: int, tally: Tally
) -> list[dict[str, Any]]:
    while True:
        try:
            answer = await client.post(url, json=body)
            tally.sent_total += count
        except httpx.TransportError:
            tally.faults["preload_retries"] += 1
            await asyncio.sleep(RETRY_S)
            continue
        if answer.status_code == 200:
            return list(answer.json().get("refused", []))
        if answer.status_code < 500 and answer.status_code != 429:
            raise PreloadRefused(f"{url} answered {answer.status_code}: {answer.text[:300]}")
        tally.faults["preload_retries"] += 1
        await asyncio.sleep(RETRY_S)
