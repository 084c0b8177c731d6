"""Orders of a response: those that a level opens are given in one go, those that it no longer needs are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anlan.dispatch.types import NewInstruction
from anlan.kernel.actor import Actor
from anlan.plans.content import Content
from anlan.response.models import Activation
from anlan.response.opening import preconditions, words_of
from anlan.response.types import Change, Due


def carry_out(
    activation: Activation,
    change: Change,
    *,
    content: Content,
    level: int | None,
    why: str,
    by: Actor,
    by_name: str,
    at: datetime,
) -> None:
    """Take back first, then give: an order that comes again after it was withdrawn is a new one."""
    from anlan.dispatch import services as dispatch

    if change.closes:
        dispatch.withdraw_many(list(change.closes), by=by, by_name=by_name, via="rule", at=at, words=why)
    if change.opens and level is not None:
        rows = new_rows(activation, change.opens, content=content, level=level)
        dispatch.issue_many(rows, incident=activation.incident, by=by, by_name=by_name, at=at)
    dispatch.release_waiting(activation.pk, by=by, at=at)


def new_rows(
    activation: Activation, opens: Sequence[Due], *, content: Content, level: int
) -> list[NewInstruction]:
    """The rows that dispatch gives out. A plan's limit of 0 minutes means that it sets none."""
    return [
        NewInstruction(
            title=one.task.title[:160],
            words=words_of(one),
            addressee=one.addressee,
            post_kind=one.task.owner.post,
            ack_limit_min=one.task.ack_min or None,
            limit_min=one.task.limit_min or None,
            origin="plan",
            activation_id=activation.pk,
            task_key=one.task.key[:60],
            level=one.task.from_level,
            group_key=one.task.group[:40],
            after=preconditions(one.task, content, level),
            needs_proof=one.task.needs_proof,
            pack=one.task.pack[:40],
        )
        for one in opens
    ]
