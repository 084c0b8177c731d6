"""The elements of a report as the rules ask for them (R04E, R05E, R05R), and what the incident already tells of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from anlan.incidents.models import Incident
from anlan.incidents.types import Rolling
from anlan.kernel.clock import SHANGHAI
from anlan.ruleset.reportclocks import ReportPacks, required_elements
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import (
    GRADE_LABELS,
    INFORMANT_LABELS,
    KIND_LABELS,
    RESTRICTED,
    TYPES,
    IncidentKind,
    Informant,
)


class Element(NamedTuple):
    zh: str
    en: str


#: Short labels of every code that a report may hold; the long ones with their source are in the packs.
ELEMENTS: dict[str, Element] = {
    "received_at": Element("接报时间", "received"),
    "source": Element("信息来源", "source"),
    "occurred_at": Element("事发时间", "when it happened"),
    "place": Element("事发地点", "where"),
    "nature": Element("事件性质", "nature"),
    "unit": Element("事发单位概况", "the unit"),
    "course": Element("简要经过", "course in short"),
    "latest": Element("最新进展", "latest"),
    "scope": Element("影响范围", "extent"),
    "casualties": Element("伤亡与损失", "casualties and losses"),
    "persons": Element("涉及人数", "persons concerned"),
    "loss": Element("直接经济损失", "direct loss"),
    "cause": Element("原因", "cause"),
    "measures": Element("已采取措施", "measures taken"),
    "leaders": Element("领导到位情况", "leaders on the scene"),
    "trend": Element("发展趋势", "trend"),
    "advice": Element("工作建议", "advice"),
    "result": Element("处置结果", "result"),
    "reference": Element("归口编号", "reference"),
}
#: Written although no rule asks for it.
_BESIDE: dict[str, tuple[str, ...]] = {
    "flash": ("course",),
    "initial": ("course", "cause"),
    "follow_up": ("latest", "scope", "leaders", "cause", "advice"),
    "final": ("latest", "scope", "result"),
    "nil": ("latest",),
}
#: A follow-up says the place in its title and does not repeat the start (R05).
_NOT_AGAIN = frozenset({"received_at", "source", "occurred_at", "place", "nature"})
_OF_PEOPLE = ("deaths", "missing", "serious_injuries", "injured", "trapped", "affected", "evacuated")


def required(kind: str, event_type: str, packs: ReportPacks) -> frozenset[str]:
    """What is recorded as missing when nobody says it. The signer is no element that somebody writes."""
    if kind == "nil":
        return frozenset()
    asked = required_elements("phone" if kind == "flash" else kind, event_type, packs)  # type: ignore[arg-type]  # the kinds of the chain
    codes = {one.code for one in asked if one.code in ELEMENTS}
    return frozenset(codes - _NOT_AGAIN if kind in ("follow_up", "final") else codes)


def offered(kind: str, event_type: str, packs: ReportPacks) -> tuple[str, ...]:
    """The elements of the form, in the order of the paper."""
    wanted = set(required(kind, event_type, packs))
    face = TYPES.get(event_type)
    if face is None or face.event_class not in RESTRICTED:
        wanted |= set(_BESIDE[kind])
    return tuple(code for code in ELEMENTS if code in wanted)


def missing_of(elements: Mapping[str, str], unknown: Sequence[str], wanted: frozenset[str]) -> list[str]:
    """Required and not said; "being checked" counts as missing too."""
    return [
        code
        for code in ELEMENTS
        if code in wanted and (code in unknown or not elements.get(code, "").strip())
    ]


def known_already(incident: Incident, codes: Sequence[str], counted: Mapping[str, Rolling]) -> dict[str, str]:
    """What the incident tells of each element."""
    loss = counted.get("direct_loss_yuan")
    persons = counted.get("persons")
    said = {
        "received_at": local(incident.known_at),
        "source": INFORMANT_LABELS[Informant(incident.informant)][0],
        "occurred_at": local(incident.occurred_at),
        "place": incident.division.name + incident.place_words.removeprefix(incident.division.name),
        "nature": _nature(incident),
        "course": incident.course,
        "unit": incident.unit.name if incident.unit is not None else "",
        "casualties": casualties(counted),
        "loss": f"{plain(loss.value)}元" if loss else "",
        "persons": f"{plain(persons.value)}人" if persons else "",
        "cause": incident.cause_words,
        "measures": incident.measures,
        "trend": incident.trend,
        "reference": incident.reference,
    }
    return {code: said.get(code, "") for code in codes}


def casualties(counted: Mapping[str, Rolling]) -> str:
    """ "死亡1人，受伤2人（待核实）"; only what was counted, zero included."""
    parts = []
    for code in (*_OF_PEOPLE, *(one for one in counted if one not in _OF_PEOPLE)):
        if code in counted:
            face, one = FIGURES[code], counted[code]
            doubt = "" if one.is_verified else "（待核实）"
            parts.append(f"{face.zh}{plain(one.value)}{face.unit_zh}{doubt}")
    return "，".join(parts)


def _nature(incident: Incident) -> str:
    kind = KIND_LABELS[IncidentKind(incident.kind)][0]
    grade = f"，初判{GRADE_LABELS[incident.grade][1]}" if incident.grade else ""
    sensitive = "，敏感事件" if incident.is_sensitive else ""
    return f"{TYPES[incident.event_type].zh}{kind}{grade}{sensitive}"


def plain(value: object) -> str:
    """ "3" for 3.00, "1.5" for 1.50."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def local(moment: datetime | None) -> str:
    """ "7月1日8时05分" in local time, "" for none."""
    if moment is None:
        return ""
    here = moment.astimezone(SHANGHAI)
    return f"{here.month}月{here.day}日{here.hour}时{here.minute:02d}分"
