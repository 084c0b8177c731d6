"""Random plans for property tests: every field, words with the signs that the tables use themselves."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from anlan.plans.content import (
    Address,
    AddressKind,
    Annex,
    Contact,
    Content,
    Group,
    Level,
    Need,
    NeedKind,
    PostSlot,
    Task,
    Trigger,
    TriggerKind,
)
from anlan.plans.wording import BODIES
from anlan.vocab.figures import FIGURES
from anlan.vocab.hazards import FACES
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import PostKind
from anlan.vocab.skills import SKILLS

_SIGNS = "县水利局防汛（一）、；。：｜\\=+-@12.IVⅣ级应急响应附件任务abcN代码岗位名"
line = st.text(_SIGNS, min_size=1, max_size=12).map(str.strip).filter(bool)
lines = st.lists(line, min_size=1, max_size=3).map("\n".join)
optional_lines = st.one_of(st.just(""), lines)
optional_line = st.one_of(st.just(""), line)
posts = st.sampled_from([*PostKind]).map(str)
skills = st.sampled_from([*SKILLS])
levels = st.integers(1, 4)
addresses = st.builds(
    Address, kind=st.sampled_from([*AddressKind]), code=st.one_of(st.just(""), st.just("999901000000-B03")), name=optional_lines, post=st.one_of(st.just(""), posts)
)  # fmt: skip
triggers = st.builds(
    Trigger,
    kind=st.sampled_from([*TriggerKind]),
    hazard=st.sampled_from(["", *map(str, FACES)]),
    level=st.integers(0, 4),
    event_types=st.lists(st.sampled_from([*TYPES]), max_size=2, unique=True).map(tuple),
    grade=st.integers(0, 4),
    figure=st.sampled_from(["", *FIGURES]),
    at_least=st.integers(0, 9000),
    townships=st.integers(0, 20),
    words=optional_lines,
    source=optional_line,
)


def _tuple(one: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=most).map(tuple)


def _keyed(one: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=3, unique_by=lambda item: item.key).map(tuple)


keys = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """A content whose keys name each other, as the pages would keep it."""
    slots = draw(_keyed(st.builds(PostSlot, key=keys, title=line, address=addresses, deputy=st.none() | addresses, duties=_tuple(lines))))  # fmt: skip
    slot = st.sampled_from(["", *(one.key for one in slots)])
    groups = draw(_keyed(st.builds(Group, key=keys, name=line, lead=slot, members=_tuple(addresses), duties=optional_lines, from_level=levels)))  # fmt: skip
    group = st.sampled_from(["", *(one.key for one in groups)])
    tasks = draw(_keyed(st.builds(
        Task, key=keys, title=line, owner=addresses, words=optional_lines, from_level=levels, group=group, post=slot,
        ack_min=st.integers(0, 90), limit_min=st.integers(0, 9000), needs=st.lists(skills, max_size=2, unique=True).map(tuple),
        needs_proof=st.booleans(), pack=st.sampled_from(["", "five_stops"]), source=optional_line,
    )))  # fmt: skip
    names = [one.key for one in tasks]
    if len(names) > 1:
        tasks = (*tasks[:-1], msgspec.structs.replace(tasks[-1], after=tuple(names[:-1])))
    contacts = draw(_keyed(st.builds(Contact, key=keys, name=line, address=addresses)))
    return Content(
        purpose=draw(optional_lines),
        basis=draw(_tuple(lines)),
        scope=draw(optional_lines),
        body=draw(st.sampled_from(["", *BODIES])),
        body_words=draw(optional_lines),
        levels=draw(
            st.lists(
                st.builds(
                    Level,
                    level=levels,
                    words=optional_lines,
                    triggers=_tuple(triggers),
                    authority=st.lists(posts, max_size=2, unique=True).map(tuple),
                    notify=_tuple(addresses),
                ),
                max_size=3,
                unique_by=lambda one: one.level,
            ).map(tuple)
        ),
        posts=slots,
        groups=groups,
        tasks=tasks,
        needs=draw(
            _keyed(
                st.builds(
                    Need,
                    key=keys,
                    kind=st.sampled_from([*NeedKind]),
                    name=line,
                    code=st.sampled_from(["", *SKILLS, "sandbag", "own-7"]),
                    count=st.sampled_from([0.0, 1.0, 2.5, 300.0]),
                    unit=st.sampled_from(["", "支"]),
                    from_level=levels,
                )
            )
        ),
        contacts=contacts,
        chapters=draw(_tuple(st.builds(Annex, title=line, words=optional_lines))),
        annexes=draw(_tuple(st.builds(Annex, title=line, words=optional_lines))),
        source=draw(optional_lines),
    )
