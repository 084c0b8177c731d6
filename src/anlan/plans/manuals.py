"""From a plan to paper and phone: the manual of one post, the checklist of orders of a level, the card of one phone; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anlan.plans.content import Contact, Content, Group, Level, PostSlot, Task

#: Lowest level: a task from level 4 on holds at every level.
LEVELS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Step:
    """One task in its place: what must be finished before it, by title, and who does it."""

    task: Task
    after: tuple[str, ...]
    group: str
    post: str


@dataclass(frozen=True, slots=True)
class PostManual:
    """操作手册: what one post does at one level, from the first minute on. `calls` are those whom it calls, `called_by` who calls it."""

    post: PostSlot
    level: int
    leads: tuple[Group, ...]
    sits_in: tuple[Group, ...]
    decides: tuple[Level, ...]
    steps: tuple[Step, ...]
    calls: tuple[Contact, ...]
    called_by: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class ListPart:
    """One part of an order checklist: a group's tasks, or with `group` None those of no group."""

    group: Group | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """口袋卡: what one person needs on the phone."""

    title: str
    post: str
    duties: tuple[str, ...]
    groups: tuple[str, ...]
    #: Level with the titles and limits (minutes) of what begins at it, the gravest last.
    steps: tuple[tuple[int, tuple[tuple[str, int], ...]], ...]
    calls: tuple[str, ...]


def holds_at(from_level: int, level: int) -> bool:
    """Whether something that begins at `from_level` holds at `level` (1 the gravest)."""
    return level <= from_level


def post_named(content: Content, key: str) -> PostSlot | None:
    return next((one for one in content.posts if one.key == key), None)


def post_manual(content: Content, post_key: str, level: int) -> PostManual | None:
    """The manual of a post at a level; None for a post that the plan does not have."""
    post = post_named(content, post_key)
    if post is None:
        return None
    nodes = [one for one in content.contacts if one.address == post.address]
    keys, above = {one.key for one in nodes}, {one.above for one in nodes}
    leads = tuple(one for one in content.groups if one.lead == post.key)
    return PostManual(
        post=post,
        level=level,
        leads=leads,
        sits_in=tuple(one for one in content.groups if one not in leads and post.address in one.members),
        decides=tuple(
            one for one in content.levels if post.address.post and post.address.post in one.authority
        ),
        steps=tuple(
            _steps(content, (task for task in tasks_at(content, level) if _is_of(task, post, leads)))
        ),
        calls=tuple(one for one in content.contacts if one.above in keys),
        called_by=tuple(one for one in content.contacts if one.key in above),
    )


def _is_of(task: Task, post: PostSlot, leads: tuple[Group, ...]) -> bool:
    """The post's by name; or its group's or its own place's where no other post is named."""
    if task.post:
        return task.post == post.key
    return task.group in {one.key for one in leads} or task.owner == post.address


def tasks_at(content: Content, level: int) -> list[Task]:
    """Tasks that hold at a level, in the order of the plan."""
    return [task for task in content.tasks if holds_at(task.from_level, level)]


def order_checklist(content: Content, level: int) -> list[ListPart]:
    """All tasks of a level, group by group as the plan lists them, each after what it waits for; what has no group comes first."""
    tasks = _ordered(tasks_at(content, level))
    groups = {one.key: one for one in content.groups}
    loose = [task for task in tasks if task.group not in groups]
    found = [ListPart(None, tuple(_steps(content, loose)))] if loose else []
    for key, group in groups.items():
        own = [task for task in tasks if task.group == key]
        if own:
            found.append(ListPart(group, tuple(_steps(content, own))))
    return found


def _ordered(tasks: list[Task]) -> list[Task]:
    """Predecessors first, else as the plan lists them. Where tasks wait for each other in a circle they keep their order."""
    here, done = {task.key for task in tasks}, set[str]()
    waiting, found = list(tasks), list[Task]()
    while waiting:
        free = [task for task in waiting if all(key in done or key not in here for key in task.after)]
        found += free or waiting
        done |= {task.key for task in free or waiting}
        waiting = [task for task in waiting if task.key not in done]
    return found


def _steps(content: Content, tasks: Iterable[Task]) -> list[Step]:
    titles = {task.key: task.title for task in content.tasks}
    groups = {one.key: one.name for one in content.groups}
    posts = {one.key: one.title for one in content.posts}
    return [
        Step(
            task,
            tuple(titles.get(key, key) for key in task.after),
            groups.get(task.group, ""),
            posts.get(task.post, ""),
        )
        for task in tasks
    ]


def phone_card(content: Content, post_key: str, title: str) -> Card | None:
    """The card of a post: short enough for one screen and one thumb."""
    manual = post_manual(content, post_key, 1)
    if manual is None:
        return None
    by_level = [
        (
            level,
            tuple(
                (one.task.title, one.task.limit_min) for one in manual.steps if one.task.from_level == level
            ),
        )
        for level in reversed(LEVELS)
    ]
    return Card(
        title=title,
        post=manual.post.title,
        duties=manual.post.duties,
        groups=tuple(one.name for one in (*manual.leads, *manual.sits_in)),
        steps=tuple((level, steps) for level, steps in by_level if steps),
        calls=tuple(one.name for one in manual.calls),
    )
