"""One text, several forms: what a loudspeaker says, what fits an SMS, what anybody understands, what CAP instructs. Pure.

Rules of our own, shown to the person who drafts and editable for each warning:
- loudspeaker: marks removed, numbers and units spoken, sentences of at most 20 characters, everything said twice;
- SMS: whole sentences from the front while they fit, never a cut one;
- plain language: a table of words (`data/plain_words.json`);
- CAP instruction: the advice, else the message's own requests.
"""

from __future__ import annotations

import functools
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

#: A spoken Chinese announcement; assumption between slow (3) and news (5) characters a second.
CHARACTERS_A_SECOND = 4.0
PAUSE_S = 0.4
LONGEST_SENTENCE = 20
ATTENTION, AGAIN, DRILL = "请注意。", "再播一遍。", "演练，演练。"
DRILL_MARK = "【演练】"
_DIGITS = "零一二三四五六七八九"
#: Read one by one: telephone and station numbers.
_ONE_BY_ONE = 7
_UNITS = (
    ("m³/s", "立方米每秒"),
    ("mm", "毫米"),
    ("cm", "厘米"),
    ("km", "公里"),
    ("℃", "摄氏度"),
    ("m/s", "米每秒"),
)
_ROMAN = {"Ⅰ": "一", "Ⅱ": "二", "Ⅲ": "三", "Ⅳ": "四"}
_COUNTED = "个户人名次天组村处座条辆小"


class PlainWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    is_verified: bool
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of one text. `seconds` is how long the loudspeaker takes (estimate)."""

    sms: str
    plain: str
    loudspeaker: str
    seconds: int
    instruction: str


def derive(body: str, recommended_action: str = "", *, fits: int, is_drill: bool = False) -> Forms:
    """Every form of a message and its advice; `fits` is how many UTF-16 units an SMS may take."""
    said = loudspeaker(body, recommended_action, is_drill=is_drill)
    return Forms(
        sms=short(marked(body, is_drill=is_drill), fits),
        plain=marked(plain(body), is_drill=is_drill),
        loudspeaker=said,
        seconds=seconds(said),
        instruction=instruction(body, recommended_action, is_drill=is_drill),
    )


def marked(text: str, *, is_drill: bool) -> str:
    """With the mark of an exercise in front, once."""
    return f"{DRILL_MARK}{text}" if is_drill and text and DRILL_MARK not in text else text


def spoken_mark(text: str, *, is_drill: bool) -> str:
    """The same for what is spoken."""
    return f"{DRILL}{text}" if is_drill and text and "演练" not in text else text


def loudspeaker(body: str, recommended_action: str = "", *, is_drill: bool = False) -> str:
    """Short sentences with spoken numbers, everything twice; an exercise says so first and last."""
    text = "".join(f"{part}。" for part in _sentences(spoken(body + "。" + recommended_action)))
    if not text:
        return ""
    drill = DRILL if is_drill else ""
    return f"{drill}{ATTENTION}{text}{AGAIN}{text}{drill}"


def seconds(said: str) -> int:
    """About how long it takes to say, rounded up."""
    letters = len(re.findall(r"[\w]", said))
    pauses = len(re.findall(r"[，。；！？、]", said))
    return math.ceil(letters / CHARACTERS_A_SECOND + pauses * PAUSE_S)


def short(text: str, fits: int) -> str:
    """Whole sentences from the front that fit; at least the first one, which the length check then judges."""
    if _units(text) <= fits:
        return text
    kept = ""
    for sentence in re.findall(r"[^。；！？]+[。；！？]?", text):
        if kept and _units(kept + sentence) > fits:
            break
        kept += sentence
    return kept


def plain(text: str) -> str:
    """With the trade's words replaced, the longest first."""
    table = plain_words().words
    if not table:
        return text
    pattern = "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))
    return re.sub(pattern, lambda found: table[found.group()], text)


def instruction(body: str, recommended_action: str, *, is_drill: bool = False) -> str:
    """What CAP calls instruction: the advice; without one, the sentences of the message that ask for something."""
    if recommended_action.strip():
        return marked(recommended_action.strip(), is_drill=is_drill)
    asks = [one for one in re.findall(r"[^。；！？]+[。；！？]?", body) if "请" in one]
    return marked("".join(one[one.index("请") :] for one in asks), is_drill=is_drill)


def spoken(text: str) -> str:
    """Marks gone, numbers, times and units as words."""
    text = re.sub(r"【[^】]*】", "", text)
    text = re.sub(r"https?://\S+", "", text)
    for numeral, word in _ROMAN.items():
        text = text.replace(numeral, word)
    text = re.sub(r"(?<!\d)([01]?\d|2[0-3])[:：]([0-5]\d)(?!\d)", _spoken_time, text)
    text = re.sub(r"(\d+(?:\.\d+)?)\s*%", lambda found: f"百分之{spoken_number(found[1])}", text)
    for unit, word in _UNITS:
        text = re.sub(rf"(?<=\d)\s*{re.escape(unit)}(?![A-Za-z])", word, text)
    text = re.sub(r"(?<=\d)\s*[-~～—]\s*(?=\d)", "至", text)
    text = re.sub(rf"(?<![\d.])2(?=[{_COUNTED}])", "两", text)
    return re.sub(r"\d+(?:\.\d+)?", lambda found: spoken_number(found[0]), text)


def spoken_number(number: str) -> str:
    """“82.5” → 八十二点五; long numbers and those with a leading zero digit by digit, as telephone numbers are read."""
    whole, _, part = number.partition(".")
    tail = f"点{''.join(_DIGITS[int(digit)] for digit in part)}" if part else ""
    if len(whole) >= _ONE_BY_ONE or (len(whole) > 1 and whole[0] == "0"):
        return "".join(_DIGITS[int(digit)] for digit in whole).replace("一", "幺") + tail
    return _counted(int(whole)) + tail


def _counted(number: int) -> str:
    if number >= 10_000:
        rest = number % 10_000
        between = "零" if 0 < rest < 1_000 else ""
        return f"{_counted(number // 10_000)}万{between}{_counted(rest) if rest else ''}"
    words, pending = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            words += ("零" if pending and words else "") + _DIGITS[digit] + name
            pending = False
        else:
            pending = True
    words = words or "零"
    return words[1:] if words.startswith("一十") else words


def _spoken_time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    if minute == 0:
        return f"{_counted(hour)}点"
    return f"{_counted(hour)}点{'零' if minute < 10 else ''}{_counted(minute)}分"


def _sentences(text: str) -> list[str]:
    """Sentences without their marks; a long one is cut at its commas."""
    found: list[str] = []
    for sentence in re.split(r"[。；！？\n]+", text):
        parts = [part for part in re.split(r"[，,：]", sentence) if part.strip()]
        line = ""
        for part in parts:
            if line and len(line) + len(part) > LONGEST_SENTENCE:
                found.append(line)
                line = part.strip()
            else:
                line = f"{line}，{part.strip()}" if line else part.strip()
        if line:
            found.append(line)
    return found


def _units(text: str) -> int:
    return len(text.encode("utf-16-be")) // 2


@functools.lru_cache(maxsize=1)
def plain_words() -> PlainWords:
    path = Path(__file__).parent / "data" / "plain_words.json"
    return msgspec.convert(json.loads(path.read_text(encoding="utf-8")), PlainWords)
