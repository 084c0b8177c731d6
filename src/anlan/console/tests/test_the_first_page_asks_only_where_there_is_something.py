"""Before each part of the first page is asked what waits for its reader, one statement tells which of them have anything at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.command.models import Decision
from anlan.command.tests import room
from anlan.console import mine
from anlan.console.anything import present
from anlan.dispatch.orderboard import orders_of, row_of
from anlan.incidents.models import Incident
from anlan.journal.sealer import seal_everything
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def statements(client: Client) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200
    return len(asked)


def test_one_statement_tells_what_is_there(county: County) -> None:
    row = room.incident(county)
    parts = (
        ("incidents", lambda: [Incident.objects.filter(state__in=("received", "verified"))]),
        ("decisions", lambda: [Decision.objects.filter(made_at=None)]),
        ("either", lambda: [Decision.objects.all(), Incident.objects.filter(number=row.number)]),
    )
    with CaptureQueriesContext(connection) as asked:
        assert present(parts) == {"incidents", "either"}
    assert len(asked) == 1


def test_a_quiet_county_costs_few_statements_and_what_comes_shows_at_once(county: County) -> None:
    client = county.client("Chen")
    seal_everything()
    client.get("/")
    quiet = statements(client)
    assert quiet <= 26
    row = room.incident(county, "Upper Willow")
    Decision(
        incident=row,
        words="是否转移全村",
        needed_by=county.now + timedelta(hours=1),
        exercise_id=row.exercise_id,
    ).record(by=county.by, at=county.now, kind="asked")
    assert "是否转移全村" in client.get("/").content.decode()


def test_every_part_names_rows_of_its_own(county: County) -> None:
    county.client("Chen").get("/")  # the providers register themselves
    registered = {**mine._waiting, **mine._followed}
    listed = [one.among for one in registered.values() if one.among is not None] + [*mine._parts.values()]
    assert len(listed) >= 20
    assert all(list(rows.values_list("pk")[:1]) is not None for among in listed for rows in among())


def test_rows_of_the_board_are_the_same_from_columns_as_from_whole_orders(county: County) -> None:
    row = room.incident(county)
    room.orders(county, row, 3, words="逐户转移", group_key="move", level=2)
    [first, *_others] = room.orders_in_bulk(county, row, 2)
    first.advance("acknowledged", by=county.by, at=county.now, acknowledged_at=county.now)
    later = county.now + timedelta(minutes=20)
    whole = {one.pk: row_of(one, later) for one in row.instructions.select_related("addressee", "team")}
    assert {one.id: one for one in orders_of(row, later)} == whole
    assert sum(one.is_late for one in whole.values()) == 3
