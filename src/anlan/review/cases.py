"""The case library: who sees which case, finding cases, and the few that are like an incident.

A case is seen where its place is seen. The county's cases are open to its townships and villages as well, so that everybody
learns from them; a case of a restricted incident stays with those who may read that incident.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from anlan.accounts.access import require, within
from anlan.incidents.access import visible_incidents
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.places.models import Division
from anlan.review.casetypes import Offered
from anlan.review.models import CaseRecord, Review
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

#: A page that is opened in a hurry shows no more than this.
MOST_OFFERED = 3
#: Cases that are weighed; of one kind of event a county rarely has more. Engineering choice.
MOST_WEIGHED = 40
#: Without boundaries two townships count as neighbours when their points are this near, degrees. Engineering choice.
NEAR_DEG = 0.15
#: Kinds of events from which one learns for each other. Our own grouping: no official one was verified.
ALIKE: tuple[frozenset[str], ...] = (
    frozenset({"flood", "flash_flood", "debris_flow"}),
    frozenset({"landslide", "collapse", "debris_flow", "ground_subsidence"}),
    frozenset({"wind_hail", "cold", "snow"}),
    frozenset({"coal_mine", "mine", "tailings_pond"}),
    frozenset({"hazardous_chemicals", "fireworks", "gas"}),
    frozenset({"construction", "industry", "special_equipment"}),
)


@dataclass(frozen=True, slots=True)
class WantedCases:
    """Filters of the list; empty ones narrow nothing."""

    event_type: str = ""
    place: str = ""
    tag: str = ""
    words: str = ""
    retired: bool = False


def like_types(event_type: str) -> frozenset[str]:
    """The type itself and those of its groups."""
    return frozenset({event_type}).union(*(group for group in ALIKE if event_type in group))


def visible_cases(actor: Actor) -> QuerySet[CaseRecord]:
    """See the module. One statement more than the rows themselves costs nothing here: incidents are a subquery."""
    above = {place for path in actor.where() for place in _above(path)}
    seen = within(actor, "division__path") | Q(division__path__in=sorted(above))
    readable = visible_incidents(actor).filter(is_restricted=True).order_by().values("pk")
    open_to_all = (Q(incident=None) | Q(incident__is_restricted=False)) & (
        Q(review=None) | Q(review__incident=None) | Q(review__incident__is_restricted=False)
    )
    closed = Incident.objects.filter(exercise_id=OuterRef("review__drill__run_id"), is_restricted=True)
    open_to_all &= (
        Q(review=None)
        | Q(review__drill=None)
        | Q(review__drill__run=None)
        | ~Exists(closed)
        | within(actor, "review__division__path", Right.SEE_RESTRICTED)
    )
    rows = CaseRecord.objects.filter(seen).filter(
        open_to_all | Q(incident__in=readable) | Q(incident=None, review__incident__in=readable)
    )
    return rows.select_related("division").defer("division__geometry")


def access_case(actor: Actor, case_id: uuid.UUID, *, need: Right = Right.SEE) -> CaseRecord:
    """One case through the door; to write in it one needs the right where the case is kept."""
    case = visible_cases(actor).filter(pk=case_id).select_related("division", "incident", "review").first()
    if case is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, case.division.path)
    return case


def find_cases(actor: Actor, wanted: WantedCases, exercise_id: uuid.UUID | None) -> QuerySet[CaseRecord]:
    """The list, the newest entry first."""
    rows = visible_cases(actor).filter(of_run(exercise_id), retired_at__isnull=not wanted.retired)
    if wanted.event_type:
        rows = rows.filter(event_type=wanted.event_type)
    if wanted.place:
        rows = rows.filter(
            Q(division__path__contains=f"/{wanted.place}/")
            | Q(division__path__startswith=f"{wanted.place}/")
            | Q(division=wanted.place)
        )
    if wanted.tag:
        rows = rows.annotate(tags_text=Cast("tags", TextField())).filter(
            tags_text__contains=f'"{wanted.tag}"'
        )
    for word in wanted.words.split()[:5]:
        rows = rows.filter(_says(word))
    return rows.order_by("-added_at", "-id")


def before(mark: tuple[datetime, uuid.UUID]) -> Q:
    """What follows a row of the list."""
    at, key = mark
    return Q(added_at__lt=at) | Q(added_at=at, id__lt=key)


def cases_like(actor: Actor, incident: Incident) -> list[Offered]:
    """At most three live cases of the same kind of event, the nearest and most alike first. Two statements."""
    types = like_types(incident.event_type)
    same = Case(
        When(event_type=incident.event_type, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    rows = visible_cases(actor).filter(
        of_run(incident.exercise_id), event_type__in=sorted(types), retired_at=None
    ).exclude(incident=incident)  # fmt: skip
    found = list(rows.order_by(same, "-happened_on", "-added_at", "-id")[:MOST_WEIGHED])
    near = _townships([incident.division.path, *(one.division.path for one in found)]) if found else {}
    tags = set(incident.tags)
    offered = [
        Offered(
            case=one,
            is_same_type=one.event_type == incident.event_type,
            place=_place(incident.division.path, one.division.path, near),
            tags=tuple(code for code in one.tags if code in tags),
        )
        for one in found
    ]
    return sorted(offered, key=lambda one: -one.weight)[:MOST_OFFERED]


def case_of(review: Review) -> CaseRecord | None:
    """The live case that was made of a review."""
    return CaseRecord.objects.filter(review=review, retired_at=None).first()


def of_run(exercise_id: uuid.UUID | None) -> Q:
    """A drill plays with the real cases and its own; reality knows only the real ones."""
    real = Q(exercise_id=None)
    return real if exercise_id is None else real | Q(exercise_id=exercise_id)


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _says(word: str) -> Q:
    found = Q()
    for name in ("title", "place_words", "summary", "course", "lessons", "source", "division__name"):
        found |= Q(**{f"{name}__icontains": word})
    return found


def _townships(paths: Iterable[str]) -> dict[str, Division]:
    """The townships on these paths by code. One statement."""
    codes = {code for path in paths for code in path.split("/")}
    rows = Division.objects.filter(code__in=sorted(codes), level=DivisionLevel.TOWNSHIP).defer("geometry")
    return {row.code: row for row in rows}


def _place(here: str, there: str, townships: dict[str, Division]) -> str:
    own, other = _township(here, townships), _township(there, townships)
    if own is None or other is None:
        return ""
    if own.code == other.code:
        return "same"
    return "near" if _touch(own, other) else ""


def _township(path: str, townships: dict[str, Division]) -> Division | None:
    return next((townships[code] for code in path.split("/") if code in townships), None)


def _touch(one: Division, two: Division) -> bool:
    """Whether their boxes meet; where one has no boundary, whether their points are near."""
    one_box, other_box = _box(one), _box(two)
    if one_box is not None and other_box is not None:
        (w1, s1, e1, n1), (w2, s2, e2, n2) = one_box, other_box
        return w1 <= e2 and w2 <= e1 and s1 <= n2 and s2 <= n1
    if one.lon is None or one.lat is None or two.lon is None or two.lat is None:
        return False
    return abs(one.lon - two.lon) <= NEAR_DEG and abs(one.lat - two.lat) <= NEAR_DEG


def _box(row: Division) -> tuple[float, float, float, float] | None:
    if row.min_lon is None or row.min_lat is None or row.max_lon is None or row.max_lat is None:
        return None
    return row.min_lon, row.min_lat, row.max_lon, row.max_lat
