"""Messages of the county to stations: each is written down before it leaves, and sent once.

1. The county writes a released command into the catalogue. It waits here until a line of the station stands.
2. The signal `command_sent` is committed; only then the bytes leave. A crash in between leaves a command of which nobody knows whether
   it left: it is `uncertain`.
3. The station's answer and the signal `command_answered` are stored in one transaction.

What is uncertain is sent again if it is harmless (a question, the clock). What needed a second person's release is never sent again.
One command a station is under way at a time, because answers name the kind of command and not the command.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from anlan.drivers.types import Command, CommandRequest, FrameAccepted, Manifest
from anlan.gateway.catalogue import Catalogue, CommandEntry
from anlan.gateway.counters import Counters
from anlan.gateway.intake import Submission
from anlan.gateway.presence import Presence, Speaker
from anlan.gateway.stations import StationDesk
from anlan.gateway.writer import Writer
from anlan.kernel.registry import Registry
from anlan.sensing.hot.types import Signal

#: Waiting for an answer on a standing line, and how often a harmless command is sent. Engineering choices.
ANSWER_S = 60.0
ATTEMPTS = 3
#: Of the answer's fields, what the county keeps.
_MAX_TEXT = 400
_MAX_ITEMS = 40


class _Stage(Enum):
    WAITING = "waiting"
    LEAVING = "leaving"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    DONE = "done"


@dataclass(slots=True)
class _Errand:
    """One command on its way."""

    entry: CommandEntry
    stage: _Stage = _Stage.WAITING
    attempts: int = 0
    sent_at: float = 0.0
    line: Speaker | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that is about to be stored."""

    errand: _Errand
    make: Callable[..., Signal]
    fields: dict[str, object]

    def signal(self, now: datetime) -> Signal:
        entry = self.errand.entry
        return self.make("command_answered", now, command=entry.id, station=entry.station, fields=self.fields)

    def confirm(self) -> None:
        self.errand.stage = _Stage.DONE


class Downlink:
    """Lives in the event loop."""

    def __init__(
        self,
        drivers: Registry[Manifest],
        desk: StationDesk,
        writer: Writer,
        presence: Presence,
        counters: Counters,
    ) -> None:
        self._drivers = drivers
        self._desk = desk
        self._writer = writer
        self._presence = presence
        self._counters = counters
        self._errands: dict[str, _Errand] = {}
        self._stations: dict[str, tuple[str, str]] = {}
        self._recalled: dict[str, int] = {}
        self._finished: set[str] = set()
        self._serial = int(time.time()) & 0x7FFF

    def recall(self, signals: Iterable[Signal]) -> None:
        """What was sent and what was finished before this process started."""
        for signal in signals:
            command = str(signal.body.get("command", ""))
            if signal.kind == "command_sent":
                self._recalled[command] = self._recalled.get(command, 0) + 1
            elif signal.kind in ("command_answered", "command_failed"):
                self._finished.add(command)

    def use(self, catalogue: Catalogue) -> None:
        """Take up new commands; forget those that the county has done with."""
        self._stations = {one.code: (one.protocol, one.address or one.code) for one in catalogue.stations}
        wanted = {entry.id: entry for entry in catalogue.commands}
        self._errands = {id_: errand for id_, errand in self._errands.items() if id_ in wanted}
        self._finished &= set(wanted)
        for id_, entry in wanted.items():
            if id_ in self._errands or id_ in self._finished:
                continue
            errand = self._errands[id_] = _Errand(entry)
            errand.attempts = max(self._recalled.pop(id_, 0), entry.attempts)
            if errand.attempts:
                self._doubt(errand)
        for station in {entry.station for entry in catalogue.commands}:
            self.pump(station)

    def pump(self, station: str) -> None:
        """Send the oldest command that waits for this station, if a line stands and nothing is under way."""
        if not self._errands:
            return
        mine = [errand for errand in self._errands.values() if errand.entry.station == station]
        if not mine or any(errand.stage in (_Stage.LEAVING, _Stage.SENT) for errand in mine):
            return
        now = self._writer.clock.now()
        ready = [one for one in mine if one.stage is _Stage.WAITING and not _is_over(one.entry, now)]
        line = self._presence.line_of(station)
        if ready and line is not None and station in self._stations:
            self._send(ready[0], line, now)

    def answer(self, station: str, accepted: FrameAccepted) -> Answered | None:
        """The command that this frame answers; also one of which it was not certain that it left."""
        for errand in self._errands.values():
            is_out = errand.stage in (_Stage.SENT, _Stage.UNCERTAIN) or (
                errand.stage is _Stage.WAITING and errand.attempts > 0
            )
            if is_out and errand.entry.station == station and errand.entry.command == accepted.answers:
                return Answered(errand, self._desk.signal, _shortened(accepted.frame.fields()))
        return None

    def gone(self, line: Speaker) -> None:
        """A line ended: what left over it may have arrived or not."""
        for errand in list(self._errands.values()):
            if errand.line is line:
                errand.line = None
                if errand.stage is _Stage.SENT:
                    self._doubt(errand)

    def sweep(self) -> None:
        """Once a second: what has no answer, and what waits for a line that stands."""
        now = time.monotonic()
        for errand in list(self._errands.values()):
            if errand.stage is _Stage.SENT and now - errand.sent_at > ANSWER_S:
                self._give_up_waiting(errand)
        for station in {errand.entry.station for errand in self._errands.values()}:
            self.pump(station)

    # -- one command

    def _send(self, errand: _Errand, line: Speaker, now: datetime) -> None:
        entry = errand.entry
        command = self._command_of(entry, line)
        if command is None:
            self._fail(errand, "no_such_command", "The station's protocol has no such command.")
            return
        if command.needs_release and (not entry.released_by or entry.released_by == entry.asked_by):
            self._fail(errand, "not_released", "No second person has released it.")
            return
        if command.needs_release and errand.attempts:
            errand.stage = _Stage.UNCERTAIN  # never twice
            return
        try:
            data = command.encode(self._request(entry, line, now))
        except ValueError as error:
            self._fail(errand, "bad_arguments", str(error))
            return
        errand.stage, errand.attempts, errand.line = _Stage.LEAVING, errand.attempts + 1, line
        signal = self._signal("command_sent", entry, attempt=errand.attempts)
        self._write(signal, lambda is_stored: self._leave(errand, line, data, is_stored=is_stored))

    def _leave(self, errand: _Errand, line: Speaker, data: bytes, *, is_stored: bool) -> None:
        """Called after the commit of `command_sent`."""
        if errand.stage is not _Stage.LEAVING:
            return
        if not is_stored:
            errand.stage, errand.attempts = _Stage.WAITING, errand.attempts - 1
            return
        if not line.send(data):  # known not to have left; it waits for the next line
            errand.stage, errand.attempts, errand.line = _Stage.WAITING, errand.attempts - 1, None
            self._write(self._signal("command_uncertain", errand.entry, attempt=errand.attempts))
            return
        errand.stage, errand.sent_at = _Stage.SENT, time.monotonic()
        self._counters.commands_sent += 1

    def _command_of(self, entry: CommandEntry, line: Speaker) -> Command | None:
        return self._drivers.get(line.protocol).commands.get(entry.command)

    def _request(self, entry: CommandEntry, line: Speaker, now: datetime) -> CommandRequest:
        """The county's settings come before what the station's own messages taught."""
        protocol, address = self._stations[entry.station]
        settings = {**line.learned(address), **self._desk.settings_of(protocol or line.protocol, address)}
        self._serial = self._serial % 0xFFFF + 1
        return CommandRequest(address, now, self._serial, entry.arguments, settings)

    def _doubt(self, errand: _Errand) -> None:
        """It may have arrived or not. Harmless: once more, a few times; else a person must look."""
        errand.line = None
        is_harmless = not self._needs_release(errand.entry)
        errand.stage = _Stage.WAITING if is_harmless and errand.attempts < ATTEMPTS else _Stage.UNCERTAIN
        self._write(self._signal("command_uncertain", errand.entry, attempt=errand.attempts))

    def _give_up_waiting(self, errand: _Errand) -> None:
        if not self._needs_release(errand.entry) and errand.attempts >= ATTEMPTS:
            self._fail(errand, "no_answer", f"The station did not answer {errand.attempts} times.")
        else:
            self._doubt(errand)

    def _needs_release(self, entry: CommandEntry) -> bool:
        """By what any driver says of a command of this name; unknown ones count as dangerous."""
        found = [m.commands[entry.command] for m in self._drivers.values() if entry.command in m.commands]
        return not found or any(command.needs_release for command in found)

    def _fail(self, errand: _Errand, code: str, reason: str) -> None:
        errand.stage = _Stage.DONE
        self._write(self._signal("command_failed", errand.entry, code=code, reason=reason))

    def _signal(self, kind: str, entry: CommandEntry, **body: object) -> Signal:
        now = self._writer.clock.now()
        return self._desk.signal(kind, now, command=entry.id, station=entry.station, **body)

    def _write(self, signal: Signal, then: Callable[[bool], None] | None = None) -> None:
        """Have the signal stored. One that cannot be stored is tried again with the next sweep of its command's state."""

        def done(verdicts: Any) -> None:  # Any: verdicts of no reading; only None matters
            if then is not None:
                then(verdicts is not None)
            elif verdicts is None:
                self._unstored(signal)

        self._writer.submit(Submission(signal.at, time.time(), done, signals=[signal]))

    def _unstored(self, signal: Signal) -> None:
        errand = self._errands.get(str(signal.body["command"]))
        if errand is not None and signal.kind == "command_failed":
            errand.stage = _Stage.WAITING  # it fails again, and is then told


def _is_over(entry: CommandEntry, now: datetime) -> bool:
    return entry.expires_at is not None and now >= entry.expires_at


def _shortened(fields: dict[str, object]) -> dict[str, object]:
    """The fields of an answer without what is long."""
    return {name: _short(value) for name, value in list(fields.items())[:_MAX_ITEMS] if name != "password"}


def _short(value: object) -> object:
    if isinstance(value, str):
        return value[:_MAX_TEXT]
    if isinstance(value, list):
        return [_short(one) for one in value[:_MAX_ITEMS]]
    if isinstance(value, dict):
        return {str(name): _short(one) for name, one in list(value.items())[:_MAX_ITEMS]}
    return value
