"""What responses have for the person who reads the first page: levels to decide, notices to sign and to send."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import pgettext

from anlan.accounts.access import within
from anlan.console import responsewords as words
from anlan.console.mine import Item, url_of, waiting
from anlan.kernel.actor import Actor
from anlan.plans.content import read
from anlan.response.access import visible_activations
from anlan.response.authority import may_decide
from anlan.response.models import Activation, ResponseNotice
from anlan.vocab.posts import Right

MOST = 20


@waiting(
    "responses",
    among=lambda: [Activation.objects.filter(state__in=("proposed", "active"), proposed_level__isnull=False)],
)
def responses(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Proposals and suggestions that I may decide."""
    if not actor.can_somewhere(Right.DECIDE_RESPONSE):
        return
    rows = visible_activations(actor).filter(exercise_id=run).exclude(proposed_level=None)
    rows = rows.filter(state__in=("proposed", "active")).order_by("level", "proposed_at")
    for row in rows[:MOST]:
        level = min(row.level, row.proposed_level or row.level)
        if not may_decide(actor, read(row.plan_version.content), level, row.division, at=now):
            continue
        yield Item(
            what=pgettext("mine", "response to decide"),
            title=f"{row.plan.title} {words.level_word(row.proposed_level or row.level)} {row.incident.number}",
            url=url_of("console:response_decide", row.pk),
            due_at=row.remind_at,
            since=row.proposed_at,
            level=row.level,
            chip="chip--unanswered" if row.state == "proposed" else "chip--waiting",
            note=words.suggestion_word(row),
        )


@waiting("response_notices", among=lambda: [ResponseNotice.objects.filter(state__in=("draft", "signed"))])
def notices(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Notices of responses that I may sign, or that are signed and not sent."""
    if not (actor.can_somewhere(Right.DECIDE_RESPONSE) or actor.can_somewhere(Right.SIGN_REPORTS)):
        return
    path = "activation__division__path"
    mine = within(actor, path, Right.DECIDE_RESPONSE) | within(actor, path, Right.SIGN_REPORTS)
    rows = ResponseNotice.objects.filter(mine, state__in=("draft", "signed"), exercise_id=run)
    for row in rows.select_related("level_change").order_by("level_change__happened_at")[:MOST]:
        yield Item(
            what=pgettext("mine", "notice to sign")
            if row.state == "draft"
            else pgettext("mine", "notice to send"),
            title=row.title,
            url=url_of("console:response_notice", row.pk),
            since=row.level_change.happened_at,
        )
