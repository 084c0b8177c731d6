"""The kit that every driver must pass, with real sentences where they are at hand and with our own everywhere."""

from __future__ import annotations

import functools
import operator
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from anlan.drivers import conformance as kit
from anlan.drivers.beidou.manifest import MANIFEST
from anlan.drivers.beidou.tests.make import OWN_FRAMES, received
from anlan.drivers.decode import read_messages
from anlan.drivers.tests.vectors import load_vectors, vector_file


def uplinks() -> dict[str, bytes]:
    own = {f"own-{each.id}": bytes.fromhex(each.hex) for each in read_messages(OWN_FRAMES, is_text=True)}
    if vector_file("beidou").is_file():
        own |= {each["id"]: each["text"].encode("ascii") for each in load_vectors("beidou") if each["valid"]}
    return own


UPLINKS = uplinks()
NAMES = sorted(UPLINKS)

#: Noise that looks like sentences. It never begins a line that a good sentence behind it would not end.
NOISE = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"$", b"$$$$$", b"\r\n", b"*00\r\n", b"$BDTXR,1,2*00\r\n", b"$*00\r\n", b"$GPGGA,"]),
    st.builds(lambda cut: received(b"hello")[:cut], st.integers(1, 30)),
)


def holds_a_right_sum(noise: bytes) -> bool:
    """Whether chance made a sentence of it: one start in 256 fits the two digits at the end of its line."""
    for end in re.finditer(rb"\*([0-9A-Fa-f]{2})\r\n", noise):
        starts = [at for at in range(end.start()) if noise[at : at + 1] == b"$"]
        if any(
            functools.reduce(operator.xor, noise[at + 1 : end.start()], 0) == int(end[1], 16) for at in starts
        ):
            return True
    return False


def test_a_sentence_made_by_chance_is_told_from_noise() -> None:
    assert holds_a_right_sum(b"$BDR**00000TX$,,,,,0000024566678ABCDRTX*00\r\n")
    assert not holds_a_right_sum(b"$BDTXR,1,2*00\r\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_sentence_may_be_cut_at_any_byte(name: str) -> None:
    kit.check_cut_anywhere(MANIFEST, UPLINKS[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_sentence_is_known_and_a_damaged_one_is_refused(name: str) -> None:
    kit.check_repeats_share_a_key(MANIFEST, UPLINKS[name])
    kit.check_readings(MANIFEST, UPLINKS[name])
    kit.check_explained(MANIFEST, UPLINKS[name])
    kit.check_damaged(MANIFEST, UPLINKS[name])


def test_all_sentences_glued_together_are_all_sentences() -> None:
    frames = list(UPLINKS.values())
    kit.check_stream(MANIFEST, frames, [b""] * (len(frames) + 1), cuts=[])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_noise_around_sentences_changes_nothing(data: st.DataObject) -> None:
    frames = [UPLINKS[name] for name in data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))]
    count = len(frames) + 1
    noise = data.draw(st.lists(NOISE, min_size=count, max_size=count))
    cuts = data.draw(st.lists(st.integers(0, 600), max_size=8))
    kit.check_stream(MANIFEST, frames, noise, cuts)


@settings(max_examples=60, deadline=None)
@given(noise=st.lists(NOISE, max_size=8).map(b"".join))
def test_noise_alone_is_counted_and_never_raises(noise: bytes) -> None:
    assume(not holds_a_right_sum(noise))
    kit.check_no_frame_in(MANIFEST, noise)
    kit.check_explained(MANIFEST, noise)


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.one_of(NOISE, st.sampled_from(NAMES).map(UPLINKS.__getitem__)), max_size=6),
    cuts=st.lists(st.integers(0, 600), max_size=12),
)
def test_what_is_refused_does_not_depend_on_the_cuts(pieces: list[bytes], cuts: list[int]) -> None:
    kit.check_outcomes_are_same_however_cut(MANIFEST, b"".join(pieces), cuts)
