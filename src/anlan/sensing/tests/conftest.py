"""Fixtures of sensing. Imports are inside, because pytest reads this file before Django is set up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from anlan.sensing.tests.world import FakeHot, World


@pytest.fixture
def world(db: None) -> World:
    from anlan.sensing.tests.world import build_world

    return build_world()


@pytest.fixture
def hot() -> FakeHot:
    from anlan.sensing.tests.world import FakeHot

    return FakeHot()


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """A data folder of this test alone."""
    settings.ANLAN_DATA = tmp_path
    return tmp_path
