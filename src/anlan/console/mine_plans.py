"""What filings of plans have for the first page: what my place owes, and what waits for my answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from anlan.console.mine import Item, url_of, waiting
from anlan.kernel.actor import Actor
from anlan.plans.access_filing import may_decide, visible_filings
from anlan.plans.filingrules import REMIND_BEFORE
from anlan.plans.models import PlanFiling
from anlan.plans.queries import of_run
from anlan.vocab.posts import Right

MOST = 30


@waiting(
    "plan filings",
    is_personal=False,
    among=lambda: [PlanFiling.objects.filter(state__in=("due", "returned", "submitted"))],
)
def filings(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """My own plans that came back or whose limit is near, and plans that wait for my word.

    The county's desk sees every township's plan, but only those of its own division are its to hand in.
    """
    if not (actor.can_somewhere(Right.EDIT_PLANS) or actor.can_somewhere(Right.APPROVE_PLANS)):
        return
    rows = visible_filings(actor).filter(of_run(run)).order_by("due_at", "pk")
    owed = rows.filter(state__in=("due", "returned"), due_at__lte=now + REMIND_BEFORE) | rows.filter(
        state="returned"
    )
    mine = owed.filter(plan__division__path__in=actor.where(Right.EDIT_PLANS))
    for row in mine[:MOST]:
        what = _("plan filing returned") if row.state == "returned" else _("plan to be filed")
        yield _item(row, what, now)
    for row in rows.filter(state="submitted")[:MOST]:
        if row.receiver_id is not None and may_decide(actor, row):
            yield _item(row, _("plan filing to answer"), now)


def _item(row: PlanFiling, what: str, now: datetime) -> Item:
    is_late = row.state != "submitted" and row.due_at is not None and row.due_at < now
    return Item(
        what=what,
        title=f"{row.plan.number} {row.plan.title}"[:120],
        url=url_of("console:plan_filing", row.pk),
        due_at=None if row.state == "submitted" else row.due_at,
        since=row.submitted_at,
        level=1 if is_late else None,
        chip="chip--unanswered" if is_late else "chip--waiting",
    )
