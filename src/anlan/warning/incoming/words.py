"""The words by which warnings are read: data with a source, `data/incoming_words.json`; a county replaces the file in its data folder."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import msgspec

from anlan.vocab.event_codes import CODES
from anlan.warning.incoming.digits import plain

DATA = Path(__file__).parent.parent / "data"
FILE = "incoming_words.json"


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hazards` are further names of an event code or of one of our hazard types; "" for one that has no code.

    `offices` are endings of the names of those who issue, with the tier that the ending alone tells ("" where the place before it
    decides). `harmless` are words that say nothing a field needs: what is left over is shown as not understood.
    """

    version: str
    source: str
    is_verified: bool
    hazards: dict[str, str]
    offices: list[str]
    national_offices: list[str]
    drill_words: list[str]
    forward_marks: list[str]
    harmless: list[str]


class Lexicon:
    """The words, ready for searching."""

    def __init__(self, words: Words) -> None:
        self.words = words
        names = {plain(row.zh): row.code for row in CODES} | {plain(k): v for k, v in words.hazards.items()}
        self.hazard_by_name = names
        self.hazard = re.compile(_any(names))
        self.office = re.compile(
            rf"(?P<name>(?:{_any(words.national_offices)})"
            rf"|(?:[\u4e00-\u9fff]{{1,9}}?(?:省|市|区|县|州|盟|旗))?[\u4e00-\u9fff]{{0,8}}?(?:{_any(words.offices)}))"
        )
        self.drill = re.compile(_any(words.drill_words))
        self.harmless = re.compile(_any(words.harmless))


def _any(names: object) -> str:
    listed = sorted({plain(str(name)) for name in names}, key=lambda name: (-len(name), name))  # type: ignore[attr-defined]  # any iterable of words
    return "|".join(re.escape(name) for name in listed) or r"(?!)"


def lexicon(folder: Path | None = None) -> Lexicon:
    """The package's words, or the county's own file where `folder` holds one."""
    own = None if folder is None else folder / FILE
    path = own if own is not None and own.exists() else DATA / FILE
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _load(path: str, _stamp: int) -> Lexicon:
    return Lexicon(msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), Words))
