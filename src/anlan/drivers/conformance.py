"""What every driver must do with a stream of bytes. Its tests call these with good frames; each raises AssertionError with the reason.

The frames given are uplinks that the driver accepts on their own. Noise must not hold a whole good frame.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from anlan.drivers.types import (
    Fields,
    FrameAccepted,
    FrameRefused,
    Garbage,
    Manifest,
    Outcome,
    Reply,
    no_settings,
)

#: Any instant does; the kit never compares it with a clock.
RECEIVED_AT = datetime(2026, 7, 1, tzinfo=UTC)


def play(manifest: Manifest, chunks: Iterable[bytes]) -> list[Outcome]:
    """All outcomes of one connection that brings these chunks and ends."""
    session = manifest.new_session(no_settings)
    outcomes = [outcome for chunk in chunks for outcome in session.feed(chunk, RECEIVED_AT)]
    return outcomes + session.close()


def accepted(outcomes: Iterable[Outcome]) -> list[bytes]:
    return [outcome.frame.raw for outcome in outcomes if isinstance(outcome, FrameAccepted)]


def check_cut_anywhere(manifest: Manifest, frame: bytes) -> None:
    """One frame in two pieces, cut at every byte, and byte by byte, is the same frame."""
    for cut in range(len(frame) + 1):
        got = accepted(play(manifest, [frame[:cut], frame[cut:]]))
        assert got == [frame], f"cut at byte {cut} of {len(frame)} the frame was lost"
    got = accepted(play(manifest, [frame[at : at + 1] for at in range(len(frame))]))
    assert got == [frame], "byte by byte the frame was lost"


def check_stream(
    manifest: Manifest, frames: Sequence[bytes], noise: Sequence[bytes], cuts: Iterable[int]
) -> None:
    """Frames with noise before, between and behind them, cut anywhere: the same frames, and every byte accounted for.

    `noise` has one entry more than `frames`; an empty one glues two frames together.
    """
    assert len(noise) == len(frames) + 1, "one stretch of noise more than frames"
    stream = noise[0] + b"".join(frame + after for frame, after in zip(frames, noise[1:], strict=True))
    edges = [0, *sorted({min(cut, len(stream)) for cut in cuts}), len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(edges)]
    outcomes = play(manifest, chunks)
    assert accepted(outcomes) == list(frames), "the frames are not those that were sent"
    assert discarded(outcomes) == sum(map(len, noise)), "the noise was not counted to the byte"


def discarded(outcomes: Iterable[Outcome]) -> int:
    return sum(outcome.count for outcome in outcomes if isinstance(outcome, Garbage))


def check_no_frame_in(manifest: Manifest, noise: bytes) -> None:
    """Any bytes: nothing is raised, nothing accepted, and every byte counted."""
    outcomes = play(manifest, [noise])
    assert accepted(outcomes) == [], "a frame was found in noise"
    assert discarded(outcomes) == len(noise), "the noise was not counted to the byte"


def check_outcomes_are_same_however_cut(manifest: Manifest, stream: bytes, cuts: Iterable[int]) -> None:
    """Frames and refusals do not depend on how the network cut the bytes."""
    edges = [0, *sorted({min(cut, len(stream)) for cut in cuts}), len(stream)]
    whole = play(manifest, [stream])
    pieces = play(manifest, [stream[start:end] for start, end in pairwise(edges)])
    assert _named(whole) == _named(pieces), "cut differently, the bytes mean something else"


def _named(outcomes: Iterable[Outcome]) -> list[tuple[str, bytes]]:
    named = []
    for outcome in outcomes:
        if isinstance(outcome, FrameAccepted):
            named.append(("accepted", outcome.frame.raw))
        elif isinstance(outcome, Reply):
            named.append(("reply", outcome.data))
        elif isinstance(outcome, FrameRefused):
            named.append((outcome.code, outcome.raw))
    return named


def check_repeats_share_a_key(manifest: Manifest, frame: bytes) -> None:
    """The same report twice has the same duplicate key, and is answered both times."""
    first, second = [each for each in play(manifest, [frame, frame]) if isinstance(each, FrameAccepted)]
    assert first.duplicate_key == second.duplicate_key, "a repeated report looks like a new one"
    assert first.ack == second.ack, "a repeated report is answered differently"


def check_readings(manifest: Manifest, frame: bytes) -> None:
    """Readings are in UTC, name their station, and the message decodes to JSON."""
    for outcome in play(manifest, [frame]):
        if isinstance(outcome, FrameAccepted):
            for reading in outcome.readings:
                assert reading.phenomenon_time.tzinfo is UTC, "a reading's time is not UTC"
                assert reading.station == outcome.frame.station, "a reading names another station"
                assert reading.quantity, "a reading has no quantity"
    fields = manifest.decode_message(frame)
    assert fields["ok"] is True, "decode refuses what the session accepts"
    json.dumps(fields)


def check_explained(manifest: Manifest, raw: bytes) -> None:
    """The spans of any bytes cover each of them once, in order, and each has a name."""
    at = 0
    for span in manifest.explain_message(raw):
        assert span.start == at, f"byte {at} is explained twice or not at all"
        assert span.length > 0, f"an empty span stands at byte {at}"
        assert span.name, f"the span at byte {at} has no name"
        at += span.length
    assert at == len(raw), f"the bytes from {at} on are not explained"


def check_damaged(manifest: Manifest, frame: bytes, *, every_bit: bool = False) -> None:
    """Cut short a good frame is refused; lengthened it is the same frame; with a bit turned over it is refused or says the same.

    Nothing is ever raised, and what is accepted is the frame itself. `every_bit` takes eight times as long.
    """
    said = content_of(manifest.decode_message(frame))
    for size in range(len(frame)):
        assert not accepted(play(manifest, [frame[:size]])), f"cut to {size} bytes it was still accepted"
        assert manifest.decode_message(frame[:size])["ok"] is False, (
            f"cut to {size} bytes it was still decoded"
        )
    for more in (b"\x00", b"\xff" * 7, frame[:-1], frame[:1]):
        assert accepted(play(manifest, [frame + more])) == [frame], "bytes behind the frame changed it"
        assert content_of(manifest.decode_message(frame + more)) == said, "bytes behind the frame changed it"
    for number in range(len(frame)):
        for bit in range(8) if every_bit else (number % 8,):
            turned = bytearray(frame)
            turned[number] ^= 1 << bit
            result = manifest.decode_message(bytes(turned))
            same = result["ok"] is False or content_of(result) == said
            assert same, f"bit {bit} of byte {number} turned over, it says something else"
            play(manifest, [bytes(turned)])


#: Fields about the bytes around a frame, or that only repeat how it was written.
_AROUND = ("leading_garbage_hex", "trailing_garbage_hex", "further_frames", "crc_field")


def content_of(fields: Fields) -> str:
    """What a message says, as text in which the case of hexadecimal digits does not matter."""
    return json.dumps({name: each for name, each in fields.items() if name not in _AROUND}).upper()
