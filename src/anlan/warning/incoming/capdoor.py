"""CAP messages and the national JSON, told like sentences. Everything about the formats themselves is `anlan.cap`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from anlan.cap import national, parse
from anlan.cap.model import Alert, Area, Info
from anlan.vocab.event_codes import CODES
from anlan.vocab.levels import FACES
from anlan.warning.incoming.digits import plain
from anlan.warning.incoming.gazetteer import Gazetteer
from anlan.warning.incoming.sentence import read
from anlan.warning.incoming.sure import Confidence
from anlan.warning.incoming.told import Told, same_content
from anlan.warning.incoming.words import lexicon

_LEVEL_BY_SEVERITY = {face.severity: int(level) for level, face in FACES.items()}
_LEVEL_BY_COLOUR = {face.token: int(level) for level, face in FACES.items()} | {
    face.zh: int(level) for level, face in FACES.items()
}
_CODES = {row.code for row in CODES}
#: Mean radius of the Earth for circles, km (IUGG).
EARTH_KM = 6371.0088

#: A village with the point where it lies: code, lon, lat.
Located = tuple[str, float, float]


def of_xml(
    data: bytes, *, gazetteer: Gazetteer, located: Sequence[Located], received_at: datetime
) -> list[Told]:
    """Every alert of a document in any wrapping. Raises `CapRefused` with the reason."""
    return [
        of_alert(alert, gazetteer=gazetteer, located=located, received_at=received_at)
        for alert in parse.read_all(data)
    ]


def of_national(
    data: bytes, *, gazetteer: Gazetteer, located: Sequence[Located], received_at: datetime
) -> Told:
    """One message of the national site. Raises `CapRefused`."""
    found = national.read_json(data)
    text = found.fields.ISSUECONTENT or found.fields.head
    return of_alert(
        found.alert,
        gazetteer=gazetteer,
        located=located,
        received_at=received_at,
        text=text,
        level=None if found.level is None else int(found.level),
        code=found.event_code,
        words=found.fields.SIGNALTYPE,
        expires=_beijing(found.fields.RELIEVETIME),
    )


def of_alert(
    alert: Alert,
    *,
    gazetteer: Gazetteer,
    located: Sequence[Located],
    received_at: datetime,
    text: str = "",
    level: int | None = None,
    code: str = "",
    words: str = "",
    expires: datetime | None = None,
) -> Told:
    """What a message tells. Its own fields count; what they leave open is read from its words and said to be likely."""
    info = _info(alert)
    text = text or (
        "" if info is None else "\n".join(part for part in (info.headline, info.description) if part)
    )
    said = read(text, gazetteer=gazetteer, received_at=alert.sent).warnings
    spoken = said[0] if said else None
    code = code or (_code(info) if info is not None else "")
    words = words or ("" if info is None else info.event)
    if not code and spoken is not None:
        code = spoken.hazard.value[0] or ""
    level = level or (_level(info) if info is not None else None) or (spoken.level.value if spoken else None)
    issuer = _issuer(info, alert) or (spoken.issuer.value if spoken else "") or alert.sender
    if issuer == alert.sender and spoken is not None and spoken.issuer.value:
        issuer = spoken.issuer.value
    villages, area_sure, doubts = _villages(info, gazetteer, located)
    if not villages and spoken is not None:
        villages, area_sure = list(spoken.area.value.villages), spoken.area.confidence
        doubts = [*doubts, *spoken.area.value.doubts]
    action = {"Cancel": "lift", "Update": "continue"}.get(alert.msg_type, "issue")
    if action == "continue" and spoken is not None and spoken.action.value not in ("issue", "lift"):
        action = spoken.action.value
    ends = (
        expires or (None if info is None else info.expires) or (spoken.expires_at.value if spoken else None)
    )
    contradicts = spoken is not None and spoken.level.value not in (None, level)
    if contradicts:
        doubts.append("level_contradicts")
    return Told(
        issuer=issuer[:120],
        hazard=code[:24],
        hazard_words=(words or code)[:80],
        level=level,
        action=action,
        issued_at=alert.sent.astimezone(UTC),
        expires_at=None if ends is None else ends.astimezone(UTC),
        villages=tuple(villages),
        content=same_content(text) or f"{alert.sender}|{alert.identifier}",
        read=_shown(alert, text, level, words or code, issuer, action, ends, villages, area_sure, doubts),
        doubts=tuple(doubts),
        is_certain=area_sure in (Confidence.SURE, Confidence.LIKELY) and not contradicts and bool(code),
        is_drill=alert.status in ("Exercise", "Test", "Draft", "System"),
        identifier=alert.identifier[:200],
        sender=alert.sender[:200],
        sent=alert.sent.astimezone(UTC).isoformat(),
        msg_type=alert.msg_type[:12],
        status=alert.status[:12],
        references=tuple(f"{one.sender},{one.identifier}" for one in alert.references),
    )


def _info(alert: Alert) -> Info | None:
    """The Chinese part, else the first."""
    chinese = (one for one in alert.infos if one.language.lower().startswith("zh"))
    return next(chinese, alert.infos[0] if alert.infos else None)


def _code(info: Info) -> str:
    """A code of R26 among the event codes or parameters, else by the name of the event."""
    values = [one.value for one in (*info.event_codes, *info.parameters)]
    for value in values:
        if value in _CODES:
            return value
    names = lexicon().hazard_by_name
    event = plain(info.event)
    return names.get(event, "") or next((names[name] for name in names if name and name in event), "")


def _level(info: Info) -> int | None:
    """The colour as a parameter, else the CAP severity (a convention, R26)."""
    for one in info.parameters:
        found = _LEVEL_BY_COLOUR.get(one.value.strip().lower())
        if found is not None:
            return found
    return _LEVEL_BY_SEVERITY.get(info.severity)


def _issuer(info: Info | None, alert: Alert) -> str:
    return "" if info is None else info.sender_name.strip()


def _villages(
    info: Info | None, gazetteer: Gazetteer, located: Sequence[Located]
) -> tuple[list[str], Confidence, list[str]]:
    """By division codes, then by polygons and circles over where villages lie, then by the names in the description."""
    found: set[str] = set()
    doubts: list[str] = []
    if info is None:
        return [], Confidence.MISSING, doubts
    for area in info.areas:
        found |= _by_codes(area, gazetteer)
        found |= _by_shape(area, located)
    if found:
        return sorted(found), Confidence.SURE, doubts
    text = "、".join(area.description for area in info.areas)
    named = gazetteer.find(plain(text))
    codes = [one.places[0].code for one in named if len(one.places) == 1]
    if any(len(one.places) > 1 for one in named):
        doubts.append("area_ambiguous")
    if gazetteer.county is not None and not codes and gazetteer.county.name in text:
        codes = [gazetteer.county.code]
    villages = gazetteer.villages_of(codes)
    return villages, Confidence.LIKELY if villages else Confidence.MISSING, doubts


def _by_codes(area: Area, gazetteer: Gazetteer) -> set[str]:
    """Codes of 6, 9 or 12 digits, several of them in one value too. A code above the county means all of the county."""
    found: set[str] = set()
    for valued in area.geocodes:
        for value in valued.value.replace("，", ",").split(","):
            digits = value.strip()
            if not digits.isdigit() or not 2 <= len(digits) <= 12:
                continue
            code = digits.ljust(12, "0")
            if gazetteer.county is not None and gazetteer.county.code.startswith(code.rstrip("0") or "x"):
                code = gazetteer.county.code
            found |= set(gazetteer.villages_of([code]))
    return found


def _by_shape(area: Area, located: Sequence[Located]) -> set[str]:
    from shapely import Point  # shapely brings NumPy; only a CAP message with an outline pays for both
    from shapely.prepared import prep

    found: set[str] = set()
    for ring in area.polygons:
        shape = _polygon(ring)
        if shape is None:
            continue
        inside = prep(shape)
        found |= {code for code, lon, lat in located if inside.intersects(Point(lon, lat))}
    for circle in area.circles:
        for code, lon, lat in located:
            if _distance_km(circle.lon, circle.lat, lon, lat) <= circle.radius_km:
                found.add(code)
    return found


def _polygon(ring: Any) -> Any:
    """A ring of CAP (lat, lon) as a shape in lon, lat; None for one that encloses nothing."""
    from shapely.geometry import Polygon

    try:
        shape = Polygon([(float(point[1]), float(point[0])) for point in ring])
        shape = shape if shape.is_valid else shape.buffer(0)
    except (ValueError, TypeError, IndexError):
        return None
    return None if shape.is_empty else shape


def _distance_km(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great circle (haversine), km."""
    from math import asin, cos, radians, sin, sqrt

    a, b = radians(lat), radians(other_lat)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def _beijing(text: str) -> datetime | None:
    from anlan.kernel.clock import SHANGHAI

    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def _shown(
    alert: Alert,
    text: str,
    level: int | None,
    hazard: str,
    issuer: str,
    action: str,
    ends: datetime | None,
    villages: Sequence[str],
    area_sure: Confidence,
    doubts: Sequence[str],
) -> dict[str, Any]:
    """The fields as the page shows them; a message has no spans, its fields are its own."""
    sure = Confidence.SURE
    values: dict[str, tuple[Any, Confidence]] = {
        "issuer": (issuer, sure),
        "hazard": (hazard, sure),
        "level": (level, sure if level is not None else Confidence.MISSING),
        "action": (action, sure),
        "issued_at": (alert.sent.astimezone(UTC).isoformat(), sure),
        "expires_at": (
            None if ends is None else ends.astimezone(UTC).isoformat(),
            sure if ends else Confidence.MISSING,
        ),
        "area": (list(villages), area_sure),
    }
    fields = {
        name: {"value": value, "confidence": str(confidence), "spans": []}
        for name, (value, confidence) in values.items()
    }
    return {"fields": fields, "ambiguous": [], "doubts": list(doubts), "not_understood": [], "text": text}
