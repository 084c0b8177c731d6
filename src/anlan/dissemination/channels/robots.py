"""What the robots of the three chat services share: their limits as data, a guard on them, and one way to post.

HTTP 200 does not mean delivered: the error code stands inside. The webhook's address is a secret: it is read from a file or a
variable and stands in no row, no journal and no log; errors name the kind of fault only.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from anlan.dissemination.channels import (
    Asked,
    ChannelDown,
    ChannelKind,
    ChannelRefused,
    ChannelUncertain,
    Handed,
    Manifest,
    Message,
    Nature,
    Proof,
    Trace,
    register,
)
from anlan.dissemination.channels.addressed import open_addressed
from anlan.dissemination.channels.routing import RouteKind, RouteSettings, register_route

if TYPE_CHECKING:
    import httpx

#: What a text that is too long ends with.
_CUT = "……（未完，请登录平台查看全文）"
#: How long a service that took the message may say nothing, seconds; then nobody knows whether the group read it.
READ_S = 6.0
#: Longest believable answer.
_ANSWER_MAX = 64 * 1024


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one robot may send; `text_bytes` counts UTF-8."""

    per_min: int
    per_s: int
    text_bytes: int
    avoids_half_hours: bool


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    verified: bool
    is_assumption: bool
    robots: dict[str, Limits]
    digest_at: int
    half_hour_window_s: int


@cache
def parameters() -> Parameters:
    return msgspec.json.decode((Path(__file__).parent / "robots.json").read_bytes(), type=Parameters)


class Window:
    """At most `per_min` messages in any 60 s and `per_s` in any second, on a steady clock. Safe in several threads."""

    def __init__(self, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._now = limits, now
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self) -> bool:
        with self._lock:
            now = self._now()
            while self._sent and now - self._sent[0] >= 60:
                self._sent.popleft()
            in_second = sum(1 for moment in self._sent if now - moment < 1)
            if len(self._sent) >= self._limits.per_min or in_second >= self._limits.per_s:
                return False
            self._sent.append(now)
            return True


class Service:
    """How one chat service is spoken to. `body` and `address` may sign; `judge` returns "" or raises for the code inside."""

    code = ""

    def address(self, webhook: str, secret: str, *, now: float) -> str:
        return webhook

    def body(self, text: str, secret: str, *, now: float) -> dict[str, Any]:
        raise NotImplementedError

    def judge(self, answer: Mapping[str, Any]) -> None:
        raise NotImplementedError


class Robot:
    """One robot of one group."""

    def __init__(
        self, service: Service, http: httpx.Client, webhook: str, secret: str, limits: Limits
    ) -> None:
        self._service, self._http = service, http
        self._webhook, self._secret = webhook, secret
        self._limits = limits
        self._window = Window(limits)

    def send(self, message: Message) -> Handed:
        import httpx

        if not self._window.take():
            raise ChannelDown("own_limit")
        now = time.time()
        text = fitting(message.text, self._limits.text_bytes)
        try:
            answer = self._http.post(
                self._service.address(self._webhook, self._secret, now=now),
                json=self._service.body(text, self._secret, now=now),
                timeout=httpx.Timeout(connect=3.0, write=4.0, read=READ_S, pool=3.0),
            )
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
        ) as error:
            raise ChannelDown(type(error).__name__) from None  # the cause names the secret address
        except httpx.InvalidURL:
            raise ChannelDown("bad_webhook") from None
        except httpx.HTTPError as error:
            raise ChannelUncertain(type(error).__name__) from None
        self._judge(answer.status_code, answer.content)
        return Handed(message.send_key, now)

    def ask(self, send_key: str) -> Asked:
        return Asked(Trace.CANNOT_TELL)

    def _judge(self, status: int, content: bytes) -> None:
        """Sent only when the service says so in its own words; an answer that cannot be read is uncertain."""
        if status == 429 or status >= 500 or status in (401, 403, 404, 408) or 300 <= status < 400:
            raise ChannelDown(f"http_{status}")
        if status >= 400:
            raise ChannelRefused(f"http_{status}")
        try:
            answer = msgspec.json.decode(content[: _ANSWER_MAX + 1], type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise ChannelUncertain("unreadable_answer") from None
        self._service.judge(answer)


def judge_code(
    answer: Mapping[str, Any], field: str, *, busy: frozenset[int], refused: frozenset[int]
) -> None:
    """Zero is sent, `busy` codes speak about the pace, `refused` ones about the text; all others about our settings."""
    code = answer.get(field)
    if isinstance(code, bool) or not isinstance(code, int):
        raise ChannelUncertain("no_code_inside")
    if code == 0:
        return
    if code in refused:
        raise ChannelRefused(f"{field}_{code}")
    raise ChannelDown(f"busy_{code}" if code in busy else f"{field}_{code}")


def fitting(text: str, most_bytes: int) -> str:
    """The text, or as much of it as fits with a remark that it goes on; never half a character."""
    raw = text.encode()
    if len(raw) <= most_bytes:
        return text
    return raw[: most_bytes - len(_CUT.encode())].decode(errors="ignore") + _CUT


def register_robot(service: Service, zh: str, en: str) -> Manifest:
    """The channel and its one kind of route, both under the service's code."""
    limits = parameters().robots[service.code]
    manifest = Manifest(
        code=service.code,
        zh=zh,
        en=en,
        contact_kinds=(),
        proofs=frozenset({Proof.SENT}),
        can_be_asked=False,
        carries_links=True,
        rate_per_s=float(limits.per_s),
        nature=Nature.GROUP,
        digest_over_min=min(parameters().digest_at, limits.per_min),
    )

    def open_route(entry: RouteSettings, _manifest: Manifest, http: httpx.Client) -> Robot:
        if "webhook" in entry.values:
            raise entry.bad("the webhook is a secret: give webhook_file or webhook_env")
        if "secret" in entry.values:
            raise entry.bad("the secret must not stand here: give secret_file or secret_env")
        return Robot(service, http, entry.text("webhook"), entry.text("secret", ""), limits)

    register_route(
        RouteKind(
            code=service.code,
            zh=f"{zh}机器人",
            en=f"{en} robot",
            carries=frozenset({service.code}),
            proofs=frozenset({Proof.SENT}),
            can_be_asked=False,
            open=open_route,
        )
    )
    register(ChannelKind(manifest, lambda http: open_addressed(manifest, http)))
    return manifest
