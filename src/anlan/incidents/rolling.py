"""Rolling figures: the latest verified value of each source, and what counts where sources or places overlap.

1. A source's value is its latest verified one (by `as_of`, then by when it was recorded); without one, its latest claim, which
   is shown as such and graded by nobody.
2. Of several sources that counted the same place the latest counts; the others are shown beside it when they differ.
3. Places that lie beside each other add up; a count of a wider place stands for all within it that is not newer.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from anlan.incidents.models import Figure, FigureState
from anlan.incidents.types import Rolling


class _Point(NamedTuple):
    path: str
    figure: Figure


def rolling(figures: Iterable[Figure], *, only_verified: bool = False) -> dict[str, Rolling]:
    """The present value of each code among the figures of one incident (with those merged into it)."""
    by_code: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.state == FigureState.WITHDRAWN:
            continue
        if only_verified and figure.state != FigureState.VERIFIED:
            continue
        by_code[figure.code].append(figure)
    return {code: _one(code, rows) for code, rows in sorted(by_code.items())}


def _one(code: str, rows: Sequence[Figure]) -> Rolling:
    newest_of: dict[tuple[str, str], Figure] = {}
    for figure in rows:
        key = (figure.scope_id, figure.source)
        known = newest_of.get(key)
        if known is None or _rank(figure) > _rank(known):
            newest_of[key] = figure
    by_scope: dict[str, list[Figure]] = defaultdict(list)
    for figure in newest_of.values():
        by_scope[figure.scope.path].append(figure)
    chosen = {path: max(found, key=_rank) for path, found in by_scope.items()}
    counted = _outermost(chosen)
    lead = max(counted, key=_rank)
    value = sum((figure.value for figure in counted), Decimal(0))
    rivals = {
        (other.source, other.value)
        for figure in counted
        for other in by_scope[figure.scope.path]
        if other.value != figure.value
    }
    return Rolling(
        code=code,
        value=value,
        source="、".join(dict.fromkeys(figure.source for figure in counted)),
        as_of=lead.as_of,
        is_verified=all(figure.state == FigureState.VERIFIED for figure in counted),
        disagree=tuple(sorted(rivals)),
    )


def _rank(figure: Figure) -> tuple[bool, object, object, uuid.UUID]:
    return (figure.state == FigureState.VERIFIED, figure.as_of, figure.recorded_at, figure.pk)


def _outermost(chosen: dict[str, Figure]) -> list[Figure]:
    """Leave out what a wider count covers, and wider counts that are older than what lies within them."""
    left = dict(chosen)
    for path in sorted(chosen, key=len, reverse=True):
        inner = [other for other in left if other != path and other.startswith(path + "/")]
        if path not in left or not inner:
            continue
        newest_inside = max(_rank(left[other]) for other in inner)
        if _rank(left[path]) >= newest_inside:
            for other in inner:
                del left[other]
        else:
            del left[path]
    return list(left.values())
