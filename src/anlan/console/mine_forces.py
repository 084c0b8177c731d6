"""What forces have for the person who reads the first page: check-ins that are missed, teams that are late, requests to decide or to count."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from anlan.accounts.access import within
from anlan.console.mine import Item, url_of, waiting
from anlan.console.mineproviders import MOST, URGENT
from anlan.dispatch.access_teams import visible_jobs, visible_requests
from anlan.dispatch.jobwords import GONE
from anlan.dispatch.models import SupplyRequest, TeamJob
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right


@waiting("teams", among=lambda: [TeamJob.objects.filter(state__in=GONE)])
def teams(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Silent and late teams for the desk that sends; my own team's next step for its leader."""
    rows = visible_jobs(actor).filter(exercise_id=run, state__in=GONE)
    if actor.can_somewhere(Right.DISPATCH):
        troubled = rows.filter(within(actor, "incident__division__path", Right.DISPATCH))
        troubled = troubled.filter(Q(checks_missed__gt=0) | Q(risen__gt=0, state__in=("told", "left")))
        for row in troubled.order_by("check_due_at", "told_at")[:MOST]:
            is_silent = row.checks_missed > 0
            yield Item(
                what=_("check-in missed") if is_silent else _("team late"),
                title=f"{row.number} {row.team.name}",
                url=url_of("console:job", row.pk),
                since=row.heard_at or row.told_at,
                level=1 if is_silent else 2,
                chip=URGENT,
            )
    if actor.person_id is None:
        return
    for row in rows.filter(Q(team__leader_id=actor.person_id) | Q(team__deputy_id=actor.person_id))[:MOST]:
        yield Item(
            what=_("your team is sent"),
            title=f"{row.number} {row.words}"[:120],
            url=url_of("field:job", row.pk),
            due_at=row.check_due_at or row.arrive_by,
        )


@waiting("supplies", among=lambda: [SupplyRequest.objects.filter(state__in=("asked", "approved", "sent"))])
def supplies(actor: Actor, now: datetime, run: uuid.UUID | None) -> Iterator[Item]:
    """Requests to approve and to send for the desk; what comes to my place to be counted."""
    rows = visible_requests(actor).filter(exercise_id=run)
    if actor.can_somewhere(Right.DISPATCH):
        grants = rows.filter(within(actor, "incident__division__path", Right.DISPATCH))
        for row in grants.filter(state__in=("asked", "approved")).order_by("asked_at")[:MOST]:
            is_asked = row.state == "asked"
            yield Item(
                what=_("request to approve") if is_asked else _("supplies to send"),
                title=f"{row.number} {row.division.name}",
                url=url_of("console:supply_request", row.pk),
                due_at=row.rise_at,
                chip=URGENT if row.risen else "chip--waiting",
            )
    mine = actor.where(Right.REPORT)
    for row in rows.filter(division__path__in=mine, state="sent").order_by("sent_at")[:MOST]:
        yield Item(
            what=_("supplies to count"),
            title=f"{row.number} {row.from_words}".strip(),
            url=url_of("console:supply_request", row.pk),
            since=row.sent_at,
        )
