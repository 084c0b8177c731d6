"""What a conversation with stations does whatever carries it: outcomes of the driver to the writer, answers back after the commit."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter

from anlan.drivers.types import (
    Attachment,
    FrameAccepted,
    FrameRefused,
    Garbage,
    Learns,
    Manifest,
    PlainReport,
    Reply,
    ReportsPlainly,
    StationSettings,
)
from anlan.gateway.catalogue import Limits, StationEntry
from anlan.gateway.counters import Counters
from anlan.gateway.downlink import Downlink
from anlan.gateway.intake import Submission, stored_value
from anlan.gateway.presence import Presence
from anlan.gateway.stations import StationDesk
from anlan.gateway.writer import Writer
from anlan.sensing.hot.refused import RefusedFrame
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import MAX_ATTACHMENT, RawAttachment, RawFrame, Signal

Done = Callable[[Sequence[int] | None], None]
#: Plain reports that are stored and acknowledged together, so that their answers stay a small piece.
_TOGETHER = 256
_STATION = attrgetter("station")


@dataclass(slots=True)
class Hall:
    """What all lines of a gateway share; `limits` is replaced when the catalogue changes."""

    desk: StationDesk
    writer: Writer
    counters: Counters
    presence: Presence
    downlink: Downlink
    limits: Limits = field(default_factory=Limits)


class Line(ABC):
    """One conversation. A frame is acknowledged only after its commit; a bad one never ends the conversation."""

    __slots__ = (
        "_hall",
        "_manifest",
        "_plainly",
        "bytes_without_frame",
        "codes",
        "last_data",
        "peer",
        "session",
        "waiting",
    )

    #: How the peer came, for the source of raw frames.
    carrier = ""

    def __init__(self, hall: Hall, manifest: Manifest) -> None:
        self._hall = hall
        self._manifest = manifest
        protocol, desk = manifest.protocol, hall.desk
        self.session = manifest.new_session(lambda address: desk.settings_of(protocol, address))
        self._plainly = self.session if isinstance(self.session, ReportsPlainly) else None
        self.peer = ""
        self.last_data = time.monotonic()
        self.bytes_without_frame = 0
        #: Frames handed to the writer that were not answered yet.
        self.waiting = 0
        #: Stations that spoke here.
        self.codes: set[str] = set()

    @property
    @abstractmethod
    def is_open(self) -> bool: ...

    @abstractmethod
    def send(self, data: bytes) -> bool:
        """Hand bytes to the peer; False when it is gone."""

    @abstractmethod
    def slow_down(self) -> None:
        """As much waits as may."""

    @abstractmethod
    def go_on(self) -> None:
        """A frame was dealt with."""

    @property
    def protocol(self) -> str:
        return self._manifest.protocol

    def learned(self, address: str) -> StationSettings:
        return self.session.learned(address) if isinstance(self.session, Learns) else {}

    def receive(self, data: bytes) -> None:
        self.last_data = time.monotonic()
        self.bytes_without_frame += len(data)
        now = self._hall.writer.clock.now()
        if self._plainly is not None:
            self._take_plainly(self._plainly.feed_plainly(data, now), self._plainly)
        else:
            self.take(self.session.feed(data, now))

    def end(self) -> None:
        """The peer is gone: tell what was left half done, and that nobody speaks here any more."""
        self.take(self.session.close())
        self._hall.presence.gone(self, self.codes)
        self._hall.downlink.gone(self)

    def take(self, outcomes: Sequence[object]) -> None:
        """Deal with each outcome."""
        counters = self._hall.counters
        for outcome in outcomes:
            if isinstance(outcome, FrameAccepted):
                counters.frames += 1
                self.bytes_without_frame = 0
                self._accept(outcome)
            elif isinstance(outcome, FrameRefused):
                self.refuse(outcome.code, outcome.reason, outcome.raw)
            elif isinstance(outcome, Reply):
                self.send(outcome.data)
            elif isinstance(outcome, Garbage):
                counters.garbage_bytes += outcome.count

    def _take_plainly(self, outcomes: Sequence[object], session: ReportsPlainly) -> None:
        """Stretches of plain reports together, what stands between them one by one; answers keep the order."""
        for is_plain, some in groupby(outcomes, lambda outcome: type(outcome) is PlainReport):
            if not is_plain:
                self.take(list(some))
                continue
            for address, reports in groupby(some, _STATION):
                self._accept_reports(address, list(reports), session)  # type: ignore[arg-type]  # chosen above

    def _accept_reports(self, address: str, reports: list[PlainReport], session: ReportsPlainly) -> None:
        """The same as `_accept` for each."""
        self._hall.counters.frames += len(reports)
        self.bytes_without_frame = 0
        entry, now = self._hall.desk.resolve(self.protocol, address), self._hall.writer.clock.now()
        if entry is None:
            for report in reports:
                self._accept(session.in_full(report))
            return
        for first in range(0, len(reports), _TOGETHER):
            some = reports[first : first + _TOGETHER]
            self._submit(self._together(entry.code, some, now), len(some))

    def _together(self, code: str, reports: list[PlainReport], now: datetime) -> Submission:
        """One submission for all: they are acknowledged at once when the last of them is stored."""
        hall = self._hall
        submission = Submission(now, time.time(), _nothing, heard=frozenset((code,)))
        source, received = f"{self.carrier}:{self.peer}", int(now.timestamp() * 1000)
        for report in reports:
            submission.keys += hall.desk.keys_of(code, report.quantities)
            submission.times += [report.time] * len(report.values)
            submission.values += report.values
            submission.frames.append(RawFrame(received, source, code, report.raw))
            submission.frame_rows.append(len(report.values))
        if not hall.desk.is_clock_right(code, [report.sent for report in reports], now):
            self._note_clocks(code, reports, submission)
        submission.signals += self._speak(code, submission)
        acks = b"".join([report.ack for report in reports])
        submission.done = self._done(acks, lambda: hall.downlink.pump(code), frames=len(reports))
        return submission

    def _note_clocks(self, code: str, reports: list[PlainReport], submission: Submission) -> None:
        desk, now = self._hall.desk, submission.received
        for report in reports:
            sent_at = datetime.fromtimestamp(report.sent, UTC)
            submission.signals += desk.clock_signals(code, sent_at, now)
            submission.frame_clocks.append(desk.clock_error(code, sent_at, now))

    def refuse(self, code: str, reason: str, raw: bytes) -> None:
        self._hall.counters.refused_by_code[code] += 1
        received = int(self._hall.writer.clock.now().timestamp() * 1000)
        self._hall.writer.refused.add(RefusedFrame(received, self.peer, code, reason, raw))

    def _accept(self, accepted: FrameAccepted) -> None:
        """Hand a good frame to the writer. A frame of an unknown station is kept, and neither acknowledged nor refused:
        the station keeps its readings and sends them again once somebody has registered it."""
        hall, address = self._hall, accepted.frame.station
        now = hall.writer.clock.now()
        entry = hall.desk.resolve(self.protocol, address)
        source = f"{self.carrier}:{self.peer}"
        if entry is None:
            frame = RawFrame(int(now.timestamp() * 1000), source, address, accepted.frame.raw)
            submission = Submission(now, time.time(), self._done(None))
            hall.counters.frames_unknown_station += 1
            if hall.desk.note_unknown(address, frame, submission, self.protocol):
                self._submit(submission)
            return
        frame = RawFrame(int(now.timestamp() * 1000), source, entry.code, accepted.frame.raw)
        submission = Submission(now, time.time(), self._done(None), heard=frozenset((entry.code,)))
        self._fill(accepted, entry, frame, submission)
        self._submit(submission)

    def _fill(
        self, accepted: FrameAccepted, entry: StationEntry, frame: RawFrame, submission: Submission
    ) -> None:
        """Everything that the frame says, and what to do once it is stored."""
        desk, downlink, code, now = self._hall.desk, self._hall.downlink, entry.code, submission.received
        key = (self.protocol, *accepted.duplicate_key)
        is_new = False
        if accepted.is_keepalive:
            self._hall.counters.keepalives += 1
        else:
            is_new = not desk.has_seen(key)
            self._add_readings(accepted, entry, submission)
            if is_new:
                self._add_happenings(accepted, entry, submission, key)
                self._add_attachments(accepted, entry, submission)
            if submission.keys or is_new:
                submission.frame = frame
        submission.signals += desk.clock_signals(code, accepted.frame.sent_at, now)
        offset_s, is_wrong = desk.clock_error(code, accepted.frame.sent_at, now)
        submission.clock_offset_s, submission.is_clock_wrong = offset_s, is_wrong
        submission.signals += self._speak(code, submission)
        answered = downlink.answer(code, accepted) if accepted.answers else None
        if answered is not None:
            submission.signals.append(answered.signal(now))

        def stored() -> None:
            if is_new:
                desk.remember(key)
            if answered is not None:
                answered.confirm()
            downlink.pump(code)

        submission.done = self._done(accepted.ack, stored)

    def _speak(self, code: str, submission: Submission) -> list[Signal]:
        """Note that this line speaks for the station; a signal when another live one does too."""
        self.codes.add(code)
        hall = self._hall
        other = hall.presence.line_of(code)
        if not hall.presence.heard(code, self):
            return []
        hall.counters.address_conflicts += 1
        peers = f"{self.peer} / {getattr(other, 'peer', '')}"
        return hall.desk.conflict_signals(code, submission.received, peers=peers)

    def _add_readings(self, accepted: FrameAccepted, entry: StationEntry, submission: Submission) -> None:
        for reading in accepted.readings:
            code = self._code_of(reading.station, accepted, entry)
            value = stored_value(reading.quantity, reading.value)
            if code is None:
                self.refuse("reading.station", f"Nobody registered {reading.station}.", accepted.frame.raw)
            elif value is None:
                self.refuse(
                    "reading.value",
                    f"{reading.quantity} is no number that can be stored.",
                    accepted.frame.raw,
                )
            else:
                submission.add(
                    StreamKey(code, reading.quantity),
                    reading.phenomenon_time,
                    value,
                    is_doubtful=reading.is_doubtful,
                )

    def _code_of(self, address: str, accepted: FrameAccepted, entry: StationEntry) -> str | None:
        """The station that a part of a frame is about: a concentrator may speak for others."""
        if address == accepted.frame.station:
            return entry.code
        other = self._hall.desk.resolve(self.protocol, address)
        return None if other is None else other.code

    def _add_happenings(
        self, accepted: FrameAccepted, entry: StationEntry, submission: Submission, key: tuple[str, ...]
    ) -> None:
        for number, happening in enumerate(accepted.happenings):
            code = self._code_of(happening.station, accepted, entry) or entry.code
            at = happening.phenomenon_time
            self._hall.counters.happenings += 1
            submission.signals.append(
                self._hall.desk.signal(
                    "happening",
                    submission.received,
                    station=code,
                    kind=happening.kind,
                    phenomenon_time=None if at is None else at.isoformat(),
                    fields=happening.fields,
                    protocol=self.protocol,
                    report="|".join([*key, str(number)]),
                )
            )

    def _add_attachments(self, accepted: FrameAccepted, entry: StationEntry, submission: Submission) -> None:
        for attachment in accepted.attachments:
            if len(attachment.content) > MAX_ATTACHMENT:
                reason = f"A file of {len(attachment.content)} bytes is larger than is kept."
                self.refuse("attachment.too_large", reason, accepted.frame.raw)
                continue
            code = self._code_of(attachment.station, accepted, entry) or entry.code
            self._hall.counters.attachments += 1
            submission.attachments.append(_raw_attachment(attachment, code, submission))

    def _submit(self, submission: Submission, frames: int = 1) -> None:
        self.waiting += frames
        if self.waiting >= self._hall.limits.frames_waiting:
            self.slow_down()
        self._hall.writer.submit(submission)

    def _done(self, ack: bytes | None, stored: Callable[[], None] | None = None, *, frames: int = 1) -> Done:
        """Called in the event loop after the commit; None instead of verdicts means: not stored, say nothing."""

        def done(verdicts: Sequence[int] | None) -> None:
            self.waiting -= frames
            if verdicts is not None:
                if ack:
                    self.send(ack)
                if stored is not None:
                    stored()
            self.go_on()

        return done


def _nothing(_verdicts: Sequence[int] | None) -> None:
    """Until it is known what to do."""


def _raw_attachment(attachment: Attachment, code: str, submission: Submission) -> RawAttachment:
    moment = attachment.phenomenon_time
    return RawAttachment(
        int(submission.received.timestamp() * 1000),
        None if moment is None else int(moment.timestamp()),
        code,
        attachment.media_type,
        attachment.content,
    )
