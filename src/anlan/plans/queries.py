"""Reads of plans for the desk and for those upstairs."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.plans.access import visible_plans
from anlan.plans.models import Plan, PlanVersion
from anlan.plans.types import Counts

#: Versions that somebody still has to do something about.
IN_WORK = ("draft", "submitted", "returned")


def of_run(exercise_id: uuid.UUID | None, field: str = "exercise_id") -> Q:
    """Plans of a run: its own and the real ones, which a drill plays with. Reality knows only the real ones."""
    real = Q(**{f"{field}__isnull": True})
    return real if exercise_id is None else real | Q(**{field: exercise_id})


def plans_in_force(exercise_id: uuid.UUID | None) -> QuerySet[Plan]:
    """Plans that can be opened in this run, with their version in force."""
    rows = Plan.objects.filter(of_run(exercise_id), state="in_force", current__isnull=False)
    return rows.select_related("current", "division").defer("division__geometry").order_by("number")


def versions_of(plan: Plan) -> list[PlanVersion]:
    """All versions, the newest first, without their contents."""
    return list(plan.versions.defer("content").order_by("-number"))


def open_version(plan: Plan) -> PlanVersion | None:
    """The version that is being worked on, if there is one."""
    return plan.versions.filter(state__in=IN_WORK).order_by("-number").first()


def open_drafts(
    actor: Actor, exercise_id: uuid.UUID | None, *, states: tuple[str, ...] = IN_WORK
) -> QuerySet[PlanVersion]:
    """Versions under work of the actor's places, the longest untouched first, without their contents."""
    from anlan.accounts.access import within

    rows = PlanVersion.objects.filter(
        within(actor, "plan__division__path"), of_run(exercise_id), state__in=states
    )
    return rows.select_related("plan", "plan__division").defer("content", "plan__division__geometry").order_by("made_at", "pk")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the catalogue is narrowed to; "" leaves it wide. `state` may be "overdue" or "in_work" beside the states."""

    kind: str = ""
    owner: str = ""
    hazard: str = ""
    event_type: str = ""
    state: str = ""
    protected: str = ""
    text: str = ""
    exercise_id: uuid.UUID | None = None
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended."""

    opened_at: datetime
    key: uuid.UUID


def catalogue(actor: Actor, wanted: Wanted, after: Mark | None = None) -> QuerySet[Plan]:
    """Plans that the actor may see, the newest first, after `after`; each says whether a version is under work."""
    rows = _chosen(actor, wanted)
    if after is not None:
        later = Q(opened_at__lt=after.opened_at) | Q(opened_at=after.opened_at, pk__lt=after.key)
        rows = rows.filter(later, opened_at__lte=after.opened_at)
    rows = rows.annotate(in_work=Exists(_in_work()))
    return rows.defer("current__content", "division__geometry").order_by("-opened_at", "-pk")


def _in_work() -> QuerySet[PlanVersion]:
    return PlanVersion.objects.filter(plan=OuterRef("pk"), state__in=IN_WORK)


def _chosen(actor: Actor, wanted: Wanted) -> QuerySet[Plan]:
    rows = visible_plans(actor).filter(of_run(wanted.exercise_id), _narrowed(wanted))
    if wanted.state == "in_work":
        rows = rows.filter(Exists(_in_work()))
    for field, code in (("hazards", wanted.hazard), ("event_types", wanted.event_type)):
        if code:
            text = Cast(field, TextField())
            rows = rows.annotate(**{f"{field}_text": text}).filter(**{f"{field}_text__contains": f'"{code}"'})
    return rows


def _narrowed(wanted: Wanted) -> Q:
    found = Q()
    if wanted.kind:
        found &= Q(kind=wanted.kind)
    if wanted.protected:
        found &= Q(protected_kind=wanted.protected)
    if wanted.state == "overdue":
        found &= Q(state="in_force", review_due_on__lt=wanted.today)
    elif wanted.state and wanted.state != "in_work":
        found &= Q(state=wanted.state)
    if wanted.owner:
        path = Division.objects.filter(pk=wanted.owner).values_list("path", flat=True).first()
        found &= Q(division__path=path) | Q(division__path__startswith=f"{path}/") if path else Q(pk__in=[])
    if wanted.text:
        texts = (
            "title__icontains",
            "protected_words__icontains",
            "protected_place__name__icontains",
            "number__startswith",
            "division__name__icontains",
        )
        found &= reduce(or_, (Q(**{name: wanted.text}) for name in texts))
    return found


def counts(actor: Actor, wanted: Wanted) -> Counts:
    """How many plans fit, in every way that the catalogue counts them; a handful of statements whatever the number."""
    rows = _chosen(actor, wanted).order_by()
    by_kind = _numbers(rows, "kind")
    return Counts(
        total=sum(by_kind.values()),
        kinds=by_kind,
        states=_numbers(rows, "state"),
        protected=_numbers(rows, "protected_kind"),
        hazards=_by_hazard(rows),
        owners=_by_owner(rows),
        overdue=rows.filter(state="in_force", review_due_on__lt=wanted.today).count() if wanted.today else 0,
        in_work=rows.filter(Exists(_in_work())).count(),
    )


def _numbers(rows: QuerySet[Plan], field: str) -> dict[str, int]:
    return dict(rows.values_list(field).annotate(number=Count("pk")).values_list(field, "number"))


def _by_hazard(rows: QuerySet[Plan]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for hazards in rows.values_list("hazards", flat=True):
        found.update(set(hazards))
    return dict(found)


def _by_owner(rows: QuerySet[Plan]) -> list[tuple[str, str, int]]:
    """(name, code, number) by the county, township or department that the owner belongs to, the most first."""
    found: Counter[str] = Counter()
    grouped: Any = (
        rows.values_list("division__path")
        .annotate(number=Count("pk"))
        .values_list("division__path", "number")
    )
    for path, number in grouped:
        found["/".join(path.split("/")[:2]).rpartition("/")[2]] += number
    names = dict(Division.objects.filter(pk__in=list(found)).values_list("code", "name"))
    return [(names.get(code, code), code, number) for code, number in found.most_common()]
