"""Messages of our own making for the tests: one good alert, and ways to spoil it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from anlan.cap.model import Alert, Area, Circle, Info, Resource, Valued
from anlan.cap.validate import validate
from anlan.cap.write import write

BEIJING = timezone(timedelta(hours=8))
SENT = datetime(2026, 7, 1, 8, 0, tzinfo=BEIJING)
SQUARE = ((27.40, 102.90), (27.40, 102.95), (27.45, 102.95), (27.45, 102.90), (27.40, 102.90))

GOOD = Alert(
    identifier="99990141600000_20260701080000",
    sender="99990141600000",
    sent=SENT,
    codes=("profile:R26",),
    infos=(
        Info(
            event="暴雨橙色预警",
            categories=("Met",),
            urgency="Immediate",
            severity="Severe",
            certainty="Likely",
            language="zh-CN",
            response_types=("Prepare",),
            event_codes=(Valued("eventType", "11B03"),),
            effective=SENT,
            onset=SENT,
            expires=SENT + timedelta(hours=3),
            sender_name="云岭县气象台",
            headline="云岭县气象台发布暴雨橙色预警[Ⅱ级/严重]",
            description="未来3小时 <50毫米> & 以上",
            recommended_action="停止户外作业。",
            parameters=(Valued("severityColour", "Orange"),),
            resources=(Resource("雷达图", "image/png", 1234, "https://example.invalid/1.png"),),
            areas=(
                Area(
                    "柳河镇",
                    polygons=(SQUARE,),
                    circles=(Circle(27.4, 102.9, 5.5),),
                    geocodes=(Valued("CN_DIVISION", "999901101000"),),
                ),
            ),
        ),
    ),
)


def with_info(alert: Alert = GOOD, **fields: Any) -> Alert:
    return replace(alert, infos=(replace(alert.infos[0], **fields),))


def with_area(**fields: Any) -> Alert:
    return with_info(areas=(replace(GOOD.infos[0].areas[0], **fields),))


def document(alert: Alert = GOOD) -> str:
    return write(alert).decode()


def found(text: str | bytes) -> set[str]:
    """Codes of everything said about a document."""
    return {one.code for one in validate(text.encode() if isinstance(text, str) else text).findings}
