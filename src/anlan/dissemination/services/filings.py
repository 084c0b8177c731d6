"""Filed signatures and templates of SMS routes (签名/模板报备): keep them, and say before sending whether a text fits one.

A text that fits nothing on file may be blocked by the carrier without a word. Without anything on file the answer is "not known",
never "fine". Filed numbers are the carrier's and are only ever entered by people.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from anlan.dissemination.channels.routing import route_settings
from anlan.dissemination.channels.segments import TooLong, plan
from anlan.dissemination.models import FilingStatus, SmsSignature, SmsTemplate
from anlan.dissemination.refusals import BadFiling, FilingExists
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI

#: A named place in a template, as {village}; names as the county likes them.
PLACE = re.compile(r"\{(\w{1,30})\}")
#: Most characters of a place whose limit nobody gave. Assumption: carriers limit variables, each in its own way.
PLACE_MOST = 500
TEMPLATE_MOST = 1_000
_SIGNED = re.compile(r"\A【([^【】]{1,20})】|【([^【】]{1,20})】\Z")


class Fit(StrEnum):
    """What the filings of one route say about a text."""

    FITS = "fits"
    NO_FILING_KNOWN = "no_filing_known"
    NOT_FILED = "not_filed"
    SIGNATURE_NOT_FILED = "signature_not_filed"
    #: Fits only what is pending or has expired.
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the text beside the nearest template: "same", "extra" (only in the text), "missing" (only on file)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class RouteVerdict:
    """One route. `template` is the name of what fits or of what is nearest, `likeness` 0 to 1."""

    route: str
    fit: Fit
    template: str = ""
    filed_number: str = ""
    likeness: float = 0.0
    spans: tuple[Span, ...] = ()
    signature: str = ""


@dataclass(frozen=True, slots=True)
class FilingVerdict:
    """Every route of the channel, in the order in which they are tried, and how many messages the text takes."""

    segments: int
    units: int
    routes: tuple[RouteVerdict, ...]

    @property
    def may_be_blocked(self) -> bool:
        """True where a route has filings and the text fits none in force."""
        return any(one.fit not in (Fit.FITS, Fit.NO_FILING_KNOWN) for one in self.routes)

    @property
    def is_known(self) -> bool:
        """False while some route has no filing at all: then nobody can say "fine"."""
        return bool(self.routes) and all(one.fit is not Fit.NO_FILING_KNOWN for one in self.routes)


def check(text: str, channel: str = "sms", *, on: date | None = None) -> FilingVerdict:
    """What the filings say about a text as it would leave. `on` is today in Beijing, for filings that expire."""
    today = on or datetime.now(SHANGHAI).date()
    routes = [entry.name for entry in route_settings(channel)]
    signatures = _by_route(SmsSignature.objects.filter(route__in=routes))
    templates = _by_route(SmsTemplate.objects.filter(route__in=routes))
    verdicts = tuple(
        _judge(name, text, signatures.get(name, []), templates.get(name, []), today) for name in routes
    )
    try:
        made = plan(text)
        return FilingVerdict(made.segments, made.units, verdicts)
    except TooLong:
        return FilingVerdict(0, 0, verdicts)


def matches(template: str, text: str, limits: Mapping[str, int]) -> bool:
    """Whether a text is the template with 1 to `limits` characters in each place.

    Walks along the fixed words and keeps every position that is possible, so that no text takes long whatever it holds.
    """
    words, places = _literals(template)
    if not text.startswith(words[0]):
        return False
    reached = {len(words[0])}
    for place, fixed in zip(places, words[1:], strict=True):
        most = limits.get(place, PLACE_MOST)
        starts = {at + length for at in reached for length in range(1, min(most, len(text) - at) + 1)}
        reached = {at + len(fixed) for at in starts if text.startswith(fixed, at)}
    return len(text) in reached


def nearest(
    text: str, templates: Sequence[SmsTemplate]
) -> tuple[SmsTemplate, float, tuple[Span, ...]] | None:
    """The filed template most like a text, and where they differ; places count as equal to whatever stands there."""
    best: tuple[SmsTemplate, float, tuple[Span, ...]] | None = None
    for template in templates:
        matcher = difflib.SequenceMatcher(None, PLACE.sub("\0", template.text), text, autojunk=False)
        ratio = matcher.ratio()
        if best is None or ratio > best[1]:
            best = (template, ratio, _spans(matcher, template.text, text))
    return best


# --- keeping them -----------------------------------------------------------------------------------------------------


def add_signature(
    route: str, text: str, *, status: str, filed_number: str = "", valid_until: date | None = None, note: str = "",
    by: Actor, at: datetime,
) -> SmsSignature:  # fmt: skip
    """Enter what the carrier filed. The marks 【】 may be left out."""
    name = text.strip().strip("【】").strip()
    if not 2 <= len(name) <= 20:
        raise BadFiling(why="a signature has 2 to 20 characters")
    _check(route, status)
    if SmsSignature.objects.filter(route=route, text=name).exists():
        raise FilingExists(name=name, route=route)
    row = SmsSignature(
        route=route, text=name, status=status, filed_number=filed_number.strip()[:60], valid_until=valid_until,
        note=note.strip()[:200],
    )  # fmt: skip
    with transaction.atomic(savepoint=False):
        return row.record(by=by, at=at, kind="added")


def add_template(
    route: str, name: str, text: str, *, status: str, limits: Mapping[str, int] | None = None,
    filed_number: str = "", valid_until: date | None = None, note: str = "", by: Actor, at: datetime,
) -> SmsTemplate:  # fmt: skip
    """Enter what the carrier filed, word for word, with {places} where it lets words vary."""
    row = _template(route, name, text, status, limits or {}, filed_number, valid_until, note)
    if SmsTemplate.objects.filter(route=row.route, name=row.name).exists():
        raise FilingExists(name=row.name, route=row.route)
    with transaction.atomic(savepoint=False):
        return row.record(by=by, at=at, kind="added")


def change_status(
    row: SmsSignature | SmsTemplate, *, status: str, filed_number: str = "", valid_until: date | None = None,
    by: Actor, at: datetime,
) -> None:  # fmt: skip
    """What the carrier says now. The text of a filing never changes: another text is another filing."""
    _check(row.route, status)
    fields: dict[str, Any] = {"status": status, "valid_until": valid_until}
    if filed_number.strip():
        fields["filed_number"] = filed_number.strip()[:60]
    with transaction.atomic(savepoint=False):
        row.change(by=by, at=at, kind="changed", fields=fields)


def import_templates(lines: Iterable[str], *, route: str, by: Actor, at: datetime) -> tuple[int, list[str]]:
    """One template a line: name, text, filed number, status (filed unless said), separated by tabs. All or nothing.

    Returns how many were entered and what is wrong, by line; with anything wrong nothing is entered.
    """
    rows: list[SmsTemplate] = []
    wrong: list[str] = []
    known = set(SmsTemplate.objects.filter(route=route).values_list("name", flat=True))
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.rstrip("\r\n").split("\t")]
        if not any(cells):
            continue
        name, text, filed, status = (*cells, "", "", "", "")[:4]
        try:
            row = _template(route, name, text, status or FilingStatus.FILED.value, {}, filed, None, "")
            if row.name in known:
                raise FilingExists(name=row.name, route=route)
        except (BadFiling, FilingExists) as refused:
            wrong.append(f"{number}: {refused.data.get('why') or refused.data.get('name')}")
            continue
        known.add(row.name)
        rows.append(row)
    if wrong or not rows:
        return 0, wrong
    with transaction.atomic(savepoint=False):
        record_all(rows, by=by, at=at, kind="added")
    return len(rows), []


# --- inside -----------------------------------------------------------------------------------------------------------


def _template(
    route: str, name: str, text: str, status: str, limits: Mapping[str, int], filed_number: str,
    valid_until: date | None, note: str,
) -> SmsTemplate:  # fmt: skip
    name, text = name.strip(), text.strip()
    if not 1 <= len(name) <= 60:
        raise BadFiling(why="a template has a name of 1 to 60 characters")
    if not 1 <= len(text) <= TEMPLATE_MOST:
        raise BadFiling(why=f"a template has 1 to {TEMPLATE_MOST} characters")
    if not PLACE.sub("", text).strip():
        raise BadFiling(why="a template of nothing but places would let everything through")
    if "}{" in text:
        raise BadFiling(why="two places need words between them")
    places = set(PLACE.findall(text))
    unknown = set(limits) - places
    if unknown:
        raise BadFiling(why=f"no place is called {', '.join(sorted(unknown))}")
    if any(not 1 <= most <= PLACE_MOST for most in limits.values()):
        raise BadFiling(why=f"the limit of a place lies between 1 and {PLACE_MOST}")
    _check(route, status)
    return SmsTemplate(
        route=route, name=name, text=text, limits=dict(limits), status=status, filed_number=filed_number.strip()[:60],
        valid_until=valid_until, note=note.strip()[:200],
    )  # fmt: skip


def _check(route: str, status: str) -> None:
    if not 1 <= len(route) <= 40:
        raise BadFiling(why="a filing belongs to a route")
    if status not in FilingStatus.values:
        raise BadFiling(why=f"the status is one of {', '.join(FilingStatus.values)}")


def _by_route(rows: Iterable[Any]) -> dict[str, list[Any]]:  # Any: rows of either kind
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.route, []).append(row)
    return found


def _is_in_force(row: SmsSignature | SmsTemplate, today: date) -> bool:
    return row.status == FilingStatus.FILED and (row.valid_until is None or row.valid_until >= today)


def _judge(
    route: str, text: str, signatures: list[SmsSignature], templates: list[SmsTemplate], today: date
) -> RouteVerdict:
    if not templates and not signatures:
        return RouteVerdict(route, Fit.NO_FILING_KNOWN)
    signature = signature_of(text)
    if signatures and not any(one.text == signature and _is_in_force(one, today) for one in signatures):
        return RouteVerdict(route, Fit.SIGNATURE_NOT_FILED, signature=signature)
    if not templates:
        return RouteVerdict(route, Fit.NO_FILING_KNOWN, signature=signature)
    bare = _SIGNED.sub("", text, count=1)
    fitting = [
        one for one in templates if matches(one.text, text, one.limits) or matches(one.text, bare, one.limits)
    ]
    for one in fitting:
        if _is_in_force(one, today):
            return RouteVerdict(route, Fit.FITS, one.name, one.filed_number, 1.0, signature=signature)
    if fitting:
        return RouteVerdict(
            route, Fit.NOT_IN_FORCE, fitting[0].name, fitting[0].filed_number, 1.0, signature=signature
        )
    return _not_filed(route, text, bare, templates, signature, today)


def _not_filed(
    route: str, text: str, bare: str, templates: list[SmsTemplate], signature: str, today: date
) -> RouteVerdict:
    in_force = [one for one in templates if _is_in_force(one, today)] or templates
    signed_ones = [one for one in in_force if _SIGNED.search(one.text)]
    found = nearest(text, in_force) if signed_ones else nearest(bare, in_force)
    assert found is not None  # there is at least one template here
    template, likeness, spans = found
    return RouteVerdict(
        route, Fit.NOT_FILED, template.name, template.filed_number, likeness, spans, signature
    )


def signature_of(text: str) -> str:
    """The name in 【…】 at the beginning or the end; "" without one."""
    found = _SIGNED.search(text)
    return (found[1] or found[2]) if found else ""


def _literals(template: str) -> tuple[list[str], list[str]]:
    """The fixed words of a template, and the names of the places between them (one fewer)."""
    parts = PLACE.split(template)
    return parts[0::2], parts[1::2]


def _spans(matcher: difflib.SequenceMatcher[str], template: str, text: str) -> tuple[Span, ...]:
    """Where a text leaves the template. What stands in a place is no difference."""
    holder = PLACE.sub("\0", template)
    spans: list[Span] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        on_file = holder[i1:i2]
        if kind == "equal" or "\0" in on_file:
            spans.append(Span("same", text[j1:j2]))
            missing = on_file.replace("\0", "") if kind != "equal" else ""
        else:
            spans.append(Span("extra", text[j1:j2]))
            missing = on_file
        if missing and kind != "equal":
            spans.append(Span("missing", missing))
    return tuple(one for one in spans if one.text)
