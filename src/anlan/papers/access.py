"""The one door to papers: those of one's divisions, and those about incidents that one may see."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from anlan.accounts.access import find, narrow, require, within
from anlan.incidents.access import visible_incidents
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.papers.models import Paper, PaperTemplate
from anlan.vocab.posts import Right


def visible_papers(actor: Actor) -> QuerySet[Paper]:
    """A paper about an incident follows the incident and the place whose paper it is; one that holds restricted things needs that right."""
    free = Q(is_restricted=False) | within(actor, "division__path", Right.SEE_RESTRICTED)
    of_place = Q(incident=None) & within(actor, "division__path") & free
    # The county's report about a village is the county's: seeing the incident is not enough.
    of_incident = Q(incident__in=visible_incidents(actor).order_by().values("pk")) & within(
        actor, "division__path"
    )
    rows = Paper.objects.filter(of_place | of_incident)
    return rows.select_related("division").defer("division__geometry")


def access_paper(actor: Actor, paper_id: uuid.UUID, *, need: Right = Right.SEE) -> Paper:
    paper = visible_papers(actor).filter(pk=paper_id).first()
    if paper is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, paper.division.path)
    return paper


def visible_templates(actor: Actor) -> QuerySet[PaperTemplate]:
    rows = narrow(PaperTemplate.objects.all(), actor)
    return rows.select_related("division").defer("division__geometry")


def access_template(actor: Actor, template_id: uuid.UUID, *, need: Right = Right.SEE) -> PaperTemplate:
    return find(PaperTemplate.objects.select_related("division"), actor, template_id, need=need)
