"""A signed report beside the figures of its incident, and one key that takes them over."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from anlan.accounts.access import require
from anlan.incidents import services as incidents
from anlan.incidents.models import Figure
from anlan.incidents.types import FigureDetails
from anlan.kernel.actor import Actor
from anlan.losses import checks, forms, queries, wording
from anlan.losses.models import CourseReport
from anlan.losses.refusals import NothingToTransfer, StateForbids
from anlan.vocab.posts import Right

#: Deaths first: then fewer missing people are explained by them (失踪 turning 死亡).
_FIRST = ("deaths",)


def transfer_figures(report: CourseReport, *, by: Actor, at: datetime) -> list[Figure]:
    """Add the figures of a signed report to the incident as verified facts of the source “灾情统计”; others' stay beside them."""
    course = report.course
    require(by, Right.TAKE_REPORTS, course.division.path)
    if report.state != "signed":
        raise StateForbids(state=wording.REPORT_STATES[report.state][0])
    if course.incident is None or course.transferred_report == report.pk:
        raise NothingToTransfer
    values = checks.loaded(report.values)
    kind = wording.kind_words(report.kind, report.number)[0]
    indicators = [one for one in forms.form_of(course.first_hazard).indicators if one.figure]
    indicators.sort(key=lambda one: one.figure not in _FIRST)
    made = []
    for indicator in indicators:
        value = values.get(indicator.code, Decimal(0)) * Decimal(indicator.figure_factor)
        if not value and not _is_known(report, indicator.figure):
            continue
        why = report.explanations.get(indicator.code) or f"{course.number} {kind}"
        details = FigureDetails(
            indicator.figure, value, queries.SOURCE, report.data_until, scope=course.division, why=why
        )
        figure = incidents.add_figure(
            course.incident, details, by=by, at=at, cause=f"loss_report:{report.pk}"
        )
        if figure.state == "claimed":
            incidents.verify_figure(figure, by=by, at=at)
        made.append(figure)
    course.change(by=by, at=at, kind="transferred", transferred_report=report.pk)
    return made


def _is_known(report: CourseReport, code: str) -> bool:
    """A zero says something only where the statistics said something else before."""
    rows = Figure.objects.filter(incident=report.course.incident, code=code, source=queries.SOURCE)
    return rows.exists()
