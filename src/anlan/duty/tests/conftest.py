"""Fixtures of the duty tests."""

from __future__ import annotations

import pytest

from anlan.duty.tests.desk import Desk
from anlan.duty.tests.rooms import Rooms
from anlan.testing import County


@pytest.fixture
def desk(county: County) -> Desk:
    """The duty room of the tiny county."""
    return Desk(county)


@pytest.fixture
def rooms(county: County) -> Rooms:
    """The duty rooms of the tiny county, open."""
    made = Rooms(county)
    made.open()
    return made
