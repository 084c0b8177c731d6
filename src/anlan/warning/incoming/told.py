"""One warning as its sender tells it, whatever form it came in: a sentence, a CAP message, the national JSON."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from anlan.warning.incoming.areas import tier_of
from anlan.warning.incoming.digits import plain
from anlan.warning.incoming.sentence import ReadWarning
from anlan.warning.incoming.sure import Confidence

#: What an issuer's name is reduced to before two are compared: 气象台 and 气象局 of one place are one voice.
_VOICES = (
    (re.compile(r"气象(?:台|局|站|服务中心)|(?:突发事件)?预警信息?发布中心"), "气象"),
    (re.compile(r"水文(?:中心|局|站|水资源勘测(?:中心|局))"), "水文"),
    (re.compile(r"防汛(?:抗旱|防台抗旱)?(?:指挥部)?(?:办公室)?|防汛办|防指办"), "防汛"),
    (re.compile(r"应急(?:管理)?(?:局|厅)"), "应急"),
    (re.compile(r"自然资源(?:和规划)?(?:局|厅)"), "自然资源"),
)
_NOT_CONTENT = re.compile(
    r"^\s*(?:(?:转发|转|FW|Fw|Fwd|FWD|RE|Re)\s*[:：]\s*)+|【[^】]{0,40}】|\s+|[，。；：、！,.;:!()（）\[\]]"
)


@dataclass(frozen=True, slots=True)
class Told:
    """`read` is what the page shows: each field with value, confidence and spans. `content` is what two copies have in common.

    `is_certain`: nothing that a rule acts on was assumed or contradicted, so that a signature given in advance may count.
    `msg_type` and `references` (sender,identifier,sent) only for CAP and the national JSON.
    """

    issuer: str
    hazard: str
    hazard_words: str
    level: int | None
    action: str
    issued_at: datetime | None
    expires_at: datetime | None
    villages: tuple[str, ...]
    content: str
    read: dict[str, Any] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    is_certain: bool = False
    is_drill: bool = False
    identifier: str = ""
    sender: str = ""
    sent: str = ""
    msg_type: str = ""
    status: str = ""
    references: tuple[str, ...] = ()

    @property
    def tier(self) -> str:
        return tier_of(self.issuer)

    @property
    def content_sha256(self) -> str:
        mark = "drill|" if self.is_drill else ""
        return hashlib.sha256(f"{mark}{self.content}".encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def voice(self) -> str:
        return voice_of(self.issuer)

    @property
    def affair(self) -> str:
        """Issuer, hazard, level and action, for comparing arrivals; "" when too little of it was understood."""
        if not (self.issuer and (self.hazard or self.hazard_words)):
            return ""
        kind = "lift" if self.action == "lift" else "warn"
        kind = f"drill-{kind}" if self.is_drill else kind  # a drill is never the same as the real thing
        return f"{self.voice}|{self.hazard or self.hazard_words}|{self.level or ''}|{kind}"[:200]


def voice_of(issuer: str) -> str:
    """Whose voice a name is: the place and the trade."""
    name = plain(issuer)
    for pattern, voice in _VOICES:
        name = pattern.sub(voice, name)
    return name[:60]


def same_content(text: str) -> str:
    """The words of a message without signature, prefix, spaces and punctuation: what all its copies share."""
    return _NOT_CONTENT.sub("", _NOT_CONTENT.sub("", plain(text)))


def of_sentence(one: ReadWarning, text: str) -> Told:
    """What a sentence tells."""
    needed = (one.issuer, one.hazard, one.level, one.issued_at, one.area)
    sure = {Confidence.SURE, Confidence.LIKELY}
    code, name = one.hazard.value
    return Told(
        issuer=one.issuer.value[:120],
        hazard=(code or "")[:24],
        hazard_words=name[:80],
        level=one.level.value,
        action=one.action.value,
        issued_at=_utc(one.issued_at.value),
        expires_at=_utc(one.expires_at.value),
        villages=one.area.value.villages,
        content=same_content(text[one.start : one.end]),
        read=shown(one),
        doubts=one.doubts,
        is_certain=all(each.confidence in sure for each in needed)
        and "area_partly_unknown" not in one.doubts,
        is_drill=one.is_drill,
    )


def shown(one: ReadWarning) -> dict[str, Any]:
    """The fields with their confidence and spans, as JSON."""
    values: dict[str, Any] = {
        "issuer": one.issuer.value,
        "hazard": one.hazard.value[1],
        "level": one.level.value,
        "action": one.action.value,
        "issued_at": _text(one.issued_at.value),
        "expires_at": _text(one.expires_at.value),
        "area": list(one.area.value.codes),
    }
    fields = {
        name: {
            "value": value,
            "confidence": str(getattr(one, name).confidence),
            "spans": [list(span) for span in getattr(one, name).spans],
        }
        for name, value in values.items()
    }
    return {
        "fields": fields,
        "ambiguous": list(one.area.value.ambiguous),
        "doubts": list(one.doubts),
        "not_understood": [list(span) for span in one.not_understood],
        "span": [one.start, one.end],
        "former_level": one.former_level,
    }


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _text(moment: datetime | None) -> str | None:
    found = _utc(moment)
    return None if found is None else found.isoformat()
