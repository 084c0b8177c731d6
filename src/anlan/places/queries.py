"""Reading places."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from anlan.kernel.refusals import NotFound
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel


def division(code: str) -> Division:
    """The division with this code; an unknown one raises `NotFound`. For the program itself; pages use `access`."""
    found = Division.objects.filter(pk=code).first()
    if found is None:
        raise NotFound
    return found


def below(path: str) -> QuerySet[Division]:
    """The division at this path and everything below it; the path "" means all."""
    if path == "":
        return Division.objects.all()
    return Division.objects.filter(Q(path=path) | Q(path__startswith=f"{path}/"))


def villages_below(path: str) -> QuerySet[Division]:
    """Villages at or below a path, in order of code."""
    return below(path).filter(level=DivisionLevel.VILLAGE).order_by("code")


def townships_below(path: str) -> QuerySet[Division]:
    """Townships at or below a path, in order of code."""
    return below(path).filter(level=DivisionLevel.TOWNSHIP).order_by("code")


def villages_at(codes: Iterable[str]) -> QuerySet[Division]:
    """Divisions with these codes; codes that do not exist are left out."""
    return Division.objects.filter(pk__in=list(codes)).order_by("code")


def breadcrumb(place: Division) -> list[Division]:
    """From the top down to the division itself, along explicit parents."""
    by_code = Division.objects.in_bulk(place.path.split("/"))
    return [by_code[code] for code in place.path.split("/") if code in by_code]


def county() -> Division | None:
    """The county of this node, None before `anlan init`."""
    return Division.objects.filter(level=DivisionLevel.COUNTY).order_by("code").first()


def township_of(place: Division) -> Division | None:
    """The township that a place lies in, None above townships."""
    return next((part for part in breadcrumb(place) if part.level == DivisionLevel.TOWNSHIP), None)


def with_boundaries(path: str, levels: Iterable[DivisionLevel]) -> QuerySet[Division]:
    """Divisions of some levels at or below a path that have a boundary."""
    return below(path).filter(level__in=list(levels)).exclude(geometry="").order_by("code")
