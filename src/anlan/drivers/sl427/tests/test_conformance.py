"""The kit that every driver must pass, with the real frame where it is at hand and with our own everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.drivers import conformance as kit
from anlan.drivers.decode import read_messages
from anlan.drivers.sl427.manifest import MANIFEST
from anlan.drivers.sl427.tests.make import OWN_FRAMES, report
from anlan.drivers.tests.vectors import load_vectors, vector_file


def uplinks() -> dict[str, bytes]:
    own = {f"own-{each.id}": bytes.fromhex(each.hex) for each in read_messages(OWN_FRAMES)}
    if vector_file("sl427").is_file():
        own |= {each["id"]: bytes.fromhex(each["raw_hex"]) for each in load_vectors("sl427")}
    return own


UPLINKS = uplinks()
NAMES = sorted(UPLINKS)

#: Noise that looks like frames: marks, lengths, halves of good ones, and plain bytes without an end byte, so that none is whole.
NOISE = st.one_of(
    st.binary(max_size=40).map(lambda data: data.replace(b"\x16", b"\x17")),
    st.sampled_from([b"\x68", b"\x68\x68\x68", b"\x68\x15\x68", b"\x68" * 30, b"\x68\x00\x68\x16"]),
    st.builds(lambda length: bytes([0x68, length, 0x68, 0xB4]), st.integers(0, 255)),
    st.builds(lambda cut: report(2, "23450100")[:cut], st.integers(1, 25)),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_may_be_cut_at_any_byte(name: str) -> None:
    kit.check_cut_anywhere(MANIFEST, UPLINKS[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_report_is_known_and_a_damaged_one_is_refused(name: str) -> None:
    kit.check_repeats_share_a_key(MANIFEST, UPLINKS[name])
    kit.check_readings(MANIFEST, UPLINKS[name])
    kit.check_explained(MANIFEST, UPLINKS[name])
    kit.check_damaged(MANIFEST, UPLINKS[name], every_bit=True)


def test_all_frames_glued_together_are_all_frames() -> None:
    frames = list(UPLINKS.values())
    kit.check_stream(MANIFEST, frames, [b""] * (len(frames) + 1), cuts=[])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_noise_around_frames_changes_nothing(data: st.DataObject) -> None:
    frames = [UPLINKS[name] for name in data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))]
    count = len(frames) + 1
    noise = data.draw(st.lists(NOISE, min_size=count, max_size=count))
    cuts = data.draw(st.lists(st.integers(0, 400), max_size=8))
    kit.check_stream(MANIFEST, frames, noise, cuts)


@settings(max_examples=60, deadline=None)
@given(noise=st.lists(NOISE, max_size=8).map(b"".join))
def test_noise_alone_is_counted_and_never_raises(noise: bytes) -> None:
    kit.check_no_frame_in(MANIFEST, noise)
    kit.check_explained(MANIFEST, noise)


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.one_of(NOISE, st.sampled_from(NAMES).map(UPLINKS.__getitem__)), max_size=6),
    cuts=st.lists(st.integers(0, 300), max_size=12),
)
def test_what_is_refused_does_not_depend_on_the_cuts(pieces: list[bytes], cuts: list[int]) -> None:
    kit.check_outcomes_are_same_however_cut(MANIFEST, b"".join(pieces), cuts)
