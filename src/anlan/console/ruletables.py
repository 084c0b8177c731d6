"""The table of a rule as inputs and back: one walk over its type, so that every evaluator has a form and nobody writes JSON.

A row left blank is left out; each list offers two blank rows more. What cannot be read is named with its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import inspect

from anlan.console.templatetags.anlan import is_chinese
from anlan.ruleset.packs import parse_table
from anlan.ruleset.tables import TABLE_BY_EVALUATOR, Table
from anlan.vocab.figures import FIGURES
from anlan.vocab.levels import Level
from anlan.vocab.quantities import QUANTITIES

#: Blank rows at the end of a list.
SPARE = 2
MOST = 60
_LEVELS = ("4", "3", "2", "1")
_WINDOWS = ("windows_min", "durations_min")
#: Nothing was entered.
_BLANK = object()

#: Words of the fields of tables, (Chinese, English).
LABELS: dict[str, tuple[str, str]] = {
    "quantity": ("要素", "quantity"),
    "unit": ("单位", "unit"),
    "windows_min": ("时段（分钟）", "windows (min)"),
    "durations_min": ("历时（分钟）", "durations (min)"),
    "rise": ("阈值", "thresholds"),
    "soil": ("按土壤含水的阈值", "thresholds by soil state"),
    "dry": ("偏干", "dry"),
    "wet": ("湿润", "wet"),
    "edges": ("起点", "edges"),
    "mark": ("特征水位", "mark"),
    "offset_m": ("加减（米）", "offset (m)"),
    "curves": ("曲线 I=a·D⁻ᵇ", "curves I=a·D⁻ᵇ"),
    "a": ("a（毫米/小时）", "a (mm/h)"),
    "b": ("b", "b"),
    "colours": ("颜色", "colours"),
    "stages": ("分期", "seasons"),
    "first": ("起（月-日）", "from (MM-DD)"),
    "last": ("止（月-日）", "to (MM-DD)"),
    "limit_m": ("汛限水位（米）", "flood limit (m)"),
    "design_m": ("设计洪水位（米）", "design flood level (m)"),
    "check_m": ("校核洪水位（米）", "check flood level (m)"),
    "above": ("高限", "high limits"),
    "below": ("低限", "low limits"),
    "points": ("测点", "measuring points"),
    "is_absolute": ("升降都算", "either direction"),
    "temperature": ("气温（℃起）", "temperature (from ℃)"),
    "humidity": ("相对湿度（%起）", "humidity (from %)"),
    "lowest": ("不低于", "at or above"),
    "dry_days": ("无雨日数得分（0天起）", "points by dry days (from 0)"),
    "wind_force": ("风力得分（0级起）", "points by wind force (from 0)"),
    "cover": ("地被物得分", "points of the ground cover"),
    "cover_now": ("当前地被物", "ground cover now"),
    "grades_up_to": ("各级上限", "grades up to"),
    "levels": ("颜色", "colours"),
    "items": ("监测项目", "items"),
    "code": ("代码", "code"),
    "zh": ("名称", "Chinese name"),
    "en": ("英文", "English name"),
    "quantities": ("要素", "quantities"),
    "blue_to_yellow": ("几个蓝色为黄", "blue that make yellow"),
    "yellow_to_orange": ("几个黄色为橙", "yellow that make orange"),
    "orange_to_red": ("几个橙色为红", "orange that make red"),
    "freeboard_quantity": ("超高要素", "quantity of the freeboard"),
    "beach_quantity": ("干滩要素", "quantity of the beach"),
    "freeboard_m": ("最小超高（米，按等别）", "least freeboard (m, by grade)"),
    "beach_upstream_m": ("最小干滩（米，上游式）", "least beach (m, upstream)"),
    "beach_other_m": ("最小干滩（米，其他）", "least beach (m, other)"),
    "mode": ("条件", "condition"),
    "needed": ("至少几项", "how many"),
    "result": ("判为", "counts as"),
    "members": ("成员", "members"),
    "station": ("站码", "station code"),
    "division": ("区划代码", "division code"),
    "catchment": ("流域", "catchment"),
    "rule_id": ("规则", "rule"),
    "at_least": ("至少", "at least"),
    "hours_left": ("剩余小时数不超过", "hours left at most"),
    "observed_h": ("实测小时数", "hours observed"),
    "ahead_h": ("预报小时数", "hours forecast"),
    "entry_quantity": ("进入要素", "quantity of entries"),
    "sealed_attribute": ("状态属性", "attribute of the state"),
    "sealed_values": ("视为封停的状态", "states that count as sealed"),
    "silent_after_s": ("离线时限（秒）", "silent after (s)"),
    "ranges": ("合理范围", "plausible ranges"),
    "mandatory": ("必填项", "mandatory fields"),
    "quality": ("质量控制", "quality control"),
    "min": ("下限", "lowest"),
    "max": ("上限", "highest"),
    "max_rate_per_h": ("每小时最大变化", "fastest change per h"),
    "floor": ("不计的变化", "change that is never odd"),
    "spike_mads": ("尖峰倍数（MAD）", "spike (MADs)"),
    "spike_window": ("尖峰窗口（个）", "values of the spike window"),
    "stuck_after_s": ("不变判定（秒）", "stuck after (s)"),
    "stuck_tolerance": ("不变容差", "tolerance of stuck"),
    "dry_at_or_below": ("允许不变的低值", "may stand still at or below"),
    "neighbours": ("邻站", "neighbours"),
    "neighbour_ratio": ("邻站倍数", "times the neighbours"),
    "neighbour_min": ("邻站比较起点", "compared from"),
    "neighbour_count": ("至少邻站数", "neighbours needed"),
    "warning_stage": ("警戒水位", "warning stage"),
    "guaranteed_stage": ("保证水位", "guaranteed stage"),
    "historic_max": ("历史最高", "historic maximum"),
    "datum": ("基面（直接填水位）", "datum (the stage itself)"),
    "all": ("全部满足", "all"),
    "any": ("任一满足", "any"),
    "n_of": ("至少若干项", "at least so many"),
    "all_green": ("全部绿色或积雪≥90%", "all green or snow ≥ 90 %"),
    "three_quarters": ("绿色75%或积雪60%", "75 % green or snow 60 %"),
    "half": ("绿色50%或积雪30%", "50 % green or snow 30 %"),
    "one_fifth": ("绿色20%或积雪10%", "20 % green or snow 10 %"),
    "none": ("没有绿色和积雪", "no green, no snow"),
    "grading": ("用于", "grades"),
    "threat": ("只用于险情", "only threats"),
    "columns": ("指标", "indicators"),
    "figure": ("指标", "figure"),
    "also": ("合计的另一指标", "added figure"),
    "from_1": ("特别重大（起）", "extremely serious from"),
    "from_2": ("重大（起）", "serious from"),
    "from_3": ("较大（起）", "fairly serious from"),
    "from_4": ("一般（起）", "ordinary from"),
    "source": ("依据", "source"),
    "verified": ("已核对", "confirmed"),
    "missing": ("失踪", "missing"),
    "at_once": ("失踪同时计入", "missing count at once"),
    "after_days": ("失踪满规定天数计入", "missing count after the days"),
    "area": ("地区", "area"),
    "dense": ("人口密集地区", "dense area"),
    "fairly_dense": ("人口较密集地区", "fairly dense area"),
    "share_of": ("占比基数", "as a share of"),
    "province_gdp_yuan": ("省上年生产总值", "GDP of the province last year"),
    "accident": ("事故", "accidents"),
    "forest_fire": ("森林草原火灾", "forest fires"),
    "geohazard": ("地质灾害", "geological hazards"),
    "earthquake": ("地震", "earthquakes"),
    "disaster": ("洪涝等自然灾害", "floods and other natural disasters"),
    "restricted": ("公共卫生、社会安全", "public health and social security"),
    "call": ("来电记录", "phone records"),
    "rows": ("条件", "rows"),
    "marks": ("由人判断的情形", "marks set by a person"),
    "grade": ("等级", "grade"),
    "leader": ("牵头层级", "leads"),
    "steps": ("各步", "steps"),
    "by": ("谁报", "by"),
    "to": ("报谁", "to"),
    "limit_min": ("时限（分钟）", "limit (min)"),
    "least": ("此等级及以上", "from this grade up"),
    "own": ("本级", "own level"),
    "upper": ("上一级", "level above"),
    "township": ("乡镇", "township"),
    "county": ("县", "county"),
    "city": ("市", "city"),
    "province": ("省", "province"),
    "ministry": ("部委", "ministry"),
    "timers": ("计时", "timers"),
    "starts": ("起点", "starts"),
    "occurred": ("发生", "occurrence"),
    "known": ("知悉", "knowing"),
    "ordered": ("下令", "order"),
    "limit_h": ("时限（小时）", "limit (h)"),
    "hazard": ("灾种", "hazard"),
    "of": ("用于", "for"),
    "elements": ("要素", "elements"),
    "field": ("取自", "taken from"),
    "phone": ("电话", "phone"),
    "initial": ("初报", "first"),
    "follow_up": ("续报", "follow-up"),
    "final": ("终报", "final"),
    "fixed": ("每年固定的假日（月-日）", "holidays of every year (MM-DD)"),
    "holidays": ("本年放假日", "holidays by date"),
    "make_up": ("调休上班日", "make-up working days"),
    "g1": ("特别重大", "extremely serious"),
    "g2": ("重大", "serious"),
    "g3": ("较大", "fairly serious"),
    "g4": ("一般", "ordinary"),
    "day": ("日期", "day"),
    "name": ("名称", "name"),
}


class BadEntry(ValueError):
    """What was typed cannot be read; the message names the place in the reader's language."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input; `options` make it a choice, value to label."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    options: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        if self.kind == "check":
            return "✓" if self.value else ""
        return next((label for value, label in self.options if value == self.value), self.value)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of inputs with the level or key that it is about."""

    label: str
    inputs: tuple[Input, ...]
    level: int | None = None

    @property
    def is_blank(self) -> bool:
        return not any(one.value for one in self.inputs if one.kind != "check")


@dataclass(frozen=True, slots=True)
class Block:
    """A titled table of lines; `heads` name the columns."""

    label: str
    heads: tuple[str, ...] = ()
    lines: tuple[Line, ...] = field(default=())

    @property
    def filled(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.is_blank)


def word(name: str) -> str:
    """A field, level or code in the reader's language; quantities by their own names."""
    if name in LABELS:
        return LABELS[name][0 if is_chinese() else 1]
    known = QUANTITIES.get(name) or FIGURES.get(name)
    if known is not None:
        return known.zh if is_chinese() else known.en
    return name


def blocks(evaluator: str, table: Mapping[str, Any]) -> list[Block]:
    """The table as blocks of inputs, filled with its present values."""
    struct = TABLE_BY_EVALUATOR[evaluator]
    singles: list[Input] = []
    found: list[Block] = []
    for one in _fields(struct):
        value = table.get(one.encode_name)
        if one.encode_name == "cover_now":
            singles.append(_choice(one.encode_name, value or "", ["", *table.get("cover", {})]))
        elif _is_single(one.type):
            singles.append(_input(one.encode_name, one.encode_name, one.type, value))
        else:
            found += _blocks(one.encode_name, one.encode_name, one.type, value)
    head = [Block("", (), (Line("", tuple(singles)),))] if singles else []
    return head + found


def read(evaluator: str, posted: Mapping[str, str]) -> Table:
    """The table that was typed. Raises `BadEntry` for what is no number, msgspec.ValidationError for what does not fit."""
    struct = TABLE_BY_EVALUATOR[evaluator]
    data = _read_struct(struct, "", posted)
    for name in _WINDOWS:
        if name in data:
            _trim(data, len(data[name]))
    return parse_table(evaluator, data)


def _trim(data: dict[str, Any], columns: int) -> None:
    """Rows of thresholds as long as there are windows; an unfilled cell is null."""
    parts = [data, *(data["soil"].values() if isinstance(data.get("soil"), dict) else ())]
    for rows in (part.get("rise", part) for part in parts):
        for key in [key for key in rows if key in _LEVELS]:
            row = list(rows[key])[:columns]
            rows[key] = row + [None] * (columns - len(row))


def _fields(struct: type) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _plain(kind: inspect.Type) -> inspect.Type:
    """The type without "or null"."""
    if isinstance(kind, inspect.UnionType):
        return next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind


def _is_single(kind: inspect.Type) -> bool:
    return not isinstance(
        _plain(kind), inspect.StructType | inspect.DictType | inspect.ListType | inspect.VarTupleType
    )


def _keys(kind: inspect.DictType, value: Mapping[str, Any]) -> list[str]:
    if isinstance(kind.key_type, inspect.LiteralType):
        listed = [str(one) for one in kind.key_type.values]
        return list(_LEVELS) if set(listed) == set(_LEVELS) else listed
    return [*value, *(["+"] if _is_open(kind) else [])]


def _is_open(kind: inspect.DictType) -> bool:
    """Whether people name the keys themselves: ranges and quality by quantity, but not the fixed words of a table."""
    rows = inspect.ListType | inspect.StructType
    return isinstance(kind.key_type, inspect.StrType) and isinstance(_plain(kind.value_type), rows)


def _blocks(path: str, name: str, kind: inspect.Type, value: Any) -> list[Block]:
    plain = _plain(kind)
    if isinstance(plain, inspect.StructType):
        inner = value or {}
        return [
            part
            for one in plain.fields
            for part in _blocks(
                f"{path}.{one.encode_name}", one.encode_name, one.type, inner.get(one.encode_name)
            )
        ]
    if isinstance(plain, inspect.DictType):
        return [_dict_block(path, name, plain, value or {})]
    assert isinstance(plain, inspect.ListType)
    return [_list_block(path, name, plain, value or [])]


def _dict_block(path: str, name: str, kind: inspect.DictType, value: Mapping[str, Any]) -> Block:
    lines = []
    heads: tuple[str, ...] = ()
    for key in _keys(kind, value):
        is_level = isinstance(kind.key_type, inspect.LiteralType) and key in _LEVELS and name != "levels"
        inputs = _cells(f"{path}.{key}", kind.value_type, value.get(key))
        if key == "+":
            inputs = (Input(f"{path}.+key", word("quantity")), *inputs)
        elif _is_open(kind):
            inputs = (Input(f"{path}.{key}.key", word("quantity"), key), *inputs)
        lines.append(
            Line(
                "" if key == "+" else (_level(key) if is_level else word(key)),
                inputs,
                int(key) if is_level else None,
            )
        )
        heads = tuple(one.label for one in inputs) if any(one.label for one in inputs) else heads
    return Block(word(name), heads, tuple(lines))


def _list_block(path: str, name: str, kind: inspect.ListType, value: list[Any]) -> Block:
    count = min(len(value) + SPARE, MOST)
    if _is_single(kind.item_type):
        inputs = tuple(
            _input(f"{path}.{n}", "", kind.item_type, value[n] if n < len(value) else None)
            for n in range(count)
        )
        return Block(word(name), (), (Line("", inputs),))
    rows = [
        Line(str(n + 1), _cells(f"{path}.{n}", kind.item_type, value[n] if n < len(value) else None))
        for n in range(count)
    ]
    return Block(word(name), tuple(one.label for one in rows[0].inputs), tuple(rows))


def _cells(path: str, kind: inspect.Type, value: Any) -> tuple[Input, ...]:
    """The inputs of one row: a number, the numbers of a list, or the fields of a struct."""
    plain = _plain(kind)
    if isinstance(plain, inspect.StructType):
        inner = value or {}
        return tuple(
            _list_cell(f"{path}.{one.encode_name}", one.encode_name, inner.get(one.encode_name))
            if isinstance(_plain(one.type), inspect.ListType | inspect.VarTupleType)
            else _input(f"{path}.{one.encode_name}", one.encode_name, one.type, inner.get(one.encode_name))
            for one in plain.fields
        )
    if isinstance(plain, inspect.ListType):
        listed = list(value or [])
        count = max(len(listed) + 1, 2)
        return tuple(
            _input(f"{path}.{n}", "", plain.item_type, listed[n] if n < len(listed) else None)
            for n in range(count)
        )
    return (_input(path, "", plain, value),)


def _list_cell(path: str, name: str, value: Sequence[str] | None) -> Input:
    """A short list of words in one input, parted by spaces."""
    return Input(path, word(name), " ".join(value or []))


def _input(path: str, name: str, kind: inspect.Type, value: Any) -> Input:
    plain = _plain(kind)
    label = word(name) if name else ""
    if isinstance(plain, inspect.LiteralType):
        is_open = isinstance(kind, inspect.UnionType) or (value is None and "" not in plain.values)
        options = [str(one) for one in plain.values]
        return _choice(
            path, "" if value is None else str(value), ["", *options] if is_open else options, label
        )
    if isinstance(plain, inspect.BoolType):
        return Input(path, label, "1" if value else "", "check")
    is_number = isinstance(plain, inspect.FloatType | inspect.IntType)
    text = "" if value is None else (plain_number(value) if isinstance(value, float) else str(value))
    kind_of_text = name if name in ("code", "field", "en") else "text"
    return Input(path, label, text, "number" if is_number else kind_of_text)


def plain_number(value: float) -> str:
    """All its digits, without an exponent: 100000000, 0.5."""
    return format(Decimal(repr(float(value))).normalize(), "f")


def _choice(path: str, value: str, options: list[str], label: str = "") -> Input:
    pairs = tuple((one, _level(one) if one in _LEVELS else word(one) if one else "—") for one in options)
    return Input(path, label or word(path), value, "choice", pairs)


def _level(key: str) -> str:
    face = Level(int(key)).face
    return f"{face.zh if is_chinese() else face.en} {face.roman}"


# -- back


def _read_struct(struct: type, path: str, posted: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in _fields(struct):
        value = _read(one.type, f"{path}.{one.encode_name}".lstrip("."), posted, label=word(one.encode_name))
        if value is not _BLANK:
            found[one.encode_name] = value
        elif isinstance(_plain(one.type), inspect.ListType | inspect.DictType) and one.required:
            found[one.encode_name] = [] if isinstance(_plain(one.type), inspect.ListType) else {}
        elif isinstance(_plain(one.type), inspect.StrType) and one.required:
            found[one.encode_name] = ""
        elif isinstance(one.type, inspect.UnionType) and one.required:
            found[one.encode_name] = None
    return found


def _read(kind: inspect.Type, path: str, posted: Mapping[str, str], *, label: str) -> Any:
    plain = _plain(kind)
    if isinstance(plain, inspect.StructType):
        found = _read_struct(plain.cls, path, posted)
        return found if _is_filled(path, posted) else _BLANK
    if isinstance(plain, inspect.DictType):
        return _read_dict(plain, path, posted, label)
    if isinstance(plain, inspect.ListType | inspect.VarTupleType):
        return _read_list(plain, path, posted, label)
    return _read_single(plain, posted.get(path, "").strip(), label)


def _is_filled(path: str, posted: Mapping[str, str]) -> bool:
    """Whether anything but choices with a standing answer was entered below a path."""
    return any(name.startswith(f"{path}.") and value.strip() for name, value in posted.items())


def _read_dict(kind: inspect.DictType, path: str, posted: Mapping[str, str], label: str) -> Any:
    below = [name.removeprefix(f"{path}.").split(".")[0] for name in posted if name.startswith(f"{path}.")]
    found: dict[str, Any] = {}
    for key in dict.fromkeys(below):
        if key == "+key":
            continue
        named = posted.get(f"{path}.+key" if key == "+" else f"{path}.{key}.key", key).strip()
        value = _read(kind.value_type, f"{path}.{key}", posted, label=f"{label} {word(key)}")
        if value is not _BLANK and named and named != "+":
            found[named] = value
    return found or _BLANK


def _read_list(
    kind: inspect.ListType | inspect.VarTupleType, path: str, posted: Mapping[str, str], label: str
) -> Any:
    if path in posted:
        return posted[path].split() or _BLANK
    numbers = sorted(
        {
            int(n)
            for name in posted
            if name.startswith(f"{path}.") and (n := name[len(path) + 1 :].split(".")[0]).isdecimal()
        }
    )
    found = [_read(kind.item_type, f"{path}.{n}", posted, label=f"{label} {n + 1}") for n in numbers]
    if isinstance(kind.item_type, inspect.UnionType):
        while found and found[-1] is _BLANK:
            found.pop()
        return [None if one is _BLANK else one for one in found] or _BLANK
    return [one for one in found if one is not _BLANK and not _is_empty_row(one)] or _BLANK


def _is_empty_row(value: Any) -> bool:
    """A row of which only a choice has its standing answer."""
    if not isinstance(value, dict):
        return False
    return all(one in (None, "", []) for name, one in value.items() if name != "at_least")


def _read_single(kind: inspect.Type, text: str, label: str) -> Any:
    if isinstance(kind, inspect.BoolType):
        return bool(text)
    if not text:
        return _BLANK
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        try:
            number = float(text)
        except ValueError:
            raise BadEntry(f"{label}: {text[:40]}") from None
        if isinstance(kind, inspect.IntType):
            if number != int(number):
                raise BadEntry(f"{label}: {text[:40]}")
            return int(number)
        return number
    return text


def plain_table(table: Table) -> dict[str, Any]:
    """A typed table as plain data."""
    data: dict[str, Any] = msgspec.to_builtins(table)
    return data
