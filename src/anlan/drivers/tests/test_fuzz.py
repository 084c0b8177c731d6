from __future__ import annotations

from dataclasses import replace

import pytest

from anlan.drivers.fuzz import Fuzzer, run, seeds_of
from anlan.drivers.registry import DRIVERS
from anlan.drivers.types import Fields

MINE = ("hj212", "sl427", "beidou")


@pytest.mark.parametrize("protocol", MINE)
def test_a_second_of_random_changes_finds_nothing(protocol: str) -> None:
    manifest = DRIVERS.get(protocol)
    fuzzer = run(manifest, seeds_of(manifest, None), seconds=0.5, seed=7)
    assert fuzzer.failures == []
    assert fuzzer.counts["decoded"] > 0 < fuzzer.counts["refused"]


def test_a_driver_that_raises_is_found_with_the_bytes_that_did_it() -> None:
    manifest = DRIVERS.get("sl427")

    def fragile(message: bytes) -> Fields:
        if len(message) % 2:
            raise ValueError("odd")
        return manifest.decode_message(message)

    seeds = [each for each in seeds_of(manifest, None) if len(each) % 2 == 0]
    fuzzer = run(replace(manifest, decode_message=fragile), seeds, seconds=0.5, seed=7)
    assert any("odd" in why and len(data) % 2 for _, data, why in fuzzer.failures)


def test_the_same_seed_tries_the_same() -> None:
    manifest = DRIVERS.get("beidou")
    first, second = (Fuzzer(manifest, seeds_of(manifest, None), 3) for _ in range(2))
    for fuzzer in (first, second):
        for _ in range(100):
            fuzzer.step()
    assert first.counts == second.counts
    assert sum(first.counts.values()) > 100
