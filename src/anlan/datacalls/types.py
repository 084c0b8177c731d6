"""Values that cross the door of data calls."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from anlan.datacalls.models import DataCall, DataSeat, FigureDefinition, Filing
from anlan.places.models import Division


@dataclass(frozen=True, slots=True)
class FigureDetails:
    """A figure as a person describes it. `valid_for_min`: how long a value given to one asker is offered to the next."""

    name: str
    kind: str = "integer"
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    valid_for_min: int = 120


@dataclass(frozen=True, slots=True)
class CallDetails:
    """A data call as a person describes it. `figures` are of the register (ids) or new ones."""

    title: str
    division: Division
    figures: tuple[uuid.UUID | FigureDetails, ...]
    targets: tuple[str, ...]
    due_at: datetime
    words: str = ""
    allows_nil: bool = False
    repeat_every_hours: int | None = None
    repeat_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A checked value: a number, or words for a text or a choice."""

    number: Decimal | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What the same place gave another asker within its validity: “already given to X at 14:00”."""

    filing: Filing
    to: str
    at: datetime
    shown: str


@dataclass(slots=True)
class AskedFigure:
    """One question of a place's page, asked once however many calls ask it."""

    figure: FigureDefinition
    calls: list[str] = field(default_factory=list)
    given: Given | None = None
    #: The live sum of the villages, where the township passed the question on.
    summed: Decimal | None = None
    own: str = ""
    prefilled: str = ""


@dataclass(slots=True)
class AskedSeat:
    seat: DataSeat
    call: DataCall
    villages: int = 0
    villages_filed: int = 0


@dataclass(slots=True)
class AskedPlace:
    """Everything that one place owes now, for one page with one form."""

    division: Division
    seats: list[AskedSeat] = field(default_factory=list)
    figures: list[AskedFigure] = field(default_factory=list)

    @property
    def given(self) -> list[AskedFigure]:
        return [one for one in self.figures if one.given is not None]


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One place of the board: its seat, its latest values in the order of the form, its villages' progress."""

    seat: DataSeat
    cells: tuple[Filing | None, ...]
    villages: int
    villages_filed: int


@dataclass(frozen=True, slots=True)
class FigureSum:
    """What a column adds up to: a total for numbers, options with their counts for choices."""

    figure: FigureDefinition
    total: Decimal | None
    counts: tuple[tuple[str, int], ...]
    given_by: int


@dataclass(frozen=True, slots=True)
class Board:
    call: DataCall
    round: int
    due_at: datetime | None
    figures: tuple[FigureDefinition, ...]
    lines: tuple[BoardLine, ...]
    sums: tuple[FigureSum, ...]

    @property
    def filed(self) -> int:
        return sum(line.seat.state in ("filed", "nil") for line in self.lines)

    @property
    def open(self) -> list[BoardLine]:
        return [line for line in self.lines if line.seat.is_open]

    @property
    def late(self) -> int:
        return sum(line.seat.state in ("late", "missed") for line in self.lines)


@dataclass(frozen=True, slots=True)
class TableContent:
    """A data call as a table of a paper: title, header, rows of text, the sums as last row, and how many have filed."""

    title: str
    asked_by: str
    due_at: datetime | None
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[str, ...]
    asked: int
    filed: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilingScore:
    """How one place filed in a period."""

    division_id: str
    asked: int
    in_time: int
    late: int
    missing: int
    nil: int
    corrections: int
