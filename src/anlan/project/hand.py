"""Hands what people read to this node's own gateway over HTTP, the way any source does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import httpx

from anlan.project.runtime import Ports
from anlan.sensing.services.manual import Answer

TIMEOUT_S = 10.0
#: Answers after which the same batch is never taken.
_FINAL = frozenset({400, 413})


@cache
def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_S, trust_env=False)


def address() -> str:
    """Where the gateway of this machine takes readings; one that listens everywhere is asked on the loopback."""
    ports = Ports.from_environment()
    host = "127.0.0.1" if ports.bind in ("0.0.0.0", "::") else ports.bind  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{ports.gateway_http}" if ":" in host else f"http://{host}:{ports.gateway_http}"


def send(token: str, readings: Sequence[dict[str, Any]], *, base: str = "") -> Answer:
    """One batch. Anything but a clear answer means "later": what was stored is recognised when it comes again."""
    body = json.dumps({"readings": list(readings)})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        answer = _client().post(f"{base or address()}/v1/readings", content=body, headers=headers)
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return Answer(False, {}, f"gateway: {type(error).__name__}")
    if answer.status_code == 200:
        return Answer(True, {one["index"]: (one["code"], one["reason"]) for one in said["refused"]})
    problem = f"{said.get('error', answer.status_code)}"
    if answer.status_code in _FINAL:
        return Answer(True, dict.fromkeys(range(len(readings)), (problem, str(said.get("message", problem)))))
    return Answer(False, {}, problem)
