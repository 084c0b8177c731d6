"""The kit that every driver must pass, with real frames where they are at hand and with our own everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.drivers import conformance as kit
from anlan.drivers.decode import read_messages
from anlan.drivers.gb26875.codec import decode
from anlan.drivers.gb26875.manifest import MANIFEST
from anlan.drivers.gb26875.model import FireFrame
from anlan.drivers.gb26875.tests.make import OWN_FRAMES, component, frame
from anlan.drivers.tests.vectors import load_vectors, vector_file
from anlan.drivers.types import FrameAccepted


def uplinks() -> dict[str, bytes]:
    """Good uplinks by name."""
    messages = {f"own-{message.id}": bytes.fromhex(message.hex) for message in read_messages(OWN_FRAMES)}
    if vector_file("gb26875").is_file():
        messages |= {vector["id"]: bytes.fromhex(vector["raw_hex"]) for vector in load_vectors("gb26875")}
    frames = {name: decode(raw) for name, raw in messages.items()}
    return {
        name: each.raw for name, each in frames.items() if isinstance(each, FireFrame) and not each.is_down
    }


UPLINKS = uplinks()
NAMES = sorted(
    name
    for name, raw in UPLINKS.items()
    if any(isinstance(each, FrameAccepted) for each in kit.play(MANIFEST, [raw]))
)
NOISE = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"@", b"@@", b"##", b"\r\n", b"\xff" * 30, bytes.fromhex("4040" + "00" * 22 + "0004")]),
    st.builds(lambda cut: frame(component(2))[:cut], st.integers(1, 70)),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_may_be_cut_at_any_byte(name: str) -> None:
    kit.check_cut_anywhere(MANIFEST, UPLINKS[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_report_is_known_and_its_readings_are_sound(name: str) -> None:
    kit.check_repeats_share_a_key(MANIFEST, UPLINKS[name])
    kit.check_readings(MANIFEST, UPLINKS[name])


def test_all_frames_glued_together_are_all_frames() -> None:
    frames = [UPLINKS[name] for name in NAMES]
    kit.check_stream(MANIFEST, frames, [b""] * (len(frames) + 1), cuts=[])


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_noise_around_frames_changes_nothing(data: st.DataObject) -> None:
    frames = [UPLINKS[name] for name in data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))]
    count = len(frames) + 1
    noise = data.draw(st.lists(NOISE, min_size=count, max_size=count))
    cuts = data.draw(st.lists(st.integers(0, 2000), max_size=8))
    kit.check_stream(MANIFEST, frames, noise, cuts)


@settings(max_examples=50, deadline=None)
@given(noise=st.lists(NOISE, max_size=8).map(b"".join))
def test_noise_alone_is_counted_and_never_raises(noise: bytes) -> None:
    kit.check_no_frame_in(MANIFEST, noise)


@settings(max_examples=50, deadline=None)
@given(
    pieces=st.lists(st.one_of(NOISE, st.sampled_from(NAMES).map(UPLINKS.__getitem__)), max_size=6),
    cuts=st.lists(st.integers(0, 1500), max_size=12),
)
def test_what_is_refused_does_not_depend_on_the_cuts(pieces: list[bytes], cuts: list[int]) -> None:
    kit.check_outcomes_are_same_however_cut(MANIFEST, b"".join(pieces), cuts)


@settings(max_examples=80, deadline=None)
@given(
    junk=st.binary(max_size=80),
    name=st.sampled_from(NAMES),
    at=st.integers(0, 400),
    byte=st.integers(0, 255),
    cut=st.integers(0, 400),
)
def test_truncated_extended_and_flipped_messages_never_raise(
    junk: bytes, name: str, at: int, byte: int, cut: int
) -> None:
    changed = bytearray(UPLINKS[name])
    changed[at % len(changed)] = byte
    for message in (junk, bytes(changed), UPLINKS[name][:cut], UPLINKS[name] + junk):
        assert isinstance(MANIFEST.decode_message(message)["ok"], bool)
        assert isinstance(MANIFEST.decode_kinds["stream"](message)["ok"], bool)
        assert isinstance(MANIFEST.decode_kinds["application_data_unit"](message)["ok"], bool)
        assert isinstance(MANIFEST.decode_kinds["vendor_A55A_pressure_gauge"](message)["ok"], bool)
        spans = MANIFEST.explain_message(message)
        assert b"".join(message[span.start : span.start + span.length] for span in spans) == message
        kit.play(MANIFEST, [message])
