"""Requests and answers that other servers published: our answers have the same keys and types, and their writes are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from anlan.api.sensorthings.model import TYPES
from anlan.api.sensorthings.tests.conftest import RAIN, ROOT, Sta

#: Sent by a test of the suite that creates (POST) or changes (PATCH) something, or for the batch extension.
CREATES = ("conformance_request", "request")


def _vectors(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "sensorthings.json").read_bytes())
    return found


def _shape(value: Any) -> str:
    return {dict: "object", list: "array", str: "text", int: "number", float: "number"}.get(
        type(value), "null"
    )


def test_every_published_write_is_refused_with_501_whether_it_was_a_good_one_or_not(
    sta: Sta, shared_vectors: Path
) -> None:
    sent = [one for one in _vectors(shared_vectors) if one["kind"] in CREATES]
    assert len(sent) == 17
    for one in sent:
        for method, path in (("post", "/Things"), ("post", "/Observations"), ("patch", f"/Things('{RAIN}')")):
            answer = getattr(sta.browser, method)(
                ROOT + path, one["text"], content_type="application/json",
                headers={"Authorization": f"Bearer {sta.token}"},
            )  # fmt: skip
            assert answer.status_code == 501, one["id"]
            assert set(answer.json()) == {"code", "type", "message"}


def test_a_thing_looks_like_the_published_thing(sta: Sta, shared_vectors: Path) -> None:
    (published,) = [one for one in _vectors(shared_vectors) if one["id"] == "sensorthings-013"]
    theirs, ours = json.loads(published["text"]), sta.ask(f"/Things('{RAIN}')")
    assert set(theirs) <= set(ours)
    for name in theirs:
        if name != "@iot.id":  # theirs are numbers, ours texts; the standard allows both
            assert _shape(ours[name]) == _shape(theirs[name]), name
    assert ours["Datastreams@iot.navigationLink"] == ours["@iot.selfLink"] + "/Datastreams"


def test_the_published_overview_of_newest_readings_has_the_same_keys_here(
    sta: Sta, shared_vectors: Path
) -> None:
    (published,) = [one for one in _vectors(shared_vectors) if one["id"] == "sensorthings-003"]
    newest = "Observations($select=result,phenomenonTime;$top=1;$orderby=phenomenonTime desc;$count=true)"
    ours = sta.ask(
        f"/Things('{RAIN}')",
        select="id,description",
        expand=f"Datastreams($select=id,description;$expand={newest})",
    )
    theirs = json.loads(published["text"])
    assert set(ours) == set(theirs)
    assert set(ours["Datastreams"][0]) == set(theirs["Datastreams"][0])
    assert set(ours["Datastreams"][0]["Observations"][0]) == set(theirs["Datastreams"][0]["Observations"][0])
    assert _shape(ours["Datastreams"][0]["Observations"][0]["result"]) == "number"


def test_what_others_send_to_create_an_entity_names_only_properties_and_links_that_we_give(
    shared_vectors: Path,
) -> None:
    """But for the one old name of the encoding, every key of their entities is a property or link of ours."""
    known = {name for kind in TYPES.values() for name in (*kind.all_properties, *kind.links)}
    for one in _vectors(shared_vectors):
        if one["kind"] in CREATES:
            assert set(one["decoded"]["keys"]) <= known, one["id"]
