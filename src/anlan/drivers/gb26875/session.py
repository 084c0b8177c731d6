"""One connection of a user transmission device: bytes in, outcomes out. No clock, no socket, no store."""

from __future__ import annotations

from datetime import datetime

from anlan.drivers.candidates import CandidateFramer
from anlan.drivers.framing import RawFrame
from anlan.drivers.gb26875.codec import decode_verified, happenings, readings
from anlan.drivers.gb26875.encode import ANSWERED_BY, answer, can_be_answered
from anlan.drivers.gb26875.layout import LAYOUT, Command, judge
from anlan.drivers.gb26875.model import FireFrame
from anlan.drivers.types import FrameAccepted, FrameRefused, Garbage, Outcome, Reply

#: Refusals that the standard wants denied, so that the device sends again.
_DENIED = frozenset({"gb26875.sum", "gb26875.tail"})
#: Bit 5 of a type-24 record: the duty person answered.
_DUTY_ANSWER = 5


class Session:
    """Feed it what arrives. The answer of an outcome is sent by the caller, after the outcome is stored and not before."""

    def __init__(self) -> None:
        self._framer = CandidateFramer(LAYOUT, judge)

    def feed(self, data: bytes, received_at: datetime) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for framed in self._framer.feed(data):
            if isinstance(framed, RawFrame):
                outcomes += self._take(framed.raw, received_at)
                continue
            outcomes.append(framed)
            if isinstance(framed, FrameRefused) and framed.code in _DENIED and can_be_answered(framed.raw):
                outcomes.append(Reply(answer(framed.raw, Command.DENY, received_at)))
        return outcomes

    def expire(self, at: datetime) -> list[Outcome]:
        """Nothing waits: every message is one frame."""
        return []

    def close(self) -> list[Outcome]:
        return [framed for framed in self._framer.flush() if not isinstance(framed, RawFrame)]

    def _take(self, raw: bytes, received_at: datetime) -> list[Outcome]:
        frame = decode_verified(raw, received_at=received_at)
        if frame.is_down:
            reason = "A question or order of the centre came from the device's side."
            return [FrameRefused("gb26875.downlink", reason, raw), Garbage(len(raw))]
        is_sent = frame.command == Command.SEND
        return [
            FrameAccepted(
                frame,
                readings(frame),
                answer(raw, Command.CONFIRM, received_at) if is_sent else None,
                frame.duplicate_key,
                is_keepalive=is_sent and frame.unit is None,
                happenings=happenings(frame),
                answers=_answers(frame),
            )
        ]


def _answers(frame: FireFrame) -> str | None:
    """A bare confirmation (3) or denial (6) names only a serial; which command had it, the caller knows."""
    if frame.unit is None:
        return None
    if frame.command == Command.ANSWER:
        return ANSWERED_BY.get(frame.unit.type_flag)
    if frame.unit.type_flag == 24 and any(
        record.number("operation") >> _DUTY_ANSWER & 1 for record in frame.unit.records
    ):
        return "check_duty"
    return None
