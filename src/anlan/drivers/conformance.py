"""What every driver must do with a stream of bytes. Its tests call these with good frames; each raises AssertionError with the reason.

The frames given are uplinks that the driver accepts on their own. Noise must not hold a whole good frame.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from anlan.drivers.types import FrameAccepted, Garbage, Manifest, Outcome, no_settings

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
    return [
        ("accepted", outcome.frame.raw) if isinstance(outcome, FrameAccepted) else (outcome.code, outcome.raw)
        for outcome in outcomes
        if not isinstance(outcome, Garbage)
    ]


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
