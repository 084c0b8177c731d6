from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.drivers.sl651.crc import RunningCrc, crc16


def test_the_sum_of_the_usual_check_string_is_that_of_published_tables() -> None:
    """ "123456789" gives 4B37 with A001 reflected and start FFFF (CRC-16/MODBUS in the catalogue of parametrised CRCs)."""
    assert crc16(b"123456789") == 0x4B37


def test_nothing_sums_to_the_start_value() -> None:
    assert crc16(b"") == 0xFFFF


@pytest.mark.parametrize("bit", [0, 7, 40, 71])
def test_one_turned_bit_changes_the_sum(bit: int) -> None:
    turned = bytearray(b"123456789")
    turned[bit // 8] ^= 1 << bit % 8
    assert crc16(turned) != 0x4B37


@given(st.binary(max_size=60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_running_sums_give_the_sum_of_any_slice(data: bytes, cut: int, first: int, second: int) -> None:
    sums = RunningCrc(60)
    sums.append(data[:cut])
    sums.append(data[cut:])
    start, end = sorted((min(first, len(data)), min(second, len(data))))
    assert sums.of(start, end) == crc16(data[start:end])


def test_running_sums_go_on_after_the_window_moved() -> None:
    sums = RunningCrc(100)
    sums.append(b"thrown away")
    sums.drop(11)
    sums.append(b"123456789")
    assert sums.of(0, 9) == 0x4B37
