"""A text pushed to a partner's interface as one JSON document (docs/displays.md)."""

from __future__ import annotations

import time
from typing import Any

import httpx
import msgspec

from anlan.dissemination.channels import (
    Asked,
    ChannelDown,
    ChannelRefused,
    ChannelUncertain,
    Handed,
    Message,
    Trace,
)

#: Engineering choice, shorter than a lease.
TIMEOUT = httpx.Timeout(connect=3.0, write=5.0, read=8.0, pool=3.0)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class _Taken(msgspec.Struct):
    provider_ref: str = ""


class HttpPush:
    """POST with a bearer token. 2xx is taken; the partner says by itself when it was on air."""

    def __init__(self, http: httpx.Client, url: str, token: str) -> None:
        self._http, self._url = http, url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, message: Message) -> Handed:
        try:
            answer = self._http.post(
                self._url, json=document(message), headers=self._headers, timeout=TIMEOUT
            )
        except _NEVER_LEFT as error:
            raise ChannelDown(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise ChannelUncertain(type(error).__name__) from error
        status = answer.status_code
        if 200 <= status < 300:
            return Handed(_reference(answer) or message.send_key, time.time())
        if status in (401, 403, 404, 408, 429) or status >= 500 or status < 400:
            raise ChannelDown(f"http_{status}")
        raise ChannelRefused(f"http_{status}")

    def ask(self, send_key: str) -> Asked:
        return Asked(Trace.CANNOT_TELL)


def document(message: Message) -> dict[str, Any]:
    """What a partner is told. Times are ISO 8601 with a zone; `level` is 1 (red) to 4 (blue)."""
    about = message.occasion
    return {
        "ref": message.send_key,
        "title": message.title,
        "text": message.text,
        "issuer": about.issuer,
        "level": about.level,
        "hazard_type": about.hazard_type,
        "division": about.division_code,
        "place": about.place,
        "started_at": about.started_at.isoformat() if about.started_at else None,
        "expires_at": about.expires_at.isoformat() if about.expires_at else None,
        "is_all_clear": about.is_all_clear,
        "is_exercise": about.is_exercise,
        "receipt_url": message.link,
    }


def _reference(answer: httpx.Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=_Taken).provider_ref[:80]
    except msgspec.MsgspecError:
        return ""
