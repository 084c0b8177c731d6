"""One question interface over the hot store and settled days.

Hot parts (day files or partitions) are read in process, settled days by the reader (`client`), which starts only when a settled day is asked for. Both
count what `hot.reader.sums` counts: usable readings; flagged ones come back with their flag for display. What came late for
a settled day lies in a small hot part beside it and is folded in by the rules of the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from anlan.kernel.clock import require_aware
from anlan.sensing.history.amounts import hour_of, is_amount
from anlan.sensing.history.client import Columns, ReaderClient
from anlan.sensing.history.fold import fold
from anlan.sensing.history.hotside import Cells, HotSide, hot_side
from anlan.sensing.history.limits import PART_H
from anlan.sensing.history.segments import Segments, current_segments
from anlan.sensing.history.types import Bucket, SettledDay, StoredRow
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import DAY_S, NO_VALUE, ODD_DAY, Point
from anlan.vocab.quality import UNUSABLE, QualityFlag
from anlan.vocab.quantities import quantity_of

_HOUR_S = 3600
#: 31 December 9999.
_LAST_DAY = 2_932_896
#: Streams up to which a hot day is read row by row instead of summed up by SQL over all streams.
_FEW = 4

_Found = dict[tuple[int, int], Cells]


@dataclass(frozen=True, slots=True)
class _Day:
    """Where a day is read: an edition or its first hot part as the base, and hot parts that came later."""

    day: int
    settled: SettledDay | None
    base: str | None
    later: tuple[str, ...]

    def file(self, name: str) -> str:
        assert self.settled is not None  # asked of settled days only
        return str(self.settled.folder / f"{name}.parquet")


@dataclass(frozen=True, slots=True)
class DailyTable:
    """Values of many stations by day as columns of stored integers: stream, day, count, sum, least, greatest."""

    quantity: str
    day_starts_h: int
    stations: dict[int, str]
    columns: Mapping[str, Sequence[int]]

    def __len__(self) -> int:
        return len(self.columns["s"])

    def greatest(self) -> Iterator[tuple[str, datetime, Decimal]]:
        """Station, start of the day and its highest usable value."""
        known, shift_h = quantity_of(self.quantity), shift_of(self.day_starts_h)
        columns = zip(self.columns["s"], self.columns["bucket"], self.columns["high"], strict=True)
        for s, bucket, high in columns:
            yield self.stations[s], _start_of(bucket, 24, shift_h), known.from_stored(high)


class History:
    """`data_root` is the data folder. `segments` says which days are settled; left out, the database does.

    `hot` is where the others are; left out, the environment says it.
    """

    def __init__(
        self,
        data_root: Path,
        *,
        segments: Segments | None = None,
        client: ReaderClient | None = None,
        hot: HotSide | None = None,
    ) -> None:
        self._hot = hot or hot_side(data_root)
        self._segments = segments or (lambda first, last: current_segments(first, last, data=data_root))
        self._client = client or ReaderClient(data_root)

    # -- questions

    def series(
        self, station: str, quantity: str, start: datetime, end: datetime, exercise: str | None = None
    ) -> list[Point]:
        """Everything stored with start <= phenomenon time < end, by time, flagged readings among it."""
        number = self._hot.number_of(StreamKey(station, quantity), exercise or "")
        low, high = _seconds(start), _seconds(end)
        if number is None or low >= high:
            return []
        known = quantity_of(quantity)
        return [
            Point(_moment(row.t), None if row.v is None else known.from_stored(row.v), QualityFlag(row.flag))
            for row in self._rows([number], low, high)
        ]

    def days(self) -> list[int]:
        """Day numbers that hold anything, settled or hot, in order; odd dates lie in none of them."""
        return sorted(
            {one.day for one in self._segments(0, _LAST_DAY)} | (set(self._hot.parts()) - {ODD_DAY})
        )

    def readings(
        self, keys: Sequence[StreamKey], low: int, high: int, exercise: str | None = None
    ) -> list[tuple[StreamKey, StoredRow]]:
        """What these streams hold with low <= t < high (epoch seconds), flagged rows among it, by time and key."""
        numbers = self._hot.numbers_for(keys, exercise or "")
        if not numbers or low >= high:
            return []
        found = [(numbers[row.s], row) for row in self._rows(list(numbers), low, high)]
        return sorted(found, key=lambda one: (one[1].t, one[0]))

    def hourly(
        self, station: str, quantity: str, start: datetime, end: datetime, exercise: str | None = None
    ) -> list[Bucket]:
        """Hours with usable readings from the hour of `start` to before `end`; an amount belongs to the hour it fell in."""
        return self._gathered(station, quantity, start, end, exercise, width_h=1, shift_h=0)

    def daily(
        self,
        station: str,
        quantity: str,
        start: datetime,
        end: datetime,
        exercise: str | None = None,
        *,
        day_starts_h: int = 0,
    ) -> list[Bucket]:
        """The same by days that begin at `day_starts_h` in Shanghai: 0, 8 (hydrological) or 20 (weather)."""
        shift_h = shift_of(day_starts_h)
        return self._gathered(station, quantity, start, end, exercise, width_h=24, shift_h=shift_h)

    def daily_table(
        self,
        quantity: str,
        start: datetime,
        end: datetime,
        *,
        stations: Iterable[str] | None = None,
        exercise: str = "",
        day_starts_h: int = 0,
    ) -> DailyTable:
        """Days of many stations at once; all that have the quantity unless named."""
        streams = self._streams(quantity, exercise, stations)
        shift_h = shift_of(day_starts_h)
        low, high = _seconds(start) // _HOUR_S, -(-_seconds(end) // _HOUR_S)
        amount = is_amount(quantity)
        days = self._days(low * _HOUR_S + amount, high * _HOUR_S + amount)
        if streams and days and all(day.settled and not day.later for day in days):
            # Hundreds of thousands of rows: they stay columns.
            asked = {"low": low, "high": high, "width": 24, "shift": shift_h}
            return DailyTable(quantity, day_starts_h, streams, self._hours(days, list(streams), [], asked))
        cells = self._cells(list(streams), low, high, amount=amount, width_h=24, shift_h=shift_h)
        keys, values = list(cells), list(cells.values())
        columns: dict[str, Sequence[int]] = {
            "s": [s for s, _ in keys],
            "bucket": [bucket for _, bucket in keys],
        }
        columns |= {
            name: [value[i] for value in values] for i, name in enumerate(("n", "total", "low", "high"))
        }
        return DailyTable(quantity, day_starts_h, streams, columns)

    def sums(
        self,
        quantity: str,
        start: datetime,
        end: datetime,
        *,
        stations: Iterable[str] | None = None,
        exercise: str = "",
    ) -> dict[str, tuple[Decimal, int]]:
        """By station the sum of usable readings with start < t <= end, and how many there were."""
        streams = self._streams(quantity, exercise, stations)
        found: dict[int, tuple[int, int]] = {}
        low, high = _seconds(start), _seconds(end)
        for s, n, total in self._totals(list(streams), low, high):
            before = found.get(s, (0, 0))
            found[s] = (before[0] + total, before[1] + n)
        known = quantity_of(quantity)
        return {streams[s]: (known.from_stored(total), n) for s, (total, n) in found.items() if n}

    # -- where days lie

    def _days(self, low: int, high: int) -> list[_Day]:
        """The days that hold low <= t < high."""
        first, last = low // DAY_S, (high - 1) // DAY_S
        settled = {one.day: one for one in self._segments(first, last)}
        hot = self._hot.parts()
        found = []
        for day in sorted({day for day in (*settled, *hot) if first <= day <= last and day != ODD_DAY}):
            one = settled.get(day)
            parts = [name for name in hot.get(day, ()) if one is None or name not in one.sources]
            if one is not None:
                found.append(_Day(day, one, None, tuple(parts)))
            elif parts:
                found.append(_Day(day, None, parts[0], tuple(parts[1:])))
        return found

    def _streams(self, quantity: str, exercise: str, stations: Iterable[str] | None) -> dict[int, str]:
        known = self._hot.numbers_of(quantity, exercise)
        if stations is None:
            return known
        wanted = set(stations)
        return {number: code for number, code in known.items() if code in wanted}

    # -- rows

    def _rows(self, streams: Sequence[int], low: int, high: int) -> list[StoredRow]:
        """Rows of a few streams by stream and time, corrections applied."""
        days = self._days(low, high)
        odd = (
            row
            for name in self._hot.parts().get(ODD_DAY, ())
            for row in self._hot.rows(name, streams, low, high)
        )
        found = {(row.s, row.t): row for row in odd}
        for row in self._settled_rows([day for day in days if day.settled], streams, low, high):
            found[row.s, row.t] = row
        for day in days:
            if day.base is not None:
                found.update({(row.s, row.t): row for row in self._hot.rows(day.base, streams, low, high)})
            self._fold_later(found, day, streams, low, high)
        return [found[key] for key in sorted(found)]

    def _settled_rows(
        self, days: Sequence[_Day], streams: Sequence[int], low: int, high: int, name: str = "obs"
    ) -> Iterator[StoredRow]:
        if not days or not streams:
            return
        verb = "rows" if name == "obs" else "replaced"
        files = [day.file(name) for day in days]
        got = self._client.ask(verb, files=files, streams=list(streams), low=low, high=high)
        columns = zip(got["t"], got["s"], got["v"], got["flag"], got["received"], strict=True)
        for t, s, v, flag, received in columns:
            yield StoredRow(t, s, None if v == NO_VALUE else v, flag, received)

    def _fold_later(
        self,
        found: dict[tuple[int, int], StoredRow],
        day: _Day,
        streams: Sequence[int],
        low: int,
        high: int,
    ) -> None:
        """What the later parts of a day hold, on top of what is found so far."""
        low, high = max(low, day.day * DAY_S), min(high, (day.day + 1) * DAY_S)
        before: dict[tuple[int, int], list[int | None]] | None = None
        for part in day.later:
            late = self._hot.rows(part, streams, low, high)
            if not late:
                continue
            earlier = self._hot.superseded(part, streams, low, high)
            if before is None:
                is_known = any((row.s, row.t) in found for row in late)
                before = self._superseded_before(day, streams, low, high) if is_known else {}
            for row in late:
                stood = before.setdefault((row.t, row.s), [])
                current, arrivals = found.get((row.s, row.t)), earlier.get((row.t, row.s), [])
                if current is None:
                    found[row.s, row.t] = row
                    stood += [one.v for one in arrivals]
                    continue
                found[row.s, row.t], gone = fold(current, stood, [*arrivals, row])
                stood += [one.v for one in gone]

    def _superseded_before(
        self, day: _Day, streams: Sequence[int], low: int, high: int
    ) -> dict[tuple[int, int], list[int | None]]:
        """Values that were corrected before the first of the later parts began, by (t, s)."""
        found: dict[tuple[int, int], list[int | None]] = {}
        if day.settled is not None:
            for row in self._settled_rows([day], streams, low, high, "superseded"):
                found.setdefault((row.t, row.s), []).append(row.v)
        elif day.base is not None:
            for key, rows in self._hot.superseded(day.base, streams, low, high).items():
                found[key] = [row.v for row in rows]
        return found

    # -- sums

    def _gathered(
        self,
        station: str,
        quantity: str,
        start: datetime,
        end: datetime,
        exercise: str | None,
        *,
        width_h: int,
        shift_h: int,
    ) -> list[Bucket]:
        number = self._hot.number_of(StreamKey(station, quantity), exercise or "")
        low, high = _seconds(start) // _HOUR_S, -(-_seconds(end) // _HOUR_S)
        if number is None or low >= high:
            return []
        cells = self._cells([number], low, high, amount=is_amount(quantity), width_h=width_h, shift_h=shift_h)
        return _listed(cells, quantity, width_h, shift_h)

    def _cells(
        self, streams: list[int], low_h: int, high_h: int, *, amount: bool, width_h: int, shift_h: int
    ) -> _Found:
        """Usable readings of the hours low_h <= hour < high_h by stream and bucket."""
        found: _Found = {}
        if not streams:
            return found
        # The amount read at the first second of an hour fell in the hour before it.
        low, high = low_h * _HOUR_S + amount, high_h * _HOUR_S + amount
        days = self._days(low, high)
        asked = {"low": low_h, "high": high_h, "width": width_h, "shift": shift_h}
        clean = [day for day in days if day.settled and not day.later]
        if clean:
            self._ask_hours(found, clean, streams, [], asked)
        wanted = set(streams)
        for day in (day for day in days if day not in clean):
            late = self._late_streams(day, wanted, low, high)
            if day.settled and len(late) < len(wanted):
                self._ask_hours(found, [day], streams, sorted(late), asked)
            elif day.base is not None and len(wanted) > _FEW:
                for s, bucket, cells in self._hot.buckets(
                    day.base, low, high, amount=amount, width_h=width_h, shift_h=shift_h
                ):
                    if s in wanted and s not in late:
                        _add(found, (s, bucket), cells)
            elif day.base is not None:
                late = wanted
            self._add_rows(found, day, sorted(late), low, high, amount, width_h, shift_h)
        return found

    def _hours(
        self, days: Sequence[_Day], streams: list[int], without: list[int], asked: dict[str, int]
    ) -> Columns:
        has_parts = asked["width"] == 24 and not (asked["low"] % PART_H or asked["high"] % PART_H)
        files = [day.file("parts" if has_parts else "hours") for day in days]
        return self._client.ask("hours", files=files, streams=streams, without=without, **asked)

    def _ask_hours(
        self,
        found: _Found,
        days: Sequence[_Day],
        streams: list[int],
        without: list[int],
        asked: dict[str, int],
    ) -> None:
        got = self._hours(days, streams, without, asked)
        cells = zip(got["n"], got["total"], got["low"], got["high"], strict=True)
        keys = zip(got["s"], got["bucket"], strict=True)
        if not found:
            found.update(zip(keys, cells, strict=True))
            return
        for key, cell in zip(keys, cells, strict=True):
            _add(found, key, cell)

    def _late_streams(self, day: _Day, wanted: set[int], low: int, high: int) -> set[int]:
        low, high = max(low, day.day * DAY_S), min(high, (day.day + 1) * DAY_S)
        late: set[int] = set()
        for part in day.later:
            late |= self._hot.streams_in(part, low, high) & wanted
        return late

    def _add_rows(
        self,
        found: _Found,
        day: _Day,
        streams: Sequence[int],
        low: int,
        high: int,
        amount: bool,
        width_h: int,
        shift_h: int,
    ) -> None:
        for row in self._usable_rows(day, streams, low, high):
            bucket = (hour_of(row.t, amount=amount) - shift_h) // width_h
            v = row.v or 0
            _add(found, (row.s, bucket), (1, v, v, v))

    def _usable_rows(self, day: _Day, streams: Sequence[int], low: int, high: int) -> Iterator[StoredRow]:
        """Rows of one day that count; readings with an odd date have no part in sums."""
        low, high = max(low, day.day * DAY_S), min(high, (day.day + 1) * DAY_S)
        if not streams or low >= high:
            return
        for row in self._rows_of_day(day, streams, low, high):
            if row.v is not None and not row.flag & int(UNUSABLE):
                yield row

    def _rows_of_day(self, day: _Day, streams: Sequence[int], low: int, high: int) -> Iterable[StoredRow]:
        found: dict[tuple[int, int], StoredRow] = {}
        if day.settled is not None:
            found = {(row.s, row.t): row for row in self._settled_rows([day], streams, low, high)}
        if day.base is not None:
            found = {(row.s, row.t): row for row in self._hot.rows(day.base, streams, low, high)}
        self._fold_later(found, day, streams, low, high)
        return found.values()

    def _totals(self, streams: list[int], low: int, high: int) -> Iterator[tuple[int, int, int]]:
        """Stream, count and sum of the usable readings with low < t <= high."""
        if not streams or low >= high:
            return
        wanted = set(streams)
        days = self._days(low + 1, high + 1)
        clean = [day for day in days if day.settled and not day.later]
        yield from self._ask_totals(clean, streams, [], low, high)
        for day in (day for day in days if day not in clean):
            late = self._late_streams(day, wanted, low + 1, high + 1)
            if day.settled:
                yield from self._ask_totals([day], streams, sorted(late), low, high)
            elif day.base is not None:
                yield from (
                    one
                    for one in self._hot.totals(day.base, low, high)
                    if one[0] in wanted and one[0] not in late
                )
            for row in self._usable_rows(day, sorted(late), low + 1, high + 1):
                yield row.s, 1, row.v or 0

    def _ask_totals(
        self, days: Sequence[_Day], streams: list[int], without: list[int], low: int, high: int
    ) -> Iterator[tuple[int, int, int]]:
        if not days:
            return
        files = [day.file("obs") for day in days]
        got = self._client.ask("totals", files=files, streams=streams, without=without, low=low, high=high)
        yield from zip(got["s"], got["n"], got["total"], strict=True)


def shift_of(day_starts_h: int) -> int:
    """The hour of the UTC day at which a day begins that begins at `day_starts_h` in Shanghai."""
    return (day_starts_h - 8) % 24


def _add(found: _Found, key: tuple[int, int], cells: Cells) -> None:
    before = found.get(key)
    if before is None:
        found[key] = cells
        return
    n, total, low, high = before
    found[key] = (n + cells[0], total + cells[1], min(low, cells[2]), max(high, cells[3]))


def _listed(cells: _Found, quantity: str, width_h: int, shift_h: int) -> list[Bucket]:
    known = quantity_of(quantity)
    return [
        Bucket(
            _start_of(bucket, width_h, shift_h),
            n,
            known.from_stored(total),
            known.from_stored(low),
            known.from_stored(high),
        )
        for (_s, bucket), (n, total, low, high) in sorted(cells.items())
    ]


def _start_of(bucket: int, width_h: int, shift_h: int) -> datetime:
    return _moment((bucket * width_h + shift_h) * _HOUR_S)


def _seconds(moment: datetime) -> int:
    return int(require_aware(moment).timestamp())


def _moment(t: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=t)
