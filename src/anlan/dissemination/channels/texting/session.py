"""One route over one connection that is kept: log in, window, pace, tests of the link, reconnect, receipts and replies.

Rules (promise 3): a part is submitted once. Lost before its first byte left: `ChannelDown`. Sent without a response, for whatever
reason: `ChannelUncertain`, never sent again in here. Only a part that the gateway said it did not take ("too fast") is tried again.

One thread reads and keeps the link; the outbox's threads submit and wait for their response. What comes in waits in
`collect` and is confirmed on the wire by `stored`.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import select
import socket
import ssl
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from anlan.dissemination.channels import (
    Asked,
    ChannelDown,
    ChannelRefused,
    ChannelUncertain,
    Handed,
    Message,
    Trace,
)
from anlan.dissemination.channels.segments import Plan, TooLong, plan, signed
from anlan.dissemination.channels.texting.book import Book, reference
from anlan.dissemination.channels.texting.dialect import (
    Answered,
    Dialect,
    Farewell,
    Happening,
    LoggedIn,
    LoginRefused,
    Part,
    Receipt,
    Say,
    StillThere,
    Unreadable,
    Verdict,
    Words,
)
from anlan.dissemination.channels.texting.joining import Joined, Joiner
from anlan.dissemination.channels.texting.pace import Pace
from anlan.dissemination.channels.texting.state import CONNECTING, DOWN, UP, RouteState
from anlan.dissemination.channels.texting.wire import Framer, WireError
from anlan.dissemination.types import PhoneEvent

log = logging.getLogger("anlan.texting")

#: Waits before the first, second … new connection, seconds. Engineering choice.
RECONNECT_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
#: How often the reading thread looks up when nothing comes, seconds.
TICK_S = 0.1
#: Events that may wait for the store; beyond, nothing is confirmed, and the gateway sends it again.
MOST_WAITING = 5_000
#: Events given out at once.
TOGETHER = 200
#: Responses that came too late are still understood for so many parts.
MOST_LATE = 2_000
#: How often a later part that was "too fast" is tried again; the first part is left to the outbox.
TRIES_OF_A_PART = 4
FORGET_S = 3600.0


@dataclass(frozen=True, slots=True)
class Line:
    """How a route is reached and how fast it may speak. All but the address are parameters with engineering defaults."""

    host: str
    port: int
    window: int = 16
    per_second: float = 50.0
    #: Idle time after which the link is tested, and how many tests in a row may stay unanswered.
    test_after_s: float = 30.0
    tests_lost_most: int = 3
    response_s: float = 10.0
    connect_s: float = 5.0
    #: How long a submit waits for the link or for its turn; the lease of a delivery is 60 s.
    patience_s: float = 4.0
    #: How long a receipt waits for the response that names its message.
    receipt_hold_s: float = 15.0
    is_tls: bool = False
    signature: str = ""
    #: The carrier puts the signature before the text itself; we leave room for it.
    carrier_signs: bool = False
    country_prefix: str = ""


@dataclass(slots=True)
class _Waiting:
    """A submitted part on its way."""

    attempt: str
    send_key: str
    number: int
    total: int
    came: threading.Event = field(default_factory=threading.Event)
    answer: Answered | None = None


@dataclass(slots=True)
class _Kept:
    event: PhoneEvent
    confirms: list[tuple[int, bytes]]


@dataclass(slots=True)
class _Early:
    """A receipt about a message that we do not know (yet)."""

    receipt: Receipt
    generation: int
    until: float


class TextRoute:
    """See the module. `send`, `ask`, `collect`, `stored`, `state` and `close` are safe in several threads."""

    def __init__(self, name: str, line: Line, dialect: Dialect, book: Book) -> None:
        self.name = name
        self.line = line
        self.dialect = dialect
        self.book = book
        self.pace = Pace(line.per_second)
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._writing = threading.Lock()
        self._window = threading.BoundedSemaphore(line.window)
        self._sequences = itertools.count(int.from_bytes(os.urandom(2), "big") + 1)
        self._references = itertools.count(os.urandom(1)[0])
        self._waiting: dict[int, _Waiting] = {}
        self._late: OrderedDict[int, _Waiting] = OrderedDict()
        self._kept: dict[str, _Kept] = {}
        self._early: list[_Early] = []
        self._tickets: dict[str, tuple[int, bytes]] = {}
        self._socket: socket.socket | None = None
        self._generation = 0
        self._joiner = Joiner()
        self._told = RouteState(since=time.time())
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._forget_at = 0.0

    # --- what the outbox asks for -----------------------------------------------------------------------------------

    def send(self, message: Message) -> Handed:
        """All parts, one after the other. `provider_ref` is the number of the first (see `book.reference`)."""
        made = self._planned(message)
        self._require_up()
        attempt = uuid.uuid4().hex
        self.book.begin(attempt, message.send_key, made.segments, at=time.time())
        joint = next(self._references) & 0xFF
        ids: list[str] = []
        for number, text in enumerate(made.parts, 1):
            part = Part(self._outward(message.address), text, made.alphabet, joint, number, made.segments)
            waiting = _Waiting(attempt, message.send_key, number, made.segments)
            try:
                ids.append(self._submit_patiently(part, waiting))
            except (ChannelDown, ChannelRefused) as error:
                raise self._half_way(error, waiting) from error
        self._count("sent")
        return Handed(reference(ids), time.time(), self.name)

    def ask(self, send_key: str) -> Asked:
        """From the book: no protocol here can be asked about a message whose response was lost."""
        trace, ref = self.book.trace(send_key)
        return Asked(trace, ref)

    def collect(self) -> list[PhoneEvent]:
        """Everything that is not stored yet, oldest first, at most `TOGETHER`. Starts the link."""
        self._start()
        with self._lock:
            return [kept.event for kept in itertools.islice(self._kept.values(), TOGETHER)]

    def stored(self, event_ids: Sequence[str]) -> None:
        """Confirm to the gateway what is in the database now. What came over a link that is gone it will send again."""
        with self._lock:
            confirms = [one for key in event_ids if key in self._kept for one in self._kept.pop(key).confirms]
        self._confirm(confirms)

    def state(self) -> RouteState:
        with self._lock:
            return replace(self._told, in_flight=len(self._waiting), waiting=len(self._kept))

    @property
    def is_closed(self) -> bool:
        return self._closing.is_set()

    def close(self) -> None:
        """Say goodbye; harmless when repeated. What is under way becomes uncertain."""
        if self._closing.is_set():
            return
        self._closing.set()
        with self._lock:
            link = self._socket
        if link is not None:
            with contextlib.suppress(OSError):
                self._write(self.dialect.goodbye(self._next()))
        if self._thread is not None:
            self._thread.join(timeout=2)
        self._drop_link("closed")
        self.book.close()

    # --- submitting -------------------------------------------------------------------------------------------------

    def _planned(self, message: Message) -> Plan:
        try:
            made = plan(signed(message.text, self.line.signature), gsm7=self.dialect.has_gsm7)
        except TooLong as error:
            raise ChannelRefused("too_long") from error
        if not self.line.carrier_signs:
            return made
        mark = signed("", self.line.signature)
        return replace(made, parts=(made.parts[0].removeprefix(mark), *made.parts[1:]))

    def _submit_patiently(self, part: Part, waiting: _Waiting) -> str:
        for tried in range(1, TRIES_OF_A_PART + 1):
            if not self.pace.wait(self.line.patience_s):
                raise ChannelDown("throttled" if self.pace.rests_s else "quota")
            answer = self._submit(part, waiting)
            if answer.verdict is Verdict.TAKEN:
                self.pace.went_well()
                return answer.message_id
            if answer.verdict is Verdict.REFUSED:
                self._count("refused")
                raise ChannelRefused(answer.code)
            if answer.verdict is Verdict.DOWN:
                raise ChannelDown(answer.code)
            self.pace.too_fast()
            self._count("throttled")
            if part.number == 1 or tried == TRIES_OF_A_PART:
                break
            waiting.came.clear()
        raise ChannelDown("throttled")

    def _submit(self, part: Part, waiting: _Waiting) -> Answered:
        """One part, once. Raises `ChannelDown` while nothing has left, afterwards only `ChannelUncertain`."""
        if not self._window.acquire(timeout=self.line.patience_s):
            raise ChannelDown("window_full")
        sequence = self._next()
        try:
            frame = self.dialect.submit(sequence, part)
        except WireError as error:
            self._window.release()
            raise ChannelRefused("cannot_be_written") from error
        try:
            return self._wait_for(sequence, frame, waiting)
        finally:
            self._window.release()

    def _wait_for(self, sequence: int, frame: bytes, waiting: _Waiting) -> Answered:
        with self._lock:
            if self._socket is None or self._told.state != UP:
                raise ChannelDown("link_down")
            self._waiting[sequence] = waiting
        try:
            self._write(frame)
        except OSError as error:
            self._forget(sequence, waiting)
            self._drop_link(type(error).__name__)
            raise self._uncertain("link_lost") from error
        waiting.came.wait(self.line.response_s)
        with self._lock:
            answer = waiting.answer
            if answer is None:
                self._forget(sequence, waiting)
        if answer is None:
            raise self._uncertain("no_response")
        return answer

    def _forget(self, sequence: int, waiting: _Waiting) -> None:
        """Its response may still come; then it is understood."""
        with self._lock:
            self._waiting.pop(sequence, None)
            self._late[sequence] = waiting
            while len(self._late) > MOST_LATE:
                self._late.popitem(last=False)

    def _half_way(
        self, error: ChannelDown | ChannelRefused, waiting: _Waiting
    ) -> ChannelDown | ChannelRefused | ChannelUncertain:
        """What a failed part means for the message: with earlier parts out it is no longer true that nothing left."""
        if waiting.number == 1:
            self.book.never_left(waiting.attempt)
            return error
        said = f"part_{waiting.number}_of_{waiting.total}_{error}"
        if isinstance(error, ChannelRefused):
            return ChannelRefused(f"{said}_earlier_parts_left")
        return self._uncertain(said)

    def _uncertain(self, why: str) -> ChannelUncertain:
        self._count("uncertain")
        return ChannelUncertain(why, route=self.name)

    # --- the link ---------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name=f"route-{self.name}", daemon=True)
                self._thread.start()

    def _require_up(self) -> None:
        if self.is_closed:
            raise ChannelDown("closed")
        self._start()
        with self._changed:
            if self._changed.wait_for(lambda: self._told.state == UP, timeout=self.line.patience_s):
                return
            raise ChannelDown(self._told.last_error or "not_connected")

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set():
            began = time.monotonic()
            try:
                self._session()
            except (OSError, WireError) as error:
                self._drop_link(_code(error))
            except Exception as error:  # the link must come back whatever it was
                log.exception("route_failed", extra={"route": self.name})
                self._drop_link(type(error).__name__)
            failures = 0 if time.monotonic() - began > RECONNECT_S[-1] else failures + 1
            self._closing.wait(
                RECONNECT_S[min(failures, len(RECONNECT_S)) - 1] if failures else RECONNECT_S[0]
            )

    def _session(self) -> None:
        """Connect, log in, then read until the link ends; always ends with an error that says why."""
        self._set(CONNECTING)
        link = self._connect()
        framer = Framer(self.dialect.header, self.dialect.most)
        with self._lock:
            self._generation += 1
            self._socket = link
        self._write(self.dialect.login(self._next()))
        watch = _Watch(self.line, time.monotonic())
        while not self._closing.is_set():
            data = self._read(link)
            now = time.monotonic()
            if data is not None:
                watch.heard(now)
            for frame in framer.feed(data or b""):
                self._handle(self.dialect.read(frame), watch)
            if watch.is_test_due(now):
                self._write(self.dialect.test(self._next()))
            self._look_after(now)

    def _connect(self) -> socket.socket:
        link = socket.create_connection((self.line.host, self.line.port), timeout=self.line.connect_s)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.line.is_tls:
            link = ssl.create_default_context().wrap_socket(link, server_hostname=self.line.host)
        link.settimeout(self.line.response_s)
        return link

    def _read(self, link: socket.socket) -> bytes | None:
        """Bytes, or None when nothing came for a moment. Raises `OSError` when the link has ended."""
        pending = link.pending() if isinstance(link, ssl.SSLSocket) else 0
        if not pending:
            poll = select.poll()
            poll.register(link, select.POLLIN)
            if not poll.poll(TICK_S * 1000):
                return None
        data = link.recv(65_536)
        if not data:
            raise ConnectionResetError("closed_by_peer")
        return data

    def _write(self, frame: bytes) -> None:
        with self._lock:
            link = self._socket
        if link is None:
            raise ConnectionResetError("link_down")
        with self._writing:
            link.sendall(frame)

    def _drop_link(self, why: str) -> None:
        """Whoever waits for a response learns at once that it will not come."""
        with self._changed:
            link, self._socket = self._socket, None
            self._generation += 1
            lost, self._waiting = self._waiting, {}
            self._told.last_error = why[:60]
            self._tickets.clear()
            self._joiner = Joiner()
            self._set(DOWN)
        if link is not None:
            with contextlib.suppress(OSError):
                link.close()
        for waiting in lost.values():
            waiting.came.set()

    def _set(self, state: str) -> None:
        with self._changed:
            if self._told.state != state:
                self._told.state, self._told.since = state, time.time()
            self._changed.notify_all()

    # --- what comes in ----------------------------------------------------------------------------------------------

    def _handle(self, one: Happening, watch: _Watch) -> None:
        match one:
            case LoggedIn():
                watch.logged_in()
                with self._lock:
                    self._told.last_error = ""
                self._set(UP)
            case LoginRefused():
                raise WireError(f"login_refused_{one.code}")
            case Answered():
                self._answered(one)
            case Receipt():
                self._receipt(one)
            case Words():
                self._words(one)
            case Say():
                self._write(one.data)
            case StillThere():
                pass
            case Unreadable():
                self._count("unreadable")
                if one.data:
                    self._write(one.data)
            case Farewell():
                self._write(one.data)
                raise ConnectionResetError("ended_by_peer")

    def _answered(self, answer: Answered) -> None:
        """The book knows the number before anybody can ask about it, and before its receipt is looked at."""
        with self._lock:
            waiting = self._waiting.pop(answer.sequence, None)
            late = None if waiting is not None else self._late.pop(answer.sequence, None)
        known = waiting or late
        if known is None:
            return
        if answer.verdict is Verdict.TAKEN:
            self.book.taken(answer.message_id, known.attempt, known.number, at=time.time())
            with self._lock:
                self._told.last_sent_at = time.time()
                early = [one for one in self._early if one.receipt.message_id == answer.message_id]
                self._early = [one for one in self._early if one not in early]
            if late is not None:
                self._came_late(late)
            for one in early:
                self._report(one.receipt, one.generation)
        if waiting is not None:
            waiting.answer = answer
            waiting.came.set()

    def _came_late(self, waiting: _Waiting) -> None:
        """The attempt was called uncertain; when all of its parts are there now, it was sent."""
        if self.book.trace(waiting.send_key)[0] is Trace.KNOWN:
            self._keep(f"{waiting.attempt}:sent", "receipt", [], client_ref=waiting.send_key, status="sent")

    def _receipt(self, receipt: Receipt) -> None:
        with self._lock:
            self._told.receipts += 1
            self._told.last_receipt_at = time.time()
            generation = self._generation
        if not receipt.status:
            self._confirm([(generation, receipt.confirm)])
        elif not self._report(receipt, generation):
            with self._lock:
                if len(self._early) < MOST_WAITING:
                    until = time.monotonic() + self.line.receipt_hold_s
                    self._early.append(_Early(receipt, generation, until))
                else:
                    self._told.not_kept += 1

    def _report(self, receipt: Receipt, generation: int) -> bool:
        """False when no part has this number. A part that does not settle its message is in the book, which is enough."""
        fate = self.book.report(receipt.message_id, receipt.status)
        if fate is None:
            return False
        confirm = (generation, receipt.confirm)
        if fate.status:
            self._keep(
                f"{fate.attempt}:{fate.status}",
                "receipt",
                [confirm],
                client_ref=fate.send_key,
                status=fate.status,
            )
        else:
            self._confirm([confirm])
        return True

    def _words(self, words: Words) -> None:
        ticket = uuid.uuid4().hex
        with self._lock:
            generation = self._generation
            self._tickets[ticket] = (generation, words.confirm)
        if words.piece is None:
            mark = f"{words.mark or ticket}:words"
            self._reply(Joined(words.sender, words.text, (ticket,)), mark)
            return
        for joined in self._joiner.add(
            words.sender, words.to, words.piece, words.text, ticket, now=time.monotonic()
        ):
            self._reply(joined, f"{joined.tickets[0]}:words")

    def _reply(self, joined: Joined, mark: str) -> None:
        with self._lock:
            self._told.replies += 1
            confirms = [self._tickets.pop(ticket) for ticket in joined.tickets if ticket in self._tickets]
        self._keep(mark, "reply", confirms, sender=self._inward(joined.sender), text=joined.text[:300])

    def _keep(
        self,
        event_id: str,
        kind: str,
        confirms: list[tuple[int, bytes]],
        *,
        client_ref: str = "",
        provider_ref: str = "",
        status: str = "",
        sender: str = "",
        text: str = "",
    ) -> None:
        """The same thing told again adds only its confirmation."""
        happened_at = datetime.now(UTC)
        event = PhoneEvent(
            event_id=event_id[:80],
            type="reply" if kind == "reply" else "receipt",
            happened_at=happened_at,
            client_ref=client_ref,
            provider_ref=provider_ref,
            status=status,
            sender=sender,
            text=text,
        )
        with self._lock:
            known = self._kept.get(event.event_id)
            if known is not None:
                known.confirms += confirms
            elif len(self._kept) < MOST_WAITING:
                self._kept[event.event_id] = _Kept(event, confirms)
            else:
                self._told.not_kept += 1

    def _look_after(self, now: float) -> None:
        """Receipts that no response explained, texts that stayed incomplete, old pages of the book."""
        with self._lock:
            unknown = [one for one in self._early if one.until <= now]
            self._early = [one for one in self._early if one.until > now]
            self._told.unknown_receipts += len(unknown)
        for one in unknown:
            receipt = one.receipt
            self._keep(
                f"?{receipt.message_id[:60]}:{receipt.status}",
                "receipt",
                [(one.generation, receipt.confirm)],
                provider_ref=receipt.message_id[:80],
                status=receipt.status,
            )
        for joined in self._joiner.overdue(now=now):
            self._reply(joined, f"{joined.tickets[0]}:words")
        if now > self._forget_at:
            self._forget_at = now + FORGET_S
            self.book.forget_old(now=time.time())

    def _confirm(self, confirms: Sequence[tuple[int, bytes]]) -> None:
        for generation, frame in confirms:
            with self._lock:
                is_current = generation == self._generation and self._socket is not None
            if is_current:
                with contextlib.suppress(OSError):  # the gateway sends it again, and it is known then
                    self._write(frame)

    # --- small things -----------------------------------------------------------------------------------------------

    def _next(self) -> int:
        return next(self._sequences) & 0x7FFFFFFF or self._next()

    def _count(self, name: str) -> None:
        with self._lock:
            setattr(self._told, name, getattr(self._told, name) + 1)

    def _outward(self, address: str) -> str:
        return self.line.country_prefix + address if self.line.country_prefix else address

    def _inward(self, address: str) -> str:
        """Without the country: people's numbers stand in the directory as they are dialled inside it."""
        bare = address.removeprefix("+")
        return bare[2:] if bare.startswith("86") and len(bare) == 13 else bare


@dataclass(slots=True)
class _Watch:
    """When the link is tested, and when it is given up. Anything that comes shows that it lives."""

    line: Line
    heard_at: float
    tests: int = 0
    is_in: bool = False

    def heard(self, now: float) -> None:
        self.heard_at, self.tests = now, 0

    def logged_in(self) -> None:
        self.is_in = True

    def is_test_due(self, now: float) -> bool:
        idle = now - self.heard_at
        if not self.is_in:
            if idle > self.line.response_s:
                raise TimeoutError("no_answer_to_login")
            return False
        if idle < self.line.test_after_s * (self.tests + 1):
            return False
        if self.tests >= self.line.tests_lost_most:
            raise TimeoutError("link_tests_lost")
        self.tests += 1
        return True


def _code(error: Exception) -> str:
    text = str(error)
    return text if text and " " not in text and len(text) <= 60 else type(error).__name__
