"""Live pages: `/rt/events` tells browsers which sealed journal entries came, narrowed to what each may see.

One thread reads sealed entries and hands them to every client's bounded queue. A client that reconnects names the last
sequence it saw and gets what it missed; one that missed too much is told to load afresh ("reset").
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections

from anlan.journal.models import ChainHead, Entry
from anlan.kernel.actor import Actor

log = logging.getLogger("anlan.live")

#: Entries kept in memory for clients that reconnect.
MEMORY = 5_000
#: How often sealed entries are looked for, seconds.
POLL_S = 0.1
#: A sign of life for proxies and for the "connection lost" strip, seconds.
HEARTBEAT_S = 5.0
QUEUE = 2_000
#: How old the rights of an open stream may be, seconds.
RIGHTS_S = 60.0
MAX_CLIENTS = 4_000
#: New values of stations are announced together, at most this often, seconds.
READINGS_S = 5.0

#: What a page subscribes to, by the kind of row that an entry is about.
TOPICS = {
    "warning": "warning",
    "warning_village": "warning",
    "pre_authorisation": "warning",
    "callout": "callout",
    "callout_seat": "callout",
    "delivery": "callout",
    "acknowledgement": "callout",
    "alarm": "alarm",
    "enterprise_alarm": "alarm",
    "maintenance_window": "alarm",
    "station": "station",
    "crossing": "station",
    "incident": "incident",
    "figure": "incident",
    "merge_link": "incident",
    "remark": "incident",
    "chase_order": "incident",
    "intake": "intake",
    "ring_event": "intake",
    "upward_report": "report",
    "report_clock": "report",
    "data_seat": "report",
    "shift_swap": "report",
    "plan": "plan",
    "plan_version": "plan",
    "plan_filing": "plan",
    "plan_finding": "plan",
    "plan_study": "plan",
    "instruction": "command",
    "instruction_step": "command",
    "team_job": "command",
    "team_check": "command",
    "supply_request": "command",
    "supply_line": "command",
    "activation": "command",
    "level_change": "command",
    "response_notice": "command",
    "joint_duty": "command",
    "duty_seat": "command",
    "mode_switch": "command",
    "partner_share": "command",
    "command_group": "command",
    "scene": "command",
    "command_transfer": "command",
    "decision": "command",
    "consultation": "command",
    "rolling_assessment": "command",
    "expert_call": "command",
    "situation_report": "command",
    "room_file_link": "command",
    "room_call": "command",
    "plot_mark": "plot",
    "drill": "drill",
    "inject": "drill",
    "drill_mark": "drill",
    "team": "resource",
    "asset": "resource",
    "stock_report": "resource",
    "expert": "resource",
}


#: Who this client is now; None once nobody.
LookUp = Callable[[], Awaitable[Actor | None]]


@dataclass(frozen=True, slots=True)
class Told:
    """One sealed entry as browsers get it: no personal data, only what to fetch again."""

    seq: int
    path: str
    line: str


class Newsroom:
    """Reads the journal once for all clients."""

    def __init__(self) -> None:
        self.recent: deque[Told] = deque(maxlen=MEMORY)
        self.last = 0
        self._read_to = 0
        self._clients: set[asyncio.Queue[Told]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        #: Changes whenever stations have new values.
        self.values_changed_at = 0.0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        threading.Thread(target=self._read_for_ever, daemon=True, name="newsroom").start()

    def join(self) -> asyncio.Queue[Told]:
        queue: asyncio.Queue[Told] = asyncio.Queue(QUEUE)
        self._clients.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Told]) -> None:
        self._clients.discard(queue)

    @property
    def is_full(self) -> bool:
        return len(self._clients) >= MAX_CLIENTS

    def missed(self, after: int) -> list[Told] | None:
        """What a client that saw `after` has missed, or None when that is no longer known."""
        if after >= self.last:
            return []
        if not self.recent or self.recent[0].seq > after + 1:
            return None
        return [told for told in self.recent if told.seq > after]

    def _read_for_ever(self) -> None:
        while True:
            try:
                if not self._ready.is_set():
                    head = ChainHead.objects.filter(origin=settings.ANLAN_NODE).first()
                    self.last = self._read_to = head.seq if head else 0
                    self._ready.set()
                fresh = self._read()
                self._look_at_values()
                if fresh and self._loop is not None:
                    self._read_to = fresh[-1].seq
                    self._loop.call_soon_threadsafe(self._hand_out, fresh)
                elif not fresh:
                    time.sleep(POLL_S)
            except Exception:  # the database may be away for a moment; clients see the age of their data
                log.exception("newsroom_round_failed")
                close_old_connections()
                time.sleep(1.0)

    def _read(self) -> list[Told]:
        rows = Entry.objects.filter(origin=settings.ANLAN_NODE, seq__gt=self._read_to).order_by("seq")[:500]
        fields = rows.values_list("seq", "kind", "subject_type", "subject_id", "division_path", "at")
        return [
            Told(seq or 0, path, _line(seq or 0, kind, subject_type, pk, at))
            for seq, kind, subject_type, pk, path, at in fields
        ]

    def _look_at_values(self) -> None:
        """The gateway flushes last values into one small file; its time tells that there is something new."""
        newest = max((path.stat().st_mtime for path in _value_files() if path.exists()), default=0.0)
        if newest - self.values_changed_at >= READINGS_S:
            self.values_changed_at = newest

    def _hand_out(self, fresh: list[Told]) -> None:
        self.recent.extend(fresh)
        self.last = fresh[-1].seq
        for queue in self._clients:
            for told in fresh:
                if queue.full():
                    break  # this client is told to load afresh when it reads the gap
                queue.put_nowait(told)


def _value_files() -> list[Path]:
    hot: Path = settings.ANLAN_DATA / "hot"
    return [hot / "latest.db", hot / "latest.db-wal"]


def _line(seq: int, kind: str, subject_type: str, subject_id: str, at: datetime) -> str:
    topic = TOPICS.get(subject_type, "journal")
    return json.dumps({"topic": topic, "seq": seq, "kind": kind, "id": subject_id, "at": at.isoformat()})


def _frame(told: Told) -> bytes:
    return f"id: {told.seq}\ndata: {told.line}\n\n".encode()


#: Too much was missed: every fragment of the page is fetched again.
RESET = b'data: {"topic": "reconnected"}\n\n'
READINGS = b'data: {"topic": "reading"}\n\n'


def _beat(newsroom: Newsroom) -> bytes:
    return f"event: beat\ndata: {json.dumps({'seq': newsroom.last, 'at': time.time()})}\n\n".encode()


async def stream(
    newsroom: Newsroom, actor: Actor, after: int | None, again: LookUp | None = None
) -> AsyncIterator[bytes]:
    """The bytes of one client's stream, until `again` says that the account or its last post has ended."""
    checked = time.monotonic()
    queue = newsroom.join()
    try:
        yield b"retry: 1500\n\n" + _beat(newsroom)
        seen = newsroom.last if after is None else after
        missed = newsroom.missed(seen)
        if missed is None:
            yield RESET
            seen = newsroom.last
        for told in missed or []:
            seen = told.seq
            if actor.sees(told.path):
                yield _frame(told)
        values = newsroom.values_changed_at
        while True:
            if newsroom.values_changed_at != values:
                values = newsroom.values_changed_at
                yield READINGS
            if again is not None and time.monotonic() - checked > RIGHTS_S:
                checked = time.monotonic()
                found = await again()
                if found is None:
                    return
                actor = found
            try:
                told = await asyncio.wait_for(queue.get(), HEARTBEAT_S)
            except TimeoutError:
                if seen < newsroom.last:  # the queue ran over and nothing came since
                    yield RESET
                    seen = newsroom.last
                yield _beat(newsroom)
                continue
            if told.seq <= seen:
                continue
            if told.seq != seen + 1:
                yield RESET
            seen = told.seq
            if actor.sees(told.path):
                yield _frame(told)
    finally:
        newsroom.leave(queue)
