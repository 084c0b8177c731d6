"""The small version of `python -m anlan.sensing.exactness`."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.sensing.exactness import run_chunk


@pytest.mark.parametrize("seed", [1, 2, 9])
def test_levels_windows_and_flags_of_random_lives_equal_the_reference(seed: int, tmp_path: Path) -> None:
    answer = run_chunk(seed, streams=24, life=70, folder=tmp_path)
    assert answer["first"] == []
    assert answer["mismatches"] == 0
    assert answer["counts"]["doubted"] > 20
    assert answer["counts"]["corrected"] > 0
