from __future__ import annotations

from dataclasses import replace

import pytest

from anlan.drivers.registry import DRIVERS, build_registry
from anlan.drivers.sl651.manifest import MANIFEST


def test_the_drivers_of_this_build_are_registered_by_protocol() -> None:
    assert {"sl651", "hj212", "sl427", "beidou"} <= set(DRIVERS)
    assert all(DRIVERS.get(name).protocol == name for name in DRIVERS)
    assert DRIVERS.get("sl651") is MANIFEST


def test_two_drivers_of_one_protocol_are_refused() -> None:
    with pytest.raises(ValueError, match="two drivers are called 'sl651'"):
        build_registry(MANIFEST, replace(MANIFEST, title_en="another"))


@pytest.mark.parametrize("name", ["title_zh", "title_en", "standard"])
def test_a_driver_that_leaves_a_declaration_empty_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        build_registry(replace(MANIFEST, **{name: ""}))  # type: ignore[arg-type]  # wrong on purpose


def test_a_driver_without_a_session_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks new_session"):
        build_registry(replace(MANIFEST, new_session=None))  # type: ignore[arg-type]  # wrong on purpose
