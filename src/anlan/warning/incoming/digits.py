"""One spelling for one character, keeping every position: spans found in the plain text hold in the text as it came."""

from __future__ import annotations

#: Traditional → simplified, for the characters that occur in warnings and in names of offices. One to one, so nothing moves.
_TRADITIONAL = (
    "發布預報雲縣氣象臺鄉鎮級紅黃藍陣風電災質險漲線區將與東關單員備範圍時點號間據監測續變為樓嶺門"
    "記憶轉發達過雖雖強降暫聲動導緊鬆濕溫傳訊場內現應對濟務該約個來這開車隊辦聯絡總體農場壩庫橋"
    "響週計請積書長壯廣義陽陰島幹擊潰堤澇旱凍雪霧霾塵暈後從無須於"
)
_SIMPLIFIED = (
    "发布预报云县气象台乡镇级红黄蓝阵风电灾质险涨线区将与东关单员备范围时点号间据监测续变为楼岭门"
    "记忆转发达过虽虽强降暂声动导紧松湿温传讯场内现应对济务该约个来这开车队办联络总体农场坝库桥"
    "响周计请积书长壮广义阳阴岛干击溃堤涝旱冻雪雾霾尘晕后从无须于"
)
_CIRCLED = {"ⅰ": "Ⅰ", "ⅱ": "Ⅱ", "ⅲ": "Ⅲ", "ⅳ": "Ⅳ"}
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
#: Punctuation that readers of a sentence still need as Chinese punctuation.
_KEPT = {ord(char) for char in "，；！？"}

_TABLE: dict[int, int] = {
    **{ord(old): ord(new) for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)},
    **{ord(old): ord(new) for old, new in _CIRCLED.items()},
    **{old: new for old, new in _FULL_WIDTH.items() if old not in _KEPT},
    0x3000: 0x20,
    0x00A0: 0x20,
    ord("\t"): 0x20,
    ord("\r"): 0x20,
    ord("○"): ord("〇"),
    ord("O"): ord("O"),
    ord("［"): ord("["),
    ord("］"): ord("]"),
    ord("﹕"): ord(":"),
}

#: Characters of a number written in Chinese.
NUMERALS = "〇零一二三四五六七八九十两廿"
_VALUES = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def plain(text: str) -> str:
    """The text in simplified characters and half-width digits; the same length as `text`."""
    return text.translate(_TABLE)


def number(text: str) -> int | None:
    """The value of "15", "十五", "二十四", "〇八" or "二〇二六"; None for what is none of them."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(char not in NUMERALS for char in text):
        return None
    if "十" in text or "廿" in text:
        return _with_tens(text.replace("廿", "二十"))
    value = 0
    for char in text:
        value = value * 10 + _VALUES[char]
    return value


def _with_tens(text: str) -> int | None:
    before, _ten, after = text.partition("十")
    if "十" in after or len(before) > 1 or len(after) > 1:
        return None
    return (_VALUES[before] if before else 1) * 10 + (_VALUES[after] if after else 0)
