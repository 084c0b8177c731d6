"""What a message holds: XML, the national JSON, or words. The one place that knows how to tell them apart."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings

from anlan.places import queries as places
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.warning.incoming import capdoor
from anlan.warning.incoming.gazetteer import Gazetteer, Place
from anlan.warning.incoming.sentence import READ_MOST, Result, read
from anlan.warning.incoming.told import Told, of_sentence
from anlan.warning.incoming.words import lexicon
from anlan.warning.models import IncomingMessage

_XML = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*<[?!a-zA-Z]")
_JSON = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*(?:var\s+\w+\s*=\s*)?(?:\w+\s*\(\s*)?\{")


class _Wrapped(msgspec.Struct):
    """JSON with nothing but words in it; national fields are told by `identifier`."""

    text: str = ""
    identifier: str = ""


def understand(data: bytes, *, received_at: datetime) -> list[Told]:
    """Every warning in a message. Raises `CapRefused` for XML or national JSON that cannot be read."""
    names, located = gazetteer(), located_villages()
    if _XML.match(data):
        return capdoor.of_xml(data, gazetteer=names, located=located, received_at=received_at)
    if _JSON.match(data):
        data = data.replace(b"\\u0000", b" ")  # no database keeps a zero byte
        text = _words_in(data)
        if text is None:
            return [capdoor.of_national(data, gazetteer=names, located=located, received_at=received_at)]
        told = told_by(text, received_at=received_at, names=names)
        return [replace(one, read={**one.read, "text": text[:READ_MOST]}) for one in told]
    return told_by(as_text(data), received_at=received_at, names=names)


def _words_in(data: bytes) -> str | None:
    """The words of {"text": …}; None where it is no such JSON and the national format should say what is wrong."""
    try:
        found = msgspec.json.decode(data, type=_Wrapped)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found.text if found.text and not found.identifier else None


def told_by(text: str, *, received_at: datetime, names: Gazetteer | None = None) -> list[Told]:
    result = read_text(text, received_at=received_at, names=names)
    return [of_sentence(one, text) for one in result.warnings]


def read_text(text: str, *, received_at: datetime, names: Gazetteer | None = None) -> Result:
    """The words of a message with the names of this county and its own words, if it has any."""
    words = lexicon(Path(settings.ANLAN_DATA))
    return read(text, gazetteer=names or gazetteer(), received_at=received_at, words=words)


def looks_like_a_warning(text: str, *, received_at: datetime) -> bool:
    """Hazard and level named together, or a lifting: worth a person's look even from an unknown number."""
    return any(one.level.value is not None for one in read_text(text, received_at=received_at).warnings)


def as_text(data: bytes) -> str:
    """Words as Unicode: UTF-8, else GB 18030 as old Chinese systems send it, with a sign for what is neither."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def shown_text(message: IncomingMessage) -> str:
    """The raw message as words, at most as much of it as is read."""
    data = (
        base64.b64decode(message.raw) if message.is_binary else message.raw.encode("utf-8", "surrogatepass")
    )
    return as_text(data)[: READ_MOST + 1]


def gazetteer() -> Gazetteer:
    """The names of this node's county, its townships and villages."""
    county = places.county()
    if county is None:
        return Gazetteer(None, ())
    rows = (
        places.below(county.path)
        .filter(level__in=[DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE], valid_to=None)
        .values_list("code", "name", "level", "path")
    )
    below = [Place(code, name, level, tuple(path.split("/")[:-1])) for code, name, level, path in rows]
    return Gazetteer(Place(county.code, county.name, "county"), below)


def located_villages() -> list[capdoor.Located]:
    """Where the villages lie, for polygons and circles."""
    rows = Division.objects.filter(
        level=DivisionLevel.VILLAGE, valid_to=None, lon__isnull=False, lat__isnull=False
    )
    return [
        (code, lon, lat)
        for code, lon, lat in rows.values_list("code", "lon", "lat")
        if lon is not None and lat is not None
    ]
