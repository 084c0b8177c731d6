"""What the plan check found, as a sentence in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from anlan.vocab.posts import FACES, PostKind

Params = Mapping[str, Any]

ROMAN = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}

SEVERITIES: dict[str, tuple[str, str]] = {
    "stop": ("必须改正", "must be put right"),
    "warn": ("应当改正", "should be put right"),
    "note": ("提示", "note"),
}

PARTS: dict[str, tuple[str, str]] = {
    "levels": ("响应级别", "levels"),
    "posts": ("岗位", "posts"),
    "groups": ("工作组", "groups"),
    "tasks": ("任务", "tasks"),
    "needs": ("资源", "resources"),
    "contacts": ("通讯树", "contact tree"),
    "links": ("衔接预案", "linked plans"),
}

#: Code of a fault: its short name, then the sentence, in Chinese and English.
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "no_levels": ("没有响应级别", "no levels", "预案没有设定任何响应级别，无法启动。", "The plan has no response level, so it cannot be opened."),
    "bad_level": ("级别不对", "no such level", "“{level}”不是响应级别（Ⅰ至Ⅳ级）。", "“{level}” is no response level (Ⅰ to Ⅳ)."),
    "level_no_authority": ("级别无启动权限", "level without authority", "{roman}级响应没有写明由谁批准启动。", "Nobody is named whose word opens level {roman}."),
    "level_no_trigger": ("级别无启动条件", "level without trigger", "{roman}级响应没有启动条件。", "Nothing is named that opens level {roman}."),
    "trigger_no_value": ("启动条件缺数值", "trigger without value", "{roman}级响应第 {number} 个启动条件没有数值。", "Trigger {number} of level {roman} has no value."),
    "repeated": ("代号重复", "repeated key", "{part_zh}中代号“{name}”用了 {count} 次，无法区分。", "The key “{name}” stands {count} times in {part_en}."),
    "unknown_place": ("单位不存在", "unknown place", "“{title}”指向的单位代码“{name}”不存在（共 {uses} 处）。", "“{title}” names a place “{name}” that does not exist ({uses} parts)."),
    "place_unnamed": ("单位未对应", "place not chosen", "“{title}”中的单位“{name}”还没有对应到本县单位（共 {uses} 处）。", "“{title}”: nobody has chosen which place of this county “{name}” is ({uses} parts)."),
    "post_empty": ("岗位无人", "post without a person", "{place}{post_zh}无人任职（用于“{title}”）。", "Nobody holds the post {post_en} of {place} (used by “{title}”)."),
    "post_unreachable": ("电话失效", "no working number", "{place}{post_zh} {names_zh} 没有可用号码（用于“{title}”）。", "{names_en}, {post_en} of {place}, has no working number (used by “{title}”)."),
    "dead_number": ("部分号码失效", "dead number", "{place}{post_zh} {names_zh} 的号码失效，同岗位还有人可联系。", "{names_en}, {post_en} of {place}, has no working number; others of the post have one."),
    "places_empty": ("基层岗位无人", "places without a person", "{count} 个地方的{post_zh}无人任职：{names_zh}。", "{count} places have nobody as {post_en}: {names_en}."),
    "places_unreachable": ("基层电话失效", "places without a number", "{count} 个地方的{post_zh}没有可用号码：{names_zh}。", "In {count} places the {post_en} has no working number: {names_en}."),
    "posts_overlap": ("一人多岗", "one person on several posts", "{person}同时担任本预案的多个岗位：{titles_zh}。", "{person} holds several posts of this plan: {titles_en}."),
    "leaders_overlap": ("一人带多组", "one leader of several groups", "{person}在{roman}级响应时同时带多个工作组：{titles_zh}。", "{person} leads several groups at level {roman}: {titles_en}."),
    "unknown_post": ("岗位未定义", "unknown post", "“{title}”所指的岗位“{name}”在本预案中没有。", "“{title}” names a post “{name}” that the plan does not have."),
    "unknown_group": ("工作组未定义", "unknown group", "任务“{title}”所属的工作组“{name}”在本预案中没有。", "The task “{title}” names a group “{name}” that the plan does not have."),
    "unknown_need": ("资源未定义", "unknown resource", "任务“{title}”所需的资源“{name}”在本预案中没有。", "The task “{title}” needs “{name}”, which the plan does not list."),
    "group_no_lead": ("工作组无组长", "group without a leader", "工作组“{title}”没有牵头人，也没有成员单位。", "The group “{title}” has neither leader nor members."),
    "group_no_members": ("工作组无成员", "group without members", "工作组“{title}”没有成员单位。", "The group “{title}” has no members."),
    "task_no_limit": ("任务无时限", "task without a limit", "任务“{title}”没有完成时限。", "The task “{title}” has no limit."),
    "task_ring": ("前置任务成环", "circular preconditions", "前置任务互相等待，谁也无法开始：{ring_zh}。", "Tasks wait for each other, so none can begin: {ring_en}."),
    "unknown_after": ("前置任务不存在", "unknown precondition", "任务“{title}”的前置任务“{name}”不存在。", "The task “{title}” waits for “{name}”, which does not exist."),
    "after_opens_later": ("前置任务未启用", "precondition opens later", "任务“{title}”从{roman}级起执行，它的前置任务“{former}”到{former_roman}级才启用。", "“{title}” runs from level {roman} on and waits for “{former}”, which opens only at level {former_roman}."),
    "team_short": ("队伍不足", "teams short", "队伍“{title}”需要 {count}{unit}，可用 {usable}，在册 {registered}。", "Teams “{title}”: {count} needed, {usable} ready, {registered} registered."),
    "vehicle_short": ("车辆不足", "vehicles short", "车辆“{title}”需要 {count}{unit}，可用 {usable}，在册 {registered}。", "Vehicles “{title}”: {count} needed, {usable} usable, {registered} registered."),
    "equipment_short": ("装备不足", "equipment short", "装备“{title}”需要 {count}{unit}，可用 {usable}，在册 {registered}。", "Equipment “{title}”: {count} needed, {usable} usable, {registered} registered."),
    "stock_short": ("物资不足", "stock short", "物资“{title}”需要 {count}{unit}，库存 {usable}。", "Stock of “{title}”: {count} needed, {usable} in the depots."),
    "expert_short": ("专家不足", "experts short", "专家“{title}”需要 {count}{unit}，在册 {registered}。", "Experts for “{title}”: {count} needed, {registered} registered."),
    "need_unnamed": ("资源未写明", "resource not named", "资源“{title}”既没有名称也没有代码。", "The resource “{title}” has neither a name nor a code."),
    "no_contacts": ("没有通讯树", "no contact tree", "预案没有通讯树。", "The plan has no contact tree."),
    "contact_ring": ("通讯树成环", "circular contact tree", "通讯树互相等待：{ring_zh}。", "In the contact tree people wait for each other: {ring_en}."),
    "unknown_above": ("通讯树断开", "broken contact tree", "“{title}”由“{name}”通知，但通讯树中没有“{name}”。", "“{title}” is called by “{name}”, who is not in the contact tree."),
    "template": ("范本未确认", "unconfirmed template", "本预案由范本生成，县里尚未确认其中的数值和分工。", "The plan came from a template that the county has not confirmed."),
    "review_overdue": ("逾期未修订评估", "review overdue", "应于 {due} 前评估修订，已逾期。", "Its review was due on {due}."),
    "filing_overdue": ("逾期未备案", "filing overdue", "应于 {due} 前备案，已逾期。", "It had to be filed by {due} and was not."),
    "drill_overdue": ("逾期未演练", "drill overdue", "应于 {due} 前演练，已逾期；上次演练：{last_zh}。", "A drill was due by {due}; last drill: {last_en}."),
    "superior_withdrawn": ("上级预案已废止", "superior plan withdrawn", "衔接的上级预案 {number}《{title}》已废止。", "The superior plan {number} “{title}” was withdrawn."),
    "superior_changed": ("上级预案已更新", "superior plan changed", "上级预案 {number}《{title}》已于 {changed} 更新，本预案尚未随之修订。", "The superior plan {number} “{title}” changed on {changed}; this plan was not yet revised."),
}  # fmt: skip


def sentence(code: str, params: Params) -> tuple[str, str]:
    """The fault as a Chinese and an English sentence; a code that nobody knows any more is shown as it is."""
    known = FAULTS.get(code)
    if known is None:
        return code, code
    given = _filled(params)
    return known[2].format_map(given), known[3].format_map(given)


def fault_name(code: str) -> tuple[str, str]:
    """The kind of fault in two words."""
    known = FAULTS.get(code)
    return (code, code) if known is None else (known[0], known[1])


def where_words(where: str) -> tuple[str, str]:
    """Which part of the plan."""
    return PARTS.get(where.partition(":")[0], ("", ""))


class _Blank(dict[str, Any]):
    """A parameter that an older finding does not have stays blank."""

    def __missing__(self, key: str) -> str:
        return ""


def _filled(params: Params) -> _Blank:
    given = _Blank(params)
    for name, make in _MADE.items():
        if name in params:
            given.update(make(params[name]))
    return given


def _post(code: str) -> dict[str, str]:
    if code not in set(PostKind):
        return {"post_zh": code, "post_en": code}
    face = FACES[PostKind(code)]
    return {"post_zh": face.zh, "post_en": face.en}


def _part(code: str) -> dict[str, str]:
    zh, en = PARTS.get(code, (code, code))
    return {"part_zh": zh, "part_en": en}


def _titles(titles: list[str]) -> dict[str, str]:
    """A list, and the same as a ring that comes back to where it began."""
    ring = [*titles, *titles[:1]]
    return {
        "titles_zh": "、".join(titles),
        "titles_en": ", ".join(titles),
        "ring_zh": " → ".join(ring),
        "ring_en": " → ".join(ring),
    }


def _names(names: list[str]) -> dict[str, str]:
    return {"names_zh": "、".join(names), "names_en": ", ".join(names)}


def _number(name: str) -> Callable[[float], dict[str, str]]:
    return lambda value: {name: f"{value:g}"}


_MADE: dict[str, Callable[[Any], dict[str, str]]] = {
    "post": _post,
    "part": _part,
    "titles": _titles,
    "names": _names,
    "count": _number("count"),
    "usable": _number("usable"),
    "registered": _number("registered"),
    "level": lambda level: {"roman": ROMAN.get(level, str(level))},
    "former_level": lambda level: {"former_roman": ROMAN.get(level, str(level))},
    "last": lambda day: {"last_zh": day or "无", "last_en": day or "none"},
}
