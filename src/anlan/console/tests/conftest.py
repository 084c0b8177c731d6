"""Fixtures of the desk's pages. Imports are inside, because pytest reads this file before Django is set up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from anlan.sensing.models import Station
    from anlan.testing import County


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """A data folder of this test alone."""
    settings.ANLAN_DATA = tmp_path
    return tmp_path


@pytest.fixture
def stations(county: County, data: Path) -> dict[str, Station]:
    from anlan.console.tests.scenes import build_stations

    return build_stations(county)
