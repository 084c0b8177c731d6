"""Whatever is filed in whatever order: the sum is that of the latest filings, and no former value is ever lost."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.datacalls import queries, services
from anlan.datacalls.models import DataCall, Filing
from anlan.datacalls.tests.scenes import BURNT, TRAPPED, ask, fill, seat_of
from anlan.journal.verify import verify
from anlan.testing import County

pytestmark = pytest.mark.django_db
_PLACES = (("Willow River", "Li"), ("Stone Bridge", "Liu"))
_MOVES = st.lists(
    st.tuples(
        st.sampled_from(_PLACES),
        st.one_of(
            st.just("nil"),
            st.tuples(
                st.one_of(st.none(), st.integers(0, 10**6)),
                st.one_of(st.none(), st.decimals(0, 10**6, places=3, allow_nan=False)),
            ),
        ),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=8,
)


@given(moves=_MOVES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sum_is_that_of_the_latest_filings_and_nothing_is_lost(county: County, moves: Any) -> None:
    with transaction.atomic():
        _play(county, moves)
        transaction.set_rollback(True)


def _play(county: County, moves: Any) -> None:
    number = next(_numbers)
    call = ask(county, TRAPPED, BURNT, title=f"收数{number}", allows_nil=True)
    told: dict[str, list[list[Decimal]]] = {name: [[], []] for name, _who in _PLACES}
    first_at: dict[str, Any] = {}
    for (name, who), said, minutes in moves:
        county.clock.advance(minutes=minutes)
        place = county.divisions[name]
        values: tuple[Any, ...] = (0, 0) if said == "nil" else said
        if values == (None, None):
            continue
        if said == "nil":
            services.file_nil([seat_of(call, place)], why="更正", by=county.actor(who), at=county.now)
        else:
            fill(county, seat_of(call, place), *values, who=who, why="更正")
        for kept, value in zip(told[name], values, strict=True):
            if value is not None and (not kept or kept[-1] != Decimal(str(value))):
                kept.append(Decimal(str(value)))
        if name not in first_at and all(told[name]):
            first_at[name] = county.now
    fresh = DataCall.objects.select_related("division").get(pk=call.pk)
    figures = queries.figures_of(fresh)
    for position, one in enumerate(queries.board(fresh).sums):
        latest = [rows[position][-1] for rows in told.values() if rows[position]]
        assert one.total == sum(latest, Decimal(0))
    for name, rows in told.items():
        seat = seat_of(call, county.divisions[name])
        for figure, expected in zip(figures, rows, strict=True):
            filed = list(Filing.objects.filter(seat=seat, figure=figure).order_by("recorded_at", "id"))
            assert [one.number for one in filed] == expected
            assert [one.replaces_id for one in filed] == [None, *(one.pk for one in filed)][: len(filed)]
        assert seat.first_filed_at == first_at.get(name)
        assert seat.is_late == (name in first_at and first_at[name] > seat.due_at)
    assert verify().problems == []


_numbers = itertools.count(1)


@given(steps=st.lists(st.integers(1, 400), min_size=1, max_size=8))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rounds_come_in_order_and_no_place_owes_two_at_once(county: County, steps: list[int]) -> None:
    from anlan.datacalls.tests.scenes import tick

    with transaction.atomic():
        start = county.now
        call = ask(
            county,
            TRAPPED,
            title=f"收数{next(_numbers)}",
            repeat_every_hours=2,
            repeat_until=start + timedelta(hours=30),
        )
        for minutes in steps:
            county.clock.advance(minutes=minutes)
            tick(county, 2)
        rows = list(call.seats.filter(division=county.divisions["Willow River"]).order_by("round"))
        assert [one.round for one in rows] == list(range(1, len(rows) + 1))
        assert sum(one.is_open for one in rows) <= 1
        for one in rows:
            assert one.asked_at < one.due_at  # nobody is asked for what is over already
            assert (one.due_at - start - timedelta(hours=1)) % timedelta(hours=2) == timedelta(0)
        transaction.set_rollback(True)
