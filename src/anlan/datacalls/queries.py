"""Reading data calls: boards, what a place owes, what was already given, scores, and tables for papers."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q

from anlan.datacalls.models import DataCall, DataSeat, FigureDefinition, FigureKind, Filing, SeatState
from anlan.datacalls.types import (
    AskedFigure,
    AskedPlace,
    AskedSeat,
    Board,
    BoardLine,
    FigureSum,
    FilingScore,
    Given,
    TableContent,
)
from anlan.datacalls.values import number_text, shown
from anlan.kernel.actor import Actor
from anlan.places.access import within
from anlan.vocab.posts import Right

_OPEN = (SeatState.ASKED, SeatState.LATE)
_FILED = (SeatState.FILED, SeatState.NIL)


def figures_of(call: DataCall) -> list[FigureDefinition]:
    """The figures of a call in the order of its form; read once for each object."""
    kept: list[FigureDefinition] | None = getattr(call, "_figures_read", None)
    if kept is None:
        known = FigureDefinition.objects.in_bulk([uuid.UUID(one) for one in call.figures])
        kept = [known[uuid.UUID(one)] for one in call.figures if uuid.UUID(one) in known]
        call._figures_read = kept  # type: ignore[attr-defined]  # kept for this object only
    return kept


def latest_filings(seat_ids: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, uuid.UUID], Filing]:
    """The latest filing by (seat, figure). One query."""
    rows = Filing.objects.filter(seat_id__in=list(seat_ids)).order_by("recorded_at", "id")
    return {(row.seat_id, row.figure_id): row for row in rows}


def given_for(seat: DataSeat, figure: FigureDefinition, at: datetime) -> Given | None:
    """What the same place gave another call for this figure within its validity; the latest."""
    return given_to_others([seat], [figure], at).get((seat.pk, figure.pk))


def given_to_others(
    seats: Sequence[DataSeat], figures: Sequence[FigureDefinition], at: datetime
) -> dict[tuple[uuid.UUID, uuid.UUID], Given]:
    """The same by (seat, figure) for several seats of one place. One query."""
    if not seats or not figures:
        return {}
    valid = {one.pk: at - timedelta(minutes=one.valid_for_min) for one in figures}
    rows = (
        Filing.objects.filter(
            division_id=seats[0].division_id,
            figure__in=list(valid),
            exercise_id=seats[0].exercise_id,
            as_of__gte=min(valid.values()),
            recorded_at__lte=at,
        )
        .exclude(seat__call__state="cancelled")
        .select_related("seat__call__division")
        .defer("seat__call__division__geometry")
        .order_by("recorded_at", "id")
    )
    found: dict[tuple[uuid.UUID, uuid.UUID], Given] = {}
    for row in rows:
        for seat in seats:
            if row.seat.call_id != seat.call_id and row.as_of >= valid[row.figure_id]:
                to = f"{row.seat.call.division.name}“{row.seat.call.title}”"
                found[seat.pk, row.figure_id] = Given(row, to, row.as_of, shown(row))
    return found


def village_sums(seat: DataSeat) -> list[tuple[FigureDefinition, Decimal]]:
    """What the villages of a township have filed so far, added up; only numbers that somebody filed."""
    ids = list(seat.villages.values_list("pk", flat=True))
    found = latest_filings(ids)
    sums = []
    for figure in figures_of(seat.call):
        numbers = [
            row.number for (_seat, pk), row in found.items() if pk == figure.pk and row.number is not None
        ]
        if figure.is_number and numbers:
            sums.append((figure, sum(numbers, Decimal(0))))
    return sums


def board(call: DataCall, round_number: int | None = None) -> Board:
    """One round of a call: a line for each place asked by it, whoever owes something first, and the live sums.

    Sums add up what the places themselves filed: villages count only through the sign-off of their township.
    """
    number = call.round if round_number is None else round_number
    seats = list(
        call.seats.filter(round=number, parent=None)
        .select_related("division")
        .defer("division__geometry")
        .order_by("division_id")
    )
    figures = tuple(figures_of(call))
    found = latest_filings(seat.pk for seat in seats)
    villages = _villages(seats)
    lines = [
        BoardLine(
            seat,
            tuple(found.get((seat.pk, figure.pk)) for figure in figures),
            *villages.get(seat.pk, (0, 0)),
        )
        for seat in seats
    ]
    lines.sort(key=lambda line: (_ORDER.get(line.seat.state, 9), line.seat.division_id))
    return Board(
        call=call,
        round=number,
        due_at=seats[0].due_at if seats else None,
        figures=figures,
        lines=tuple(lines),
        sums=tuple(_sum(figure, [found.get((seat.pk, figure.pk)) for seat in seats]) for figure in figures),
    )


_ORDER = {"late": 0, "missed": 0, "asked": 1, "filed": 2, "nil": 2, "released": 3}


def _villages(seats: Sequence[DataSeat]) -> dict[uuid.UUID, tuple[int, int]]:
    asked = [seat.pk for seat in seats if seat.passed_on_at is not None]
    if not asked:
        return {}
    rows = (
        DataSeat.objects.filter(parent_id__in=asked)
        .values_list("parent_id")
        .annotate(asked=Count("pk"), filed=Count("pk", filter=Q(state__in=_FILED)))
    )
    return {parent: (total, filed) for parent, total, filed in rows}


def _sum(figure: FigureDefinition, filings: Sequence[Filing | None]) -> FigureSum:
    there = [row for row in filings if row is not None]
    if figure.is_number:
        total = sum((row.number for row in there if row.number is not None), Decimal(0))
        return FigureSum(figure, total, (), len(there))
    if figure.kind == FigureKind.CHOICE:
        counted = Counter(row.words for row in there)
        return FigureSum(figure, None, tuple((one, counted[one]) for one in figure.choices), len(there))
    return FigureSum(figure, None, (), len(there))


def progress(calls: Sequence[DataCall]) -> dict[uuid.UUID, tuple[int, int, int]]:
    """(asked, filed, late) of the running round of each call. One query."""
    rows = (
        DataSeat.objects.filter(call__in=[call.pk for call in calls], round=F("call__round"), parent=None)
        .values_list("call_id")
        .annotate(
            asked=Count("pk"),
            filed=Count("pk", filter=Q(state__in=_FILED)),
            late=Count("pk", filter=Q(state__in=[SeatState.LATE, SeatState.MISSED])),
        )
    )
    return {pk: (asked, filed, late) for pk, asked, filed, late in rows}


def asked_of(seats: Sequence[DataSeat], at: datetime) -> AskedPlace | None:
    """What one place owes now, each figure once: with what it gave others already and what its villages add up to."""
    if not seats:
        return None
    page = AskedPlace(seats[0].division)
    found = latest_filings(seat.pk for seat in seats)
    counts = _villages(seats)
    asked = {one.pk: one for seat in seats for one in figures_of(seat.call)}
    given = given_to_others(seats, list(asked.values()), at)
    by_figure: dict[uuid.UUID, AskedFigure] = {}
    for seat in seats:
        page.seats.append(AskedSeat(seat, seat.call, *counts.get(seat.pk, (0, 0))))
        sums = {one.pk: total for one, total in village_sums(seat)} if seat.passed_on_at else {}
        for figure in figures_of(seat.call):
            line = by_figure.setdefault(figure.pk, AskedFigure(figure))
            line.calls.append(seat.call.title)
            own = found.get((seat.pk, figure.pk))
            line.own = line.own or shown(own)
            if own is None and line.given is None:
                line.given = given.get((seat.pk, figure.pk))
            if figure.pk in sums:
                line.summed = sums[figure.pk]
    page.figures = list(by_figure.values())
    for line in page.figures:
        summed = number_text(line.summed) if line.summed is not None else ""
        line.prefilled = line.own or summed or (line.given.shown if line.given is not None else "")
    return page


def history_of(seat: DataSeat) -> list[Filing]:
    """Every value that was ever filed for a seat, the latest first, each with what it replaced and why."""
    rows = seat.filings.select_related("figure", "replaces", "shared_from__seat__call")
    return list(rows.order_by("-recorded_at", "-id"))


def waiting_for(actor: Actor, *, exercise_id: uuid.UUID | None, limit: int = 50) -> list[DataSeat]:
    """Asked of me: open seats of the places in which the actor's own posts sit, the next deadline first."""
    rows = DataSeat.objects.filter(
        division__path__in=actor.where(Right.FILE_DATA), state__in=_OPEN, exercise_id=exercise_id
    )
    rows = rows.select_related("call__division", "division").order_by("due_at", "pk")
    return list(rows.defer("division__geometry", "call__division__geometry")[:limit])


def recent_of(
    actor: Actor, at: datetime, *, exercise_id: uuid.UUID | None, limit: int = 20
) -> list[DataSeat]:
    """What the actor's own places filed in the last day, for a look back or a correction, the latest first."""
    rows = DataSeat.objects.filter(
        division__path__in=actor.where(Right.FILE_DATA),
        state__in=_FILED,
        filed_at__gte=at - timedelta(days=1),
        exercise_id=exercise_id,
    )
    rows = rows.select_related("call", "division").defer("division__geometry").order_by("-filed_at", "-pk")
    return list(rows[:limit])


def late_of(actor: Actor, *, exercise_id: uuid.UUID | None, limit: int = 50) -> list[DataSeat]:
    """Late: seats that owe their filing to a call which the actor's desk asked, the longest first."""
    rows = DataSeat.objects.filter(
        within(actor, "call__division__path", Right.CALL_FOR_DATA),
        state=SeatState.LATE,
        parent=None,
        exercise_id=exercise_id,
    )
    rows = rows.select_related("call", "division").defer("division__geometry").order_by("due_at", "pk")
    return list(rows[:limit])


def scores(start: datetime, end: datetime, *, exercise_id: uuid.UUID | None = None) -> dict[str, FilingScore]:
    """By place, for townships and departments: what fell due in [start, end) and how it was filed. For papers and scores.

    A seat counts as missing when nothing was filed, late by its true times otherwise.
    """
    rows = DataSeat.objects.filter(
        due_at__gte=start, due_at__lt=end, parent=None, exercise_id=exercise_id
    ).exclude(state=SeatState.RELEASED)
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    values = rows.exclude(call__state="cancelled").values_list(
        "division_id", "state", "due_at", "first_filed_at", "corrections"
    )
    for code, state, due_at, filed_at, corrections in values.iterator():
        one = counted[code]
        one["asked"] += 1
        one["corrections"] += corrections
        one["nil"] += state == SeatState.NIL
        if filed_at is None:
            one["missing"] += 1
        else:
            one["late" if filed_at > due_at else "in_time"] += 1
    return {
        code: FilingScore(
            code, one["asked"], one["in_time"], one["late"], one["missing"], one["nil"], one["corrections"]
        )
        for code, one in counted.items()
    }


def table_content(call: DataCall, round_number: int | None = None) -> TableContent:
    """A round as a table of a paper or a workbook, in Chinese."""
    found = board(call, round_number)
    lines = sorted(found.lines, key=lambda line: line.seat.division_id)
    header = ("单位", *(_head(figure) for figure in found.figures), "状态")
    rows = tuple(
        (line.seat.division.name, *(shown(cell) for cell in line.cells), STATES[line.seat.state][0])
        for line in lines
    )
    return TableContent(
        title=call.title,
        asked_by=call.division.name,
        due_at=found.due_at,
        header=header,
        rows=rows,
        sums=("合计", *(sum_text(one) for one in found.sums), f"{found.filed}/{len(lines)}"),
        asked=len(lines),
        filed=found.filed,
        missing=tuple(line.seat.division.name for line in lines if line.seat.state not in _FILED),
    )


def _head(figure: FigureDefinition) -> str:
    return f"{figure.name}（{figure.unit}）" if figure.unit else figure.name


def sum_text(one: FigureSum) -> str:
    if one.total is not None:
        return number_text(one.total)
    return "，".join(f"{option} {count}" for option, count in one.counts)


#: Words of the states, in Chinese and English.
STATES: dict[str, tuple[str, str]] = {
    "asked": ("待报", "asked"),
    "late": ("逾期未报", "late"),
    "filed": ("已报", "filed"),
    "nil": ("零报告", "nil"),
    "missed": ("漏报", "missed"),
    "released": ("免报", "released"),
}
