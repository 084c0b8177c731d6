"""The register of named figures: one thing counted has one name, one unit and one shape."""

from __future__ import annotations

import re
import unicodedata
import uuid
from datetime import datetime
from decimal import Decimal

from anlan.datacalls.models import FigureDefinition, FigureKind, of_run
from anlan.datacalls.refusals import BadDefinition, NameTaken
from anlan.datacalls.types import FigureDetails
from anlan.incidents.refusals import Words
from anlan.kernel.actor import Actor
from anlan.places.models import Division

#: A value may be offered to the next asker for a week at most. Engineering choice.
LONGEST_VALID_MIN = 7 * 24 * 60
MOST_CHOICES = 12


def plain_name(name: str) -> str:
    """A name as it is compared: full-width forms and spaces make no other figure."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip()


def define_figure(
    details: FigureDetails, *, division: Division, by: Actor, at: datetime, exercise_id: uuid.UUID | None = None
) -> FigureDefinition:  # fmt: skip
    """The figure of the register with this name and shape, entered now if it is new.

    The same name with another unit, kind, choices or bounds raises `NameTaken`: two figures of one name would be added up.
    A drill asks for the real figures and enters new ones for itself alone.
    """
    name = plain_name(details.name)
    _check(name, details)
    for known in FigureDefinition.objects.filter(of_run(exercise_id), name=name, retired_at=None):
        if _same_shape(known, details):
            return known
        raise NameTaken(name=name)
    return FigureDefinition(
        name=name,
        unit=plain_name(details.unit),
        kind=details.kind,
        choices=list(details.choices),
        minimum=_stored(details.minimum),
        maximum=_stored(details.maximum),
        valid_for_min=details.valid_for_min,
        division=division,
        defined_at=at,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="defined")


def retire_figure(figure: FigureDefinition, *, by: Actor, at: datetime) -> FigureDefinition:
    """No new call asks it; what was filed stays."""
    if figure.retired_at is not None:
        return figure
    return figure.change(by=by, at=at, kind="retired", retired_at=at)


def _stored(number: Decimal | None) -> Decimal | None:
    """With the decimals of its column, so that the journal says the same as the row."""
    return None if number is None else number.quantize(Decimal("0.001"))


def _check(name: str, details: FigureDetails) -> None:
    if not name:
        raise BadDefinition(name="—", why=Words("没有名称", "it has no name"))
    if len(name) > 60 or len(details.unit) > 20:
        raise BadDefinition(name=name[:60], why=Words("太长", "it is too long"))
    if details.kind not in FigureKind.values:
        raise BadDefinition(name=name, why=Words("类别不明", "its kind is unknown"))
    if details.kind == FigureKind.CHOICE:
        options = [one for one in details.choices if one]
        if not 2 <= len(set(options)) == len(details.choices) <= MOST_CHOICES:
            raise BadDefinition(
                name=name, why=Words("要有2到12个不同选项", "it needs 2 to 12 different options")
            )
        if any(len(one) > 40 for one in options):
            raise BadDefinition(name=name, why=Words("太长", "it is too long"))
    low, high = details.minimum, details.maximum
    if low is not None and high is not None and low > high:
        raise BadDefinition(name=name, why=Words("最小值大于最大值", "its least is above its most"))
    if not 0 <= details.valid_for_min <= LONGEST_VALID_MIN:
        raise BadDefinition(name=name, why=Words("有效期最长一周", "a value stays good for a week at most"))


def _same_shape(known: FigureDefinition, details: FigureDetails) -> bool:
    return (
        known.unit == plain_name(details.unit)
        and known.kind == details.kind
        and list(known.choices) == list(details.choices)
        and known.minimum == details.minimum
        and known.maximum == details.maximum
    )
