"""A plan as tables of words that people read and change: the one translation that the Word file and the workbook share.

Lists stand on lines of a cell, the parts of one item between full-width bars ("预警｜灾种：山洪｜级别：橙色"). A bar, a backslash
or a line break inside words is written with a backslash before it, so that reading gives back exactly what was written. What
people write by hand without bars ("县水利局、各乡镇", "Ⅲ级", "2小时内") is understood where it has one meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from anlan.plans import wording
from anlan.plans.content import Contact, Content, Group, Level, Need, PostSlot, Task
from anlan.plans.wording import BadWord

Write = Callable[[Any], str]
Read = Callable[[str], Any]


class Field(NamedTuple):
    """One column: `name` of the struct's field, `header`, how it is written and read, other people's names for the column.

    Folded fields stand together in the last column of a Word table, one on a line, so that it fits the page.
    """

    name: str
    header: str
    write: Write
    read: Read
    also: tuple[str, ...] = ()
    is_folded: bool = False
    width: float = 1.0


class Section(NamedTuple):
    """One table of the plan: `part` is the field of `Content`, `sheet` its sheet and heading."""

    part: str
    sheet: str
    struct: Callable[..., Any]
    fields: tuple[Field, ...]

    @property
    def required(self) -> frozenset[str]:
        return _REQUIRED[self.part]


#: Header of the column that holds the folded fields.
FOLDED = "其他要求"
_REQUIRED: dict[str, frozenset[str]] = {
    "levels": frozenset({"level"}),
    "posts": frozenset({"key", "title", "address"}),
    "groups": frozenset({"key", "name"}),
    "tasks": frozenset({"key", "title", "owner"}),
    "needs": frozenset({"key", "kind", "name"}),
    "contacts": frozenset({"key", "name", "address"}),
}
#: Written even where they are nothing, since reading nothing gives another default.
_ALWAYS = frozenset({"count"})
_KEY = Field("key", "编号", str, wording.read_key, ("序号", "代号"), width=0.9)
_FROM = Field("from_level", "启用级别", wording.level, wording.read_level, ("响应级别", "级别"), width=0.8)

SECTIONS: tuple[Section, ...] = (
    Section(
        "levels",
        "级别",
        Level,
        (
            Field("level", "级别", wording.level, wording.read_level, ("响应级别", "响应等级"), width=0.6),
            Field("words", "说明", str, str, ("响应措施", "内容")),
            Field(
                "triggers",
                "启动条件",
                wording.triggers,
                wording.read_triggers,
                ("启动标准", "触发条件", "启动情形"),
                width=2.4,
            ),
            Field("authority", "决定权限", wording.posts, wording.read_posts, ("启动权限", "批准人")),
            Field("notify", "通知对象", wording.addresses, wording.read_addresses, ("通报对象",)),
        ),
    ),
    Section(
        "posts",
        "岗位",
        PostSlot,
        (
            _KEY,
            Field("title", "岗位", str, wording.one_line, ("职务", "指挥部职务", "岗位名称"), width=1.2),
            Field(
                "address",
                "担任单位",
                wording.address,
                wording.read_address,
                ("担任人", "由谁担任", "单位", "姓名及单位", "单位职务"),
                width=1.6,
            ),
            Field("deputy", "替补", wording.address, wording.read_address, ("接替人", "B角"), width=1.2),
            Field("duties", "职责", wording.lines, wording.read_lines, ("主要职责", "岗位职责"), width=2.4),
        ),
    ),
    Section(
        "groups",
        "编组",
        Group,
        (
            _KEY,
            Field("name", "编组", str, wording.one_line, ("工作组", "组别", "应急工作组", "小组"), width=1.2),
            Field("lead", "组长岗位", str, wording.read_key, ("组长",)),
            Field(
                "members",
                "成员单位",
                wording.addresses,
                wording.read_addresses,
                ("组成单位", "成员", "组成部门", "牵头及成员单位"),
                width=2,
            ),
            Field("duties", "职责", str, str, ("主要职责", "工作职责"), width=2),
            _FROM,
        ),
    ),
    Section(
        "tasks",
        "任务",
        Task,
        (
            _KEY,
            Field(
                "title",
                "任务",
                str,
                wording.one_line,
                ("工作任务", "任务内容", "主要任务", "处置措施", "任务名称"),
                width=1.8,
            ),
            Field(
                "owner",
                "责任单位",
                wording.address,
                wording.read_address,
                ("责任部门", "牵头单位", "承办单位", "落实单位"),
                width=1.4,
            ),
            _FROM,
            Field("ack_min", "签收时限（分钟）", wording.whole, wording.read_minutes, ("签收时限",), width=0.8),
            Field(
                "limit_min",
                "完成时限（分钟）",
                wording.whole,
                wording.read_minutes,
                ("完成时限", "时限", "时间要求", "时限要求"),
                width=0.8,
            ),
            Field("words", "要求", str, str, ("工作要求", "标准要求", "具体措施", "具体要求"), width=2.2),
            Field("group", "所属编组", str, wording.read_key, is_folded=True),
            Field("post", "责任岗位", str, wording.read_key, is_folded=True),
            Field("after", "前置任务", wording.keys, wording.read_keys, is_folded=True),
            Field("needs", "所需能力", wording.skills, wording.read_skills, is_folded=True),
            Field("needs_proof", "需要佐证", wording.flag, wording.read_flag, is_folded=True),
            Field("pack", "指令包", str, wording.read_key, is_folded=True),
            Field("source", "时限依据", str, wording.one_line, is_folded=True),
        ),
    ),
    Section(
        "needs",
        "资源",
        Need,
        (
            _KEY,
            Field("kind", "类别", wording.need_kind, wording.read_need_kind, ("资源类别", "类型")),
            Field("name", "名称", str, wording.one_line, ("资源名称", "物资名称", "装备名称", "队伍名称"), width=2),
            Field("code", "能力或编码", wording.thing, wording.read_thing),
            Field("count", "数量", wording.number, wording.read_number, ("最低数量", "需求数量")),
            Field("unit", "单位", str, wording.one_line, ("计量单位",), width=0.7),
            _FROM,
        ),
    ),
    Section(
        "contacts",
        "通讯",
        Contact,
        (
            _KEY,
            Field("name", "名称", str, wording.one_line, ("联系单位", "单位名称", "联络单位"), width=2),
            Field("address", "联系对象", wording.address, wording.read_address, width=2),
            Field("above", "上级编号", str, wording.read_key, ("由谁通知",)),
        ),
    ),
)  # fmt: skip
SECTION_BY_PART = {section.part: section for section in SECTIONS}
#: The page of single values: field of `Content` and its name.
BASICS: tuple[tuple[str, str, Write, Read], ...] = (
    ("purpose", "编制目的", str, str),
    ("basis", "编制依据", wording.lines, wording.read_lines),
    ("scope", "适用范围", str, str),
    ("body", "指挥机构", wording.body, wording.read_body),
    ("body_words", "指挥机构说明", str, str),
    ("source", "编制说明", str, str),
)


def rows_of(content: Content, section: Section) -> list[list[str]]:
    """The rows of one table, a cell for each field; "" where the value is the field's own default."""
    return [_cells(item, section) for item in getattr(content, section.part)]


def _cells(item: Any, section: Section) -> list[str]:
    return [_cell(item, field, section) for field in section.fields]


def _cell(item: Any, field: Field, section: Section) -> str:
    value = getattr(item, field.name)
    if field.name in section.required or field.name in _ALWAYS:
        return field.write(value)
    return field.write(value) if value else ""


def item_of(cells: dict[str, str], section: Section) -> tuple[Any | None, list[tuple[str, BadWord]]]:
    """The struct of one row, cells by field name; None with the bad fields where something required is missing or wrong."""
    values: dict[str, Any] = {}
    wrong: list[tuple[str, BadWord]] = []
    for field in section.fields:
        text = cells.get(field.name, "").strip()
        if not text:
            continue
        try:
            values[field.name] = field.read(text)
        except BadWord as bad:
            wrong.append((field.name, bad))
    missing = section.required - set(values) - {name for name, _bad in wrong}
    wrong += [(name, BadWord("required")) for name in sorted(missing)]
    if any(name in section.required for name, _bad in wrong):
        return None, wrong
    return section.struct(**values), wrong
