"""Steps of the response and its orders: proposed, decided, level by level; told, acknowledged, started, finished."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from anlan.dispatch.models import Instruction
from anlan.response.models import Activation
from anlan.response.types import ROMAN
from anlan.review.lines import NOTHING, Line, Words, mark_of

#: Names of those who are late that one note lists.
NAMED = 8


def of_responses(ids: Sequence[uuid.UUID], now: datetime) -> Iterator[Line]:
    """Four queries: activations with their changes, orders with their addressees."""
    rows = Activation.objects.filter(incident__in=ids).select_related("plan", "plan_version", "division")
    activations = list(
        rows.defer("division__geometry", "plan_version__content").prefetch_related("changes").order_by("pk")
    )
    orders = list(_orders(ids))
    by_activation: dict[uuid.UUID | None, list[Instruction]] = defaultdict(list)
    for row in orders:
        by_activation[row.activation_id].append(row)
    versions = {one.pk: f"《{one.plan.title}》第{one.plan_version.number}版" for one in activations}
    for one in activations:
        yield from _activation(one, by_activation[one.pk], now)
    for row in orders:
        yield from _order(row, _source(row, versions), now)


def _orders(ids: Sequence[uuid.UUID]) -> Iterator[Instruction]:
    """Those that went out and were not taken back."""
    rows = Instruction.objects.filter(incident__in=ids, issued_at__isnull=False).exclude(state="withdrawn")
    rows = rows.select_related("addressee", "team").defer("addressee__geometry")
    return rows.order_by("issued_at", "number").iterator(2_000)


def _activation(one: Activation, orders: Sequence[Instruction], now: datetime) -> Iterator[Line]:
    said: dict[str, Any] = {"title": one.plan.title, "who": one.decided_by_name or one.division.name, "unit": "", "subject": f"activation:{one.pk}"}  # fmt: skip
    plan = one.plan.number
    changes = sorted(one.changes.all(), key=lambda row: (row.happened_at, row.pk))
    decided = one.started_at or (changes[0].happened_at if changes else None)
    if one.proposed_at is not None:
        note = ("按预先授权自动启动", "opened by standing consent") if one.is_pre_authorised else NOTHING
        if one.declined_why:
            note = (f"决定不启动：{one.declined_why}", f"declined: {one.declined_why}")
        mark = mark_of(decided, None, now)
        yield Line("response.decided", f"decided/{plan}", mark, starts_at=one.proposed_at, done_at=decided, note=note, **said)  # fmt: skip
    before = decided
    for change in changes:
        yield Line(
            "response.level",
            f"level/{plan}/{change.to_level or 0}",
            mark_of(change.happened_at, None, now),
            starts_at=before,
            done_at=change.happened_at,
            note=_level_words(change.from_level, change.to_level, change.why),
            **{**said, "who": change.by_name},
        )
        before = change.happened_at
    if decided is not None:
        yield from _told(one, orders, decided, said, now)
    if one.ended_at is not None:
        yield Line("response.ended", f"ended/{plan}", mark_of(one.ended_at, None, now), starts_at=decided, done_at=one.ended_at, **said)  # fmt: skip


def _level_words(before: int | None, after: int | None, why: str) -> Words:
    old, new = (ROMAN.get(before, "") if before else ""), (ROMAN.get(after, "") if after else "")
    if not new:
        zh, en = "终止响应", "ended"
    elif not old:
        zh, en = f"启动{new}级", f"opened at {new}"
    else:
        zh, en = f"{old}级调整为{new}级", f"{old} → {new}"
    return (f"{zh}：{why}", f"{en}: {why}") if why else (zh, en)


def _told(
    one: Activation, orders: Sequence[Instruction], decided: datetime, said: dict[str, Any], now: datetime
) -> Iterator[Line]:
    """The whole of a response: its first order, its last one, and when everybody of the first wave had acknowledged."""
    if not orders:
        return
    plan = one.plan.number
    issued = [row.issued_at for row in orders if row.issued_at is not None]
    for code, moment in (("first_order", min(issued)), ("all_told", max(issued))):
        yield Line(f"response.{code}", f"{code}/{plan}", mark_of(moment, None, now), starts_at=decided, done_at=moment, **said)  # fmt: skip
    seen = [first_word(row) for row in orders]
    silent = [row.addressee.name for row, at in zip(orders, seen, strict=True) if at is None]
    limits = [row.acknowledge_by for row in orders if row.acknowledge_by is not None]
    # One limit for all is the last one; each order keeps or breaks its own below.
    due = max(limits) if len(limits) == len(orders) else None
    done = None if silent else max(at for at in seen if at is not None)
    yield Line(
        "response.all_acknowledged", f"all_acknowledged/{plan}", mark_of(done, due, now), starts_at=decided,
        done_at=done, due_at=due, source=("各指令签收时限中最晚的", "the latest of the orders’ own limits") if due else NOTHING,
        note=_names(silent), **said,
    )  # fmt: skip


def _names(names: Sequence[str]) -> Words:
    if not names:
        return NOTHING
    listed = list(dict.fromkeys(names))
    shown, more = "、".join(listed[:NAMED]), len(listed) - NAMED
    zh = f"{shown}等{len(listed)}家" if more > 0 else shown
    return f"未签收：{zh}", f"not acknowledged: {shown}{f' and {more} more' if more > 0 else ''}"


def first_word(row: Instruction) -> datetime | None:
    """When the addressee was first heard: who starts or finishes has seen the order."""
    heard = (row.acknowledged_at, row.started_at, row.finished_at)
    return min((at for at in heard if at is not None), default=None)


def _source(row: Instruction, versions: dict[uuid.UUID, str]) -> Words:
    """Where the limits of an order come from: the version of the plan and its task, the pack, or whoever gave it."""
    if row.origin == "plan" and row.activation_id in versions:
        plan = versions[row.activation_id]
        return f"{plan} 任务{row.task_key}", f"{plan}, task {row.task_key}"
    if row.pack:
        return f"指令包 {row.pack}", f"order pack {row.pack}"
    return f"下达人{row.issued_by_name}".rstrip(), f"set by {row.issued_by_name or 'whoever gave it'}"


def _order(row: Instruction, source: Words, now: datetime) -> Iterator[Line]:
    task = row.task_key or row.title
    who = row.addressee.name if row.team is None else f"{row.addressee.name} {row.team.name}"
    said: dict[str, Any] = {"title": f"{row.number} {row.title}"[:120], "who": who, "unit": row.addressee_id, "subject": f"instruction:{row.pk}"}  # fmt: skip
    end = f"{task}/{row.addressee_id}"
    heard, acknowledge = first_word(row), source
    if row.ack_limit_min is None and row.acknowledge_by is not None:
        acknowledge = ("平台指令参数（默认签收时限）", "the platform’s table of orders")
    yield Line(
        "order.acknowledged", f"acknowledged/{end}", mark_of(heard, row.acknowledge_by, now), starts_at=row.issued_at,
        done_at=heard, due_at=row.acknowledge_by, source=acknowledge if row.acknowledge_by else NOTHING, **said,
    )  # fmt: skip
    if row.started_at is not None:
        mark = mark_of(row.started_at, None, now)
        yield Line("order.started", f"started/{end}", mark, starts_at=row.issued_at, done_at=row.started_at, **said)  # fmt: skip
    done = row.finished_at if row.state == "finished" else None
    note = (
        (f"无法执行：{row.result}", f"cannot be done: {row.result}") if row.state == "could_not" else NOTHING
    )
    yield Line(
        "order.finished", f"finished/{end}", mark_of(done, row.due_at, now), starts_at=row.issued_at, done_at=done,
        due_at=row.due_at, source=source if row.due_at else NOTHING, note=note, **said,
    )  # fmt: skip
