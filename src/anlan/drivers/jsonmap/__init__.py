"""JSON documents to readings and happenings by a mapping that is data. Pure: no clock, no network, no Django."""

from anlan.drivers.jsonmap.apply import Mapped, Memory, RefusedRow, map_document
from anlan.drivers.jsonmap.ciphers import Cipher, Sm4Cbc
from anlan.drivers.jsonmap.documents import BadDocument, open_document
from anlan.drivers.jsonmap.mapping import BadMapping, Mapping, parse_mapping

__all__ = [
    "BadDocument",
    "BadMapping",
    "Cipher",
    "Mapped",
    "Mapping",
    "Memory",
    "RefusedRow",
    "Sm4Cbc",
    "map_document",
    "open_document",
    "parse_mapping",
]
