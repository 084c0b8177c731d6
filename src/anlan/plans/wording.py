"""How values of a plan are written in words and read again. Every reader raises `BadWord` for what has no one meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from anlan.plans.content import Address, AddressKind, NeedKind, Trigger, TriggerKind
from anlan.vocab.figures import FIGURES
from anlan.vocab.hazards import FACES as HAZARDS
from anlan.vocab.incidents import GRADE_LABELS, TYPES
from anlan.vocab.posts import FACES as POSTS
from anlan.vocab.skills import ASSET_CATEGORIES, ITEMS, SKILLS

BAR = "｜"
COLON = "："
ROMANS = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}
COLOURS = {1: "红色", 2: "橙色", 3: "黄色", 4: "蓝色"}
#: Coordinating bodies that a county keeps, by code (requirements F-22 to F-24).
BODIES: dict[str, str] = {
    "flood_command": "防汛抗旱指挥部",
    "forest_fire_command": "森林草原防灭火指挥部",
    "earthquake_command": "抗震救灾指挥部",
    "safety_committee": "安全生产委员会",
    "disaster_committee": "减灾委员会",
}
ADDRESS_WORDS: dict[AddressKind, str] = {
    AddressKind.COUNTY: "县级",
    AddressKind.DEPARTMENT: "部门",
    AddressKind.DIVISION: "区划",
    AddressKind.AFFECTED_TOWNSHIPS: "受影响乡镇",
    AddressKind.AFFECTED_VILLAGES: "受影响村",
    AddressKind.UNIT: "事发单位",
}
TRIGGER_WORDS: dict[TriggerKind, str] = {
    TriggerKind.WARNING: "预警",
    TriggerKind.GRADE: "事件等级",
    TriggerKind.FIGURE: "指标",
    TriggerKind.RELIEF: "救助分级",
    TriggerKind.WORDS: "研判",
}
NEED_WORDS: dict[NeedKind, str] = {
    NeedKind.TEAM: "队伍",
    NeedKind.VEHICLE: "车辆",
    NeedKind.EQUIPMENT: "装备",
    NeedKind.STOCK: "物资",
    NeedKind.EXPERT: "专家",
}
_LEVELS = {
    "Ⅰ": 1,
    "Ⅱ": 2,
    "Ⅲ": 3,
    "Ⅳ": 4,
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
}
_LEVEL = re.compile(r"(IV|I{1,3}|[一二三四1-4])(?:级)?(?:应急)?(?:响应)?(?:及以上|以上)?")
_MINUTES = re.compile(r"(\d+(?:\.\d+)?)(分钟|分|小时|个小时|h|min)?(?:内|以内|之内)?")
_LIST = re.compile(r"[、,，;；\n]")


class BadWord(ValueError):
    """What a cell says has no meaning here; `code` is one of the keys of `WRONG`."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.value = code, value[:60]


# -- escaping ----------------------------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(BAR, "\\" + BAR).replace("\n", "\\n")


def parts(text: str) -> list[str]:
    """The pieces between bars, without the backslashes."""
    found, piece, is_escaped = [], "", False
    for letter in text:
        if is_escaped:
            piece += "\n" if letter == "n" else letter
            is_escaped = False
        elif letter == "\\":
            is_escaped = True
        elif letter == BAR:
            found.append(piece)
            piece = ""
        else:
            piece += letter
    return [*found, piece]


def labelled(head: str, named: Iterable[tuple[str, str]]) -> str:
    return BAR.join([head, *(f"{name}{COLON}{escaped(value)}" for name, value in named if value)])


# -- plain -------------------------------------------------------------------------------------------------------------


def one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def lines(values: Iterable[str]) -> str:
    return "\n".join(escaped(value) for value in values)


def read_lines(text: str) -> tuple[str, ...]:
    return tuple("｜".join(parts(line)) for line in text.split("\n") if line.strip())


def read_key(text: str) -> str:
    return text.strip()[:60]


def keys(values: Iterable[str]) -> str:
    return "、".join(values)


def read_keys(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _LIST.split(text) if part.strip())


def whole(value: int) -> str:
    return str(value)


def number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def read_number(text: str) -> float:
    try:
        return float(unicodedata.normalize("NFKC", text).replace(",", ""))
    except ValueError:
        raise BadWord("number", text) from None


def read_minutes(text: str) -> int:
    """Whole minutes of "30", "30分钟", "2小时内"; words such as 立即 are no limit that a clock can watch."""
    found = _MINUTES.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if found is None:
        raise BadWord("minutes", text)
    is_hours = (found[2] or "") in ("小时", "个小时", "h")
    return round(float(found[1]) * (60 if is_hours else 1))


def flag(value: bool) -> str:
    return "是" if value else "否"


def read_flag(text: str) -> bool:
    if text not in ("是", "否", "√"):
        raise BadWord("flag", text)
    return text != "否"


def level(value: int) -> str:
    return f"{ROMANS[value]}级" if value in ROMANS else str(value)


def read_level(text: str) -> int:
    found = _LEVEL.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", "").upper())
    if found is None:
        raise BadWord("level", text)
    return int(found[1]) if found[1].isdigit() else _LEVELS[found[1]]


# -- codes by their Chinese names --------------------------------------------------------------------------------------


def _code(text: str, names: Mapping[str, str], wrong: str) -> str:
    """The code of a Chinese name; a code is taken as itself."""
    if text in names:
        return text
    for code, name in names.items():
        if name == text:
            return code
    raise BadWord(wrong, text)


_POST_NAMES = {kind.value: face.zh for kind, face in POSTS.items()}
_HAZARD_NAMES = {kind.value: face.zh for kind, face in HAZARDS.items()}
_TYPE_NAMES = {code: face.zh for code, face in TYPES.items()}
_FIGURE_NAMES = {code: face.zh for code, face in FIGURES.items()}
_SKILL_NAMES = {code: pair[0] for code, pair in SKILLS.items()}
_THING_NAMES = {code: names[0] for code, names in (ITEMS | ASSET_CATEGORIES | SKILLS).items()}


def body(code: str) -> str:
    return BODIES.get(code, code)


def read_body(text: str) -> str:
    for code, name in BODIES.items():
        if text == code or text.endswith(name):
            return code
    raise BadWord("body", text)


def posts(codes: Iterable[str]) -> str:
    return "、".join(_POST_NAMES.get(code, code) for code in codes)


def read_posts(text: str) -> tuple[str, ...]:
    return tuple(_code(part, _POST_NAMES, "post") for part in read_keys(text))


def skill(code: str) -> str:
    return _SKILL_NAMES.get(code, code)


def read_skill(text: str) -> str:
    """A skill by its name; anything else is a code of the county's own, which the plan check looks at."""
    try:
        return _code(text, _SKILL_NAMES, "skill")
    except BadWord:
        return text


def thing(code: str) -> str:
    return _THING_NAMES.get(code, code)


def read_thing(text: str) -> str:
    """A skill, a category of equipment or an item by its name; anything else is the county's own code."""
    try:
        return _code(text, _THING_NAMES, "skill")
    except BadWord:
        return text


def skills(codes: Iterable[str]) -> str:
    return "、".join(skill(code) for code in codes)


def read_skills(text: str) -> tuple[str, ...]:
    return tuple(read_skill(part) for part in read_keys(text))


def need_kind(kind: NeedKind) -> str:
    return NEED_WORDS[kind]


def read_need_kind(text: str) -> NeedKind:
    return NeedKind(_code(text, {kind.value: name for kind, name in NEED_WORDS.items()}, "need_kind"))


# -- addresses ---------------------------------------------------------------------------------------------------------

_CODE, _POST, _NAME = f"代码{COLON}", f"岗位{COLON}", f"名称{COLON}"


def address(value: Address) -> str:
    name = escaped(value.name)
    if name.startswith((_CODE, _POST, _NAME)):
        name = _NAME + name
    code = _CODE + escaped(value.code) if value.code else ""
    post = _POST + escaped(_POST_NAMES.get(value.post, value.post)) if value.post else ""
    return BAR.join(part for part in (ADDRESS_WORDS[value.kind], name, code, post) if part)


def read_address(text: str) -> Address:
    head, *rest = parts(text)
    kind = next((kind for kind, words in ADDRESS_WORDS.items() if words == head), None)
    if kind is None:
        return _loose_address(text.strip())
    found = {"name": "", "code": "", "post": ""}
    for part in rest:
        if part.startswith(_CODE):
            found["code"] = part.removeprefix(_CODE)
        elif part.startswith(_POST):
            found["post"] = _code(part.removeprefix(_POST), _POST_NAMES, "post")
        else:
            found["name"] = part.removeprefix(_NAME)
    return Address(kind, **found)


#: Words by which people mean a kind of place, first that fits.
_LOOSE: tuple[tuple[re.Pattern[str], AddressKind], ...] = (
    (re.compile(r"(各|有关|相关|受灾|涉及|属地|事发地)?(乡镇|镇乡|乡（镇）|乡镇\(街道\)|乡镇（街道）)(人民)?(政府|街道)?"), AddressKind.AFFECTED_TOWNSHIPS),
    (re.compile(r"(各|有关|相关|受灾|涉及|属地)?(村|行政村|村（社区）|村委会|村民委员会)"), AddressKind.AFFECTED_VILLAGES),
    (re.compile(r"(事发|事故|涉事|责任)(单位|企业)"), AddressKind.UNIT),
    (re.compile(r"县(人民)?政府|县委|县委、县政府|县(.{0,8})指挥部|县政府(分管)?(副)?县长|县长|副县长"), AddressKind.COUNTY),
)  # fmt: skip


def _loose_address(text: str) -> Address:
    if not text or len(text) > 60:
        raise BadWord("address", text)
    for pattern, kind in _LOOSE:
        if pattern.fullmatch(text):
            return Address(kind)
    return Address(AddressKind.DEPARTMENT, name=text)


def addresses(values: Iterable[Address]) -> str:
    return "\n".join(address(value) for value in values)


def read_addresses(text: str) -> tuple[Address, ...]:
    """One on a line; a line without bars may name several with 、 between them."""
    found = []
    for line in filter(None, text.split("\n")):
        pieces = [line] if BAR in line else [part for part in _LIST.split(line) if part.strip()]
        found += [read_address(piece.strip()) for piece in pieces]
    return tuple(found)


# -- triggers ----------------------------------------------------------------------------------------------------------


def trigger(value: Trigger) -> str:
    named = (
        ("灾种", _HAZARD_NAMES.get(value.hazard, value.hazard)),
        ("级别", COLOURS.get(value.level, str(value.level)) if value.level else ""),
        ("类型", "、".join(_TYPE_NAMES.get(code, code) for code in value.event_types)),
        ("等级", GRADE_LABELS[value.grade][1] if value.grade else ""),
        ("指标", _FIGURE_NAMES.get(value.figure, value.figure)),
        ("不少于", str(value.at_least) if value.at_least else ""),
        ("乡镇数", str(value.townships) if value.townships else ""),
        ("说明", value.words),
        ("来源", value.source),
    )
    return labelled(TRIGGER_WORDS[value.kind], named)


def triggers(values: Iterable[Trigger]) -> str:
    return "\n".join(trigger(value) for value in values)


def read_triggers(text: str) -> tuple[Trigger, ...]:
    return tuple(read_trigger(line) for line in text.split("\n") if line.strip())


def read_trigger(text: str) -> Trigger:
    head, *rest = parts(text)
    kind = next((kind for kind, words in TRIGGER_WORDS.items() if words == head), None)
    if kind is None:
        return loose_trigger(text)
    found: dict[str, object] = {}
    for part in rest:
        name, _colon, value = part.partition(COLON)
        if name not in _TRIGGER_PARTS:
            raise BadWord("trigger", part)
        field, read = _TRIGGER_PARTS[name]
        found[field] = read(value)
    return Trigger(kind, **found)  # type: ignore[arg-type]  # each reader gives its field's type


def _read_colour(text: str) -> int:
    return next((rank for rank, name in COLOURS.items() if name == text), None) or _whole(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise BadWord("number", text)
    return int(text)


def _read_grade(text: str) -> int:
    return int(_code(text, {str(grade): names[1] for grade, names in GRADE_LABELS.items()}, "grade"))


_TRIGGER_PARTS: dict[str, tuple[str, Callable[[str], object]]] = {
    "灾种": ("hazard", lambda text: _code(text, _HAZARD_NAMES, "hazard")),
    "级别": ("level", _read_colour),
    "类型": ("event_types", lambda text: tuple(_code(part, _TYPE_NAMES, "type") for part in read_keys(text))),
    "等级": ("grade", _read_grade),
    "指标": ("figure", lambda text: _code(text, _FIGURE_NAMES, "figure")),
    "不少于": ("at_least", _whole),
    "乡镇数": ("townships", _whole),
    "说明": ("words", str),
    "来源": ("source", str),
}
_WARNED = re.compile(rf"({'|'.join(_HAZARD_NAMES.values())}).{{0,12}}?([红橙黄蓝])色(?:及以上)?.{{0,6}}?预警")


def loose_trigger(text: str) -> Trigger:
    """A sentence: a warning of a known hazard and colour is a trigger that the platform watches, anything else only words."""
    plain = text.strip()
    found = _WARNED.search(plain)
    if found is None:
        return Trigger(TriggerKind.WORDS, words=plain)
    hazard = _code(found[1], _HAZARD_NAMES, "hazard")
    colour = next(rank for rank, name in COLOURS.items() if name[0] == found[2])
    return Trigger(TriggerKind.WARNING, hazard=hazard, level=colour, words=plain)
