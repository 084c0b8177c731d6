"""What plans have for the first page: versions to approve, and returned ones for whoever wrote them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from anlan.console.mine import Item, url_of, waiting
from anlan.kernel.actor import Actor
from anlan.plans.models import PlanVersion
from anlan.plans.queries import open_drafts
from anlan.vocab.posts import Right

MOST = 30


@waiting("plan versions", among=lambda: [PlanVersion.objects.filter(state__in=("submitted", "returned"))])
def versions(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Versions that wait for my word, and mine that came back."""
    if actor.can_somewhere(Right.APPROVE_PLANS):
        for row in open_drafts(actor, run, states=("submitted",))[:MOST]:
            if actor.ref in row.hands or not actor.can(Right.APPROVE_PLANS, row.plan.division.path):
                continue
            yield Item(
                what=_("plan to approve"),
                title=f"{row.plan.number} {row.plan.title}"[:120],
                url=url_of("console:plan_version", row.pk),
                since=row.submitted_at,
            )
    if actor.can_somewhere(Right.EDIT_PLANS):
        for row in open_drafts(actor, run, states=("returned",)).filter(made_by=actor.ref)[:MOST]:
            yield Item(
                what=_("plan returned"),
                title=f"{row.plan.number} {row.plan.title}：{row.return_why}"[:120],
                url=url_of("console:plan_version", row.pk),
                since=row.decided_at,
            )
