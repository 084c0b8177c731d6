"""Read tokens on the desk: shown once, kept as a fingerprint, journaled, revoked."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from anlan.console.tests.scenes import FAR, RAIN
from anlan.journal.models import Entry
from anlan.sensing.models import ReadToken, Station
from anlan.testing import County

ADDRESS = "/api/sta/v1.1"


def test_a_token_is_shown_once_reads_its_division_and_stops_when_revoked(
    county: County, stations: dict[str, Station]
) -> None:
    desk, page = county.client("He"), reverse("console:read_tokens")
    made = desk.post(page, {"name": "qgis", "division": county.divisions["Willow River"].code})
    found = re.search(r"<code[^>]*>([\w-]{43})</code>", made.content.decode())
    assert found is not None
    token = {"Authorization": f"Bearer {found[1]}"}
    again = desk.get(page).content.decode()
    assert "qgis" in again
    assert found[1] not in again
    row = ReadToken.objects.get()
    assert found[1] not in (row.token_sha256, row.name)
    entries = Entry.objects.filter(subject_type="read_token").values_list("kind", "payload")
    assert [kind for kind, _ in entries] == ["read_token.created"]
    assert all(found[1] not in str(payload) for _, payload in entries)
    things = Client().get(f"{ADDRESS}/Things", headers=token).json()["value"]
    assert RAIN in {one["@iot.id"] for one in things}
    assert FAR not in {one["@iot.id"] for one in things}
    desk.post(reverse("console:revoke_read_token", args=[row.pk]))
    assert Client().get(f"{ADDRESS}/Things", headers=token).status_code == 401
    assert Entry.objects.filter(kind="read_token.revoked").count() == 1


def test_a_bad_name_a_taken_one_and_an_unknown_division_are_answered_beside_the_form(county: County) -> None:
    desk, page = county.client("He"), reverse("console:read_tokens")
    code = county.divisions["Yunling"].code
    assert desk.post(page, {"name": "qgis", "division": code}).status_code == 200
    for name, division in (("qgis", code), ("Q GIS", code), ("other", "000")):
        answer = desk.post(page, {"name": name, "division": division})
        assert answer.status_code == 422, name
        assert 'role="alert"' in answer.content.decode()
    assert ReadToken.objects.count() == 1


def test_a_person_who_is_signed_in_reads_with_the_own_rights(
    county: County, stations: dict[str, Station]
) -> None:
    def codes(name: str) -> set[str]:
        return {one["@iot.id"] for one in county.client(name).get(f"{ADDRESS}/Things").json()["value"]}

    assert {RAIN, FAR} <= codes("Chen")
    assert RAIN not in codes("Liu")
    assert codes("Guo") == set()
    wrong = county.client("Chen").get(f"{ADDRESS}/Things", headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401
