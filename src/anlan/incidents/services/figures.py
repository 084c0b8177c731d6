"""Add, verify and withdraw figures. Nothing is overwritten; a fall of what only grows needs a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from anlan.events.published import FiguresChanged
from anlan.incidents.models import Figure, FigureState, Incident
from anlan.incidents.refusals import (
    BadFigure,
    FallNeedsReason,
    InTheFuture,
    OnlyTheCount,
    ReasonMissing,
    UnknownFigure,
    Words,
)
from anlan.incidents.types import FigureDetails
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.vocab.figures import FIGURES, OF_RESTRICTED

_PRECISION = Decimal("0.01")
_SLACK = timedelta(minutes=2)
#: Ten digits before the point: more is a slip of the pen, and the column takes sixteen.
_MOST = Decimal("9999999999999")


def add_figure(
    incident: Incident, details: FigureDetails, *, by: Actor, at: datetime, cause: str = ""
) -> Figure:
    """A source counted something; the incident, and the one that it is merged into, are judged again.

    A count that was known already adds nothing.
    """
    before = latest_of(incident, details.code, (details.scope or incident.division).pk, details.source)
    figure = store_figure(incident, details, by=by, at=at, cause=cause)
    if before is None or figure.pk != before.pk:
        _judge_again(incident, by=by, at=at)
    return figure


def store_figure(
    incident: Incident, details: FigureDetails, *, by: Actor, at: datetime, cause: str = ""
) -> Figure:
    """The same without judging, for those who store several and judge once. Repeating the same value at the same time adds nothing and returns the known row.

    A missing person found dead is a rise of deaths and a fall of missing in one step: the fall is explained by the rise
    when both come from the same source with the same `as_of` (失踪 turning 死亡).
    """
    scope = details.scope or incident.division
    _check(incident, details, at=at)
    former = latest_of(incident, details.code, scope.pk, details.source)
    value = details.value.quantize(_PRECISION)  # as the column keeps it, so that the journal says the same
    if former is not None and former.value == value and former.as_of >= details.as_of:
        return former
    if former is not None and details.as_of >= former.as_of:
        _check_fall(incident, details, former)
    figure = Figure(
        state=FigureState.CLAIMED,
        incident=incident,
        code=details.code,
        value=value,
        scope=scope,
        source=details.source.strip()[:80],
        as_of=details.as_of,
        recorded_at=at,
        why=details.why.strip()[:300],
        replaces=former,
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="claimed", cause=cause)
    announce(FiguresChanged(str(incident.pk)), at=at, exercise_id=incident.exercise_id)
    return figure


def _judge_again(incident: Incident, *, by: Actor, at: datetime) -> None:
    """A figure of a merged incident counts in the main one as well."""
    from anlan.incidents.services.grading import regrade

    regrade(incident, by=by, at=at)
    main = incident.merged_into
    if main is not None:
        regrade(main, by=by, at=at)
        announce(FiguresChanged(str(main.pk)), at=at, exercise_id=main.exercise_id)


def verify_figure(figure: Figure, *, by: Actor, at: datetime) -> Figure:
    """Somebody checked it; from now on it grades the incident."""
    figure.advance("verified", by=by, at=at, verified_at=at, verified_by=by.ref)
    _judge_again(figure.incident, by=by, at=at)
    announce(FiguresChanged(str(figure.incident_id)), at=at, exercise_id=figure.exercise_id)
    return figure


def withdraw_figure(figure: Figure, *, reason: str, by: Actor, at: datetime) -> Figure:
    """It was wrong; the value before it counts again."""
    if not reason.strip():
        raise ReasonMissing
    figure.advance("withdrawn", by=by, at=at, withdrawn_why=reason.strip()[:300])
    _judge_again(figure.incident, by=by, at=at)
    announce(FiguresChanged(str(figure.incident_id)), at=at, exercise_id=figure.exercise_id)
    return figure


def plain(value: Decimal) -> str:
    """Without noughts behind the point: "3", "2.5"."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def latest_of(incident: Incident, code: str, scope_id: str, source: str) -> Figure | None:
    """The newest value of one source that still counts."""
    rows = Figure.objects.filter(incident=incident, code=code, scope_id=scope_id, source=source.strip()[:80])
    return rows.exclude(state=FigureState.WITHDRAWN).order_by("-as_of", "-recorded_at", "-pk").first()


def _check(incident: Incident, details: FigureDetails, *, at: datetime) -> None:
    face = FIGURES.get(details.code)
    if face is None:
        raise UnknownFigure(given=details.code)
    if incident.is_restricted and details.code not in OF_RESTRICTED:
        raise OnlyTheCount
    is_whole = details.value == details.value.to_integral_value()
    if not details.value.is_finite() or not 0 <= details.value <= _MOST or (face.is_count and not is_whole):
        raise BadFigure(
            name=Words(face.zh, face.en), value=plain(details.value) if details.value.is_finite() else "?"
        )
    if details.as_of > at + _SLACK:
        raise InTheFuture(what=f"{details.as_of.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")


def _check_fall(incident: Incident, details: FigureDetails, former: Figure) -> None:
    face = FIGURES[details.code]
    if not face.is_rolling or details.value >= former.value or details.why.strip():
        return
    if details.code == "missing" and _is_explained_by_deaths(incident, details, former):
        return
    raise FallNeedsReason(
        name=Words(face.zh, face.en), former=plain(former.value), value=plain(details.value)
    )


def _is_explained_by_deaths(incident: Incident, details: FigureDetails, former: Figure) -> bool:
    """Whether deaths of the same source rose at the same time by at least as many as are missing no more."""
    scope = details.scope or incident.division
    rows = Figure.objects.filter(
        incident=incident, code="deaths", scope=scope, source=details.source.strip()[:80]
    )
    counted = rows.exclude(state=FigureState.WITHDRAWN)
    now = counted.filter(as_of=details.as_of).order_by("-recorded_at").first()
    before = counted.filter(as_of__lt=details.as_of).order_by("-as_of", "-recorded_at").first()
    if now is None:
        return False
    return now.value - (before.value if before else Decimal(0)) >= former.value - details.value
