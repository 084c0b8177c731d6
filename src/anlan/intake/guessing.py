"""What a hurried line of text says by itself: the type of the event and counted people. A guess fills an empty field, never more."""

from __future__ import annotations

import re
import unicodedata

#: Words that callers use, the telling ones first. Engineering choice; a person sees the guess and changes it.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("flash_flood", ("山洪",)),
    ("debris_flow", ("泥石流",)),
    ("landslide", ("滑坡", "山体滑", "垮山")),
    ("collapse", ("崩塌", "落石", "塌方", "垮塌")),
    ("ground_subsidence", ("地面塌陷", "地陷")),
    ("earthquake", ("地震",)),
    ("forest_fire", ("森林火", "山火", "山林火", "草原火", "林火")),
    ("tailings_pond", ("尾矿",)),
    ("coal_mine", ("煤矿", "瓦斯")),
    ("mine", ("矿山", "矿井", "矿洞")),
    ("hazardous_chemicals", ("危化", "化学品", "液氨", "氯气", "化工厂")),
    ("gas", ("燃气", "煤气", "天然气")),
    ("fireworks", ("烟花", "爆竹")),
    ("construction", ("工地", "脚手架", "塔吊")),
    ("special_equipment", ("电梯", "锅炉", "索道")),
    ("drowning", ("溺水", "落水")),
    ("road_traffic", ("车祸", "追尾", "翻车", "相撞", "交通事故", "坠崖")),
    ("public_health", ("食物中毒", "疫情", "群体性不明原因")),
    ("flood", ("洪水", "内涝", "漫堤", "决口", "进水", "被淹", "涨水")),
    ("wind_hail", ("冰雹", "大风", "龙卷")),
    ("snow", ("暴雪", "雪灾", "积雪")),
    ("fire", ("火灾", "着火", "起火", "失火")),
)
_NUMBER = r"(\d{1,5}|[一二两三四五六七八九十]{1,3})"
_KINDS: tuple[tuple[str, str], ...] = (
    ("deaths", "死亡|遇难|死"),
    ("missing", "失踪|失联"),
    ("serious_injuries", "重伤"),
    ("injured", "轻伤|受伤|伤"),
    ("trapped", "被困|被埋|困"),
    ("evacuated", "转移|疏散"),
)
_DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九")} | {"两": 2}


def guess_type(text: str) -> str:
    """The type whose words stand in the text; "" where none does."""
    return next((code for code, words in _WORDS if any(word in text for word in words)), "")


def read_figures(text: str) -> dict[str, str]:
    """ "2人失踪" and "死亡1人" as {"missing": "2", "deaths": "1"}; the larger where a thing is named twice."""
    plain = unicodedata.normalize("NFKC", text)
    found: dict[str, int] = {}
    for code, words in _KINDS:
        for pattern in (
            rf"(?:{words})(?:了|约|共)?{_NUMBER}(?=人|名|$|[^\d年月日时分])",
            rf"{_NUMBER}(?:个)?(?:人|名)(?:群众|村民|工人)?(?:{words})",
        ):
            for match in re.finditer(pattern, plain):
                if code == "injured" and plain[max(0, match.start() - 1) : match.start()] == "重":
                    continue
                found[code] = max(found.get(code, 0), _value(match[1]))
    return {code: str(value) for code, value in found.items()}


def _value(words: str) -> int:
    if words.isdigit():
        return int(words)
    if "十" in words:
        tens, _ten, ones = words.partition("十")
        return (_DIGITS.get(tens, 1) if tens else 1) * 10 + _DIGITS.get(ones, 0)
    return _DIGITS.get(words[-1], 0)
