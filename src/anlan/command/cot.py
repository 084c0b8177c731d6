"""An incident as Cursor on Target events for TAK clients, and what they send back: positions of teams, points and drawings.

Out: the incident, its scenes, its teams where they were heard last, its marks. In: a position of a client that stands for a
team whose job runs; a point or a drawing becomes a mark, found again by its uid. Nothing else is believed: whoever is not
known is listed and stored nowhere. A client stands for a team when its uid is the tracker of one of the team's vehicles, or
its callsign is the team's code or name.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as _

from anlan.command.models import PlotMark, Scene
from anlan.command.plotting import marks_of, move_mark, place_mark, relabel_mark, remove_mark
from anlan.dispatch.models import FixSource, PositionFix, TeamJob
from anlan.dispatch.services.positions import Fix, note_position
from anlan.documents.cot import CotEvent
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.resources.models import Asset
from anlan.vocab.symbols import FREE, SYMBOLS, Shape

#: Our own uids begin so; what comes back under the name of a team is an echo and no news.
PREFIX = "anlan."
#: How long a client may show what it heard from us before it greys it out.
STALE_TEAM, STALE_REST = timedelta(minutes=10), timedelta(hours=1)
#: A client's time may be ahead of ours by so much.
SLACK = timedelta(minutes=2)
#: Events of one message that are looked at. Engineering choice.
MOST_EVENTS = 500
#: Types of ours: a ground unit of one's own, a point, a freehand drawing.
TEAM, POINT, DRAWING = "a-f-G-U", "b-m-p-s-m", "u-d-f"
#: Jobs whose team is out.
OUT = ("told", "left", "arrived", "working", "done")


class TooManyEvents(Refusal):
    code = "cot.too_many_events"
    text = _("One message holds at most %(most)s events.")
    next_step = _("Send them in several messages.")
    status = 413


@dataclass(slots=True)
class Taken:
    """What became of incoming events, by uid. `unknown` names those that stand for nobody here, `refused` (uid, code of the refusal)."""

    positions: list[str] = field(default_factory=list)
    placed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def picture(incident: Incident, *, at: datetime) -> list[CotEvent]:
    """The incident as events at a moment of its run. An incident without a point sends no point of its own."""
    events = [_point("incident", incident.pk, incident, incident.title, at)] if _has_place(incident) else []
    scenes = Scene.objects.filter(incident=incident).exclude(state="closed").order_by("number")
    events += [
        _point("scene", row.pk, row, f"{row.number} {row.name}", at) for row in scenes if _has_place(row)
    ]
    jobs = TeamJob.objects.filter(incident=incident, state__in=OUT).select_related("team").order_by("number")
    fixes = _newest([job.pk for job in jobs], at)
    events += [event for job in jobs if (event := _team(job, fixes.get(job.pk), at))]
    return events + [_mark(mark, at) for mark in marks_of(incident)]


def _has_place(row: Any) -> bool:
    return row.lon is not None and row.lat is not None


def _point(kind: str, key: uuid.UUID, row: Any, words: str, at: datetime) -> CotEvent:
    return CotEvent(
        uid=f"{PREFIX}{kind}.{key}", type=POINT, how="h-e", time=at, start=at, stale=at + STALE_REST, lon=row.lon, lat=row.lat,
        callsign=words,
    )  # fmt: skip


def _newest(jobs: list[uuid.UUID], at: datetime) -> dict[uuid.UUID, PositionFix]:
    rows = PositionFix.objects.filter(job_id__in=jobs, happened_at__lte=at + SLACK)
    rows = rows.filter(happened_at__gt=at - timedelta(hours=12)).order_by("happened_at", "received_at")
    return {row.job_id: row for row in rows.iterator(2_000) if row.job_id is not None}


def _team(job: TeamJob, fix: PositionFix | None, at: datetime) -> CotEvent | None:
    """Where it was heard; without that where it arrived, else nothing: a base is no position."""
    if fix is not None:
        lon, lat, heard, error = fix.lon, fix.lat, fix.happened_at, fix.accuracy_m
    elif job.arrived_at is not None and job.lon is not None and job.lat is not None:
        lon, lat, heard, error = job.lon, job.lat, job.arrived_at, None
    else:
        return None
    return CotEvent(
        uid=f"{PREFIX}team.{job.team.code}",
        type=TEAM,
        how="m-g" if fix is not None else "h-e",
        time=heard,
        start=heard,
        stale=heard + STALE_TEAM,
        lon=lon,
        lat=lat,
        ce_m=error,
        callsign=job.team.name,
        remarks=f"{job.number} {job.state}",
    )


def _mark(mark: PlotMark, at: datetime) -> CotEvent:
    geometry = orjson.loads(mark.geometry)
    corners = _corners(geometry)
    lon, lat = corners[0] if len(corners) == 1 else _middle(corners)
    face = SYMBOLS.get(mark.symbol)
    return CotEvent(
        uid=mark.uid or f"{PREFIX}mark.{mark.pk}",
        type=POINT if len(corners) == 1 else DRAWING,
        how="h-e",
        time=mark.moved_at or mark.placed_at,
        start=mark.moved_at or mark.placed_at,
        stale=at + STALE_REST,
        lon=lon,
        lat=lat,
        callsign=mark.label or (face.zh if face is not None else mark.symbol),
        corners=() if len(corners) == 1 else tuple(corners),
        is_closed=geometry["type"] == "Polygon",
        symbol=mark.symbol,
    )


def _corners(geometry: dict[str, Any]) -> list[tuple[float, float]]:
    coordinates = geometry["coordinates"]
    if geometry["type"] == "Point":
        coordinates = [coordinates]
    elif geometry["type"] == "Polygon":
        coordinates = coordinates[0]
    return [(lon, lat) for lon, lat in coordinates]


def _middle(corners: Sequence[tuple[float, float]]) -> tuple[float, float]:
    lons, lats = [lon for lon, _lat in corners], [lat for _lon, lat in corners]
    return round((min(lons) + max(lons)) / 2, 7), round((min(lats) + max(lats)) / 2, 7)


def take_events(
    events: Iterable[CotEvent], *, incident: Incident, by: Actor, by_name: str, at: datetime
) -> Taken:
    """Take what TAK clients say about one incident. The same events again change nothing; one that is refused stops no other."""
    listed = list(events)
    if len(listed) > MOST_EVENTS:
        raise TooManyEvents(most=MOST_EVENTS)
    taken = Taken()
    for event in listed:
        try:
            if event.is_position:
                _take_position(event, incident, taken, at)
            elif event.is_removal:
                _take_removal(event, incident, taken, by, by_name, at)
            elif event.is_drawing:
                _take_drawing(event, incident, taken, by, by_name, at)
            else:
                taken.unknown.append(event.uid)
        except Refusal as refusal:
            taken.refused.append((event.uid, refusal.code))
    return taken


def _take_position(event: CotEvent, incident: Incident, taken: Taken, at: datetime) -> None:
    if event.uid.startswith(PREFIX):
        taken.known.append(event.uid)
        return
    job = jobs_of(event).filter(incident=incident).first()
    if job is None:
        taken.unknown.append(event.uid)
        return
    fix = Fix(event.lon, event.lat, min(event.time, at), event.ce_m)
    new = note_position(job, [fix], at=at, source=FixSource.COT, tracker=event.uid)
    (taken.positions if new else taken.known).append(event.uid)


def jobs_of(event: CotEvent) -> QuerySet[TeamJob]:
    """The running jobs of the team that the client of this position stands for, the newest first."""
    tracked = Asset.objects.filter(tracker=event.uid, retired_at=None, team__isnull=False).values("team_id")
    is_of = Q(team_id__in=tracked)
    if event.callsign:
        is_of |= Q(team__code=event.callsign) | Q(team__name=event.callsign)
    jobs = TeamJob.objects.filter(is_of, state__in=OUT).select_related("incident", "team")
    return jobs.order_by("-told_at", "-pk")


def _take_removal(
    event: CotEvent, incident: Incident, taken: Taken, by: Actor, by_name: str, at: datetime
) -> None:
    mark = _known_mark(event.removes, incident)
    if mark is None:
        taken.unknown.append(event.removes)
        return
    if mark.removed_at is not None:
        taken.known.append(event.removes)
        return
    remove_mark(mark, by=by, by_name=by_name, at=at)
    taken.removed.append(event.removes)


def _take_drawing(
    event: CotEvent, incident: Incident, taken: Taken, by: Actor, by_name: str, at: datetime
) -> None:
    if event.uid.startswith(PREFIX) and not event.uid.startswith(f"{PREFIX}mark."):
        taken.known.append(event.uid)  # our own incident or scene coming back
        return
    mark = _known_mark(event.uid, incident)
    if mark is None:
        symbol, geometry = _drawn(event)
        mark = place_mark(
            incident, symbol=symbol, geometry=geometry, label=_label(event), uid=event.uid,
            key=uuid.uuid5(incident.pk, event.uid), by=by, by_name=by_name, at=at,
        )  # fmt: skip
        taken.placed.append(event.uid)
        return
    if mark.removed_at is not None:
        taken.known.append(event.uid)  # a client that has not heard of it draws it again for a while
        return
    before = mark.version
    _change(mark, event, by=by, at=at)
    (taken.moved if mark.version != before else taken.known).append(event.uid)


def _change(mark: PlotMark, event: CotEvent, *, by: Actor, at: datetime) -> None:
    """An older event than the last change is an echo of what stood before."""
    if event.time < (mark.moved_at or mark.placed_at) - SLACK:
        return
    _symbol, geometry = _drawn(event, SYMBOLS[mark.symbol].shape)
    move_mark(mark, geometry=geometry, by=by, at=at)
    label, face = _label(event), SYMBOLS[mark.symbol]
    if label and label not in (mark.label, face.zh, face.en):
        relabel_mark(mark, label=label, by=by, at=at)


def _known_mark(uid: str, incident: Incident) -> PlotMark | None:
    """By the uid that a client gave it, or by ours."""
    is_of = Q(uid=uid)
    if uid.startswith(f"{PREFIX}mark."):
        try:
            is_of = Q(pk=uuid.UUID(uid.rpartition(".")[2]))
        except ValueError:
            return None
    rows = PlotMark.objects.filter(is_of, incident=incident).select_related("incident", "incident__division")
    return rows.order_by("-placed_at", "-pk").first()


def _drawn(event: CotEvent, wanted: Shape | None = None) -> tuple[str, dict[str, Any]]:
    """The symbol and GeoJSON of a point or a drawing; our own symbol where the event names one of that shape."""
    shape = wanted or _shape(event)
    corners = [list(corner) for corner in event.corners]
    if shape is Shape.POINT:
        geometry: dict[str, Any] = {"type": "Point", "coordinates": [event.lon, event.lat]}
    elif shape is Shape.LINE:
        geometry = {"type": "LineString", "coordinates": corners}
    else:
        geometry = {"type": "Polygon", "coordinates": [corners]}
    named = SYMBOLS.get(event.symbol)
    return (event.symbol if named is not None and named.shape is shape else FREE[shape]), geometry


def _shape(event: CotEvent) -> Shape:
    if not event.corners:
        return Shape.POINT
    return Shape.AREA if event.is_closed else Shape.LINE


def _label(event: CotEvent) -> str:
    return event.callsign or event.remarks
