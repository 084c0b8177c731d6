"""A strict telephone exchange with telephones: checks what a caller sends against RFC 3261, 3550 and 4733 and writes down
every fault. Shares no code with any client.

The number that is called says how its owner behaves; see `Habit`.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Habit:
    """What the owner of a telephone does. `keys` are pressed one after the other, `by` rtp or info."""

    picks_up_after_s: float | None = 0.1
    status: int = 200
    keys: str = ""
    by: str = "rtp"
    hangs_up_after_s: float | None = None
    answers_bye: bool = True
    says_ringing: bool = True
    loses_first_ack: bool = False
    is_dead: bool = False
    payload: int = 8


@dataclass
class Talk:
    """One call as the exchange saw it."""

    number: str
    habit: Habit
    call_id: str
    invites: int = 0
    was_acked: bool = False
    was_cancelled: bool = False
    was_hung_up: str = ""
    packets: list[bytes] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    picked_up: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)


class Exchange:
    """`faults` must be empty after a good client. `user` and `password` None: anybody may call."""

    def __init__(
        self, habits: dict[str, Habit], *, user: str = "", password: str = "", realm: str = "exchange"
    ) -> None:
        self.habits, self.user, self.password, self.realm = habits, user, password, realm
        self.faults: list[str] = []
        self.talks: list[Talk] = []
        self.registrations: list[tuple[str, int]] = []
        self.requests: Counter[str] = Counter()
        self.bindings: dict[str, tuple[str, int]] = {}
        self._by_call: dict[str, dict[str, Any]] = {}
        self._nonces: dict[str, int] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._stop = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._stop.set()
        self._socket.close()

    # --- reading ---

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                data, source = self._socket.recvfrom(65536)
            except OSError:
                return
            try:
                self._take(data.decode(), source)
            except Exception as error:
                self.faults.append(f"crash {type(error).__name__}: {error}")

    def _take(self, text: str, source: tuple[str, int]) -> None:
        head, _, body = text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines[1:]:
            name, mark, value = line.partition(":")
            if not mark:
                self.faults.append(f"bad header {line!r}")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        if lines[0].startswith("SIP/2.0 "):
            self._answered(lines[0], headers, body)
            return
        method, uri, version = lines[0].split(" ")
        self.requests[method] += 1
        self._check(method, uri, version, headers, body)
        handler = getattr(self, f"_on_{method.lower()}", None)
        if handler is None:
            self._reply(headers, 405, "Method Not Allowed", source)
            return
        handler(uri, headers, body, source)

    def _check(self, method: str, uri: str, version: str, headers: dict[str, list[str]], body: str) -> None:
        if version != "SIP/2.0":
            self.faults.append(f"{method}: version {version}")
        if not uri.startswith("sip:"):
            self.faults.append(f"{method}: uri {uri}")
        for needed in ("via", "from", "to", "call-id", "cseq", "max-forwards"):
            if needed not in headers:
                self.faults.append(f"{method}: no {needed}")
        if "branch=z9hG4bK" not in headers["via"][0]:
            self.faults.append(f"{method}: branch without the magic cookie")
        if ";tag=" not in headers["from"][0]:
            self.faults.append(f"{method}: From without a tag")
        number, _, named = headers["cseq"][0].partition(" ")
        if named != method or not number.isdigit():
            self.faults.append(f"{method}: CSeq {headers['cseq'][0]}")
        if int(headers.get("content-length", ["-1"])[0]) != len(body.encode()):
            self.faults.append(f"{method}: content length")
        if method in ("INVITE", "REGISTER") and "contact" not in headers:
            self.faults.append(f"{method}: no Contact")

    def _reply(
        self,
        headers: dict[str, list[str]],
        status: int,
        reason: str,
        source: tuple[str, int],
        *,
        tag: str = "",
        extra: str = "",
        body: str = "",
    ) -> None:
        to = headers["to"][0]
        if tag and ";tag=" not in to:
            to += f";tag={tag}"
        lines = [f"SIP/2.0 {status} {reason}"]
        lines += [f"Via: {one}" for one in headers["via"]]
        lines += [
            f"From: {headers['from'][0]}",
            f"To: {to}",
            f"Call-ID: {headers['call-id'][0]}",
            f"CSeq: {headers['cseq'][0]}",
        ]
        if extra:
            lines.append(extra)
        if body:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(body.encode())}", "", ""]
        self._put(("\r\n".join(lines) + body).encode(), source)

    def _put(self, data: bytes, to: tuple[str, int]) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(data, to)

    # --- who may ---

    def _is_known(
        self, method: str, uri: str, headers: dict[str, list[str]], source: tuple[str, int]
    ) -> bool:
        if not self.user:
            return True
        given = headers.get("authorization", [""])[0]
        parts = {
            name: quoted or plain
            for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', given)
        }
        nonce = parts.get("nonce", "")
        if nonce in self._nonces:
            first = _md5(f"{self.user}:{self.realm}:{self.password}")
            second = _md5(f"{method}:{parts.get('uri', '')}")
            want = _md5(f"{first}:{nonce}:{parts.get('nc', '')}:{parts.get('cnonce', '')}:auth:{second}")
            if parts.get("uri") != uri:
                self.faults.append(f"{method}: digest for another uri")
            if want == parts.get("response") and parts.get("username") == self.user:
                return True
            self._reply(headers, 403, "Forbidden", source, tag="x")
            return False
        fresh = f"{random.getrandbits(64):016x}"
        self._nonces[fresh] = 0
        challenge = (
            f'WWW-Authenticate: Digest realm="{self.realm}", nonce="{fresh}", algorithm=MD5, qop="auth"'
        )
        self._reply(headers, 401, "Unauthorized", source, tag="x", extra=challenge)
        return False

    # --- requests ---

    def _on_options(
        self, uri: str, headers: dict[str, list[str]], body: str, source: tuple[str, int]
    ) -> None:
        self._reply(headers, 200, "OK", source, tag="x")

    def _on_register(
        self, uri: str, headers: dict[str, list[str]], body: str, source: tuple[str, int]
    ) -> None:
        if not self._is_known("REGISTER", uri, headers, source):
            return
        expires = int(headers.get("expires", ["0"])[0])
        found = re.search(r"<sip:([^@>]+)@([^:>]+):(\d+)>", headers["contact"][0])
        if not found:
            self.faults.append("REGISTER: contact cannot be called")
            return
        self.bindings[found.group(1)] = (found.group(2), int(found.group(3)))
        self.registrations.append((found.group(1), expires))
        self._reply(headers, 200, "OK", source, tag="x", extra=f"Expires: {expires}")

    def _on_invite(self, uri: str, headers: dict[str, list[str]], body: str, source: tuple[str, int]) -> None:
        call_id = headers["call-id"][0]
        state = self._by_call.get(call_id)
        if state is not None and state["cseq"] == headers["cseq"][0]:
            state["talk"].invites += 1
            return
        number = uri[4:].partition("@")[0]
        habit = self.habits.get(number, Habit(status=404, says_ringing=False))
        if habit.is_dead:
            return
        if not self._is_known("INVITE", uri, headers, source):
            return
        if state is not None and state["cseq"].split()[0] >= headers["cseq"][0].split()[0]:
            self.faults.append("INVITE: CSeq did not grow")
        talk = Talk(number, habit, call_id, invites=1)
        self.talks.append(talk)
        state = {
            "talk": talk,
            "cseq": headers["cseq"][0],
            "headers": headers,
            "source": source,
            "tag": f"{random.getrandbits(32):08x}",
            "sdp": body,
            "branch": _branch(headers),
        }
        self._by_call[call_id] = state
        self._check_offer(body)
        self._reply(headers, 100, "Trying", source)
        threading.Thread(target=self._live, args=(state,), daemon=True).start()

    def _check_offer(self, body: str) -> None:
        for needed in ("v=0", "o=", "s=", "c=IN IP4 ", "t=0 0", "m=audio "):
            if needed not in body:
                self.faults.append(f"SDP: no {needed}")
        if "telephone-event/8000" not in body:
            self.faults.append("SDP: no key presses offered")

    def _on_ack(self, uri: str, headers: dict[str, list[str]], body: str, source: tuple[str, int]) -> None:
        state = self._by_call.get(headers["call-id"][0])
        if state is None:
            return
        if headers["cseq"][0].split()[0] != state["cseq"].split()[0]:
            self.faults.append("ACK: CSeq of another INVITE")
        if state.get("final", 0) >= 300 and _branch(headers) != state["branch"]:
            self.faults.append("ACK of a refusal with another branch")
        if state.get("final", 0) == 200:
            if _branch(headers) == state["branch"]:
                self.faults.append("ACK of a 200 with the branch of the INVITE")
            if f";tag={state['tag']}" not in headers["to"][0]:
                self.faults.append("ACK without our tag")
            if state["talk"].habit.loses_first_ack and not state.get("lost"):
                state["lost"] = True
                return
        state["talk"].was_acked = True

    def _on_cancel(self, uri: str, headers: dict[str, list[str]], body: str, source: tuple[str, int]) -> None:
        state = self._by_call.get(headers["call-id"][0])
        if state is None or _branch(headers) != state["branch"]:
            self.faults.append("CANCEL of no transaction")
            self._reply(headers, 481, "No Transaction", source, tag="x")
            return
        if headers["cseq"][0].split()[0] != state["cseq"].split()[0]:
            self.faults.append("CANCEL: CSeq")
        state["talk"].was_cancelled = True
        self._reply(headers, 200, "OK", source, tag=state["tag"])
        if "final" not in state:
            state["final"] = 487
            self._reply(state["headers"], 487, "Request Terminated", state["source"], tag=state["tag"])
        state["talk"].over.set()

    def _on_bye(self, uri: str, headers: dict[str, list[str]], body: str, source: tuple[str, int]) -> None:
        state = self._by_call.get(headers["call-id"][0])
        if state is None:
            self._reply(headers, 481, "No Dialog", source, tag="x")
            return
        if int(headers["cseq"][0].split()[0]) <= int(state["cseq"].split()[0]):
            self.faults.append("BYE: CSeq did not grow")
        if f";tag={state['tag']}" not in headers["to"][0]:
            self.faults.append("BYE: not in our dialog")
        state["talk"].was_hung_up = "caller"
        state["talk"].over.set()
        if state["talk"].habit.answers_bye:
            self._reply(headers, 200, "OK", source)

    def _answered(self, line: str, headers: dict[str, list[str]], body: str) -> None:
        state = self._by_call.get(headers["call-id"][0])
        if state is not None:
            state.setdefault("answers", []).append((int(line.split(" ")[1]), headers, body))

    # --- what a telephone does ---

    def _live(self, state: dict[str, Any]) -> None:
        talk, habit, headers, source = state["talk"], state["talk"].habit, state["headers"], state["source"]
        if habit.says_ringing:
            self._reply(headers, 180, "Ringing", source, tag=state["tag"])
        if habit.picks_up_after_s is None:
            talk.over.wait(30)
            return
        if talk.over.wait(habit.picks_up_after_s):
            return
        if habit.status != 200:
            state["final"] = habit.status
            self._reply(headers, habit.status, "Final", source, tag=state["tag"])
            return
        sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sound.bind(("127.0.0.1", 0))
        sound.settimeout(0.05)
        sdp = _sdp(sound.getsockname()[1], habit.payload)
        state["final"] = 200
        contact = f"Contact: <sip:{talk.number}@127.0.0.1:{self.port}>"
        talk.picked_up = time.monotonic()
        wait = 0.3
        while not talk.was_acked and not talk.over.is_set() and time.monotonic() - talk.picked_up < 5:
            self._reply(headers, 200, "OK", source, tag=state["tag"], extra=contact, body=sdp)
            end = time.monotonic() + wait
            while time.monotonic() < end and not talk.was_acked:
                talk.over.wait(0.01)
            wait = min(wait * 2, 2)
        if not talk.was_acked:
            self.faults.append("a 200 was never acknowledged")
        self._talk(state, sound)
        sound.close()

    def _talk(self, state: dict[str, Any], sound: socket.socket) -> None:
        talk, habit = state["talk"], state["talk"].habit
        host = _found(r"c=IN IP4 (\S+)", state["sdp"])
        port = int(_found(r"m=audio (\d+)", state["sdp"]))
        keys, pressed, began = list(habit.keys), 0.0, time.monotonic()
        while not talk.over.is_set():
            try:
                talk.packets.append(sound.recv(4096))
                talk.arrivals.append(time.monotonic())
            except TimeoutError:
                pass
            now = time.monotonic()
            if keys and len(talk.packets) >= 3 and now - pressed > 0.15:
                pressed = now
                key = keys.pop(0)
                if habit.by == "info":
                    self._info(state, key)
                else:
                    press(sound, (host, port), key)
            if habit.hangs_up_after_s is not None and now - began > habit.hangs_up_after_s and not keys:
                self._hang_up(state)
                break
        check_rtp(talk.packets, habit.payload, self.faults)

    def _inside(
        self, state: dict[str, Any], method: str, number: int, extra: str = "", body: str = ""
    ) -> None:
        headers = state["headers"]
        target = _found(r"<([^>]+)>", headers["contact"][0])
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{random.getrandbits(48):x}",
            "Max-Forwards: 70",
            f"From: {headers['to'][0]};tag={state['tag']}",
            f"To: {headers['from'][0]}",
            f"Call-ID: {headers['call-id'][0]}",
            f"CSeq: {number} {method}",
        ]
        if extra:
            lines.append(extra)
        lines += [f"Content-Length: {len(body)}", "", ""]
        self._put(("\r\n".join(lines) + body).encode(), state["source"])

    def _info(self, state: dict[str, Any], key: str) -> None:
        state["info"] = state.get("info", 100) + 1
        for _ in range(2):  # a datagram that comes twice is one press
            self._inside(
                state,
                "INFO",
                state["info"],
                "Content-Type: application/dtmf-relay",
                f"Signal={key}\r\nDuration=160\r\n",
            )

    def _hang_up(self, state: dict[str, Any]) -> None:
        state["talk"].was_hung_up = "callee"
        self._inside(state, "BYE", 900)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            if any(
                status == 200 and headers["cseq"][0].endswith("BYE")
                for status, headers, _ in state.get("answers", [])
            ):
                return
            threading.Event().wait(0.02)
        self.faults.append("our BYE was never answered")

    # --- somebody rings back ---

    def ring(self, user: str, number: str, *, keys: str = "", seconds: float = 1.0) -> list[int]:
        """`number` dials `user`, listens, presses keys and hangs up. Returns the statuses that came."""
        target = self.bindings[user]
        call_id = f"in-{random.getrandbits(48):x}"
        sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sound.bind(("127.0.0.1", 0))
        sound.settimeout(0.05)
        me = f"<sip:{number}@127.0.0.1:{self.port}>"
        branch = f"z9hG4bK{random.getrandbits(48):x}"
        sdp = _sdp(sound.getsockname()[1], 8)

        def request(method: str, cseq: int, to: str, at: str, body: str = "") -> bytes:
            lines = [
                f"{method} sip:{user}@{target[0]}:{target[1]} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={at}",
                "Max-Forwards: 70",
                f"From: {me};tag=caller",
                f"To: {to}",
                f"Call-ID: {call_id}",
                f"CSeq: {cseq} {method}",
                f"Contact: {me}",
            ]
            if body:
                lines.append("Content-Type: application/sdp")
            return ("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]) + body).encode()

        talk = Talk(number, Habit(), call_id)
        self.talks.append(talk)
        state: dict[str, Any] = {
            "talk": talk,
            "cseq": "1 INVITE",
            "tag": "caller",
            "branch": branch,
            "answers": [],
            "headers": {},
            "source": target,
            "final": 200,
        }
        self._by_call[call_id] = state
        to = f"<sip:{user}@{target[0]}>"
        self._put(request("INVITE", 1, to, branch, sdp), target)
        final = None
        end = time.monotonic() + 8
        while final is None and time.monotonic() < end:
            final = next((one for one in state["answers"] if one[0] >= 200), None)
            threading.Event().wait(0.01)
        statuses = [one[0] for one in state["answers"]]
        if final is None:
            self.faults.append("nobody answered a call back")
            return statuses
        to = final[1]["to"][0]
        if ";tag=" not in to:
            self.faults.append("an answer without a tag")
        at = branch if final[0] >= 300 else f"z9hG4bK{random.getrandbits(48):x}"
        self._put(request("ACK", 1, to, at), target)
        if final[0] >= 300:
            return statuses
        host = _found(r"c=IN IP4 (\S+)", final[2])
        port = int(_found(r"m=audio (\d+)", final[2]))
        began, rest, last = time.monotonic(), list(keys), 0.0
        while time.monotonic() - began < seconds or rest:
            with contextlib.suppress(TimeoutError):
                talk.packets.append(sound.recv(4096))
            if rest and len(talk.packets) > 3 and time.monotonic() - last > 0.15:
                press(sound, (host, port), rest.pop(0))
                last = time.monotonic()
            if time.monotonic() - began > 10:
                break
        self._put(request("BYE", 2, to, f"z9hG4bK{random.getrandbits(48):x}"), target)
        check_rtp(talk.packets, 8, self.faults)
        sound.close()
        return statuses


def press(sound: socket.socket, to: tuple[str, int], key: str) -> None:
    """One key by RFC 4733: the same time stamp in every packet, the last three with the end bit."""
    event = "0123456789*#ABCD".index(key)
    stamp, sequence = random.getrandbits(31), random.getrandbits(15)
    for number in range(6):
        end = 0x80 if number >= 3 else 0
        head = struct.pack(
            "!BBHII", 0x80, 101 | (0x80 if number == 0 else 0), (sequence + number) & 0xFFFF, stamp, 77
        )
        sound.sendto(head + struct.pack("!BBH", event, end | 10, 160 * min(number + 1, 4)), to)


def check_rtp(packets: list[bytes], payload: int, faults: list[str]) -> None:
    """Version, payload type, 160 bytes, one source, sequence and time in step; on a loopback nothing is lost."""
    before = None
    for number, packet in enumerate(packets):
        first, second, sequence, stamp, source = struct.unpack_from("!BBHII", packet)
        if first != 0x80 or second & 0x7F != payload or len(packet) != 172:
            faults.append(f"RTP packet {number}: shape {first:02x} {second:02x} {len(packet)}")
        if bool(second & 0x80) != (number == 0):
            faults.append(f"RTP packet {number}: marker")
        if before is not None and (
            sequence != (before[0] + 1) & 0xFFFF
            or stamp != (before[1] + 160) & 0xFFFFFFFF
            or source != before[2]
        ):
            faults.append(f"RTP packet {number}: not in step")
        before = (sequence, stamp, source)


def _sdp(port: int, payload: int) -> str:
    name = {0: "PCMU", 8: "PCMA"}[payload]
    return (
        f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP {payload} 101\r\n"
        f"a=rtpmap:{payload} {name}/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
    )


def _found(pattern: str, text: str) -> str:
    """The first group of a pattern that must be there."""
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"nothing like {pattern} in the message")
    return found[1]


def _branch(headers: dict[str, list[str]]) -> str:
    return _found(r"branch=([^;,\s]+)", headers["via"][0])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
