from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.directory import numbers
from anlan.directory.refusals import NotAnAddress, NotANumber


@pytest.mark.parametrize(
    "typed",
    [
        "10000000001",
        "100 0000 0001",
        "100-0000-0001",
        "+8610000000001",
        "0086 100 0000 0001",
        "１００００００００01",
    ],
)
def test_a_mobile_has_one_written_form(typed: str) -> None:
    assert numbers.mobile(typed) == "10000000001"


@pytest.mark.parametrize(
    "typed", ["", "1000000000", "100000000011", "20000000001", "abc", "1000000000O", "110"]
)
def test_what_is_no_mobile_is_refused(typed: str) -> None:
    with pytest.raises(NotANumber):
        numbers.mobile(typed)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("0875-2000000", "0875-2000000"),
        ("(0875) 2000000", "0875-2000000"),
        ("（０８７５）２００００００", "0875-2000000"),
        ("08752000000", "0875-2000000"),
        ("010-60000000-12", "010-60000000-12"),
        ("010 60000000转12", "010-60000000-12"),
        ("10000000001", "10000000001"),
    ],
)
def test_a_landline_keeps_its_area_code(typed: str, written: str) -> None:
    assert numbers.landline(typed) == written


@pytest.mark.parametrize("typed", ["2000000", "8752000000", "0875-100", "0875-1000000", "0000-2000000"])
def test_what_is_no_landline_is_refused(typed: str) -> None:
    with pytest.raises(NotANumber):
        numbers.landline(typed)


@pytest.mark.parametrize(
    "typed", ["zhao", "zhao@", "@example.cn", "a b@example.cn", "zhao@example", "z@e.c\n"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAddress):
        numbers.email(typed + " x" if typed.endswith("\n") else typed)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("10000000001", "100****0001"),
        ("0875-2000000", "087*****0000"),
        ("zhao@example.cn", "z***@example.cn"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_a_masked_number_cannot_be_called(value: str, shown: str) -> None:
    assert numbers.mask(value) == shown


@given(st.integers(min_value=10**10, max_value=2 * 10**10 - 1).map(str))
def test_a_written_form_is_stable_and_its_mask_hides_four_digits(number: str) -> None:
    assert numbers.mobile(numbers.mobile(number)) == number
    shown = numbers.mask(number)
    assert shown.count("*") == 4
    assert len(shown) == 11


@given(st.text(max_size=30))
def test_no_text_makes_a_number_fail_otherwise_than_by_a_refusal(value: str) -> None:
    for kind, refusal in (("mobile", NotANumber), ("landline", NotANumber), ("email", NotAnAddress)):
        try:
            written = numbers.normalise(kind, value)
        except refusal:
            continue
        assert numbers.normalise(kind, written) == written
