"""A small user agent: calls out, takes calls that come in, plays an announcement, hears keys. One thread with one loop.

Our own, so that calls out and in, digest, SDP, and keys by RFC 4733 and INFO stand in one small module without a media stack;
libraries were not examined closely enough to claim that none could do it. UDP and G.711 only; a trunk that wants TCP, TLS or
SRTP stands behind a PBX.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from anlan.dissemination.channels.sip import auth, media, message
from anlan.dissemination.channels.sip.message import SipMessage

log = logging.getLogger("anlan.sip")

#: RFC 3261: first wait before a request is repeated, and the longest one, seconds.
T1, T2 = 0.5, 4.0
#: How long a trunk may say nothing at all to a call before we no longer know whether it rang; seconds.
FIRST_ANSWER_S = 6.0
#: A trunk that was heard so long ago is asked whether it lives before a call, seconds.
HEARD_S = 20.0
#: A trunk that only says "trying" may still refuse the number; after so long it counts as taken, seconds.
TRYING_S = 1.5
#: How long a hung-up call waits for the other side to agree, seconds.
BYE_S = 4.0
#: Pause between two repetitions of an announcement, packets of 20 ms.
PAUSE_PACKETS = 75
#: After a key that means something the line stays open for more keys for so long, seconds (a number of households follows).
MORE_KEYS_S = 6.0
BUSY, NO_ANSWER, ANSWERED, FAILED = "busy", "no_answer", "answered", "failed"
#: What the last answer to a call means; everything else above 399 is "failed".
MEANING_BY_STATUS: dict[int, str] = {
    408: NO_ANSWER, 480: NO_ANSWER, 487: NO_ANSWER, 486: BUSY, 600: BUSY, 603: BUSY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trunk:
    """Where calls go. `ring_s` and `talk_s` end a call; `lines` may ring or talk at once."""

    server: str
    port: int
    domain: str
    user: str
    password: str
    caller: str = ""
    local_host: str = ""
    local_port: int = 0
    registers: bool = True
    lines: int = 8
    ring_s: float = 35.0
    talk_s: float = 120.0
    expires_s: int = 300


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one call says and which keys mean something in it. `ref` comes back with its events."""

    sound: Any  # NDArray[np.int16]; NumPy is only brought where something is spoken
    keys: Mapping[str, str]
    ref: str = ""


@dataclass(frozen=True, slots=True)
class CallEvent:
    """`what`: answered, busy, no_answer, failed, key, hung_up. `status` is the last SIP status, `key` the pressed one."""

    call_id: str
    number: str
    ref: str
    what: str
    wall: float
    key: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Started:
    """The first thing that the trunk said to a call: a provisional answer or a final one."""

    call_id: str
    status: int


class NoLine(Exception):
    """Every line is in use."""


class TrunkSilent(Exception):
    """Nothing came back: it may have rung."""


class TrunkGone(Exception):
    """Nobody listens there, or the port cannot be opened."""


#: Called on a thread of its own for a call that came in: (call id, number) → what to say, None to turn it away.
OnRing = Callable[[str, str], Spoken | None]


@dataclass(slots=True)
class _Call:
    call_id: str
    number: str
    spoken: Spoken
    local: str
    remote: str
    target: str
    routes: list[str] = field(default_factory=list)
    branch: str = ""
    cseq: int = 1
    invite: SipMessage | None = None
    answers: asyncio.Queue[SipMessage] = field(default_factory=asyncio.Queue)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    ear: media.KeyEar | None = None
    keys: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    peer: tuple[str, int] = ("", 0)
    last_ack: bytes = b""
    sdp: bytes = b""
    is_outgoing: bool = True
    is_confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    agreed: bytes = b""
    info_seen: int = -1
    is_taken: bool = False


class Agent:
    """Thread-safe from outside: `call`, `close`. Events go to `tell`, on the agent's thread."""

    def __init__(
        self, trunk: Trunk, tell: Callable[[CallEvent], None], on_ring: OnRing | None = None
    ) -> None:
        self.trunk, self._tell, self._on_ring = trunk, tell, on_ring
        self._loop = asyncio.new_event_loop()
        self._calls: dict[str, _Call] = {}
        self._asked: dict[str, asyncio.Queue[SipMessage]] = {}
        self._lines = threading.BoundedSemaphore(trunk.lines)
        self._transport: asyncio.DatagramTransport | None = None
        self._host, self._port = "", 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self.registered_until = 0.0
        self._last_heard = -1e9
        self._ready = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="sip", daemon=True)
        self._thread.start()
        self._ready.wait(10)
        if self._error is not None:
            raise TrunkGone(type(self._error).__name__) from self._error

    # --- from outside -----------------------------------------------------------------------------------------------

    def call(self, number: str, spoken: Spoken) -> Started:
        """Start a call and wait for the trunk's first word. Raises `NoLine`, `TrunkSilent`, `TrunkGone`."""
        if not self._lines.acquire(blocking=False):
            raise NoLine
        first: Future[Started] = Future()
        self._loop.call_soon_threadsafe(self._start, number, spoken, first)
        return first.result(timeout=FIRST_ANSWER_S + 5)

    def free_lines(self) -> int:
        return self._lines._value

    def close(self) -> None:
        """Hang up and stop; waits for the thread."""
        if self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop)
            self._thread.join(BYE_S + 2)

    # --- the loop ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._open())
        except OSError as error:
            self._error = error
            self._ready.set()
            return
        self._ready.set()
        self._loop.run_forever()
        self._loop.close()

    async def _open(self) -> None:
        remote = (self.trunk.server, self.trunk.port)
        local = (self.trunk.local_host or "0.0.0.0", self.trunk.local_port)  # noqa: S104 - a trunk calls back
        self._transport, _ = await self._loop.create_datagram_endpoint(
            lambda: _SipEar(self), local_addr=local
        )
        self._host = self.trunk.local_host or _own_address(remote)
        self._port = self._transport.get_extra_info("sockname")[1]
        if self.trunk.registers:
            self._spawn(self._keep_registered(), "register")

    async def _stop(self) -> None:
        for call in list(self._calls.values()):
            call.over.set()
        for task in list(self._tasks):
            if task.get_name() == "register":
                task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=BYE_S + 1)
        if self._transport is not None:
            self._transport.close()
        self._loop.stop()

    def _spawn(self, work: Any, name: str = "") -> None:
        task = self._loop.create_task(work, name=name or None)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("sip_task_failed", exc_info=task.exception())

    # --- datagrams --------------------------------------------------------------------------------------------------

    def heard(self, data: bytes, source: tuple[str, int]) -> None:
        if not data.strip():
            return  # keep-alive of a router
        try:
            found = message.parse(data)
        except message.BadMessage as error:
            log.info("sip_unreadable", extra={"why": str(error)})
            return
        self._last_heard = self._loop.time()
        if found.method:
            self._request(found, source)
        elif found.cseq[1] in ("REGISTER", "OPTIONS"):
            queue = self._asked.get(found.branch)
            if queue is not None:
                queue.put_nowait(found)
        elif found.call_id in self._calls:
            self._calls[found.call_id].answers.put_nowait(found)

    def _request(self, request: SipMessage, source: tuple[str, int]) -> None:
        call = self._calls.get(request.call_id)
        if request.method == "OPTIONS":
            self._send(message.answer(request, 200, "OK", tag=secrets.token_hex(4)), source)
        elif request.method == "INVITE" and call is None:
            self._ring(request, source)
        elif request.method == "ACK":
            if call is not None:
                call.is_confirmed.set()
        elif call is None:
            self._send(
                message.answer(request, 481, "Call/Transaction Does Not Exist", tag=secrets.token_hex(4)),
                source,
            )
        else:
            self._in_call(call, request, source)

    def _in_call(self, call: _Call, request: SipMessage, source: tuple[str, int]) -> None:
        answer = message.answer(request, 200, "OK")
        if request.method == "BYE" or request.method == "CANCEL":
            call.over.set()
        elif request.method == "INFO":
            if request.cseq[0] > call.info_seen:  # a repeated datagram is one press
                call.info_seen = request.cseq[0]
                key = media.key_of_info(request.get("content-type"), request.body)
                if key:
                    call.keys.put_nowait(key)
        elif request.method == "INVITE":
            if call.agreed:  # a refresh, or our answer was lost
                answer = self._with_contact(
                    message.answer(
                        request,
                        200,
                        "OK",
                        tag=message.tag_of(call.local),
                        body=call.agreed,
                        kind="application/sdp",
                    )
                )
            else:
                return  # a repetition while we ring: the answer is on its way
        elif request.method != "UPDATE":
            answer = message.answer(request, 405, "Method Not Allowed")
        self._send(answer, source)

    def _send(self, what: SipMessage | bytes, to: tuple[str, int] | None = None) -> bytes:
        data = what if isinstance(what, bytes) else message.build(what)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, to or (self.trunk.server, self.trunk.port))
        return data

    def _via(self, branch: str) -> tuple[str, str]:
        return "via", f"SIP/2.0/UDP {self._host}:{self._port};rport;branch={branch}"

    def _contact(self) -> str:
        return f"<sip:{self.trunk.user or 'anlan'}@{self._host}:{self._port}>"

    def _with_contact(self, answer: SipMessage) -> SipMessage:
        answer.headers.append(("contact", self._contact()))
        return answer

    # --- registering ------------------------------------------------------------------------------------------------

    async def _keep_registered(self) -> None:
        while True:
            granted = await self._register()
            await asyncio.sleep(max(5.0, granted * 0.8) if granted else 15.0)

    async def _register(self) -> int:
        """Seconds until it has to be done again; 0 when the trunk did not take us."""
        call_id, count = f"{secrets.token_hex(8)}@{self._host}", 1
        extra: list[tuple[str, str]] = []
        uri = f"sip:{self.trunk.domain}"
        me = f"<sip:{self.trunk.user}@{self.trunk.domain}>"
        tag = secrets.token_hex(5)
        for _ in range(3):
            branch = _branch()
            request = SipMessage(
                method="REGISTER",
                uri=uri,
                headers=[
                    self._via(branch), ("max-forwards", "70"), ("from", f"{me};tag={tag}"), ("to", me), ("call-id", call_id),
                    ("cseq", f"{count} REGISTER"), ("contact", self._contact()), ("expires", str(self.trunk.expires_s)), *extra,
                ],
            )  # fmt: skip
            queue: asyncio.Queue[SipMessage] = asyncio.Queue()
            self._asked[branch] = queue
            try:
                answer = await self._ask(message.build(request), queue)
            finally:
                self._asked.pop(branch, None)
            if answer is None:
                return 0
            if answer.status == 200:
                granted = _expires(answer, self.trunk.expires_s)
                self.registered_until = time.monotonic() + granted
                return granted
            if answer.status not in (401, 407):
                return 0
            count += 1
            try:
                extra = [self._authorization(answer, "REGISTER", uri)]
            except auth.CannotAnswer:
                return 0
        return 0

    def _authorization(self, challenge: SipMessage, method: str, uri: str) -> tuple[str, str]:
        is_proxy = challenge.status == 407
        value = challenge.get("proxy-authenticate" if is_proxy else "www-authenticate")
        made = auth.authorization(
            auth.parse_challenge(value), user=self.trunk.user, password=self.trunk.password, method=method, uri=uri,
            cnonce=secrets.token_hex(8),
        )  # fmt: skip
        return ("proxy-authorization" if is_proxy else "authorization"), made

    async def _ask(
        self, data: bytes, queue: asyncio.Queue[SipMessage], limit_s: float = 8.0
    ) -> SipMessage | None:
        """Repeat a request until a final answer comes; None when none came in time."""
        end, wait = self._loop.time() + limit_s, T1
        self._send(data)
        while (left := end - self._loop.time()) > 0:
            try:
                answer = await asyncio.wait_for(queue.get(), min(wait, left))
            except TimeoutError:
                self._send(data)
                wait = min(wait * 2, T2)
                continue
            if answer.status >= 200:
                return answer
        return None

    async def _is_there(self) -> bool:
        """Whether the trunk lives: heard lately, or it answers OPTIONS. So a dead trunk is "down" and never "may have rung"."""
        if self._loop.time() - self._last_heard < HEARD_S:
            return True
        branch = _branch()
        me = f"<sip:{self.trunk.user or 'anlan'}@{self.trunk.domain}>"
        headers = [
            self._via(branch), ("max-forwards", "70"), ("from", f"{me};tag={secrets.token_hex(5)}"),
            ("to", f"<sip:{self.trunk.domain}>"), ("call-id", f"{secrets.token_hex(8)}@{self._host}"), ("cseq", "1 OPTIONS"),
        ]  # fmt: skip
        queue: asyncio.Queue[SipMessage] = asyncio.Queue()
        self._asked[branch] = queue
        try:
            data = message.build(
                SipMessage(method="OPTIONS", uri=f"sip:{self.trunk.domain}", headers=headers)
            )
            return await self._ask(data, queue, limit_s=3.0) is not None
        finally:
            self._asked.pop(branch, None)

    # --- calling out ------------------------------------------------------------------------------------------------

    def _start(self, number: str, spoken: Spoken, first: Future[Started]) -> None:
        self._spawn(self._outgoing(number, spoken, first))

    async def _outgoing(self, number: str, spoken: Spoken, first: Future[Started]) -> None:
        ear = None
        call_id = f"{secrets.token_hex(12)}@{self._host}"
        try:
            if not await self._is_there():
                first.set_exception(TrunkGone("trunk_silent"))
                return
            ear = await _open_ear(self._loop, self._host)
            call = self._new_call(call_id, number, spoken, ear)
            self._calls[call_id] = call
            answer = await self._invite(call, first)
            if answer is None:
                if not first.done():
                    first.set_exception(TrunkSilent())
                else:
                    self._say(call, NO_ANSWER, status=408)
            elif 200 <= answer.status < 300:
                await self._talk(call, answer, ear)
            elif call.is_taken:
                self._say(call, MEANING_BY_STATUS.get(answer.status, FAILED), status=answer.status)
        except OSError as error:
            if not first.done():
                first.set_exception(TrunkGone(type(error).__name__))
        finally:
            self._calls.pop(call_id, None)
            if ear is not None:
                ear.close()
            self._lines.release()
            if not first.done():
                first.set_exception(TrunkGone("ended"))

    def _new_call(self, call_id: str, number: str, spoken: Spoken, ear: _RtpEar) -> _Call:
        caller = self.trunk.caller or self.trunk.user
        target = f"sip:{number}@{self.trunk.domain}"
        local = f"<sip:{caller}@{self.trunk.domain}>;tag={secrets.token_hex(5)}"
        call = _Call(call_id, number, spoken, local, f"<{target}>", target)
        call.sdp = media.offer(self._host, ear.port, int(time.time()))
        return call

    def _invite_of(self, call: _Call, extra: list[tuple[str, str]]) -> SipMessage:
        call.branch = _branch()
        return SipMessage(
            method="INVITE",
            uri=call.target,
            headers=[
                self._via(call.branch), ("max-forwards", "70"), ("from", call.local), ("to", call.remote),
                ("call-id", call.call_id), ("cseq", f"{call.cseq} INVITE"), ("contact", self._contact()),
                ("allow", "INVITE, ACK, CANCEL, BYE, INFO, OPTIONS, UPDATE"), ("user-agent", "Anlan"), *extra,
                ("content-type", "application/sdp"),
            ],
            body=call.sdp,
        )  # fmt: skip

    async def _invite(self, call: _Call, first: Future[Started]) -> SipMessage | None:
        """The final answer to the call. After the ring time it is cancelled; who picks up in that moment is spoken to."""
        extra: list[tuple[str, str]] = []
        for _ in range(3):
            call.invite = self._invite_of(call, extra)
            answer = await self._final(call, message.build(call.invite), first)
            if answer is None or 200 <= answer.status < 300:
                return answer
            self._acknowledge_refusal(call, answer)
            if answer.status not in (401, 407) or extra:
                _first(first, call, answer.status)
                return answer
            call.cseq += 1
            try:
                extra = [self._authorization(answer, "INVITE", call.target)]
            except auth.CannotAnswer:
                _first(first, call, answer.status)
                return answer
        return None

    async def _final(self, call: _Call, data: bytes, first: Future[Started]) -> SipMessage | None:
        start = self._loop.time()
        wait, is_heard, is_cancelled, heard_at = T1, False, False, start
        end = start + FIRST_ANSWER_S
        again = start + wait
        self._send(data)
        while True:
            now = self._loop.time()
            if now >= end or call.over.is_set():
                if is_cancelled or not is_heard:
                    if not is_cancelled:
                        self._cancel(call)
                    return None
                self._cancel(call)
                is_cancelled, end = True, now + BYE_S
                call.over.clear()
            if is_heard and now >= heard_at + TRYING_S:
                _first(first, call, 100)
            if not is_heard and now >= again:
                self._send(data)
                wait *= 2
                again = now + wait
            try:
                moment = end if is_heard else min(end, again)
                if is_heard and not first.done():
                    moment = min(moment, heard_at + TRYING_S)
                answer = await asyncio.wait_for(call.answers.get(), max(0.01, min(moment - now, 0.5)))
            except TimeoutError:
                continue
            number, method = answer.cseq
            if method != "INVITE" or number != call.cseq:
                continue
            if answer.status < 200:
                if not is_heard:
                    heard_at = self._loop.time()
                    is_heard, end = True, heard_at + self.trunk.ring_s
                if answer.status > 100:
                    _first(first, call, answer.status)
                continue
            if 200 <= answer.status < 300:
                _first(first, call, answer.status)
            return answer

    def _cancel(self, call: _Call) -> None:
        assert call.invite is not None
        headers = [
            self._via(call.branch), ("max-forwards", "70"), ("from", call.local), ("to", call.invite.get("to")),
            ("call-id", call.call_id), ("cseq", f"{call.cseq} CANCEL"),
        ]  # fmt: skip
        self._send(SipMessage(method="CANCEL", uri=call.invite.uri, headers=headers))

    def _acknowledge_refusal(self, call: _Call, answer: SipMessage) -> None:
        assert call.invite is not None
        headers = [
            self._via(call.branch), ("max-forwards", "70"), ("from", call.local), ("to", answer.get("to")),
            ("call-id", call.call_id), ("cseq", f"{call.cseq} ACK"),
        ]  # fmt: skip
        self._send(SipMessage(method="ACK", uri=call.invite.uri, headers=headers))

    # --- talking ----------------------------------------------------------------------------------------------------

    async def _talk(self, call: _Call, answer: SipMessage, ear: _RtpEar) -> None:
        """From the moment of picking up to the end. "Answered" is said first: it happened whatever follows."""
        call.remote = answer.get("to")
        contact = answer.get("contact")
        call.target = message.uri_of(contact) if contact else call.target
        call.routes = list(reversed(answer.all("record-route")))
        call.last_ack = self._send(self._request_in(call, "ACK", call.cseq))
        self._say(call, ANSWERED, status=answer.status)
        try:
            agreed = media.read_sdp(answer.body)
        except media.BadMedia:
            self._say(call, FAILED, status=488)
            await self._bye(call)
            return
        call.agreed = media.offer(
            self._host,
            ear.port,
            int(time.time()),
            payloads=(agreed.payload,),
            events=agreed.events or media.EVENTS,
        )
        self._spawn(self._acknowledge_again(call))
        await self._speak(call, agreed, ear)

    async def _speak(self, call: _Call, agreed: media.Media, ear: _RtpEar) -> None:
        ear.begin(media.KeyEar(agreed.events), call.keys, agreed)
        playing = self._loop.create_task(self._play(call, agreed, ear))
        end = self._loop.time() + self.trunk.talk_s
        try:
            await self._listen(call, playing, end)
        finally:
            playing.cancel()
        if not call.over.is_set():
            await self._bye(call)
        self._say(call, "hung_up")

    async def _listen(self, call: _Call, playing: asyncio.Task[None], end: float) -> None:
        """Until the other side hangs up, the time is over, or no more keys follow the one that means something."""
        while not call.over.is_set() and (left := end - self._loop.time()) > 0:
            try:
                key = await asyncio.wait_for(call.keys.get(), min(left, 0.25))
            except TimeoutError:
                continue
            self._say(call, "key", key=key)
            if not call.spoken.keys or key in call.spoken.keys:
                playing.cancel()
                end = min(end, self._loop.time() + MORE_KEYS_S)
        while not call.keys.empty():  # pressed and hung up in the same moment
            self._say(call, "key", key=call.keys.get_nowait())

    async def _play(self, call: _Call, agreed: media.Media, ear: _RtpEar) -> None:
        """The announcement again and again, one packet every 20 ms by the clock, not by the sum of sleeps."""
        coded = await self._loop.run_in_executor(None, media.packets, call.spoken.sound, agreed.payload)
        quiet = media.silence(agreed.payload)
        out = media.Outgoing(agreed.payload, secrets.randbits(32), secrets.randbits(15), secrets.randbits(31))
        number, start = 0, self._loop.time()
        round_of = len(coded) + PAUSE_PACKETS
        while True:
            at = number % round_of
            ear.send(out.wrap(coded[at] if at < len(coded) else quiet))
            number += 1
            await asyncio.sleep(max(0.0, start + number * 0.02 - self._loop.time()))

    async def _acknowledge_again(self, call: _Call) -> None:
        """A repeated 200 means that our ACK was lost."""
        while call.call_id in self._calls and not call.over.is_set():
            try:
                answer = await asyncio.wait_for(call.answers.get(), 1.0)
            except TimeoutError:
                continue
            if answer.cseq[1] == "INVITE" and 200 <= answer.status < 300:
                self._send(call.last_ack)
            elif answer.cseq[1] == "BYE":
                call.over.set()

    async def _bye(self, call: _Call) -> None:
        """Hang up; a side that does not answer is given up after a while and the line is free again."""
        call.cseq += 1
        data = message.build(self._request_in(call, "BYE", call.cseq))
        end, wait = self._loop.time() + BYE_S, T1
        while self._loop.time() < end and not call.over.is_set():
            self._send(data, call.peer if not call.is_outgoing else None)
            try:
                await asyncio.wait_for(call.over.wait(), wait)
            except TimeoutError:
                wait = min(wait * 2, T2)

    def _request_in(self, call: _Call, method: str, cseq: int) -> SipMessage:
        headers = [self._via(_branch()), ("max-forwards", "70")]
        headers += [("route", value) for value in call.routes]
        headers += [
            ("from", call.local), ("to", call.remote), ("call-id", call.call_id), ("cseq", f"{cseq} {method}"),
        ]  # fmt: skip
        return SipMessage(method=method, uri=call.target, headers=headers)

    def _say(self, call: _Call, what: str, *, key: str = "", status: int = 0) -> None:
        self._tell(CallEvent(call.call_id, call.number, call.spoken.ref, what, time.time(), key, status))

    # --- calls that come in -----------------------------------------------------------------------------------------

    def _ring(self, request: SipMessage, source: tuple[str, int]) -> None:
        if self._on_ring is None or not self._lines.acquire(blocking=False):
            self._send(message.answer(request, 486, "Busy Here", tag=secrets.token_hex(4)), source)
            return
        tag = secrets.token_hex(5)
        caller = request.get("p-asserted-identity") or request.get("from")
        call = _Call(
            request.call_id, message.number_of(caller), Spoken(None, {}), f"{request.get('to')};tag={tag}", request.get("from"),
            message.uri_of(request.get("contact")) or message.uri_of(request.get("from")),
            routes=request.all("record-route"), peer=source, is_outgoing=False,
        )  # fmt: skip
        self._calls[request.call_id] = call
        self._send(message.answer(request, 100, "Trying"), source)
        self._spawn(self._incoming(call, request, source, tag))

    async def _incoming(self, call: _Call, request: SipMessage, source: tuple[str, int], tag: str) -> None:
        ear = None
        try:
            self._send(message.answer(request, 180, "Ringing", tag=tag), source)
            assert self._on_ring is not None
            spoken = await self._loop.run_in_executor(None, self._on_ring, call.call_id, call.number)
            if call.over.is_set():
                self._send(message.answer(request, 487, "Request Terminated", tag=tag), source)
                return
            if spoken is None:
                self._send(message.answer(request, 480, "Temporarily Unavailable", tag=tag), source)
                return
            call.spoken = spoken
            try:
                agreed = media.read_sdp(request.body)
            except media.BadMedia:
                self._send(message.answer(request, 488, "Not Acceptable Here", tag=tag), source)
                return
            ear = await _open_ear(self._loop, self._host)
            call.agreed = media.offer(
                self._host,
                ear.port,
                int(time.time()),
                payloads=(agreed.payload,),
                events=agreed.events or media.EVENTS,
            )
            ok = message.answer(request, 200, "OK", tag=tag, body=call.agreed, kind="application/sdp")
            if await self._confirmed(call, message.build(self._with_contact(ok)), source):
                await self._speak(call, agreed, ear)
        finally:
            self._calls.pop(call.call_id, None)
            if ear is not None:
                ear.close()
            self._lines.release()

    async def _confirmed(self, call: _Call, ok: bytes, source: tuple[str, int]) -> bool:
        """Our 200 is repeated until the ACK comes."""
        wait, end = T1, self._loop.time() + 16.0
        while self._loop.time() < end and not call.over.is_set():
            self._send(ok, source)
            try:
                await asyncio.wait_for(call.is_confirmed.wait(), wait)
            except TimeoutError:
                wait = min(wait * 2, T2)
                continue
            return True
        return False


class _SipEar(asyncio.DatagramProtocol):
    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            self._agent.heard(data, addr)
        except Exception:  # one bad datagram never ends the others' calls
            log.exception("sip_datagram_failed")


class _RtpEar(asyncio.DatagramProtocol):
    """The sound socket of one call. Sound goes where the other side's own packets come from, once there are some (NAT)."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None
        self._ear: media.KeyEar | None = None
        self._keys: asyncio.Queue[str] | None = None
        self._to = ("", 0)
        self.port = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def begin(self, ear: media.KeyEar, keys: asyncio.Queue[str], agreed: media.Media) -> None:
        self._ear, self._keys, self._to = ear, keys, (agreed.host, agreed.port)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._ear is None or self._keys is None or addr[0] != self._to[0]:
            return
        self._to = addr
        key = self._ear.hear(data)
        if key:
            self._keys.put_nowait(key)

    def send(self, packet: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(packet, self._to)

    def error_received(self, exc: Exception) -> None:
        """The other side closed its port before it said so."""

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def _open_ear(loop: asyncio.AbstractEventLoop, host: str) -> _RtpEar:
    _, ear = await loop.create_datagram_endpoint(_RtpEar, local_addr=(host, 0))
    return ear


def _first(first: Future[Started], call: _Call, status: int) -> None:
    """What the caller learns. A final answer that says the call was never made has no receipt beside it."""
    if status < 300 or status in MEANING_BY_STATUS:
        call.is_taken = True
    if not first.done():
        first.set_result(Started(call.call_id, status))


def _branch() -> str:
    return f"z9hG4bK{secrets.token_hex(8)}"


def _expires(answer: SipMessage, default: int) -> int:
    found = answer.get("expires") or answer.get("contact").partition("expires=")[2].partition(";")[0]
    return int(found) if found.isdigit() else default


def _own_address(remote: tuple[str, int]) -> str:
    """The address from which this machine reaches the trunk; nothing is sent for it."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(remote)
        return str(probe.getsockname()[0])
