"""Pages for everybody: warnings in force, one warning, in ordinary and in large type."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import get_language

from anlan.portal import reading
from anlan.portal.bounded import Answer, PublicRequest, bounded
from anlan.portal.pages import page


def _list(request: PublicRequest, *, is_large: bool) -> Answer:
    at = _minute(request.now)
    found = reading.in_force(at=request.now, language=_language())
    return Answer(page("portal/warnings.html", warnings=found, read_at=at, is_large=is_large))


@bounded
def warnings(request: PublicRequest) -> Answer:
    return _list(request, is_large=False)


@bounded
def warnings_large(request: PublicRequest) -> Answer:
    return _list(request, is_large=True)


def _one(request: PublicRequest, public_id: uuid.UUID, *, is_large: bool) -> Answer:
    found = reading.one(public_id, at=request.now, language=_language())
    at = _minute(request.now)
    return Answer(page("portal/warning.html", warning=found, read_at=at, is_large=is_large))


@bounded
def warning(request: PublicRequest, public_id: uuid.UUID) -> Answer:
    return _one(request, public_id, is_large=False)


@bounded
def warning_large(request: PublicRequest, public_id: uuid.UUID) -> Answer:
    return _one(request, public_id, is_large=True)


def _language() -> str:
    return (get_language() or "zh").split("-")[0]


def _minute(moment: datetime) -> datetime:
    """To the minute, so that a page that did not change keeps its ETag for one."""
    return moment.replace(second=0, microsecond=0)
