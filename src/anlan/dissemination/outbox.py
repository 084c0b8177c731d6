"""Deliveries leave the house. Promise 3: nothing is sent zero times by a crash, or twice where the channel can tell.

(1) claim due rows and store HANDING, in one transaction; (2) send, with nothing open; (3) store the results in one
transaction. Whoever dies between (1) and (3) leaves HANDING rows; once their lease is free they are *uncertain*: the channel is
asked, and only when it cannot tell is the message repeated, marked `may_be_repeated` before it leaves.

The three steps overlap: each channel has senders of its own, so that one that hangs holds up nobody else, and what has come
back is stored while the rest is under way. All reading and writing of the database happens in the caller's thread.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
from django.conf import settings
from django.db import OperationalError, connection

from anlan.dissemination import bundling, claiming, digest, settling
from anlan.dissemination.channels import (
    Asked,
    Channel,
    ChannelDown,
    ChannelError,
    ChannelUncertain,
    Message,
    Nature,
    Trace,
    gate,
    has_twins,
    manifests,
    open_channels,
)
from anlan.dissemination.channels.routing import AT_ONCE, FILE, RoutedChannel
from anlan.dissemination.claiming import Batch
from anlan.dissemination.doubts import doubted_routes, trust_again
from anlan.dissemination.held import OUTBOX, loaded
from anlan.dissemination.models import Delivery, DeliveryPurpose, DeliveryState
from anlan.dissemination.occasions import asks_for_hand, hand_url, occasion_of
from anlan.dissemination.pace import Pace
from anlan.dissemination.settling import Outcome
from anlan.dissemination.texts import compose
from anlan.dissemination.tokens import answer_url
from anlan.journal import clocks
from anlan.journal.models import LONG_AGO
from anlan.journal.turns import write_turn

log = logging.getLogger("anlan.outbox")

# Parameters, engineering choices.
#: Messages that wait beside each sender of a fast channel, so that it never stands still while results are stored.
AHEAD = 12
#: A red message that comes now waits behind no more than this much work of its channel, seconds.
AHEAD_S = 0.25
#: Pauses: until something comes back, and until a channel that had nothing is looked at again, seconds.
WAIT_S, LOOK_S = 0.02, 0.1
#: How often a doubted route is looked at for signs of life, seconds.
TRUST_S = 5.0
#: How often messages to chat groups are looked at while none is due, seconds.
CONDENSE_S = 1.0
#: Results are stored together when so many are there, or when no more come within WAIT_S.
TOGETHER = 400
#: How often storing results is tried while the database is away, and the pause between, seconds.
STORE_TRIES, STORE_PAUSE_S = 5, 1.0

#: Reply words and key presses and what they mean; sent along with each call.
KEYS = {"1": "answered", "2": "acting", "3": "done"}


@dataclass(slots=True)
class Flight:
    """One message on its way, with those it names besides; `asks` when it is about an attempt that was cut off."""

    delivery: Delivery
    exercise_id: uuid.UUID | None
    bundle: list[Delivery] = field(default_factory=list)
    asks: bool = False


def deliver_due(
    *, owner: str, http: httpx.Client | None = None, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Hand over what is due in reality and in each running exercise. Returns how many rows were worked on.

    Comes back when nothing is due and nothing under way, or, after `is_stopping`, when what was under way has come back.
    """
    return _Pump(owner, opened(http), is_stopping).run()


def recover(dead_owners: Iterable[str]) -> int:
    """Free what dead workers held in hand and mark it uncertain. Returns how many attempts are uncertain now."""
    Delivery.objects.filter(state=DeliveryState.HANDING, lease_owner__in=list(dead_owners)).update(
        lease_owner="", lease_until=LONG_AGO
    )
    with write_turn():
        cut_off = Delivery.objects.filter(state=DeliveryState.HANDING, lease_until__lt=clocks.wall_now())
        for delivery in loaded(cut_off.filter(is_uncertain=False)):
            delivery.change(
                by=OUTBOX, at=clocks.now(delivery.exercise_id), kind="uncertain", is_uncertain=True
            )
        return cut_off.count()


class _Pump:
    """One call of `deliver_due`: loads what is due, lets it fly, lands what comes back."""

    def __init__(self, owner: str, channels: Mapping[str, Channel], is_stopping: Callable[[], bool]) -> None:
        self.owner = owner
        self.channels = channels
        self.is_stopping = is_stopping
        self.under_way: dict[uuid.UUID, Flight] = {}
        self.landed: queue.SimpleQueue[tuple[Flight, Outcome, float]] = queue.SimpleQueue()
        self._flying: dict[str, int] = defaultdict(int)
        self._takes_s: dict[str, float] = {}
        self._quiet_until: dict[tuple[object, str], float] = {}
        self._condense_at = 0.0

    def run(self) -> int:
        worked = 0
        try:
            while True:
                taken = 0 if self.is_stopping() else self._load()
                worked += taken
                if not self.under_way:
                    if taken == 0:
                        return worked
                    continue
                self._land(0.0 if taken else WAIT_S)
        except Exception:
            self._save_what_landed()
            raise

    # --- (1) claim and store HANDING --------------------------------------------------------------------------------

    def _load(self) -> int:
        _look_at_routes(self.channels)
        taken = 0
        for run in clocks.active_runs():
            self._condense(run)
            room = self._room(run.exercise_id)
            batch = claiming.claim(self.owner, run, room=room, under_way=self.under_way.keys())
            self._note_quiet(run.exercise_id, room, batch)
            taken += batch.size
            for delivery in batch.fresh:
                self._fly(Flight(delivery, run.exercise_id, batch.bundles.get(delivery.pk, [])))
            for delivery in batch.uncertain:
                self._fly(Flight(delivery, run.exercise_id, batch.bundles.get(delivery.pk, []), asks=True))
        return taken

    def _condense(self, run: clocks.Run) -> None:
        """Before a chat group is spoken to, and now and then, since looking costs more than a claim."""
        now_s = time.monotonic()
        if now_s >= self._condense_at or claiming.is_due(run, _groups()):
            self._condense_at = now_s + CONDENSE_S
            digest.condense(run)

    def _room(self, exercise_id: uuid.UUID | None) -> dict[str, int]:
        """How many messages of each channel may be taken now: free senders, a little ahead, within the channel's pace."""
        at, now_s = clocks.wall_now(), time.monotonic()
        room = {}
        for code in manifests():
            if self.under_way and self._quiet_until.get((exercise_id, code), 0.0) > now_s:
                continue
            senders = _senders(self.channels.get(code))
            takes_s = self._takes_s.get(code)
            ahead = 0 if takes_s is None else min(AHEAD, int(AHEAD_S / max(takes_s, 0.001)))
            free = senders * (1 + ahead) - self._flying[code]
            granted = _pace().available(code, free, at=at) if free > 0 else 0
            if granted > 0:
                room[code] = granted
        return room

    def _note_quiet(self, exercise_id: uuid.UUID | None, room: Mapping[str, int], batch: Batch) -> None:
        until = time.monotonic() + LOOK_S
        for code in room:
            count = batch.by_channel.get(code, 0)
            if count:
                _pace().take(code, count)
            else:
                self._quiet_until[exercise_id, code] = until

    # --- (2) speak to the channels; no database in here -------------------------------------------------------------

    def _fly(self, flight: Flight) -> None:
        self.under_way[flight.delivery.pk] = flight
        self._flying[flight.delivery.channel] += 1
        channel = self.channels.get(flight.delivery.channel)
        _pool(flight.delivery.channel, _senders(channel)).submit(self._speak, flight, channel)

    def _speak(self, flight: Flight, channel: Channel | None) -> None:
        """In a thread of the channel's own. Always ends with an outcome."""
        began = time.monotonic()
        outcome = _ask(channel, flight.delivery) if flight.asks else _send(channel, flight)
        self.landed.put((flight, outcome, time.monotonic() - began))

    # --- (3) store what came of it ----------------------------------------------------------------------------------

    def _land(self, wait_s: float) -> None:
        outcomes = self._collect(wait_s)
        by_run: dict[uuid.UUID | None, list[tuple[Flight, Outcome]]] = defaultdict(list)
        for flight, outcome, took_s in outcomes:
            code = flight.delivery.channel
            self._flying[code] -= 1
            former = self._takes_s.get(code, took_s)
            self._takes_s[code] = 0.8 * former + 0.2 * took_s
            by_run[flight.exercise_id].append((flight, outcome))
        for exercise_id, pairs in by_run.items():
            again = self._repeats(exercise_id, [pair for pair in pairs if pair[0].asks])
            done = [pair for pair in pairs if pair[0].delivery.pk not in again]
            _stored_at_last(self.channels, exercise_id, done)
            for flight, _ in done:
                self.under_way.pop(flight.delivery.pk, None)
            for flight in again.values():
                self._fly(flight)

    def _collect(self, wait_s: float) -> list[tuple[Flight, Outcome, float]]:
        found: list[tuple[Flight, Outcome, float]] = []
        try:
            found.append(self.landed.get(timeout=wait_s) if wait_s else self.landed.get_nowait())
            while len(found) < TOGETHER:
                found.append(self.landed.get_nowait())
        except queue.Empty:
            pass
        return found

    def _repeats(
        self, exercise_id: uuid.UUID | None, asked: Sequence[tuple[Flight, Outcome]]
    ) -> dict[uuid.UUID, Flight]:
        """Attempts that were cut off and are sent again, marked where the channel could not tell; the mark is stored first."""
        unsettled = {
            flight.delivery.pk: outcome.trace
            for flight, outcome in asked
            if isinstance(outcome, Asked) and outcome.trace is not Trace.KNOWN
        }
        if not unsettled:
            return {}
        bundles = {flight.delivery.pk: flight.bundle for flight, _ in asked}
        again = settling.store_repeats(self.owner, unsettled, bundles, at=clocks.now(exercise_id))
        return {
            delivery.pk: Flight(delivery, exercise_id, bundles.get(delivery.pk, [])) for delivery in again
        }

    def _save_what_landed(self) -> None:
        """The round failed; what is back is stored if at all possible, for it would otherwise count as uncertain."""
        try:
            self._land(WAIT_S)
        except Exception:
            log.exception("results_lost", extra={"under_way": len(self.under_way)})


def _stored_at_last(
    channels: Mapping[str, Channel],
    exercise_id: uuid.UUID | None,
    pairs: Sequence[tuple[Flight, Outcome]],
) -> None:
    """Store results, again while the database is away for a moment: a result that is lost makes its attempt uncertain."""
    if not pairs:
        return
    results = [(flight.delivery, flight.bundle, outcome) for flight, outcome in pairs]
    for attempt in range(1, STORE_TRIES + 1):
        try:
            settling.record(channels, exercise_id, results)
        except OperationalError:
            if attempt == STORE_TRIES or connection.in_atomic_block:
                raise
            log.warning("results_not_stored_yet", extra={"results": len(results)})
            connection.close()
            time.sleep(STORE_PAUSE_S)
        else:
            return


# --- what one message says ------------------------------------------------------------------------------------------


def _send(channel: Channel | None, flight: Flight) -> Outcome:
    delivery = flight.delivery
    if channel is None:
        return ChannelDown("no_such_channel")
    try:
        return gate.held_back(channel.manifest, delivery.exercise_id) or channel.send(
            _message(delivery, channel, flight.bundle)
        )
    except ChannelError as error:
        return error
    except Exception as error:  # a fault of the channel's own code may have come after the message left
        log.exception("channel_failed", extra={"channel": delivery.channel, "delivery": str(delivery.pk)})
        return ChannelUncertain(type(error).__name__)


def _ask(channel: Channel | None, delivery: Delivery) -> Outcome:
    if channel is None:
        return ChannelDown("no_such_channel")
    try:
        return channel.ask(delivery.send_key, route=delivery.route)
    except ChannelError as error:
        return error
    except Exception as error:
        log.exception("channel_failed", extra={"channel": delivery.channel, "delivery": str(delivery.pk)})
        return ChannelDown(type(error).__name__)


def _message(delivery: Delivery, channel: Channel, bundle: Sequence[Delivery] = ()) -> Message:
    """The link is added here and not stored, because the text is in the journal and the link opens a page."""
    together = [delivery, *bundle]
    text = bundling.text_of(together)
    link = ""
    if channel.manifest.carries_links and delivery.answer_token and _asks_for_answer(delivery):
        link = answer_url(delivery.answer_token)
        text = compose(f"link.{delivery.channel}", text=text, link=link)
    elif asks_for_hand(delivery):
        link = hand_url(delivery.answer_token)
        if channel.manifest.carries_links:
            text = compose("link.hand", text=text, link=link)
    occasion = occasion_of(delivery)
    title = occasion.title or (delivery.callout.title if delivery.callout is not None else "")
    keys = KEYS if _asks_for_answer(delivery) else None
    parts = bundling.parts_of(together) if bundle else ()
    return Message(delivery.send_key, delivery.address, text, title, keys, occasion, link, parts)


def _asks_for_answer(delivery: Delivery) -> bool:
    return delivery.seat is not None and delivery.purpose != DeliveryPurpose.ALL_CLEAR


# --- kept between calls ---------------------------------------------------------------------------------------------


def opened(http: httpx.Client | None = None) -> dict[str, Channel]:
    """The channels of this process; opened again when the county changed its routes. Twins and tests bring their own."""
    if http is not None:
        return open_channels(http)
    if has_twins():
        return open_channels(_shared_http())
    folder = Path(settings.ANLAN_DATA)
    key = (
        str(folder),
        _stamp(folder / FILE),
        settings.ANLAN_PHONE_URL,
        settings.ANLAN_PHONE_TOKEN,
        settings.ANLAN_SMTP_URL,
    )
    with _opening:
        return _opened(key)


def _opened(key: tuple[object, ...]) -> dict[str, Channel]:
    if key not in _kept:
        for former in _kept.values():
            close_channels(former)
        _kept.clear()
        _kept[key] = open_channels(_shared_http())
        _pace.cache_clear()
    return _kept[key]


#: What `opened` holds open: one set at a time, by the settings that it was opened with.
_kept: dict[tuple[object, ...], dict[str, Channel]] = {}
_opening = threading.Lock()


def close_channels(channels: Mapping[str, Channel]) -> None:
    """Let go of connections; a message on its way there becomes uncertain."""
    for channel in channels.values():
        if isinstance(channel, RoutedChannel):
            channel.close()


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _look_at_routes(channels: Mapping[str, Channel]) -> None:
    """Routes that are doubted come last, and the pace is that of the routes that work."""
    routed = {code: one for code, one in channels.items() if isinstance(one, RoutedChannel)}
    if not routed:
        return
    doubted = doubted_routes()
    if doubted and time.monotonic() > _looked_at[0] + TRUST_S:
        _looked_at[0] = time.monotonic()
        with write_turn():
            trust_again(at=clocks.wall_now())
    for code, one in routed.items():
        one.doubted = doubted.get(code, frozenset())
        if code not in _overridden():
            _pace().set_rate(code, one.rate_per_s)


def _senders(channel: Channel | None) -> int:
    return channel.at_once if isinstance(channel, RoutedChannel) else AT_ONCE


#: When doubted routes were last looked at, on the steady clock.
_looked_at = [0.0]


@cache
def _groups() -> tuple[str, ...]:
    return tuple(code for code, face in manifests().items() if face.nature is Nature.GROUP)


@cache
def _pool(channel: str, senders: int) -> ThreadPoolExecutor:
    """Each channel's own senders: a channel that hangs fills only these."""
    return ThreadPoolExecutor(max_workers=senders, thread_name_prefix=f"outbox-{channel}")


@cache
def _shared_http() -> httpx.Client:
    """Keeps connections. No proxies from the environment and no redirects: it speaks to the configured gateways only.

    No bound on connections in all: each route has its own, and one shared bound would let one that hangs starve the others.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
    return httpx.Client(limits=limits, trust_env=False, follow_redirects=False)


def _overridden() -> dict[str, float]:
    rates: dict[str, float] = getattr(settings, "ANLAN_CHANNEL_RATES", {})
    return rates


@cache
def _pace() -> Pace:
    rates = {code: manifest.rate_per_s for code, manifest in manifests().items()}
    return Pace(rates | _overridden(), shares=getattr(settings, "ANLAN_WORKERS", 1))
