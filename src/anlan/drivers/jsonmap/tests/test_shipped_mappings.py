"""Every shipped mapping with a document we wrote, and the geohazard one with the document that others published."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from anlan.drivers.jsonmap import Cipher, Sm4Cbc, map_document, open_document, parse_mapping
from anlan.drivers.jsonmap.examples import NAMES, example
from anlan.kernel.clock import parse_instant

DOCUMENTS = Path(__file__).parent / "documents"
VECTORS = Path(__file__).parents[5].parent / "shared" / "vectors" / "geohazard_mqtt.json"
KEY, SALT = b"0123456789abcdef", b"fedcba9876543210"


def sealed(case: dict[str, Any]) -> tuple[bytes, Cipher | None]:
    document = case["document"]
    if "seal" not in case:
        return json.dumps(document).encode(), None
    cipher = Sm4Cbc(KEY, SALT)
    document["data"] = cipher.encrypt(json.dumps(case["seal"]).encode()).hex()
    return json.dumps(document).encode(), cipher


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_mapping_reads_its_document_exactly(name: str) -> None:
    case = json.loads((DOCUMENTS / f"{name}.json").read_text("utf-8"))
    body, cipher = sealed(case)
    mapping = parse_mapping(example(name))
    found = map_document(
        mapping,
        open_document(mapping, body, cipher),
        arrival=parse_instant(case["arrival"]),
        topic=case.get("topic", ""),
    )
    wanted = [
        (station, quantity, parse_instant(time), None if value is None else Decimal(value))
        for station, quantity, time, value in case["readings"]
    ]
    assert [(r.station, r.quantity, r.phenomenon_time, r.value) for r in found.readings] == wanted
    assert [[h.station, h.kind, h.fields] for h in found.happenings] == case.get("happenings", [])
    assert [row.code for row in found.refused] == case["refused"]
    assert all(row.reason and row.place for row in found.refused)


def test_the_published_geohazard_document_gives_the_values_its_source_states() -> None:
    if not VECTORS.exists():
        pytest.skip("the shared vectors are not beside this checkout")
    mapping = parse_mapping(example("geohazard"))
    for vector in json.loads(VECTORS.read_text("utf-8")):
        document = open_document(mapping, vector["text"].encode())
        found = map_document(mapping, document, arrival=parse_instant("2026-03-14T06:01:00Z"), topic="$dp")
        assert found.refused == []
        device = vector["stated_by_source"]["deviceCode"]
        by_quantity = {r.quantity: r for r in found.readings}
        assert by_quantity["displacement_z@L1_GP_1"].value == Decimal("3.2")
        assert by_quantity["displacement_x@L1_GP_1"].value == Decimal("9.9")
        assert {r.station for r in found.readings} == {device}
        assert {r.phenomenon_time for r in found.readings} == {parse_instant("2026-03-14T06:00:00Z")}
