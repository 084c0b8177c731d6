"""What a short answer says: reply words, the feedback grammar ("Z 12 35") and pressed keys. Pure; docs/phone-gateway.md is its page.

Whatever it does not understand for certain is a note for a person: an answer is never invented, and nothing replies to it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from anlan.dissemination.types import Meaning

#: What people really type. A reply counts only if every word in it is one of these, all of one meaning.
MEANING_BY_WORD: dict[str, Meaning] = {
    "1": Meaning.ANSWERED,
    "收到": Meaning.ANSWERED,
    "已收到": Meaning.ANSWERED,
    "收到了": Meaning.ANSWERED,
    "ok": Meaning.ANSWERED,
    "2": Meaning.ACTING,
    "已行动": Meaning.ACTING,
    "正在转移": Meaning.ACTING,
    "3": Meaning.DONE,
    "已完成": Meaning.DONE,
    "完成": Meaning.DONE,
}
MEANING_BY_KEY = {key: MEANING_BY_WORD[key] for key in ("1", "2", "3")}

#: More cannot be meant by a village or an enterprise; engineering choice.
HOUSEHOLDS_MAX, PEOPLE_MAX = 99_999, 999_999
#: Longer texts are read as words only. Engineering choice: a feedback line is one SMS.
READ_MAX = 300

_POLITE = frozenset({"好", "好的", "谢谢", "明白"})
_SEPARATORS = " \t\r\n,.;:、。；：!！~·…-—"
_SPLIT = re.compile(f"[{re.escape(_SEPARATORS)}]+")
_S = f"[{re.escape(_SEPARATORS)}]*"
_ZH = "零一二两三四五六七八九十百千"
#: Taken whole or not at all, and never out of a longer word ("1e3", "1十").
_NUMBER = rf"(?:[0-9]++|[{_ZH}]++)(?![a-z0-9{_ZH}])"
_LEAD = re.compile(
    rf"{_S}(1|2|3|已完成|完成|已行动|正在转移|已收到|收到)(?=[{re.escape(_SEPARATORS)}]|z|已?转移|拒)"
)
_MOVED = re.compile(rf"{_S}(?:z|已?(?:转移|撤离)了?){_S}(?={_NUMBER})")
_REFUSED = re.compile(rf"{_S}(?:拒绝转移|拒绝|拒转|拒){_S}({_NUMBER}){_S}户?")
_MISSING = re.compile(rf"{_S}(?:失联|未找到|没找到|找不到|联系不上){_S}({_NUMBER}){_S}户?")
_AMOUNT = re.compile(rf"{_S}({_NUMBER}){_S}(户|家|人|口|名)?")
_PLACE = re.compile(rf"{_S}(?:到|至|去|安置在|安置到)([^0-9,;，。；？?]{{2,40}})")
_DOUBT = re.compile(r"[0-9?？]|不|没|未|别|还|剩|吗|继续|差")
_HELP = re.compile(r"求助|求救|救命|sos|(?:需要|请求|请)(?:支援|增援|救援)|被困|告急")
_NO_HELP = re.compile(r"(?:不|无|没|未|勿|别)[^,，。;；]{0,3}(?:求助|求救|救命|sos|支援|增援|救援|被困|告急)")

_DIGIT = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_CHINESE = re.compile(
    r"(?:(?P<k>[一二两三四五六七八九])千)?(?P<z1>零)?(?:(?P<h>[一二两三四五六七八九])百)?(?P<z2>零)?"
    r"(?:(?P<t>[一二三四五六七八九]?)十)?(?P<u>[零一二两三四五六七八九])?"
)
_KEYS = re.compile(r"([0-9#*])|([123])(?:\*([0-9]{1,5}))?(?:\*([0-9]{1,6}))?#?")


@dataclass(frozen=True, slots=True)
class Said:
    """What was understood. Numbers are None where nothing was said about them.

    `is_open_ended`: the words after the numbers leave doubt whether that is all, so they do not end anything.
    """

    meaning: Meaning
    households: int | None = None
    people: int | None = None
    refused: int | None = None
    missing: int | None = None
    moved_to: str = ""
    asks_for_help: bool = False
    is_open_ended: bool = False

    @property
    def has_numbers(self) -> bool:
        return any(n is not None for n in (self.households, self.people, self.refused, self.missing))


_NOTE = Said(Meaning.NOTE)


def read_reply(text: str) -> Said:
    """The meaning of a text message."""
    plain = unicodedata.normalize("NFKC", text[:READ_MAX]).casefold().strip(_SEPARATORS)
    if _asks_for_help(plain):
        starts = _HELP.match(plain) is not None
        return Said(Meaning.ANSWERED if starts else Meaning.NOTE, asks_for_help=True)
    return _feedback(plain) or Said(_word(plain))


def read_key(pressed: str) -> Said:
    """The meaning of a pressed key; "3*12#" and "3*12*35#" carry households and people that were asked for after the 3."""
    plain = pressed.strip()
    found = _KEYS.fullmatch(plain)
    if found is None:
        return _NOTE
    if found[2] is None:
        return Said(MEANING_BY_KEY.get(found[1], Meaning.NOTE))
    households = int(found[3]) if found[3] else None
    people = int(found[4]) if found[4] else None
    if not _are_plausible(households, people):
        return _NOTE
    return Said(MEANING_BY_KEY[found[2]], households=households, people=people)


def chinese_number(text: str) -> int | None:
    """一百二十 → 120, up to 9999. None for what can be read in two ways ("三五", "一百五") or is no number."""
    if text in ("零", ""):
        return 0 if text else None
    found = _CHINESE.fullmatch(text)
    if found is None:
        return None
    value = 0
    for name, factor in (("k", 1000), ("h", 100)):
        value += _DIGIT[found[name]] * factor if found[name] else 0
    if found["t"] is not None:
        value += (_DIGIT[found["t"]] if found["t"] else 1) * 10
    value += _DIGIT[found["u"]] if found["u"] else 0
    return value if text in _spellings(value) else None


def spell(value: int) -> str:
    """120 → 一百二十, from 0 to 9999."""
    if not 0 <= value <= 9999:
        raise ValueError(value)
    if value == 0:
        return "零"
    digits = "零一二三四五六七八九"
    written, has_gap = "", False
    for factor, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // factor % 10
        if digit == 0:
            has_gap = bool(written)
            continue
        written += ("零" if has_gap else "") + digits[digit] + unit
        has_gap = False
    return written.removeprefix("一") if 10 <= value <= 19 else written


def _spellings(value: int) -> set[str]:
    """The ways in which people write one number: 十二 or 一十二, 二百 or 两百."""
    plain = spell(value)
    found = {plain}
    if 10 <= value <= 19:
        found.add(f"一{plain}")
    found |= {re.sub(r"二(?=[百千])", "两", one) for one in found}
    if value == 2:
        found.add("两")
    found |= {re.sub(r"零十", "零一十", one) for one in found}
    return found


def _asks_for_help(plain: str) -> bool:
    return _HELP.search(plain) is not None and _NO_HELP.search(plain) is None


def _word(plain: str) -> Meaning:
    words = [word for word in _SPLIT.split(plain) if word and word not in _POLITE]
    meanings = {MEANING_BY_WORD.get(word, Meaning.NOTE) for word in words}
    return meanings.pop() if len(meanings) == 1 else Meaning.NOTE


def _feedback(plain: str) -> Said | None:
    """Numbers of households and people, refusals and missing ones, in any order, each at most once; None for anything else."""
    meaning = Meaning.ACTING
    rest = plain
    lead = _LEAD.match(rest)
    if lead is not None:
        meaning = MEANING_BY_WORD[lead[1]]
        rest = rest[lead.end() :]
    found: dict[str, int] = {}
    if lead is not None and meaning is Meaning.DONE and re.match(rf"{_S}[0-9]", rest):
        taken = _amounts(rest, found)
        if taken is None:
            return None
        rest = taken
    while rest:
        taken = _clause(rest, found)
        if taken is None:
            return None
        if taken == rest:
            break
        rest = taken
    if not found or not _are_plausible(found.get("households"), found.get("people")):
        return None
    place = _PLACE.match(rest)
    return Said(
        Meaning.ACTING if meaning is Meaning.ANSWERED else meaning,
        households=found.get("households"),
        people=found.get("people"),
        refused=found.get("refused"),
        missing=found.get("missing"),
        moved_to=place[1].strip() if place is not None else "",
        is_open_ended=_DOUBT.search(rest) is not None,
    )


def _clause(rest: str, found: dict[str, int]) -> str | None:
    """What is left after one clause; the same text where none begins, None where the clause cannot be believed."""
    for name, pattern in (("refused", _REFUSED), ("missing", _MISSING)):
        match = pattern.match(rest)
        if match is not None:
            number = _value(match[1], HOUSEHOLDS_MAX)
            if number is None or name in found:
                return None
            found[name] = number
            return rest[match.end() :]
    moved = _MOVED.match(rest)
    if moved is None:
        return rest
    if {"households", "people"} & found.keys():
        return None
    return _amounts(rest[moved.end() :], found)


def _amounts(rest: str, found: dict[str, int]) -> str | None:
    """One or two numbers: the unit says what they count, else households come first. None when it could mean something else."""
    taken: list[tuple[str, str]] = []
    while (match := _AMOUNT.match(rest)) is not None:
        taken.append((match[1], match[2] or ""))
        rest = rest[match.end() :]
    if not 1 <= len(taken) <= 2 or (len(taken) == 1 and not taken[0][1] and len(taken[0][0]) > 3):
        return None  # three numbers, or "Z1235" without a space
    for text, unit in taken:
        name = _counted(unit, found)
        number = _value(text, HOUSEHOLDS_MAX if name == "households" else PEOPLE_MAX)
        if number is None or name in found:
            return None
        found[name] = number
    return rest


def _counted(unit: str, found: dict[str, int]) -> str:
    if unit:
        return "households" if unit in "户家" else "people"
    return "people" if "households" in found else "households"


def _value(text: str, most: int) -> int | None:
    number = int(text) if text.isascii() and len(text) < 8 else chinese_number(text)
    return number if number is not None and number <= most else None


def _are_plausible(households: int | None, people: int | None) -> bool:
    """A family has at least one member: "Z 35 12" has its numbers the wrong way round, and a person has to look."""
    return households is None or people is None or people >= households
