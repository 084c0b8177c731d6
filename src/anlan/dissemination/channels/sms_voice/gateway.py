"""The client of the contract in docs/phone-gateway.md; only the process that hands messages over imports it."""

from __future__ import annotations

import time

import httpx
import msgspec

from anlan.dissemination.channels import (
    Asked,
    ChannelDown,
    ChannelRefused,
    ChannelUncertain,
    Handed,
    Manifest,
    Message,
    Trace,
)

#: Engineering choice: a gateway in the same county answers in well under a second; leases last 60 s.
TIMEOUT = httpx.Timeout(connect=2.0, write=4.0, read=5.0, pool=2.0)

#: Errors after which nothing can have reached the provider.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


#: Codes of the contract that concern this message and not the gateway; any other error inside a success may pass.
_FOR_GOOD = frozenset(
    {
        "number.unroutable",
        "text.invalid",
        "keys.invalid",
        "kind.invalid",
        "client_ref.invalid",
        "body.invalid",
    }
)
_NO_ERROR = (None, "", 0, "0", "ok", "OK")


class _Taken(msgspec.Struct):
    """Answer to POST and GET; other fields are the provider's own business."""

    provider_ref: str = ""


class _Declined(msgspec.Struct):
    error: str = ""


class _Fault(msgspec.Struct):
    """An error of any shape beside a status that says success."""

    error: str | int | float | bool | None = None


class PhoneGateway:
    """One of the two kinds. No retries in here: the outbox knows what was stored, this does not."""

    def __init__(self, manifest: Manifest, http: httpx.Client, base_url: str, token: str) -> None:
        self.manifest = manifest
        self._http = http
        self._url = f"{base_url.rstrip('/')}/v1/messages" if base_url else ""
        self._headers = {"Authorization": f"Bearer {token}"}

    def send(self, message: Message) -> Handed:
        if not self._url:
            raise ChannelDown("not_configured")
        body = {
            "client_ref": message.send_key,
            "kind": self.manifest.code,
            "to": message.address,
            "text": message.text,
            "keys": dict(message.keys or {}),
        }
        try:
            answer = self._http.post(self._url, json=body, headers=self._headers, timeout=TIMEOUT)
        except _NEVER_LEFT as error:
            raise ChannelDown(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise ChannelUncertain(type(error).__name__) from error
        return self._judge(answer)

    def ask(self, send_key: str, *, route: str = "") -> Asked:
        if not self._url:
            raise ChannelDown("not_configured")
        try:
            answer = self._http.get(
                self._url, params={"client_ref": send_key}, headers=self._headers, timeout=TIMEOUT
            )
        except httpx.HTTPError as error:
            raise ChannelDown(type(error).__name__) from error
        if answer.status_code == httpx.codes.OK:
            return Asked(Trace.KNOWN, _reference(answer))
        if answer.status_code == httpx.codes.NOT_FOUND:
            return Asked(Trace.NEVER_SEEN)
        if answer.status_code in (httpx.codes.NOT_IMPLEMENTED, httpx.codes.METHOD_NOT_ALLOWED):
            return Asked(Trace.CANNOT_TELL)
        raise ChannelDown(f"http_{answer.status_code}")

    def _judge(self, answer: httpx.Response) -> Handed:
        status = answer.status_code
        if 200 <= status < 300:
            inside = _error_inside(answer)
            if inside in _FOR_GOOD:
                raise ChannelRefused(inside)
            if inside:
                raise ChannelDown(f"inside_{inside}"[:60])
            return Handed(_reference(answer), time.time())
        # Too many at once, a wrong token or a lost route says nothing about this message: not its end.
        if status in (401, 403, 404, 408, 429) or status >= 500 or status < 400:
            raise ChannelDown(f"http_{status}")
        raise ChannelRefused(_reason(answer))


def _reference(answer: httpx.Response) -> str:
    """The provider's own number for the message; one that cannot be read is as good as none."""
    try:
        return msgspec.json.decode(answer.content, type=_Taken).provider_ref[:80]
    except msgspec.MsgspecError:
        return ""


def _error_inside(answer: httpx.Response) -> str:
    """Some gateways say 200 and put an error into the body: that is not "sent". One that also gives a reference took it."""
    if _reference(answer):
        return ""
    try:
        error = msgspec.json.decode(answer.content, type=_Fault).error
    except msgspec.MsgspecError:
        return ""
    return "" if error in _NO_ERROR else str(error)[:60]


def _reason(answer: httpx.Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=_Declined).error[:60] or f"http_{answer.status_code}"
    except msgspec.MsgspecError:
        return f"http_{answer.status_code}"
