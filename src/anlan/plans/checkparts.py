"""The plan check of a plan's own parts: do they name each other, in an order that can be carried out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from anlan.plans.checktypes import Fault, Have, World
from anlan.plans.content import Contact, Content, Group, Need, NeedKind, Task, TriggerKind
from anlan.plans.graphs import rings

LEVELS = frozenset({1, 2, 3, 4})


def levels(content: Content, world: World) -> Iterator[Fault]:
    """A level needs what opens it and whose word opens it."""
    if not content.levels:
        yield Fault("no_levels", "no_levels", "stop", "levels")
    for level in content.levels:
        where, params = f"levels:{level.level}", {"level": level.level}
        if level.level not in LEVELS:
            yield Fault("bad_level", f"bad_level:{where}", "stop", where, params)
            continue
        if not level.authority:
            yield Fault("level_no_authority", f"level_no_authority:{level.level}", "stop", where, params)
        if not level.triggers:
            yield Fault("level_no_trigger", f"level_no_trigger:{level.level}", "warn", where, params)
        for number, trigger in enumerate(level.triggers):
            if trigger.kind is TriggerKind.FIGURE and not trigger.at_least:
                key = f"trigger_no_value:{level.level}:{number}"
                yield Fault("trigger_no_value", key, "warn", where, {**params, "number": number + 1})


def repeated(content: Content, world: World) -> Iterator[Fault]:
    """Keys are names: two parts of one name cannot be told apart."""
    lists: dict[str, list[str]] = {
        "levels": [str(one.level) for one in content.levels],
        "posts": [one.key for one in content.posts],
        "groups": [one.key for one in content.groups],
        "tasks": [one.key for one in content.tasks],
        "needs": [one.key for one in content.needs],
        "contacts": [one.key for one in content.contacts],
    }
    for part, keys in lists.items():
        for key, count in Counter(keys).items():
            if count > 1:
                params = {"part": part, "name": key, "count": count}
                yield Fault("repeated", f"repeated:{part}:{key}", "stop", f"{part}:{key}", params)


def groups(content: Content, world: World) -> Iterator[Fault]:
    """A group needs somebody who leads it and somebody in it."""
    posts = {one.key for one in content.posts}
    for group in content.groups:
        where = f"groups:{group.key}"
        yield from _of_group(group, posts, where)


def _of_group(group: Group, posts: set[str], where: str) -> Iterator[Fault]:
    params: dict[str, Any] = {"title": group.name}
    if group.lead and group.lead not in posts:
        yield Fault(
            "unknown_post",
            f"unknown_post:{where}:{group.lead}",
            "stop",
            where,
            {**params, "name": group.lead},
        )
    if not group.lead and not group.members:
        yield Fault("group_no_lead", f"group_no_lead:{group.key}", "stop", where, params)
    elif not group.members:
        yield Fault("group_no_members", f"group_no_members:{group.key}", "warn", where, params)


def tasks(content: Content, world: World) -> Iterator[Fault]:
    """Limits, what a task names, and what must be finished before it."""
    names = {
        "unknown_group": {one.key for one in content.groups},
        "unknown_post": {one.key for one in content.posts},
        "unknown_need": {one.key for one in content.needs},
    }
    by_key = {one.key: one for one in content.tasks}
    for task in content.tasks:
        where, params = f"tasks:{task.key}", {"title": task.title}
        if task.from_level not in LEVELS:
            given = {**params, "level": task.from_level}
            yield Fault("bad_level", f"bad_level:{where}", "stop", where, given)
        else:
            yield from _before(task, by_key, where, params)
        if task.limit_min <= 0:
            yield Fault("task_no_limit", f"task_no_limit:{task.key}", "warn", where, params)
        for code, name in _named(task):
            if name and name not in names[code]:
                yield Fault(code, f"{code}:{where}:{name}", "stop", where, {**params, "name": name})
    yield from _rings(content, by_key)


def _named(task: Task) -> Iterator[tuple[str, str]]:
    yield "unknown_group", task.group
    yield "unknown_post", task.post
    for need in dict.fromkeys(task.needs):
        yield "unknown_need", need


def _before(task: Task, by_key: dict[str, Task], where: str, params: dict[str, Any]) -> Iterator[Fault]:
    """A precondition must exist, and be open at every level at which the task is."""
    for name in dict.fromkeys(task.after):
        former = by_key.get(name)
        if former is None:
            yield Fault(
                "unknown_after", f"unknown_after:{where}:{name}", "stop", where, {**params, "name": name}
            )
        elif former.from_level < task.from_level:
            given = {
                **params,
                "former": former.title,
                "level": task.from_level,
                "former_level": former.from_level,
            }
            yield Fault("after_opens_later", f"after_opens_later:{where}:{name}", "stop", where, given)


def _rings(content: Content, by_key: dict[str, Task]) -> Iterator[Fault]:
    for ring in rings({one.key: one.after for one in content.tasks}):
        params = {"titles": [by_key[key].title for key in ring]}
        yield Fault("task_ring", "task_ring:" + ",".join(ring), "stop", f"tasks:{ring[0]}", params)


def needs(content: Content, world: World) -> Iterator[Fault]:
    """What the plan counts on, against the register and the last stock reports."""
    for need in content.needs:
        where = f"needs:{need.key}"
        if not (need.code or need.name):
            yield Fault("need_unnamed", f"need_unnamed:{need.key}", "note", where, {"title": need.key})
            continue
        have = _have(need, world)
        if have.usable < need.count:
            params = {
                "title": need.name or need.code,
                "kind": need.kind.value,
                "count": need.count,
                "usable": have.usable,
                "registered": have.registered,
                "unit": need.unit,
            }
            severity = "stop" if have.usable <= 0 else "warn"
            yield Fault(f"{need.kind.value}_short", f"need_short:{need.key}", severity, where, params)


def _have(need: Need, world: World) -> Have:
    """By code; without one by name, as far as names are the same."""
    kind = NeedKind(need.kind).value
    return world.have.get((kind, need.code or need.name), Have())


def contacts(content: Content, world: World) -> Iterator[Fault]:
    """Everybody is called by somebody who is there. A tree without a root has a ring or hangs on a name that is not in it."""
    if not content.contacts:
        yield Fault("no_contacts", "no_contacts", "warn", "contacts")
        return
    keys = {one.key for one in content.contacts}
    for one in content.contacts:
        if one.above and one.above not in keys:
            params = {"title": one.name, "name": one.above}
            where = f"contacts:{one.key}"
            yield Fault("unknown_above", f"unknown_above:{one.key}:{one.above}", "stop", where, params)
    yield from _contact_rings(content.contacts)


def _contact_rings(rows: tuple[Contact, ...]) -> Iterator[Fault]:
    names = {one.key: one.name for one in rows}
    for ring in rings({one.key: (one.above,) if one.above else () for one in rows}):
        params = {"titles": [names[key] for key in ring]}
        yield Fault("contact_ring", "contact_ring:" + ",".join(ring), "stop", f"contacts:{ring[0]}", params)
