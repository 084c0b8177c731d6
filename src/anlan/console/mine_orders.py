"""Orders on the first page: those that I must acknowledge or finish, and answers to mine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Case, Q, When
from django.utils.translation import gettext as _

from anlan.console.mine import Item, url_of, waiting
from anlan.dispatch.access import own_orders, visible_orders
from anlan.dispatch.models import Instruction
from anlan.dispatch.orderboard import RUNNING, deadline_of
from anlan.dispatch.services.orderalarms import late
from anlan.kernel.actor import Actor

MOST = 30
URGENT = "chip--unanswered"


@waiting("orders", among=lambda: [Instruction.objects.filter(state__in=(*RUNNING, "could_not"))])
def orders(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """To my own place or team; then those I gave that cannot be done or are late."""
    rows = own_orders(actor, now).filter(exercise_id=run, state__in=RUNNING).order_by("rise_at", "number")
    for row in rows[:MOST]:
        due_at = deadline_of(row)
        is_late = due_at is not None and due_at <= now
        yield Item(
            what=_("order to acknowledge") if row.state == "issued" else _("order to finish"),
            title=f"{row.number} {row.title}"[:120],
            url=url_of("console:order", row.pk),
            due_at=due_at,
            since=row.issued_at,
            level=1 if is_late else None,
            chip=URGENT if is_late else "chip--waiting",
        )
    mine = visible_orders(actor).filter(exercise_id=run, issued_by=actor.ref)
    failed_first = Case(When(state="could_not", then=0), default=1)
    rows = mine.filter(Q(state="could_not") | late(now)).order_by(failed_first, "due_at", "number")
    troubled = list(rows[: 2 * MOST])
    for row in [one for one in troubled if one.state == "could_not"][:MOST]:
        yield Item(
            what=_("your order cannot be done"),
            title=f"{row.number} {row.addressee.name}：{row.result or row.title}"[:120],
            url=url_of("console:order", row.pk),
            since=row.issued_at,
            chip=URGENT,
        )
    for row in [one for one in troubled if one.state != "could_not"][:MOST]:
        yield Item(
            what=_("your order is late"),
            title=f"{row.number} {row.addressee.name}：{row.title}"[:120],
            url=url_of("console:order", row.pk),
            due_at=deadline_of(row),
            chip=URGENT,
        )
