"""Plays a night against a platform: four rooms pass their calls on over HTTP, the desk's own line rings, townships use their phones.

Every message carries a name of its own and is sent again until it is answered, as a neighbour's system does: a platform that is
down for a moment must neither lose it nor count it twice.
"""

import asyncio
import json
import re
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from simulator.night.script import Call
from simulator.storm.clock import SimClock

#: Pause between two tries, and how long one is tried, wall seconds.
AGAIN_S, GIVE_UP_S = 0.5, 60.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the platform is and who may speak there: a token for each room and for the line, an account for each township."""

    base: str
    tokens: dict[str, str]
    accounts: dict[str, tuple[str, str]]
    report: Path | None = None


async def play(calls: list[Call], clock: SimClock, stage: Stage) -> dict[str, Any]:
    """Send every call at its minute. Returns, and writes, what was answered to each; `failed` are those nobody took."""
    plain = httpx.Limits(max_keepalive_connections=0)
    answers: dict[str, Any] = {}
    async with httpx.AsyncClient(base_url=stage.base, timeout=20, limits=plain, trust_env=False) as client:
        phones = {code: Phone(stage, *pair) for code, pair in stage.accounts.items()}
        try:
            await asyncio.gather(*(_one(call, clock, client, phones, stage, answers) for call in calls))
        finally:
            for phone in phones.values():
                await phone.close()
    found = {
        "sent": len(answers),
        "failed": [name for name, answer in answers.items() if answer is None],
        "answers": answers,
        "calls": [asdict(call) for call in calls],
    }
    if stage.report is not None:
        stage.report.write_text(json.dumps(found, ensure_ascii=False) + "\n", encoding="utf-8")
    return found


async def _one(
    call: Call,
    clock: SimClock,
    client: httpx.AsyncClient,
    phones: dict[str, "Phone"],
    stage: Stage,
    answers: dict[str, Any],
) -> None:
    await clock.wait_until(clock.clock_start_s + call.minute * 60)
    limit = time.monotonic() + GIVE_UP_S
    answers[call.id] = None
    while time.monotonic() < limit:
        try:
            if call.source == "field":
                answers[call.id] = await phones[call.village.township].send(call)
            else:
                answers[call.id] = await _post(call, clock, client, stage)
            return
        except (httpx.HTTPError, Refused):
            await asyncio.sleep(AGAIN_S)


class Refused(Exception):
    """The platform did not take it."""


async def _post(call: Call, clock: SimClock, client: httpx.AsyncClient, stage: Stage) -> Any:
    is_ring = call.source == "phone"
    path = "/api/intake/v1/ring" if is_ring else "/api/intake/v1/reports"
    body = ring_of(call) if is_ring else report_of(call, clock)
    token = stage.tokens["line" if is_ring else call.source]
    answer = await client.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
    if answer.status_code not in (200, 201):
        raise Refused(answer.text[:300])
    return answer.json()


def ring_of(call: Call) -> dict[str, Any]:
    """The desk's line rings; what is said, the officer writes down."""
    return {"call_id": call.id, "event": "ring", "number": call.number}


def report_of(call: Call, clock: SimClock) -> dict[str, Any]:
    """A room's own record of a call, as the contract of the platform wants it."""
    occurred = datetime.fromtimestamp(clock.clock_start_s + call.occurred * 60, UTC)
    body: dict[str, Any] = {
        "message_id": call.id,
        "text": call.text,
        "occurred_at": occurred.isoformat(),
        "caller": {"name": call.caller, "number": call.number},
        "place": call.place_words,
        "division": "" if call.fate == "elsewhere" else call.village.code,
        "event_type": call.event_type,
    }
    if call.lon:
        body |= {"lon": call.lon, "lat": call.lat}
    if call.figures:
        body["figures"] = call.figures
    return body


class Phone:
    """A township's phone: signs in once, then sends the quick report of its page."""

    def __init__(self, stage: Stage, username: str, password: str) -> None:
        plain = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(
            base_url=stage.base, timeout=20, limits=plain, follow_redirects=True, trust_env=False
        )
        self._base = stage.base
        self._who = (username, password)
        self._turn = asyncio.Lock()
        self._is_in = False

    async def close(self) -> None:
        await self._client.aclose()

    async def send(self, call: Call) -> Any:
        async with self._turn:
            if not self._is_in:
                await self._sign_in()
            page = await self._client.get("/f/report/")
            form = {
                "csrfmiddlewaretoken": _token(page.text),
                "key": f"night-{call.id}",
                "text": call.text,
                "division": call.village.code,
                "event_type": "" if call.event_type in ("public_health",) else call.event_type,
                "place": call.place_words,
                "name": call.caller,
                "number": call.number,
                **{code: str(value) for code, value in call.figures.items()},
            }
            answer = await self._client.post("/f/report/", data=form, headers={"Referer": self._base})
            if answer.status_code != 200:
                raise Refused(answer.text[:300])
            return {"state": "sent"}

    async def _sign_in(self) -> None:
        page = await self._client.get("/accounts/sign-in/")
        form = {
            "username": self._who[0],
            "password": self._who[1],
            "csrfmiddlewaretoken": _token(page.text),
        }
        answer = await self._client.post("/accounts/sign-in/", data=form, headers={"Referer": self._base})
        if 'name="password"' in answer.text:
            raise Refused("the township cannot sign in")
        self._is_in = True


def _token(html: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    return found.group(1) if found else ""
