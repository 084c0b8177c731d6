"""Takes a data segment apart, leniently: whatever can be read is read, and what breaks the rules is named."""

from __future__ import annotations

import re
from typing import NamedTuple

from anlan.drivers.hj212.layout import FLAG_PACKETS, HEADER_NAMES, STANDARD_SEGMENT
from anlan.vocab.factors import FACTORS, FACTORS_OF_2005

_CP = re.compile(r"(?:^|;)CP=&&")
_STATED = frozenset(HEADER_NAMES)


class Segment(NamedTuple):
    header: dict[str, str]
    groups: tuple[dict[str, str], ...]
    problems: tuple[str, ...]


def text_of(segment: bytes) -> str:
    """The text of a segment. It is ASCII by rule; Chinese in free text comes as GB 18030, what is neither is replaced."""
    return segment.decode("ascii" if segment.isascii() else "gb18030", "replace")


def read_segment(content: bytes) -> Segment:
    """Header items, groups of the CP field, and what is wrong with them, one sentence each."""
    text = text_of(content)
    problems = [*_problems_of_text(content, text)]
    before, items = _split(text)
    header: dict[str, str] = {}
    for piece in filter(None, re.split("[;,]", before)):
        name, equals, value = piece.partition("=")
        if not equals:
            problems.append(f"The header holds {piece[:40]!r}, which is no item.")
        elif header.setdefault(name, value) != value:
            problems.append(f"The header names {name} twice, with different values.")
    groups = tuple(group for piece in items.split(";") if (group := _group(piece, problems)))
    problems += _problems_of_header(header)
    problems += _problems_of_codes(groups)
    return Segment({name: header[name] for name in header if name in _STATED}, groups, tuple(problems))


def _split(text: str) -> tuple[str, str]:
    """What stands before CP=&& and what stands between the marks."""
    found = _CP.search(text)
    if found is None:
        return text, ""
    end = text.rfind("&&")
    return text[: found.start()], text[found.end() : end] if end >= found.end() else text[found.end() :]


def _group(piece: str, problems: list[str]) -> dict[str, str]:
    group: dict[str, str] = {}
    for item in filter(None, piece.split(",")):
        name, equals, value = item.partition("=")
        if not equals or not name:
            problems.append(f"The data hold {item[:40]!r}, which is no item.")
        elif group.setdefault(name, value) != value:
            problems.append(f"One group names {name} twice, with different values; the first is taken.")
    return group


def _problems_of_text(content: bytes, text: str) -> list[str]:
    problems = []
    if len(content) > STANDARD_SEGMENT:
        problems.append(f"The segment has {len(content)} bytes; the standard allows {STANDARD_SEGMENT}.")
    found = _CP.search(text)
    if found is None:
        return [*problems, "There is no data field CP=&&."]
    if text.rfind("&&") < found.end() or not text.endswith("&&"):
        problems.append("The data field does not end with &&.")
    if text.endswith(";&&"):
        problems.append("There is a semicolon before the closing &&.")
    return problems


def _problems_of_header(header: dict[str, str]) -> list[str]:
    problems = [
        f"{name} is missing, which 2005 stations leave out." if name == "QN" else f"{name} is missing."
        for name in ("QN", "ST", "CN", "MN")
        if not header.get(name)
    ]
    if len(header.get("ST", "00")) != 2:
        problems.append(f"The system code {header['ST'][:10]} does not have two digits.")
    flag = header.get("Flag", "0")
    if not (flag.isascii() and flag.isdigit() and len(flag) <= 3):
        problems.append(f"The flag {flag[:10]!r} is no number.")
    elif int(flag) & FLAG_PACKETS and not (header.get("PNUM") and header.get("PNO")):
        problems.append("The flag promises packet numbers, and there are none.")
    return problems


def _problems_of_codes(groups: tuple[dict[str, str], ...]) -> list[str]:
    codes = {name.partition("-")[0] for group in groups for name in group if "-" in name}
    new = next((code for code in codes if code in FACTORS and code != "LA"), None)
    old = next((code for code in codes if code in FACTORS_OF_2005), None)
    if new and old:
        return [f"Codes of both lists stand in one message: {new} of 2017 and {old} of 2005."]
    return []
