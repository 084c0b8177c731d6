"""A report as structure: what a page shows, a paper prints and an interface sends. Frozen once it is signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from anlan.attachments.models import Attachment
from anlan.incidents.models import Incident
from anlan.incidents.queries import rolling_of
from anlan.incidents.types import Rolling
from anlan.kernel.clock import parse_instant
from anlan.reporting.elements import ELEMENTS, missing_of, offered, required
from anlan.reporting.models import UpwardReport
from anlan.reporting.services.common import person_name
from anlan.reporting.texts import Wording, body
from anlan.reporting.types import ElementValue, FigureValue, ReportContent
from anlan.reporting.words import kind_words
from anlan.ruleset.reportclocks import ReportPacks
from anlan.sensing.rules.governing import report_packs
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import TYPES

#: What a snapshot keeps of the incident beside its figures.
_KEPT = (
    "number",
    "title",
    "event_class",
    "event_type",
    "kind",
    "occurred_at",
    "known_at",
    "place_words",
    "division_id",
    "grade",
    "is_sensitive",
    "course",
    "cause_words",
    "measures",
    "trend",
    "reference",
)


def type_of(report: UpwardReport) -> str:
    """The type of incident that the report is about, "" for a nil report."""
    if report.incident is not None:
        return report.incident.event_type
    return str(report.facts.get("event_type", ""))


def packs_of(report: UpwardReport, *, at: datetime) -> ReportPacks:
    return report_packs(at=at, path=report.division.path, exercise_id=report.exercise_id)


def snapshot_of(incident: Incident) -> dict[str, Any]:
    """The incident and its rolling figures as they stand now, as plain data."""
    fields = {name: _plain(getattr(incident, name)) for name in _KEPT}
    return {"incident": fields, "figures": _figures(rolling_of(incident))}


def _figures(counted: Mapping[str, Rolling]) -> dict[str, dict[str, Any]]:
    return {
        code: {
            "value": f"{one.value:f}",
            "source": one.source,
            "as_of": one.as_of.isoformat(),
            "is_verified": one.is_verified,
        }
        for code, one in counted.items()
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def changes_since(
    former: UpwardReport | None, snapshot: Mapping[str, Any], elements: Mapping[str, str]
) -> dict[str, Any]:
    """What differs from the report before: figures and words, each with what was said then (None: not told then)."""
    if former is None:
        return {}
    before, now = former.snapshot.get("figures", {}), snapshot.get("figures", {})
    figures = {
        code: before.get(code, {}).get("value")
        for code in [*now, *(one for one in before if one not in now)]
        if _value(before, code) != _value(now, code)
    }
    words = {
        code: former.elements.get(code, "")
        for code, said in elements.items()
        if said.strip() and said.strip() != former.elements.get(code, "").strip()
    }
    return {"figures": figures, "elements": words, "former": str(former.pk)}


def _value(figures: Mapping[str, Any], code: str) -> Decimal | None:
    return Decimal(figures[code]["value"]) if code in figures else None


def wording_of(report: UpwardReport, *, at: datetime, serial: int | None = None) -> Wording:
    codes = [code for code in ELEMENTS if report.elements.get(code, "").strip() or code in report.unknown]
    return Wording(
        kind=report.kind,
        serial=report.serial if serial is None else serial,
        title=report.title,
        place=report.division.name + "应急值班室",
        at=at,
        number=report.number,
        codes=codes,
        elements=report.elements,
        unknown=report.unknown,
        former_title=report.former.title if report.former is not None else "",
        is_direct=report.is_direct,
        is_exercise=report.exercise_id is not None,
    )


def text_of(report: UpwardReport, *, at: datetime) -> str:
    """The text as it was signed; of a draft as it would read now."""
    return report.text or body(wording_of(report, at=at))


def report_content(report: UpwardReport, *, at: datetime) -> ReportContent:
    """Everything that stands in a report. A signed one reads from its own snapshot, whatever happened to the incident since."""
    incident = report.incident
    snapshot = report.snapshot or (snapshot_of(incident) if incident is not None else {})
    changes = report.changes or changes_since(report.former, snapshot, report.elements)
    fields = snapshot.get("incident", {})
    event_type = str(fields.get("event_type") or report.facts.get("event_type", ""))
    face = TYPES.get(event_type)
    zh, en = kind_words(report.kind, report.serial)
    return ReportContent(
        report_id=report.pk,
        kind=report.kind,
        serial=report.serial,
        kind_zh=zh,
        kind_en=en,
        number=report.number,
        title=report.title,
        state=report.state,
        division=report.division,
        incident_id=report.incident_id,
        incident_number=str(fields.get("number", "")),
        event_class=face.event_class.value if face else None,
        event_type=event_type,
        type_zh=face.zh if face else "",
        grade=fields.get("grade"),
        is_sensitive=bool(fields.get("is_sensitive")),
        is_restricted=bool(incident and incident.is_restricted),
        is_direct=report.is_direct,
        known_at=report.known_at,
        occurred_at=_moment(fields.get("occurred_at") or report.facts.get("occurred_at")),
        place=report.elements.get("place", "") or str(fields.get("place_words", "")),
        elements=_elements(report, event_type, changes, at=at),
        figures=_figure_values(snapshot, changes),
        text=text_of(report, at=report.signed_at or at),
        former_title=report.former.title if report.former is not None else "",
        drafter=person_name(report.drafted_by),
        reviewer=person_name(report.reviewed_by) if report.reviewed_by else "",
        signer=signer_of(report),
        signed_way=report.signed_way,
        signed_at=report.signed_at,
        receivers=tuple(
            dict.fromkeys(report.deliveries.order_by("asked_at", "id").values_list("name", flat=True))
        ),
        image_ids=tuple(
            Attachment.objects.filter(subject=f"upward_report:{report.pk}", media_type__startswith="image/")
            .order_by("received_at", "id")
            .values_list("id", flat=True)
        ),
        is_exercise=report.exercise_id is not None,
        missing=tuple(ELEMENTS[code].zh for code in report.missing if code in ELEMENTS),
    )


def signer_of(report: UpwardReport) -> str:
    """Who signed, also by word of mouth; "" before."""
    if report.signed_way == "word":
        return str(report.word.get("signer", ""))
    return person_name(report.signed_by) if report.signed_by else ""


def _elements(
    report: UpwardReport, event_type: str, changes: Mapping[str, Any], *, at: datetime
) -> tuple[ElementValue, ...]:
    packs = packs_of(report, at=report.signed_at or at)
    wanted = required(report.kind, event_type, packs)
    missing = set(report.missing or missing_of(report.elements, report.unknown, wanted))
    former = changes.get("elements", {})
    codes = [*offered(report.kind, event_type, packs)]
    codes += [code for code in report.elements if code in ELEMENTS and code not in codes]
    return tuple(
        ElementValue(
            code=code,
            zh=ELEMENTS[code].zh,
            en=ELEMENTS[code].en,
            words=report.elements.get(code, ""),
            is_required=code in wanted,
            is_missing=code in missing,
            is_unknown=code in report.unknown,
            former=former.get(code),
        )
        for code in codes
    )


def _figure_values(snapshot: Mapping[str, Any], changes: Mapping[str, Any]) -> tuple[FigureValue, ...]:
    changed = changes.get("figures", {})
    found = []
    for code, one in snapshot.get("figures", {}).items():
        face = FIGURES.get(code)
        if face is None:
            continue
        former = changed.get(code)
        found.append(
            FigureValue(
                code=code,
                zh=face.zh,
                en=face.en,
                unit_zh=face.unit_zh,
                unit_en=face.unit_en,
                value=Decimal(one["value"]),
                source=one["source"],
                as_of=parse_instant(one["as_of"]),
                is_verified=bool(one["is_verified"]),
                former=Decimal(former) if former is not None else None,
                is_changed=code in changed,
            )
        )
    return tuple(found)


def _moment(text: Any) -> datetime | None:
    return parse_instant(text) if isinstance(text, str) and text else None
