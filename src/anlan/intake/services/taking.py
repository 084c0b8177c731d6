"""Take a call or message once, describe it better, correct its place."""

from __future__ import annotations

import math
import uuid
from datetime import datetime, timedelta
from typing import Any

from anlan.events.published import IntakeTaken
from anlan.incidents.numbering import next_number
from anlan.incidents.refusals import InTheFuture, OutOfOrder, UnknownType
from anlan.intake.models import Intake, IntakeSender
from anlan.intake.refusals import BadPoint, NothingSaid, UnknownSource
from anlan.intake.services.steps import add_step
from anlan.intake.types import IntakeDetails
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.places import queries as places
from anlan.places.coordinates import county_box
from anlan.places.models import Division
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import RESTRICTED, TYPES, Informant

#: Clocks of callers and phones differ a little from ours. Engineering choice.
SLACK = timedelta(minutes=2)
#: A point this far outside the county's box is another county's, degrees (about 5 km). Engineering choice.
OUTSIDE = 0.05


def take_intake(
    details: IntakeDetails,
    *,
    sender: IntakeSender | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    cause: str = "",
) -> tuple[Intake, bool]:
    """Keep a message; False beside the known row where its reference came before.

    What is unknown stays empty: a message without time or place is taken like any other. Raises what is impossible.
    """
    reference = _reference(details, sender)
    known = Intake.objects.filter(reference=reference).first() if reference else None
    if known is not None:
        return known, False
    check_details(details, at=at)
    county = places.county()
    home = details.division or (sender.division if sender is not None else None) or county
    if home is None:
        raise NothingSaid
    path = details.division.path if details.division else (county or home).path
    face = TYPES.get(details.event_type)
    intake = Intake(
        number=next_number("intake", at),
        state="received",
        source=details.source,
        reference=reference or None,
        sender=sender,
        sender_name=(details.sender_name or (sender.name if sender else ""))[:80],
        received_at=details.received_at,
        occurred_at=details.occurred_at,
        caller_name=details.caller_name.strip()[:60],
        caller_post=details.caller_post.strip()[:60],
        caller_number=details.caller_number.strip()[:40],
        place_words=details.place_words.strip()[:200],
        division=details.division,
        path=path,
        elsewhere=_elsewhere(details),
        lon=details.lon,
        lat=details.lat,
        text=details.text.strip()[:8000],
        event_type=details.event_type,
        casualties=details.casualties.strip()[:200],
        figures=_figures(details.figures),
        told=details.told.strip()[:200],
        call_id=details.call_id[:80],
        recording=details.recording[:200],
        recorder=by.ref,
        recorder_name=by.name[:60],
        reporter_person_id=by.person_id,
        unit=details.unit,
        unit_head_knew_at=details.unit_head_knew_at,
        is_restricted=face is not None and face.event_class in RESTRICTED,
        needs_signature=details.needs_signature,
        receipt=details.receipt,
        exercise_id=exercise_id,
    ).record(by=by, at=at, kind="taken", cause=cause)
    if sender is not None:
        IntakeSender.objects.filter(pk=sender.pk).update(heard_at=at)
    announce(IntakeTaken(str(intake.pk), source=intake.source), at=at, exercise_id=exercise_id)
    return intake, True


def _reference(details: IntakeDetails, sender: IntakeSender | None) -> str:
    if not details.reference:
        return ""
    owner = f"sender:{sender.pk}" if sender is not None else details.source
    return f"{owner}:{details.reference}"[:160]


def check_details(details: IntakeDetails, *, at: datetime) -> None:
    """Raise what cannot be before anything is stored."""
    if details.source not in {one.value for one in Informant}:
        raise UnknownSource(given=details.source[:40])
    if not details.text.strip():
        raise NothingSaid
    if details.event_type and details.event_type not in TYPES:
        raise UnknownType(given=details.event_type[:40])
    _check_point(details.lon, details.lat)
    for moment in (details.received_at, details.occurred_at, details.unit_head_knew_at):
        if moment is not None and moment > at + SLACK:
            raise InTheFuture(what=f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    if details.occurred_at is not None and details.occurred_at > details.received_at + SLACK:
        raise OutOfOrder


def _check_point(lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None):
        raise BadPoint
    if lon is None or lat is None:
        return
    if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadPoint


def _elsewhere(details: IntakeDetails) -> str:
    """Why it seems to be about another county, "" where nothing says so."""
    if details.foreign_code:
        return details.foreign_code[:120]
    if details.division is None and details.lon is not None and details.lat is not None:
        box = county_box()
        if box is not None and not box.holds(details.lon, details.lat, margin=OUTSIDE):
            return f"{details.lon:.4f}, {details.lat:.4f}"
    return ""


def _figures(given: dict[str, str]) -> dict[str, str]:
    return {code: value for code, value in given.items() if code in FIGURES and str(value).strip()}


#: What may be put right later; the former words stay in the journal.
_OPEN_TO_CHANGE = frozenset(
    {
        "occurred_at",
        "caller_name",
        "caller_post",
        "caller_number",
        "text",
        "event_type",
        "casualties",
        "figures",
        "told",
        "unit",
        "unit_head_knew_at",
        "recording",
    }
)


def describe_intake(
    intake: Intake,
    *,
    by: Actor,
    at: datetime,
    **fields: Any,  # Any: values of fields
) -> Intake:
    """Describe it better. The type decides anew whether reading is restricted."""
    different = {
        name: value
        for name, value in fields.items()
        if name in _OPEN_TO_CHANGE and getattr(intake, name) != value
    }
    if not different:
        return intake
    if "text" in different and not str(different["text"]).strip():
        raise NothingSaid
    occurred_at = different.get("occurred_at", intake.occurred_at)
    for moment in (occurred_at, different.get("unit_head_knew_at")):
        if moment is not None and moment > at + SLACK:
            raise InTheFuture(what=f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    if occurred_at is not None and occurred_at > intake.received_at + SLACK:
        raise OutOfOrder
    wanted = different.get("event_type")
    if wanted:
        if wanted not in TYPES:
            raise UnknownType(given=str(wanted)[:40])
        of_restricted = intake.incident is not None and intake.incident.is_restricted
        different["is_restricted"] = of_restricted or TYPES[wanted].event_class in RESTRICTED
    return intake.change(by=by, at=at, kind="described", fields=different)


def correct_place(
    intake: Intake,
    *,
    division: Division | None,
    place_words: str,
    lon: float | None = None,
    lat: float | None = None,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Intake:
    """Say where it really is. The former place stays in the journal and in the steps."""
    _check_point(lon, lat)
    former = "；".join(
        part for part in (intake.division.name if intake.division else "", intake.place_words) if part
    )
    county = places.county()
    path = division.path if division is not None else (county.path if county is not None else intake.path)
    intake.change(
        by=by,
        at=at,
        kind="place_corrected",
        division_id=division.pk if division is not None else None,
        path=path,
        elsewhere="",
        place_words=place_words.strip()[:200],
        lon=lon,
        lat=lat,
    )
    intake.division = division
    words = f"{former or '未说地点'} → {division.name if division else ''}{place_words}".strip()
    add_step(
        intake, "corrected", words=f"{words}。{reason}" if reason else words, division=division, by=by, at=at
    )
    return intake
