"""The kit that every driver must pass, with real messages where they are at hand and with our own everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.drivers import conformance as kit
from anlan.drivers.decode import read_messages
from anlan.drivers.hj212.manifest import MANIFEST
from anlan.drivers.hj212.tests.make import OWN_FRAMES, message
from anlan.drivers.tests.vectors import load_vectors, vector_file


def uplinks() -> dict[str, bytes]:
    """Good messages by name, those of several packets left out."""
    own = {f"own-{each.id}": bytes.fromhex(each.hex) for each in read_messages(OWN_FRAMES, is_text=True)}
    if vector_file("hj212").is_file():
        own |= {each["id"]: each["text"].encode("ascii") for each in load_vectors("hj212") if each["valid"]}
    return own


UPLINKS = uplinks()
NAMES = sorted(UPLINKS)

#: Noise that looks like messages: marks, lengths, halves of good ones, and plain bytes.
NOISE = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"#", b"##", b"###", b"\r\n", b"##01", b"##0000", b"##0005abcde0000\r\n"]),
    st.builds(lambda length: b"##%04dQN=2026" % length, st.integers(0, 9999)),
    st.builds(lambda cut: message()[:cut], st.integers(1, 60)),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_message_may_be_cut_at_any_byte(name: str) -> None:
    kit.check_cut_anywhere(MANIFEST, UPLINKS[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_report_is_known_its_readings_are_sound_and_every_byte_has_a_name(name: str) -> None:
    kit.check_repeats_share_a_key(MANIFEST, UPLINKS[name])
    kit.check_readings(MANIFEST, UPLINKS[name])
    kit.check_explained(MANIFEST, UPLINKS[name])


def test_all_messages_glued_together_are_all_messages() -> None:
    frames = list(UPLINKS.values())
    kit.check_stream(MANIFEST, frames, [b""] * (len(frames) + 1), cuts=[])


def test_a_damaged_message_is_refused_or_says_the_same() -> None:
    kit.check_damaged(MANIFEST, message(), every_bit=True)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_noise_around_messages_changes_nothing(data: st.DataObject) -> None:
    frames = [UPLINKS[name] for name in data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))]
    count = len(frames) + 1
    noise = data.draw(st.lists(NOISE, min_size=count, max_size=count))
    cuts = data.draw(st.lists(st.integers(0, 2000), max_size=8))
    kit.check_stream(MANIFEST, frames, noise, cuts)


@settings(max_examples=60, deadline=None)
@given(noise=st.lists(NOISE, max_size=8).map(b"".join))
def test_noise_alone_is_counted_and_never_raises(noise: bytes) -> None:
    kit.check_no_frame_in(MANIFEST, noise)
    kit.check_explained(MANIFEST, noise)


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.one_of(NOISE, st.sampled_from(NAMES).map(UPLINKS.__getitem__)), max_size=6),
    cuts=st.lists(st.integers(0, 1500), max_size=12),
)
def test_what_is_refused_does_not_depend_on_the_cuts(pieces: list[bytes], cuts: list[int]) -> None:
    kit.check_outcomes_are_same_however_cut(MANIFEST, b"".join(pieces), cuts)


@settings(max_examples=80, deadline=None)
@given(name=st.sampled_from(NAMES), at=st.integers(0, 2000), byte=st.integers(0, 255))
def test_a_changed_message_is_decoded_and_explained_without_raising(name: str, at: int, byte: int) -> None:
    changed = bytearray(UPLINKS[name])
    changed[at % len(changed)] = byte
    assert isinstance(MANIFEST.decode_message(bytes(changed))["ok"], bool)
    kit.check_explained(MANIFEST, bytes(changed))
