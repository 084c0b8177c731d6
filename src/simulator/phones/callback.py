"""Events on their way back to the platform: ordered by due time, repeated until the platform says 200."""

import asyncio
import heapq
from itertools import count
from typing import Any

import httpx

from simulator.seeds import stream
from simulator.storm.clock import AnyClock

MOST_IN_A_POST = 100
RETRY_S, RETRY_MOST_S = 0.2, 1.5
TIMEOUT_S = 5.0
#: Share of accepted posts that are sent once more, as providers do when an answer got lost.
REPEAT_SHARE = 0.05

Event = dict[str, Any]


class Callback:
    """Holds what people did until it is due, and posts it until it was accepted."""

    def __init__(self, url: str, token: str, clock: AnyClock, *, seed: int = 0) -> None:
        self._url, self._clock = url, clock
        self._headers = {"Authorization": f"Bearer {token}"}
        self._due: list[tuple[float, int, Event]] = []
        self._order = count()
        self._wake = asyncio.Event()
        self._rng = stream(seed, "callback")
        self.undelivered = 0
        self.accepted = 0
        self.answers_accepted = 0
        self.refused = 0
        self.retries = 0
        self.repeats = 0

    @property
    def pending(self) -> int:
        """Events that are not yet due or not yet accepted."""
        return len(self._due) + self.undelivered

    @property
    def overdue(self) -> int:
        """Events that should have been accepted by now."""
        now_s = self._clock.now_s()
        return self.undelivered + sum(due_s <= now_s for due_s, _, _ in self._due)

    def add(self, due_s: float, event: Event) -> None:
        """Report an event at a simulated time."""
        heapq.heappush(self._due, (due_s, next(self._order), event))
        self._wake.set()

    async def run(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Post due events for ever; ends only by cancellation."""
        async with httpx.AsyncClient(
            headers=self._headers, timeout=TIMEOUT_S, transport=transport, trust_env=False
        ) as client:
            while True:
                events = self._take_due()
                if not events:
                    await self._rest()
                    continue
                self.undelivered = len(events)
                await self._post(client, events)
                self.undelivered = 0

    def _take_due(self) -> list[Event]:
        events: list[Event] = []
        now_s = self._clock.now_s()
        while self._due and self._due[0][0] <= now_s and len(events) < MOST_IN_A_POST:
            events.append(heapq.heappop(self._due)[2])
        return events

    async def _rest(self) -> None:
        """Sleep until the next event is due or a new one comes."""
        self._wake.clear()
        await self._clock.wait_or(self._wake, self._due[0][0] if self._due else None)

    async def _post(self, client: httpx.AsyncClient, events: list[Event]) -> None:
        pause_s = RETRY_S
        while not await self._is_accepted(client, events):
            self.retries += 1
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.6, RETRY_MOST_S)
        self.accepted += len(events)
        self.answers_accepted += sum(event["type"] != "receipt" for event in events)
        if self._rng.random() < REPEAT_SHARE:
            self.repeats += len(events)
            await self._is_accepted(client, events)

    async def _is_accepted(self, client: httpx.AsyncClient, events: list[Event]) -> bool:
        try:
            answer = await client.post(self._url, json={"events": events})
        except httpx.TransportError:
            return False
        if answer.status_code != 200:
            return False
        self.refused += _refusals(answer)
        return True


def _refusals(answer: httpx.Response) -> int:
    try:
        return len(answer.json().get("refused", []))
    except (ValueError, AttributeError):
        return 0
