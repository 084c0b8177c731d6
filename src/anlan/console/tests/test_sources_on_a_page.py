"""Those who post readings over HTTP: made, given a new token, revoked on the desk; a token that ended opens nothing."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.console.tests.scenes import RAIN
from anlan.gateway.catalogue import parse_catalogue
from anlan.gateway.counters import Counters
from anlan.gateway.http import Request
from anlan.gateway.readings_api import ReadingsApi
from anlan.journal.models import Entry
from anlan.sensing.catalogue import write_catalogue
from anlan.sensing.models import IngestSource, Station
from anlan.testing import County

PAGE = "/connect/sources/"
BATCH: dict[str, list[object]] = {"forecasts": []}


def token_in(answer: Any) -> str:
    found = re.search(r"<code[^>]*>([\w-]{43})</code>", answer.content.decode())
    assert found is not None, answer.content.decode()[-1500:]
    return found[1]


def posts(token: str) -> int:
    return (
        Client()
        .post(
            "/api/forecasts",
            BATCH,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        .status_code
    )


def sends_readings(token: str, folder: Path) -> bool:
    """Whether the gateway's door opens, once it has read what it must know."""
    write_catalogue()
    there_is_room: Any = SimpleNamespace(
        rows_waiting=0
    )  # stands for the writer, which the door asks for room
    door = ReadingsApi(there_is_room, there_is_room, Counters())
    door.use(parse_catalogue((folder / "catalogue.json").read_bytes()))
    asked = Request("POST", "/v1/readings", {"authorization": f"Bearer {token}"})
    refused = door.check_door(asked)
    assert refused is None or refused.status == 401
    return refused is None


def act(client: Client, verb: str) -> Any:
    return client.post(reverse("console:act_on_source", args=[IngestSource.objects.get().pk]), {"verb": verb})


def test_a_token_is_shown_once_renewed_and_revoked_and_the_former_one_is_refused(
    county: County, stations: dict[str, Station], data: Path
) -> None:
    he = county.client("He")
    made = he.post(PAGE, {"name": "水务局", "stations": RAIN})
    first = token_in(made)
    assert made.headers["Cache-Control"] == "no-store"
    assert first not in he.get(PAGE).content.decode()
    assert posts(first) == 200
    assert sends_readings(first, data)
    renewed = act(he, "renew")
    second = token_in(renewed)
    assert renewed.headers["Cache-Control"] == "no-store"
    assert (posts(first), posts(second)) == (401, 200)
    assert (sends_readings(first, data), sends_readings(second, data)) == (False, True)
    assert act(he, "revoke").status_code == 302
    assert posts(second) == 401
    assert not sends_readings(second, data)
    assert "revoked" in he.get(PAGE).content.decode()
    assert posts(token_in(act(he, "renew"))) == 200
    entries = Entry.objects.filter(subject_type="ingest_source").order_by("id")
    assert [one.kind.partition(".")[2] for one in entries] == [
        "created",
        "token_renewed",
        "revoked",
        "token_renewed",
    ]
    assert not [one for one in entries if first in one.payload or second in one.payload]
    assert act(he, "anything").status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "taken"},
        {"name": "new", "stations": "0000000000"},
    ],
)
def test_what_cannot_be_made_is_refused_beside_the_form_and_the_words_stay(
    county: County, data: Path, form: dict[str, str]
) -> None:
    he = county.client("He")
    he.post(PAGE, {"name": "taken"})
    answer = he.post(PAGE, form)
    assert answer.status_code >= 400
    assert 'role="alert"' in answer.content.decode()
    assert f'value="{form["name"]}"' in answer.content.decode()
    assert IngestSource.objects.count() == 1


def test_sources_are_for_whoever_administers(county: County, data: Path) -> None:
    county.client("He").post(PAGE, {"name": "water-bureau"})
    for who in ("Chen", "Li"):
        client = county.client(who)
        assert client.get(PAGE).status_code == 403
        assert act(client, "renew").status_code == 403
        assert act(client, "revoke").status_code == 403
    assert IngestSource.objects.get().is_active
    assert PAGE in county.client("He").get("/connect/").content.decode()
