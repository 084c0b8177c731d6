"""The client of a broadcast platform: one signed package a message, judged by the EBDResponse in the same HTTP answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx

from anlan.dissemination.channels import (
    Asked,
    ChannelDown,
    ChannelRefused,
    ChannelUncertain,
    Handed,
    Message,
    Trace,
    speech,
)
from anlan.dissemination.channels.loudspeaker import messages
from anlan.dissemination.channels.loudspeaker.codes import codes
from anlan.dissemination.channels.loudspeaker.messages import Parties
from anlan.dissemination.channels.loudspeaker.numbers import checked_platform, is_number
from anlan.dissemination.channels.loudspeaker.package import BadPackage, Package, pack, unpack
from anlan.dissemination.channels.loudspeaker.signing import Signer, Verifier, signer_of, verifier_of
from anlan.dissemination.channels.routing import RouteSettings
from anlan.dissemination.channels.texting.state import DOWN, UP, RouteState
from anlan.dissemination.types import PhoneEvent

log = logging.getLogger("anlan.ebd")

#: Engineering choice: the package is signed and checked at the other end before it answers.
TIMEOUT = httpx.Timeout(connect=3.0, write=10.0, read=15.0, pool=3.0)
#: How often the platform is asked whether it lives, unless `heartbeat_s` says otherwise. Assumption: no text seen rules on it.
HEARTBEAT_S = 60.0
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_CONTENT = "application/x-tar"
_ANSWER_MAX = 256 * 1024


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    url: str
    parties: Parties
    signer: Signer
    verifier: Verifier
    heartbeat_s: float = HEARTBEAT_S


def read_settings(entry: RouteSettings) -> PlatformSettings:
    """One route of kind `ebd`; raises `BadSetting` for what is missing. Nothing is made up."""
    parties = Parties(checked_platform(entry), entry.text("dest_id"))
    heartbeat_s = entry.number("heartbeat_s", HEARTBEAT_S)
    if heartbeat_s < 0:
        raise entry.bad("heartbeat_s must not be below zero; 0 is never")
    return PlatformSettings(entry.text("url"), parties, signer_of(entry), verifier_of(entry), heartbeat_s)


class BroadcastPlatform:
    """`send_key` is not known to the platform; it is asked by the message number that its delivery carries."""

    def __init__(self, settings: PlatformSettings, http: httpx.Client) -> None:
        self._settings, self._http = settings, http
        self._numbers: dict[str, str] = {}
        self._state, self._lock = RouteState(), threading.Lock()
        self._beat_at = 0.0
        self.beating: threading.Thread | None = None

    def send(self, message: Message) -> Handed:
        """Audio goes along where there is some; without a voice engine the text goes alone and the terminal reads it."""
        number = message.occasion.number
        if not is_number(number):
            raise ChannelRefused("no_message_number")
        at = datetime.now(UTC)
        audio = speech.for_message(message)
        name = f"EBDA_{number}.wav" if audio else ""
        body = messages.broadcast(
            message, self._settings.parties, at=at, audio_name=name, audio_size=len(audio)
        )
        ebd_id = messages.ebd_id_of_message(number)
        self._remember(message.send_key, number)
        answer = self._post(
            ebd_id, pack(ebd_id, body, signer=self._settings.signer, files={name: audio} if audio else None)
        )
        self._judge(ebd_id, answer)
        return Handed(number, time.time())

    def ask(self, send_key: str) -> Asked:
        """By EBMStateRequest; after a restart the number of a send key is not at hand and nothing can be told."""
        number = self._numbers.get(send_key)
        if number is None:
            return Asked(Trace.CANNOT_TELL)
        return self.ask_about(number)

    def ask_about(self, number: str) -> Asked:
        ebd_id, body = messages.state_request(number, self._settings.parties, at=datetime.now(UTC))
        try:
            answer = self._post(ebd_id, pack(ebd_id, body, signer=self._settings.signer))
            found = self._read(answer)
        except (ChannelUncertain, BadPackage) as error:
            raise ChannelDown(str(error)) from error
        if found.kind != "EBMStateResponse" or found.text("EBMStateResponse/EBM/EBMID") != number:
            return Asked(Trace.CANNOT_TELL)
        state = found.text("EBMStateResponse/EBM/State")
        return Asked(Trace.NEVER_SEEN if state == "unknown" else Trace.KNOWN, number)

    def check(self) -> None:
        """Heartbeat; raises `ChannelDown` when the platform does not answer it with success."""
        ebd_id, body = messages.heartbeat(self._settings.parties, at=datetime.now(UTC))
        try:
            self._judge(ebd_id, self._post(ebd_id, pack(ebd_id, body, signer=None)))
        except (ChannelUncertain, ChannelRefused) as error:
            raise ChannelDown(str(error)) from error

    def collect(self) -> list[PhoneEvent]:
        """Nothing comes in here; the worker's regular look is when the heartbeat goes, on a thread of its own: it may hang."""
        now, is_under_way = time.monotonic(), self.beating is not None and self.beating.is_alive()
        if self._settings.heartbeat_s and now >= self._beat_at and not is_under_way:
            self._beat_at = now + self._settings.heartbeat_s
            self.beating = threading.Thread(target=self._beat, name="ebd-heartbeat", daemon=True)
            self.beating.start()
        return []

    def stored(self, event_ids: Sequence[str]) -> None:
        """Nothing came in here."""

    def state(self) -> RouteState:
        """As the last heartbeat found it; "idle" before the first one."""
        with self._lock:
            return replace(self._state)

    def _beat(self) -> None:
        state, why = UP, ""
        try:
            self.check()
        except ChannelDown as error:
            state, why = DOWN, str(error)
        except RuntimeError:  # the client was closed because the settings changed: another route beats now
            return
        with self._lock:
            if self._state.state != state:
                self._state.state, self._state.since = state, time.time()
                log.info("ebd_platform", extra={"state": state, "why": why})
            self._state.last_error = why

    def _post(self, ebd_id: str, package: bytes) -> bytes:
        headers = {"Content-Type": _CONTENT, "X-EBD-File": f"EBDT_{ebd_id}.tar"}
        try:
            answer = self._http.post(self._settings.url, content=package, headers=headers, timeout=TIMEOUT)
        except _NEVER_LEFT as error:
            raise ChannelDown(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise ChannelUncertain(type(error).__name__) from error
        status = answer.status_code
        if not 200 <= status < 300:
            if status in (400, 409, 413, 422):
                raise ChannelRefused(f"http_{status}")
            raise ChannelDown(f"http_{status}")
        return answer.content[: _ANSWER_MAX + 1]

    def _judge(self, ebd_id: str, answer: bytes) -> None:
        """HTTP 200 says nothing: the EBDResponse about this very package does, and only if the platform signed it."""
        try:
            found = self._read(answer)
        except BadPackage as error:
            raise ChannelUncertain(f"answer_{error}") from error
        if found.kind != "EBDResponse" or found.text("RelatedEBD/EBDID") != ebd_id:
            raise ChannelUncertain("answer_about_something_else")
        code = found.text("EBDResponse/ResultCode")
        if code != codes().result_ok:
            raise ChannelRefused(f"ebd_{code[:12]}")

    def _read(self, answer: bytes) -> Package:
        found = unpack(answer, self._settings.verifier)
        if not found.is_signed:
            raise BadPackage("not_signed")
        return found

    def _remember(self, send_key: str, number: str) -> None:
        if len(self._numbers) > 20_000:
            self._numbers.clear()
        self._numbers[send_key] = number
