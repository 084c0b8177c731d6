"""The route "sip": messages become calls, what happens in them becomes events like those of a phone gateway."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from anlan.dissemination.channels import (
    Asked,
    ChannelBusy,
    ChannelDown,
    ChannelRefused,
    ChannelUncertain,
    Handed,
    Message,
    Trace,
    speech,
)
from anlan.dissemination.channels.routing import RouteSettings
from anlan.dissemination.channels.sip.agent import (
    MEANING_BY_STATUS,
    Agent,
    CallEvent,
    NoLine,
    OnRing,
    Spoken,
    Trunk,
    TrunkGone,
    TrunkSilent,
)
from anlan.dissemination.types import PhoneEvent

_STATUSES = frozenset({"answered", "busy", "no_answer", "failed"})
#: These say that the number will never be reached, RFC 3261: bad address, gone, not found, incomplete.
_NEVER = frozenset({404, 410, 484, 604})
#: And these that the trunk does not want us or cannot now.
_OURS = frozenset({401, 403, 407})
#: Calls remembered for questions.
_REMEMBERED = 5_000

#: Asked when somebody rings back: (call id, number) → text, keys, reference; None: `dissemination.ringing`.
_on_ring: Callable[[str, str], tuple[str, dict[str, str], str] | None] | None = None


def answer_with(asked: Callable[[str, str], tuple[str, dict[str, str], str] | None] | None) -> None:
    """Say who decides what a person hears that rings in; None puts the county's own answer back."""
    global _on_ring
    _on_ring = asked


class SipRoute:
    """One trunk. Events wait here until they were stored; a crash loses those of the calls that were going on."""

    def __init__(self, trunk: Trunk, *, voice: Callable[[str], bytes] = speech.speak) -> None:
        self.trunk, self._voice = trunk, voice
        self._events: OrderedDict[str, PhoneEvent] = OrderedDict()
        self._known: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()
        self._agent: Agent | None = None
        self._counter = 0

    def send(self, message: Message) -> Handed:
        """Taken once the trunk said that it tries. Without a voice engine nothing rings: silence is no announcement."""
        try:
            sound = speech.pcm_8k(self._voice(message.occasion.voice_text or message.text))
        except speech.NoVoiceEngine as error:
            raise ChannelDown("no_voice_engine") from error
        except speech.VoiceFailed as error:
            raise ChannelDown(f"voice_{error}"[:60]) from error
        try:
            started = self._open().call(
                message.address, Spoken(sound, dict(message.keys or {}), message.send_key)
            )
        except NoLine as error:
            raise ChannelBusy("all_lines") from error
        except TrunkSilent as error:
            raise ChannelUncertain("no_response") from error
        except (TrunkGone, OSError) as error:
            raise ChannelDown(str(error) or type(error).__name__) from error
        _judge(started.status)
        with self._lock:
            self._known[message.send_key] = started.call_id
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return Handed(started.call_id[:80], time.time())

    def ask(self, send_key: str) -> Asked:
        """Only what this process itself did; a trunk answers no such question."""
        with self._lock:
            call_id = self._known.get(send_key)
        return Asked(Trace.KNOWN, call_id[:80]) if call_id else Asked(Trace.CANNOT_TELL)

    def collect(self) -> list[PhoneEvent]:
        """Opens the trunk, so that whoever rings back is heard also while nothing is sent."""
        try:
            self._open()
        except (TrunkGone, OSError):
            return []
        with self._lock:
            return list(self._events.values())

    def stored(self, event_ids: Sequence[str]) -> None:
        with self._lock:
            for event_id in event_ids:
                self._events.pop(event_id, None)

    def close(self) -> None:
        with self._lock:
            agent, self._agent = self._agent, None
        if agent is not None:
            agent.close()

    def _open(self) -> Agent:
        with self._lock:
            if self._agent is None:
                self._agent = Agent(self.trunk, self._tell, self._ring)
            return self._agent

    def _ring(self, call_id: str, number: str) -> Spoken | None:
        said = (_on_ring or _the_countys_answer)(call_id, number)
        if said is None:
            return None
        text, keys, ref = said
        try:
            return Spoken(speech.pcm_8k(self._voice(text)), keys, ref)
        except (speech.NoVoiceEngine, speech.VoiceFailed):
            return None

    def _tell(self, event: CallEvent) -> None:
        if event.what not in _STATUSES and event.what != "key":
            return
        with self._lock:
            self._counter += 1
            event_id = f"{event.call_id[:64]}-{self._counter}"
            self._events[event_id] = PhoneEvent(
                event_id=event_id,
                type="keypress" if event.what == "key" else "receipt",
                happened_at=datetime.fromtimestamp(event.wall, UTC),
                client_ref=event.ref,
                provider_ref=event.call_id[:80],
                status="" if event.what == "key" else event.what,
                sender=event.number,
                key=event.key,
            )


def _the_countys_answer(call_id: str, number: str) -> tuple[str, dict[str, str], str] | None:
    from anlan.dissemination.ringing import answer  # the county's database; a route alone needs none

    return answer(call_id, number)


def _judge(status: int) -> None:
    """The first word of the trunk. Busy and nobody there are outcomes of a call that was made, and come as receipts."""
    if status < 300 or MEANING_BY_STATUS.get(status) is not None:
        return
    if status in _NEVER:
        raise ChannelRefused(f"sip_{status}")
    if status in _OURS or status >= 500 or status < 400:
        raise ChannelDown(f"sip_{status}")
    raise ChannelRefused(f"sip_{status}")


_routes: dict[Trunk, SipRoute] = {}
_routes_lock = threading.Lock()


def open_route(entry: RouteSettings) -> SipRoute:
    """One agent for one trunk in a process, however often the channels are opened."""
    trunk = trunk_of(entry)
    with _routes_lock:
        return _routes.setdefault(trunk, SipRoute(trunk))


def trunk_of(entry: RouteSettings) -> Trunk:
    """From `routes.json`; the password only from `password_file` or `password_env`."""
    if "password" in entry.values:
        raise entry.bad("the password must not stand here: give password_file or password_env")
    server = entry.text("server")
    return Trunk(
        server=server,
        port=int(entry.number("port", 5060)),
        domain=entry.text("domain", server),
        user=entry.text("user", ""),
        password=entry.text("password", ""),
        caller=entry.text("caller", ""),
        local_host=entry.text("local_host", ""),
        local_port=int(entry.number("local_port", 0)),
        registers=entry.values.get("registers", True) is True,
        lines=max(1, int(entry.number("lines", 8))),
        ring_s=entry.number("ring_s", 35.0),
        talk_s=entry.number("talk_s", 120.0),
    )


__all__ = ["OnRing", "SipRoute", "answer_with", "open_route", "trunk_of"]
