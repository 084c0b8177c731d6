"""What is looked at before a warning goes out: a list of findings, each with its severity, a sentence and where to mend it. Pure.

`stop` forbids submitting and issuing, in code; `warn` is shown and may be overruled by whoever signs; `note` informs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import fill


class Severity(StrEnum):
    STOP = "stop"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` is a translatable msgid with named placeholders; `field` is the part of the editor to jump to."""

    severity: Severity
    code: str
    text: str
    field: str
    data: dict[str, object] = dataclasses.field(default_factory=dict)

    def sentence(self) -> str:
        """In English; pages translate `text` first."""
        return fill(self.text, self.data)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the checks look at. What nobody could find out is None and makes no finding, save where that is one."""

    kind: str
    hazard: str
    level: int
    issuer: str
    headline: str
    body: str
    recommended_action: str
    voice_text: str
    places: int
    at: datetime
    expires_at: datetime | None = None
    is_drill: bool = False
    drill_mark: str = "【演练】"
    parties: int = 0
    may_issue: bool = True
    issuing_tier: str = ""
    units: int = 0
    most_units: int = 134
    segments: int = 1
    unreachable: Sequence[str] = ()
    spill_share: float | None = None
    spill_bound: float = 0.02
    shortest_validity: timedelta = timedelta(minutes=30)
    languages_missing: Sequence[str] = ()
    others_in_force: Sequence[str] = ()
    other_texts: Sequence[str] = ()
    #: The nearest filed template where a carrier would block the text; None where it passes or nobody can tell.
    blocked: str | None = None
    nearest_template: str = ""
    queue_seconds: float | None = None
    has_area: bool = True


def findings(case: Case) -> tuple[Finding, ...]:
    """Every finding, the gravest first, in a fixed order within a severity."""
    found = [*_stops(case), *_warnings(case), *_notes(case)]
    order = list(Severity)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def stops(case: Case) -> tuple[Finding, ...]:
    """Only what forbids going on."""
    return tuple(_stops(case))


def _stops(case: Case) -> list[Finding]:
    found: list[Finding] = []

    def stop(code: str, text: str, where: str, **data: object) -> None:
        found.append(Finding(Severity.STOP, code, text, where, data))

    if case.expires_at is not None and case.expires_at <= case.at:
        stop("expired", _("The validity has already ended."), "expires_at")
    if case.places == 0 and case.parties == 0:
        stop("no_audience", _("Nobody is addressed: no village, site or person."), "villages")
    if not case.issuer.strip():
        stop("no_issuer", _("No issuer is named."), "issuer")
    if not case.may_issue:
        stop(
            "only_relay",
            _("The county may not issue this; it may relay what the issuing tier (%(tier)s) issued."),
            "level",
            tier=case.issuing_tier or "—",
        )
    if not case.body.strip():
        stop("no_text", _("There is no text to send."), "body")
    if case.units > case.most_units:
        stop(
            "too_long",
            _("The message has %(characters)s characters; two SMS segments hold %(limit)s."),
            "body",
            characters=case.units,
            limit=case.most_units,
        )
    if case.is_drill and not all(
        _is_marked(text) for text in (case.body, case.voice_text, *case.other_texts)
    ):
        stop("drill_mark_missing", _("The mark of an exercise is missing in a text."), "body")
    if not case.is_drill and any(
        case.drill_mark in text for text in (case.body, case.headline, *case.other_texts)
    ):
        stop("drill_mark_in_reality", _("The text says that this is an exercise, and it is not one."), "body")
    if case.kind != "relay" and "预警" in f"{case.headline}{case.body}":
        stop("claims_to_be_a_warning", _("An own text must not call itself a public warning (预警)."), "body")
    return found


def _is_marked(text: str) -> bool:
    return not text.strip() or "演练" in text or "exercise" in text.lower()


def _warnings(case: Case) -> list[Finding]:
    found: list[Finding] = []

    def warn(code: str, text: str, where: str, **data: object) -> None:
        found.append(Finding(Severity.WARN, code, text, where, data))

    if case.expires_at is not None and case.at < case.expires_at < case.at + case.shortest_validity:
        minutes = round(case.shortest_validity.total_seconds() / 60)
        warn(
            "short_validity",
            _("It is valid for less than %(minutes)s minutes."),
            "expires_at",
            minutes=minutes,
        )
    if case.unreachable:
        warn(
            "unreachable",
            _("Nobody with a working number: %(names)s. The ladder goes on to the township."),
            "villages",
            names=_some(case.unreachable),
            count=len(case.unreachable),
        )
    if case.spill_share is not None and case.spill_share > case.spill_bound:
        warn(
            "spill_over",
            _("%(share)s per cent of the area lie outside the county; tell the neighbour."),
            "area",
            share=f"{100 * case.spill_share:.0f}",
        )
    if not case.recommended_action.strip():
        warn("no_advice", _("It does not say what to do."), "recommended_action")
    if case.blocked is not None:
        warn(
            "blocked_by_carrier",
            _("The carrier would block this text: %(why)s. Nearest filed template: %(template)s"),
            "body",
            why=case.blocked,
            template=case.nearest_template or "—",
        )
    if case.languages_missing:
        warn(
            "language_missing",
            _("No text in: %(languages)s."),
            "languages",
            languages=_some(case.languages_missing),
        )
    if case.others_in_force:
        warn(
            "another_in_force",
            _("Already in force for the same hazard and place: %(others)s. Update that one instead?"),
            "villages",
            others=_some(case.others_in_force),
        )
    if not case.voice_text.strip():
        warn("no_voice", _("There is no text for calls and loudspeakers."), "voice_text")
    return found


def _notes(case: Case) -> list[Finding]:
    found = [
        Finding(
            Severity.NOTE, "segments", _("SMS segments: %(segments)s."), "body", {"segments": case.segments}
        )
    ]
    if case.queue_seconds is not None:
        minutes = max(1, round(case.queue_seconds / 60))
        found.append(
            Finding(
                Severity.NOTE,
                "queue_time",
                _("Handing everything over takes about %(minutes)s min."),
                "villages",
                {"minutes": minutes},
            )
        )
    if not case.has_area:
        found.append(Finding(Severity.NOTE, "no_area", _("No area is drawn; only places are named."), "area"))
    if case.is_drill:
        found.append(Finding(Severity.NOTE, "drill", _("This is an exercise; every text says so."), "body"))
    return found


def _some(names: Sequence[str], most: int = 5) -> str:
    shown = "、".join(names[:most])
    return f"{shown} … ({len(names)})" if len(names) > most else shown
