"""What the county side tells the gateway: stations, bindings, sources, limits. Read again whenever the file changes.

Unknown fields are ignored on purpose: the file may come from a newer release than this process.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from anlan.kernel.clock import Clock, ScaledClock, SystemClock
from anlan.ruleset.bindings import Binding
from anlan.ruleset.quality import QualityBook, QualityRule
from anlan.sensing.engine.types import Amendment, EngineSettings, MaintenanceSpan

Sabotage = Literal["dedup", "hysteresis", "quality", "escalation"]


class Exercise(msgspec.Struct, frozen=True):
    id: str
    clock_start: datetime
    wall_start: datetime
    speed: float


class StationEntry(msgspec.Struct, frozen=True):
    code: str
    name: str = ""
    kind: str = ""
    owner: str = ""
    division: str | None = None
    silent_after_s: int = 1800
    ranges: dict[str, tuple[float | None, float | None]] = {}
    #: Quality control of its quantities, in place of the rule of the quantity.
    quality: dict[str, QualityRule] = {}
    #: How it is known on the wire: an empty protocol is any, an empty address is the code.
    protocol: str = ""
    address: str = ""
    #: What its driver must know, by name.
    settings: dict[str, str] = {}


class Source(msgspec.Struct, frozen=True):
    """Who may send over HTTP. `stations` lists codes, or "*" for all.

    What it sends counts as a sign of life of a station only for kinds in `heard_kinds`, of every kind when that is null:
    a person who reads a gauge by eye does not make its sensor speak.
    """

    name: str
    token_sha256: str
    stations: list[str]
    heard_kinds: list[str] | None = None

    def may_speak_for(self, station: str) -> bool:
        return "*" in self.stations or station in self.stations


class ConnectorEntry(msgspec.Struct, frozen=True):
    """Somebody else's JSON, pushed or fetched. `settings` and `mapping` are read by `connect` when the connector is used."""

    name: str
    kind: str
    version: int
    settings: dict[str, Any] = {}  # JSON, typed by the kind
    mapping: dict[str, Any] = {}  # JSON, typed by the mapping library
    token_sha256: str = ""
    secret_name: str = ""
    stations: list[str] = msgspec.field(default_factory=lambda: ["*"])

    def may_speak_for(self, station: str) -> bool:
        return "*" in self.stations or station in self.stations


class ReceiverEntry(msgspec.Struct, frozen=True):
    """Somebody to whom the stream is passed on."""

    name: str
    kind: str
    version: int
    settings: dict[str, Any] = {}  # JSON, typed by the kind
    wanted: dict[str, Any] = {}  # JSON, `sensing.connect.settings.Wanted`
    secret_name: str = ""
    for_exercises: bool = False


class Ports(msgspec.Struct, frozen=True):
    """0 lets the system choose; the chosen ports stand in run/gateway.json. `tcp` is that of SL 651.

    `protocols` are the TCP ports of the others by protocol: named here, a listener opens even before a station is registered; null keeps
    it shut; the others open on their driver's own port once the county has a station that speaks them. `udp` opens datagram listeners,
    for those drivers that allow it; none opens by itself.
    """

    tcp: int = 6510
    http: int = 6580
    protocols: dict[str, int | None] = {}
    udp: dict[str, int | None] = {}


class CommandEntry(msgspec.Struct, frozen=True):
    """A message that the county wants a station to get. `attempts` were sent before this file was written."""

    id: str
    station: str
    command: str
    arguments: dict[str, str] = {}
    asked_by: str = ""
    released_by: str = ""
    expires_at: datetime | None = None
    attempts: int = 0


class Limits(msgspec.Struct, frozen=True):
    """Bounds of the listeners. Engineering defaults; each is a setting of the county."""

    connections: int = 6000
    #: Stations of one mobile operator share a few addresses, so this is wide.
    per_address: int = 6000
    idle_s: float = 900
    #: A connection that sent this much without one good frame is cut.
    bytes_without_frame: int = 65_536
    #: Frames of one connection that wait to be stored; above it the connection is not read.
    frames_waiting: int = 64
    http_connections: int = 256
    max_body: int = 4 << 20
    #: All request bodies together while they arrive.
    max_bodies: int = 64 << 20
    max_rows: int = 50_000
    header_s: float = 10
    body_s: float = 60
    body_bytes_a_second: float = 1000
    #: Readings that wait for the writer, all connections together.
    rows_waiting: int = 400_000
    future_after_s: int = 600
    late_after_s: int = 7200
    clock_offset_s: int = 300


class Catalogue(msgspec.Struct, frozen=True):
    version: int = 0
    node: str = ""
    exercise: Exercise | None = None
    stations: list[StationEntry] = []
    bindings: list[Binding] = []
    sources: list[Source] = []
    connectors: list[ConnectorEntry] = []
    receivers: list[ReceiverEntry] = []
    commands: list[CommandEntry] = []
    #: Quality control by quantity; granted maintenance; what persons decided about readings and the gateway has not told yet.
    quality: dict[str, QualityRule] = {}
    maintenance: list[MaintenanceSpan] = []
    amendments: list[Amendment] = []
    ports: Ports = Ports()
    bind: str = "127.0.0.1"
    limits: Limits = Limits()
    sabotage: list[Sabotage] = []

    def clock(self) -> Clock:
        """The clock of the exercise, or the wall clock."""
        run = self.exercise
        if run is None:
            return SystemClock()
        return ScaledClock(
            clock_start=_aware(run.clock_start), wall_start=_aware(run.wall_start), speed=run.speed
        )

    def engine_settings(self) -> EngineSettings:
        """What concerns storing and evaluating. Sabotage outside an exercise is ignored."""
        sabotage = self.sabotage if self.exercise else []
        known = {station.code for station in self.stations}
        judged = [] if "quality" in sabotage else self.stations
        return EngineSettings(
            bindings=[binding for binding in self.bindings if binding.station in known],
            ranges={(st.code, quantity): limits for st in judged for quantity, limits in st.ranges.items()},
            quality=QualityBook(
                by_quantity=self.quality if judged else {},
                by_stream={(st.code, name): rule for st in judged for name, rule in st.quality.items()},
            ),
            maintenance=tuple(self.maintenance),
            exercise=self.exercise.id if self.exercise else "",
            future_after_s=self.limits.future_after_s,
            late_after_s=self.limits.late_after_s,
            deduplication_switched_off_for_a_failing_drill="dedup" in sabotage,
            hysteresis_switched_off_for_a_failing_drill="hysteresis" in sabotage,
        )


class CatalogueFile:
    """Watches one file; an unreadable or wrong file keeps the catalogue that was there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark: tuple[int, int, int] | None = None
        #: Why the newest file is not in use, "" when it is.
        self.problem = ""

    def read_if_changed(self) -> Catalogue | None:
        """The new catalogue, or None when nothing usable changed."""
        try:
            seen = self._path.stat()
            mark = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
            if mark == self._mark:
                return None
            found = parse_catalogue(self._path.read_bytes())
        except FileNotFoundError:
            self.problem = f"{self._path.name} does not exist yet"
            return None
        except (OSError, ValueError) as error:  # msgspec's errors and BadBinding are ValueErrors
            self._mark = mark
            self.problem = str(error)
            return None
        self._mark = mark
        self.problem = ""
        return found


def parse_catalogue(data: bytes) -> Catalogue:
    """A catalogue from JSON; ValueError names what is wrong."""
    return msgspec.json.decode(data, type=Catalogue)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
