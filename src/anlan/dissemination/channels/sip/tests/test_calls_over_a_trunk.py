"""Real datagrams between the route and an exchange that checks every one of them."""

from __future__ import annotations

import io
import itertools
import math
import struct
import time
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from anlan.dissemination.channels import (
    ChannelBusy,
    ChannelDown,
    ChannelRefused,
    ChannelUncertain,
    Message,
    speech,
)
from anlan.dissemination.channels.sip import agent, route
from anlan.dissemination.channels.sip.agent import Trunk
from anlan.dissemination.channels.sip.route import SipRoute
from anlan.dissemination.channels.tests.peers import free_port, wait_until
from simulator.sip.phone import Exchange, Habit

NUMBER = "10000000001"
TEXT = "云岭县：请立即转移，听清请按1。"


def tone(_text: str, seconds: float = 0.4) -> bytes:
    """A voice for tests: a tone of 440 Hz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(
            b"".join(
                struct.pack("<h", int(9000 * math.sin(2 * math.pi * 440 * n / 16_000)))
                for n in range(int(16_000 * seconds))
            )
        )
    return out.getvalue()


class Line:
    """A route and the exchange at its other end."""

    def __init__(self, habits: dict[str, Habit], **trunk: Any) -> None:
        user, password = str(trunk.pop("user", "")), str(trunk.pop("password", ""))
        wrong = str(trunk.pop("our_password", password))
        self.exchange = Exchange(habits, user=user, password=password)
        given: dict[str, Any] = {"registers": bool(user), "ring_s": 2.0, "talk_s": 6.0, "lines": 4} | trunk
        self.trunk = Trunk(
            "127.0.0.1",
            self.exchange.port,
            "127.0.0.1",
            user or "anlan",
            wrong,
            local_host="127.0.0.1",
            **given,
        )
        self.route = SipRoute(self.trunk, voice=tone)

    def call(self, number: str = NUMBER, key: str = "key-1") -> str:
        return self.route.send(
            Message(key, number, TEXT, "山洪叫应", {"1": "answered", "2": "acting"})
        ).provider_ref

    def events(self, kind: str = "") -> list[str]:
        found = self.route.collect()
        return [one.status or f"key {one.key}" for one in found if kind in ("", one.type)]

    def wait_for(self, *wanted: str, limit_s: float = 8.0) -> None:
        wait_until(lambda: list(wanted) == self.events(), limit_s)
        assert self.events() == list(wanted)

    def settle(self) -> None:
        """Every call has ended on both sides and every line is free."""
        assert self.route._agent is not None
        wait_until(
            lambda: self.route._agent is not None and self.route._agent.free_lines() == self.trunk.lines, 8
        )
        assert self.route._agent.free_lines() == self.trunk.lines

    def stop(self) -> None:
        self.route.close()
        self.exchange.stop()


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Line]]:
    monkeypatch.setattr(agent, "MORE_KEYS_S", 0.5)
    monkeypatch.setattr(agent, "BYE_S", 1.0)
    made: list[Line] = []

    def make(habits: dict[str, Habit], **trunk: Any) -> Line:
        made.append(Line(habits, **trunk))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def test_a_call_that_is_picked_up_and_a_pressed_key_come_out_as_receipt_and_key(
    line: Callable[..., Line],
) -> None:
    here = line({NUMBER: Habit(keys="1")})
    reference = here.call()
    here.wait_for("answered", "key 1")
    here.settle()
    events = here.route.collect()
    assert [one.client_ref for one in events] == ["key-1", "key-1"]
    assert {one.provider_ref for one in events} == {reference}
    assert events[1].sender == NUMBER
    assert here.exchange.talks[0].was_hung_up == "caller"
    assert here.exchange.faults == []


def test_events_stay_until_they_are_stored(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(keys="1")})
    here.call()
    here.wait_for("answered", "key 1")
    first = here.route.collect()[0]
    here.route.stored([first.event_id])
    assert here.events() == ["key 1"]


def test_a_key_by_sip_info_counts_once_although_the_datagram_came_twice(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(keys="2", by="info")})
    here.call()
    here.wait_for("answered", "key 2")
    here.settle()
    assert here.events() == ["answered", "key 2"]
    assert here.exchange.faults == []


def test_numbers_after_the_first_key_are_heard_too(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(keys="212")})
    here.call()
    here.wait_for("answered", "key 2", "key 1", "key 2")


def test_the_announcement_is_repeated_until_somebody_hangs_up(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(hangs_up_after_s=3.0)})
    here.call()
    here.wait_for("answered")
    here.settle()
    talk = here.exchange.talks[0]
    loud = [packet[12:] != b"\xd5" * 160 for packet in talk.packets]
    assert sum(1 for before, now in itertools.pairwise(loud) if now and not before) >= 1
    assert talk.was_hung_up == "callee"
    assert here.exchange.faults == []


def test_what_is_heard_is_what_was_spoken(line: Callable[..., Line]) -> None:
    """The tone is found again in the packets, by an A-law decoder written here from the standard's table."""
    here = line({NUMBER: Habit(hangs_up_after_s=0.6)})
    here.call()
    here.settle()
    coded = b"".join(packet[12:] for packet in here.exchange.talks[0].packets)[1600:2400]
    heard = [_a_law_to_linear(byte) for byte in coded]
    crossings = sum(1 for before, now in itertools.pairwise(heard) if before < 0 <= now)
    assert crossings == pytest.approx(44, abs=2)
    assert max(heard) == pytest.approx(9000, rel=0.1)


def _a_law_to_linear(byte: int) -> int:
    byte ^= 0x55
    exponent, mantissa = (byte >> 4) & 7, byte & 15
    size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if byte & 0x80 else -size


def test_mu_law_where_the_other_side_wants_it(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(keys="1", payload=0)})
    here.call()
    here.wait_for("answered", "key 1")
    here.settle()
    assert here.exchange.faults == []


def test_busy_and_nobody_there_are_told_apart(line: Callable[..., Line]) -> None:
    here = line(
        {
            NUMBER: Habit(status=486),
            "10000000002": Habit(picks_up_after_s=None),
            "10000000003": Habit(status=480),
        }
    )
    here.call()
    here.wait_for("busy")
    here.call("10000000002", "key-2")
    here.wait_for("busy", "no_answer")
    here.call("10000000003", "key-3")
    here.wait_for("busy", "no_answer", "no_answer")
    here.settle()
    ringing = here.exchange.talks[1]
    assert ringing.was_cancelled
    assert here.exchange.faults == []


def test_a_call_that_ends_while_it_rings_is_told_as_failed(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(picks_up_after_s=0.3, status=500)})
    here.call()
    here.wait_for("failed")


def test_hanging_up_at_once_is_answered_and_no_key(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(hangs_up_after_s=0.05)})
    here.call()
    here.wait_for("answered")
    here.settle()
    assert here.events() == ["answered"]
    assert here.exchange.faults == []


def test_the_talk_ends_after_its_time_and_a_lost_bye_frees_the_line(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(answers_bye=False)}, talk_s=0.6)
    here.call()
    here.wait_for("answered")
    here.settle()
    assert here.exchange.requests["BYE"] >= 2
    assert here.exchange.talks[0].was_hung_up == "caller"


def test_a_lost_ack_is_sent_again(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(keys="1", loses_first_ack=True)})
    here.call()
    here.wait_for("answered", "key 1")
    assert here.exchange.requests["ACK"] >= 2
    assert here.exchange.faults == []


def test_the_trunk_asks_who_we_are_and_we_register(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(keys="1")}, user="county", password="fictional")
    here.call()
    here.wait_for("answered", "key 1")
    wait_until(lambda: here.exchange.registrations)
    assert here.exchange.registrations[0] == ("county", 300)
    assert here.exchange.faults == []


def test_a_wrong_password_is_down_and_leaves_no_receipt(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit()}, user="county", password="fictional", our_password="wrong")
    with pytest.raises(ChannelDown, match="sip_403"):
        here.call()
    assert here.events() == []


def test_a_number_that_does_not_exist_is_refused_for_good(line: Callable[..., Line]) -> None:
    here = line({})
    with pytest.raises(ChannelRefused, match="sip_404"):
        here.call("10000000009")
    assert here.events() == []


def test_a_trunk_that_does_not_live_is_down_and_never_uncertain(line: Callable[..., Line]) -> None:
    trunk = Trunk("127.0.0.1", free_port(), "127.0.0.1", "anlan", "", local_host="127.0.0.1", registers=False)
    lonely = SipRoute(trunk, voice=tone)
    with pytest.raises(ChannelDown, match="trunk_silent"):
        lonely.send(Message("key-1", NUMBER, TEXT))
    lonely.close()


def test_a_trunk_that_swallows_the_call_is_uncertain(
    line: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "FIRST_ANSWER_S", 1.0)
    here = line({NUMBER: Habit(is_dead=True)})
    with pytest.raises(ChannelUncertain, match="no_response"):
        here.call()
    wait_until(lambda: here.exchange.requests["CANCEL"] >= 1, 8)
    assert here.exchange.requests["CANCEL"] >= 1


def test_when_every_line_is_in_use_the_next_call_waits_and_no_attempt_is_counted(
    line: Callable[..., Line],
) -> None:
    here = line({NUMBER: Habit(), "10000000002": Habit()}, lines=1, talk_s=1.0)
    here.call()
    with pytest.raises(ChannelBusy):
        here.call("10000000002", "key-2")
    here.settle()
    here.call("10000000002", "key-2")
    wait_until(lambda: here.events() == ["answered", "answered"])


def test_many_calls_at_once_do_not_disturb_each_other(line: Callable[..., Line]) -> None:
    numbers = [f"100000001{n:02d}" for n in range(8)]
    here = line({number: Habit(keys=str(1 + n % 2)) for n, number in enumerate(numbers)}, lines=8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: here.call(number, f"key-{number}"), numbers))
    wait_until(lambda: len(here.events()) == 16)
    keys = {one.sender: one.key for one in here.route.collect() if one.type == "keypress"}
    assert keys == {number: str(1 + n % 2) for n, number in enumerate(numbers)}
    here.settle()
    assert here.exchange.faults == []


def test_without_a_voice_nothing_rings(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit()})

    def mute(_text: str) -> bytes:
        raise speech.NoVoiceEngine

    silent = SipRoute(here.trunk, voice=mute)
    with pytest.raises(ChannelDown, match="no_voice_engine"):
        silent.send(Message("key-1", NUMBER, TEXT))
    assert here.exchange.talks == []


def test_asking_knows_only_what_this_process_did(line: Callable[..., Line]) -> None:
    here = line({NUMBER: Habit(keys="1")})
    assert here.route.ask("key-1").trace == "cannot_tell"
    reference = here.call()
    assert here.route.ask("key-1").provider_ref == reference


def test_whoever_rings_back_hears_the_text_and_may_press_a_key(line: Callable[..., Line]) -> None:
    asked: list[str] = []

    def on_ring(_call_id: str, number: str) -> tuple[str, dict[str, str], str]:
        asked.append(number)
        return TEXT, {"1": "answered"}, "key-7"

    route.answer_with(on_ring)
    try:
        here = line({}, user="county", password="fictional")
        here.route.collect()
        wait_until(lambda: here.exchange.registrations)
        statuses = here.exchange.ring("county", NUMBER, keys="1", seconds=0.8)
        assert statuses[-1] == 200
        wait_until(lambda: here.events() == ["key 1"])
        [event] = here.route.collect()
        assert (event.sender, event.client_ref, asked) == (NUMBER, "key-7", [NUMBER])
        assert len(here.exchange.talks[-1].packets) >= 3
        here.settle()
        assert here.exchange.faults == []
    finally:
        route.answer_with(None)


def test_a_call_for_nobody_is_turned_away(line: Callable[..., Line]) -> None:
    route.answer_with(lambda _call_id, _number: None)
    try:
        here = line({}, user="county", password="fictional")
        here.route.collect()
        wait_until(lambda: here.exchange.registrations)
        assert here.exchange.ring("county", NUMBER)[-1] == 480
        here.settle()
    finally:
        route.answer_with(None)


def test_a_loop_of_bad_datagrams_ends_no_call(line: Callable[..., Line]) -> None:
    import socket

    here = line({NUMBER: Habit(hangs_up_after_s=0.8)})
    here.call()
    port = here.route._agent._port  # type: ignore[union-attr]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for junk in (
            b"",
            b"\xff" * 40,
            b"INVITE x\r\n\r\n",
            b"SIP/2.0 200 OK\r\nCSeq: 1 X\r\n\r\n",
            b"A" * 20_000,
        ):
            stranger.sendto(junk, ("127.0.0.1", port))
    here.wait_for("answered")
    here.settle()
    assert time.monotonic() > 0
    assert here.exchange.faults == []
