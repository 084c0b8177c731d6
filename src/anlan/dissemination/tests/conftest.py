"""A night in the tiny county."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from anlan.dissemination import ladders, outbox
from anlan.dissemination.channels import use_twins
from anlan.dissemination.tests.night import Night, make_twins
from anlan.testing import County


@pytest.fixture
def night(county: County, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """The county with twins in place of its channels, and room for ladders of the test's own."""
    twins = make_twins()
    here = Night(county, twins)
    use_twins(dict(twins))
    outbox._pace.cache_clear()
    shipped = dict(ladders.presets())
    monkeypatch.setattr(ladders, "presets", lambda: shipped | here.ladders)
    yield here
    use_twins(None)
    outbox._pace.cache_clear()
