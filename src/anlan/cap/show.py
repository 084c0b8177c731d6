"""A message in plain lines, Chinese or English, for a person at a terminal or a preview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from anlan.cap import wire
from anlan.cap.model import Alert, Area, Info
from anlan.kernel.clock import SHANGHAI

_LABELS: dict[str, tuple[str, str]] = {
    "identifier": ("标识", "identifier"),
    "sender": ("发送方", "sender"),
    "sent": ("发出", "sent"),
    "kind": ("状态", "status"),
    "references": ("针对", "refers to"),
    "restriction": ("限定", "restricted to"),
    "event": ("事件", "event"),
    "issuer": ("发布单位", "issuer"),
    "severity": ("程度", "severity"),
    "time": ("时间", "time"),
    "headline": ("标题", "headline"),
    "description": ("内容", "description"),
    "advice": ("防御指南", "what to do"),
    "codes": ("编码", "codes"),
    "area": ("区域", "area"),
    "unlimited": ("未写明终止", "no end given"),
    "points": ("点", "points"),
    "places": ("个编码", "codes"),
}
_LONGEST_LINE = 400


def lines(alert: Alert, *, language: str = "zh") -> Iterator[str]:
    """One line a fact; times in Asia/Shanghai."""

    def word(name: str) -> str:
        return _LABELS[name][0 if language == "zh" else 1]

    def line(name: str, text: str) -> Iterator[str]:
        if text:
            shown = " ".join(text.split())
            yield f"  {word(name)}: {shown[:_LONGEST_LINE]}{'…' if len(shown) > _LONGEST_LINE else ''}"

    yield f"{alert.msg_type} {alert.identifier}"
    yield from line("sender", alert.sender)
    yield from line("sent", _stamp(alert.sent))
    yield from line("kind", f"{alert.status} · {alert.scope} · CAP {alert.version}")
    yield from line("restriction", alert.restriction)
    yield from line("references", "; ".join(f"{one.sender} {one.identifier}" for one in alert.references))
    for info in alert.infos:
        yield f"  [{info.language or '-'}]"
        yield from line("event", f"{info.event} ({', '.join(info.categories)})")
        yield from line("severity", f"{info.severity} · {info.urgency} · {info.certainty}")
        yield from line("issuer", info.sender_name)
        yield from line("time", _span(info, word("unlimited")))
        yield from line("headline", info.headline)
        yield from line("description", info.description)
        yield from line("advice", info.recommended_action)
        yield from line(
            "codes", ", ".join(f"{pair.name}={pair.value}" for pair in (*info.event_codes, *info.parameters))
        )
        for area in info.areas:
            yield from line("area", _area(area, word("points"), word("places")))


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} (+08:00)"


def _span(info: Info, unlimited: str) -> str:
    start = info.onset or info.effective
    end = unlimited if info.expires is None else _stamp(info.expires)
    return f"{_stamp(start) if start else ''} → {end}"


def _area(area: Area, points: str, places: str) -> str:
    parts = [area.description]
    parts += [f"{len(polygon)} {points}" for polygon in area.polygons]
    parts += [wire.write_circle(circle) for circle in area.circles]
    if area.geocodes:
        parts.append(f"{len(area.geocodes)} {places}")
    return " · ".join(parts)
