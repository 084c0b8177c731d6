"""The provider: takes messages over HTTP, rings people, reports receipts and answers.

It does not de-duplicate: the same reference handed over twice rings twice. That is what real ones do.
"""

import hmac
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.phones.behaviour import Act, react
from simulator.phones.callback import Callback
from simulator.phones.http import Answer, Request
from simulator.seeds import stream
from simulator.storm.clock import AnyClock
from simulator.world import World

#: Only numbers of the unassigned range are routed, so that a drill cannot ring anybody.
NUMBER = re.compile(r"100\d{8}")
KINDS = ("sms", "voice")
MOST_TEXT = 1000
MOST_REF = 200


@dataclass(frozen=True, slots=True)
class HandOver:
    """One accepted message; ``wall`` is real seconds since 1970."""

    provider_ref: str
    client_ref: str
    kind: str
    to: str
    text: str
    wall: float


class Provider:
    """State and request handling of the provider."""

    def __init__(
        self,
        world: World,
        callback: Callback,
        clock: AnyClock,
        *,
        token: str,
        queryable: frozenset[str] = frozenset({"sms"}),
        seed: int = 0,
        drop_rate: float = 0.0,
        ledger: Path | None = None,
    ) -> None:
        self._ledger = None if ledger is None else ledger.open("a", encoding="utf-8", buffering=1)
        self._habits = {person.phone: person.habit for person in world.people}
        self._callback, self._clock, self._token = callback, clock, token
        self._queryable, self._seed, self._drop_rate = queryable, seed, drop_rate
        self._rng = stream(seed, "provider")
        self._rung: dict[str, int] = {}
        self._name = f"{int(time.time() * 1000):x}"
        self._statuses: dict[str, list[tuple[float, str]]] = {}
        self.hand_overs: list[HandOver] = []
        self.answers = 0
        self.dropped = 0

    async def handle(self, request: Request) -> Answer | None:
        """Answer one request; None drops the connection."""
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return _error(401, "token.invalid", "The bearer token is missing or wrong.")
        if request.path != "/v1/messages" or request.method not in ("GET", "POST"):
            return _error(404, "path.unknown", "Use POST or GET /v1/messages.")
        if request.method == "GET":
            return self._query(request.query.get("client_ref", ""))
        return self._accept(request.body)

    def _query(self, client_ref: str) -> Answer:
        found = [entry for entry in self.hand_overs if entry.client_ref == client_ref]
        if not self._queryable:
            return _error(501, "query.not_offered", "This provider offers no queries.")
        if not found:
            return _error(404, "message.unknown", "No message with this client_ref was ever accepted.")
        last = found[-1]
        if last.kind not in self._queryable:
            return _error(501, "query.not_offered", f"Queries are not offered for {last.kind}.")
        return Answer(200, {"provider_ref": last.provider_ref, "status": self._status(last.provider_ref)})

    def _status(self, provider_ref: str) -> str:
        now_s = self._clock.now_s()
        reached = [status for due_s, status in self._statuses[provider_ref] if due_s <= now_s]
        return reached[-1] if reached else "sent"

    def _accept(self, body: bytes) -> Answer | None:
        message = _message(body)
        if isinstance(message, Answer):
            return message
        ref = f"{self._name}-{len(self.hand_overs) + 1}"
        to, kind, client_ref = message["to"], message["kind"], message["client_ref"]
        self.hand_overs.append(HandOver(ref, client_ref, kind, to, message["text"], time.time()))
        self._write_down(self.hand_overs[-1])
        self._rung[to] = nth = self._rung.get(to, 0) + 1
        key = next((key for key, meaning in message["keys"].items() if meaning == "answered"), "1")
        acts = react(self._habits.get(to, "prompt"), phone=to, kind=kind, nth=nth, key=key, seed=self._seed)
        now_s = self._clock.now_s()
        self._statuses[ref] = sorted((now_s + a.delay_s, a.status) for a in acts if a.type == "receipt")
        for number, act in enumerate(acts, start=1):
            self._announce(act, f"{ref}-{number}", ref, client_ref, now_s + act.delay_s)
        if self._rng.random() < self._drop_rate:
            self.dropped += 1
            return None
        return Answer(202, {"provider_ref": ref})

    def _write_down(self, entry: HandOver) -> None:
        """One line for each message taken, at once: a provider that is killed has still taken it."""
        if self._ledger is not None:
            line = {name: getattr(entry, name) for name in ("client_ref", "kind", "to", "text", "wall")}
            self._ledger.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _announce(self, act: Act, event_id: str, ref: str, client_ref: str, due_s: float) -> None:
        """Queue one event. A text message carries no reference to what it answers, a key press does."""
        event: dict[str, Any] = {"event_id": event_id, "type": act.type, "at": _iso(due_s)}
        if act.type not in ("reply", "callback"):
            event |= {"client_ref": client_ref, "provider_ref": ref}
        named = {"status": act.status, "text": act.text, "key": act.key, "from": act.sender}
        event |= {name: value for name, value in named.items() if value}
        self.answers += act.type != "receipt"
        self._callback.add(due_s, event)

    def document(self) -> dict[str, Any]:
        """The phones part of the run's report."""
        by_ref: dict[str, int] = {}
        for entry in self.hand_overs:
            by_ref[entry.client_ref] = by_ref.get(entry.client_ref, 0) + 1
        return {
            "handed": len(self.hand_overs),
            "by_client_ref": by_ref,
            "answers_sent": self._callback.answers_accepted,
            "answers_planned": self.answers,
            "events_accepted": self._callback.accepted,
            "events_refused": self._callback.refused,
            "events_undelivered": self._callback.overdue,
            "events_not_yet_due": self._callback.pending - self._callback.overdue,
            "responses_dropped": self.dropped,
            "hand_overs": [
                {name: getattr(entry, name) for name in HandOver.__slots__} for entry in self.hand_overs
            ],
        }


def _iso(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"error": code, "message": message})


def _message(body: bytes) -> dict[str, Any] | Answer:
    """The checked message, or the refusal."""
    try:
        raw = json.loads(body)
    except ValueError:
        return _error(400, "body.invalid", "The body is not JSON.")
    if not isinstance(raw, dict):
        return _error(400, "body.invalid", "The body must be one JSON object.")
    ref, text, keys = raw.get("client_ref"), raw.get("text"), raw.get("keys", {})
    if not isinstance(ref, str) or not 0 < len(ref) <= MOST_REF:
        return _error(422, "client_ref.invalid", f"client_ref must be a text of 1 to {MOST_REF} characters.")
    if raw.get("kind") not in KINDS:
        return _error(422, "kind.invalid", "kind must be sms or voice.")
    if not isinstance(raw.get("to"), str) or not NUMBER.fullmatch(raw["to"]):
        return _error(422, "number.unroutable", "This number cannot be reached through this provider.")
    if not isinstance(text, str) or not 0 < len(text) <= MOST_TEXT:
        return _error(422, "text.invalid", f"text must be 1 to {MOST_TEXT} characters.")
    if not isinstance(keys, dict) or not all(isinstance(meaning, str) for meaning in keys.values()):
        return _error(422, "keys.invalid", "keys must map digits to meanings.")
    return {"client_ref": ref, "kind": raw["kind"], "to": raw["to"], "text": text, "keys": keys}
