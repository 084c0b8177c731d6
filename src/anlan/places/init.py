"""`anlan init`: the divisions of a county and the name of this node."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.places import national
from anlan.places.lists import read_divisions
from anlan.places.models import Division
from anlan.places.queries import townships_below, villages_below
from anlan.places.refusals import AnotherCounty, BadDivisions, NationalListMissing, UnknownCounty
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow, InitReport
from anlan.vocab.divisions import DivisionLevel


def init_county(code: str, *, divisions_csv: Path | None = None, by: Actor, at: datetime) -> InitReport:
    """Load the county `code` (six digits) from the national list or from a list of its own; running it again is harmless.

    Writes the node's name to the data folder, so every later process journals under it. A data folder is for one county.
    """
    if not re.fullmatch(r"[1-9][0-9]{5}", code):
        raise UnknownCounty(code=code)
    _check_node(code)
    rows = _rows(code, divisions_csv)
    if not os.environ.get("ANLAN_NODE"):
        settings.ANLAN_NODE = code
    with transaction.atomic():
        report = load_divisions(rows, by=by, at=at)
    _name_node(code)
    county = Division.objects.get(pk=code.ljust(12, "0"))
    return InitReport(
        code=code,
        name=county.name,
        townships=townships_below(county.path).count(),
        villages=villages_below(county.path).count(),
        created=report.created,
        changed=report.changed,
    )


def _rows(code: str, divisions_csv: Path | None) -> list[DivisionRow]:
    if divisions_csv is not None:
        rows = read_divisions(divisions_csv)
        full = code.ljust(12, "0")
        if not any(row.code == full and row.level is DivisionLevel.COUNTY for row in rows):
            raise BadDivisions(line=0, why=f"the county {full} is not in it")
        return rows
    try:
        listed = national.ensure_list(settings.ANLAN_DATA)
    except national.FetchFailed as failed:
        raise NationalListMissing(why=str(failed)) from None
    try:
        return national.county_rows(listed, code)
    except KeyError:
        raise UnknownCounty(code=code) from None


def _node_file() -> Path:
    return Path(settings.ANLAN_DATA) / "node"


def _check_node(code: str) -> None:
    """Raise `AnotherCounty` where the data folder was set up for another one."""
    path = _node_file()
    former = path.read_text(encoding="utf-8").strip() if path.exists() else code
    if former != code:
        raise AnotherCounty(node=former, code=code)


def _name_node(code: str) -> None:
    part = _node_file().with_suffix(".part")
    part.write_text(f"{code}\n", encoding="utf-8")
    part.replace(_node_file())
