"""A page's number of queries does not grow with its rows, and ten readers cost one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anlan.console.tests import scenes
from anlan.console.views import base
from anlan.dissemination import services as dissemination
from anlan.journal.sealer import seal_everything
from anlan.testing import County

VILLAGES = ("Upper Willow", "Lower Willow", "North Slope")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def more_callouts(county: County) -> None:
    for _ in range(6):
        one = scenes.callout(county, *VILLAGES)
        for seat in one.seats.select_related("division", "callout"):
            dissemination.tick(seat, meaning="acting", words="对讲机", by=county.actor("Chen"), at=county.now)
    seal_everything()


@pytest.mark.parametrize("page", ["today", "callouts", "stations", "warnings", "journal", "directory"])
def test_a_list_asks_as_often_with_seven_times_the_rows(county: County, page: str, stations: object) -> None:
    client = county.client("Chen")
    more_callouts(county)
    client.get(reverse(f"console:{page}"))
    few = queries(client, after(county, reverse(f"console:{page}")))
    for _ in range(6):
        more_callouts(county)
    assert queries(client, after(county, reverse(f"console:{page}"))) <= few
    assert few <= (
        36 if page == "today" else 24
    )  # each part of the house is asked once what waits for the reader


def after(county: County, url: str) -> str:
    """The same page, once something new was written."""
    more_callouts(county)
    return url


def test_a_board_asks_as_often_for_three_villages_as_for_one(county: County) -> None:
    client = county.client("Chen")
    one = scenes.callout(county, VILLAGES[0])
    three = scenes.callout(county, *VILLAGES)
    client.get(reverse("console:callouts"))
    assert queries(client, reverse("console:board", args=[one.pk])) == queries(
        client, reverse("console:board", args=[three.pk])
    )


@pytest.mark.parametrize(
    "address",
    [
        lambda callout: reverse("console:callouts"),
        lambda callout: reverse("console:board", args=[callout]),
        lambda callout: reverse("console:map_callouts"),
    ],
)
def test_a_second_reader_with_the_same_rights_is_served_what_the_first_one_had_made(
    county: County, address: Callable[[object], str]
) -> None:
    url = address(scenes.callout(county, *VILLAGES).pk)
    first = queries(county.client("Chen"), url)
    assert queries(county.client("Chen"), url) < first


def test_what_a_person_did_shows_at_once_although_nothing_was_sealed_since(county: County) -> None:
    callout = scenes.callout(county, *VILLAGES)
    client = county.client("Chen")
    board = reverse("console:board", args=[callout.pk])
    assert 'data-state="acting"' not in client.get(board).content.decode()
    seat = callout.seats.select_related("division", "callout").first()
    assert seat is not None
    dissemination.tick(seat, meaning="acting", words="对讲机", by=county.actor("Chen"), at=county.now)
    assert 'data-state="acting"' in client.get(board).content.decode()


def test_two_places_never_share_a_page(county: County) -> None:
    callout = scenes.callout(county, *VILLAGES)
    board = reverse("console:board", args=[callout.pk])
    assert "北坡村" in county.client("Chen").get(board).content.decode()
    assert "北坡村" not in county.client("Li").get(board).content.decode()


def test_older_call_outs_are_on_the_next_page(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    from anlan.console.views import callouts

    monkeypatch.setattr(callouts, "ROWS", 2)
    for _ in range(3):
        scenes.callout(county, VILLAGES[0])
    client, url = county.client("Chen"), reverse("console:callouts")
    first, second = client.get(url).content.decode(), client.get(url + "?page=2").content.decode()
    assert first.count("progress") == 2
    assert second.count("progress") == 1
    assert "?page=2" in first
    assert "?page=1" in second


def test_beside_a_sealer_a_page_is_shared_until_the_seal_and_exact_for_whoever_wrote(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "shares_by_seal", True)
    callout = scenes.callout(county, *VILLAGES)
    seal_everything()
    reader, writer = county.client("Chen"), county.client("Chen")
    board = reverse("console:board", args=[callout.pk])
    reader.get(board)
    seat = callout.seats.first()
    assert seat is not None
    form = {"verb": "acting", "text": "对讲机"}
    assert writer.post(reverse("console:act_on_seat", args=[seat.pk]), form).status_code == 302
    assert 'data-state="acting"' not in reader.get(board).content.decode()
    assert 'data-state="acting"' in writer.get(board).content.decode()
    seal_everything()
    assert 'data-state="acting"' in reader.get(board).content.decode()


def test_entries_that_no_sealer_takes_show_nevertheless(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "shares_by_seal", True)
    monkeypatch.setattr(base, "SEAL_COMES_MS", 0)
    callout = scenes.callout(county, *VILLAGES)
    client, board = county.client("Chen"), reverse("console:board", args=[callout.pk])
    client.get(board)
    seat = callout.seats.select_related("division", "callout").first()
    assert seat is not None
    dissemination.tick(seat, meaning="acting", words="对讲机", by=county.actor("Chen"), at=county.now)
    assert 'data-state="acting"' in client.get(board).content.decode()
