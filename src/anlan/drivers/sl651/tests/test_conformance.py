"""The kit that every driver must pass, with real frames where they are at hand and with our own everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.drivers import conformance as kit
from anlan.drivers.decode import read_messages
from anlan.drivers.sl651.codec import decode
from anlan.drivers.sl651.manifest import MANIFEST
from anlan.drivers.sl651.model import Sl651Frame
from anlan.drivers.sl651.tests.make import OWN_FRAMES, report
from anlan.drivers.tests.vectors import load_vectors, vector_file


def uplinks() -> dict[str, bytes]:
    """Good uplinks by name."""
    messages = {f"own-{message.id}": bytes.fromhex(message.hex) for message in read_messages(OWN_FRAMES)}
    if vector_file("sl651").is_file():
        for vector in load_vectors("sl651"):
            raw = bytes.fromhex(vector["raw_hex"])
            tail = len(bytes.fromhex(vector["trailing_garbage_hex"] or ""))
            messages[vector["id"]] = raw[: len(raw) - tail]
    frames = {name: decode(raw) for name, raw in messages.items()}
    return {
        name: each.raw for name, each in frames.items() if isinstance(each, Sl651Frame) and not each.is_down
    }


UPLINKS = uplinks()
NAMES = sorted(UPLINKS)

#: Noise that looks like frames: marks, headers with lengths, halves of good frames, and plain bytes.
NOISE = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\x7e", b"\x7e\x7e", b"\x7e\x7e\x7e", b"\r\n", b"\xff" * 30]),
    st.builds(
        lambda length: bytes.fromhex("7E7E0100303A9006000033") + length.to_bytes(2, "big") + b"\x02",
        st.integers(0, 4095),
    ),
    st.builds(lambda cut: report("2219000035")[:cut], st.integers(1, 30)),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_may_be_cut_at_any_byte(name: str) -> None:
    kit.check_cut_anywhere(MANIFEST, UPLINKS[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_report_is_known_and_its_readings_are_sound(name: str) -> None:
    kit.check_repeats_share_a_key(MANIFEST, UPLINKS[name])
    kit.check_readings(MANIFEST, UPLINKS[name])


def test_all_frames_glued_together_are_all_frames() -> None:
    frames = list(UPLINKS.values())
    kit.check_stream(MANIFEST, frames, [b""] * (len(frames) + 1), cuts=[])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_noise_around_frames_changes_nothing(data: st.DataObject) -> None:
    frames = [UPLINKS[name] for name in data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))]
    count = len(frames) + 1
    noise = data.draw(st.lists(NOISE, min_size=count, max_size=count))
    cuts = data.draw(st.lists(st.integers(0, 2000), max_size=8))
    kit.check_stream(MANIFEST, frames, noise, cuts)


@settings(max_examples=60, deadline=None)
@given(noise=st.lists(NOISE, max_size=8).map(b"".join))
def test_noise_alone_is_counted_and_never_raises(noise: bytes) -> None:
    kit.check_no_frame_in(MANIFEST, noise)


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.one_of(NOISE, st.sampled_from(NAMES).map(UPLINKS.__getitem__)), max_size=6),
    cuts=st.lists(st.integers(0, 1500), max_size=12),
)
def test_what_is_refused_does_not_depend_on_the_cuts(pieces: list[bytes], cuts: list[int]) -> None:
    kit.check_outcomes_are_same_however_cut(MANIFEST, b"".join(pieces), cuts)


@settings(max_examples=80, deadline=None)
@given(
    message=st.binary(max_size=80),
    name=st.sampled_from(NAMES),
    at=st.integers(0, 200),
    byte=st.integers(0, 255),
)
def test_decoding_one_message_never_raises(message: bytes, name: str, at: int, byte: int) -> None:
    changed = bytearray(UPLINKS[name])
    changed[at % len(changed)] = byte
    assert MANIFEST.decode_message(message)["ok"] is False
    assert isinstance(MANIFEST.decode_message(bytes(changed))["ok"], bool)
