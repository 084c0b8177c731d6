"""Fixtures of the warning tests."""

from __future__ import annotations

import pytest

from anlan.testing import County
from anlan.warning.tests.storm import Storm, build_storm


@pytest.fixture
def storm(county: County) -> Storm:
    """The tiny county with a rain station, a river gauge and a danger zone."""
    return build_storm(county)
