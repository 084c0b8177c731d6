"""The phone form: one column, nine fields, from the keyboard alone; the caller's history and likely duplicates beside it."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import intakewords as words
from anlan.console.moments import YEARS
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.intake import clocks_for, sentence
from anlan.directory.queries import mask, people_with_number
from anlan.incidents.models import Incident
from anlan.intake import queries, services
from anlan.intake.access import access_ring
from anlan.intake.guessing import guess_type, read_figures
from anlan.intake.landmarks import find_places, names_for_list, resolve
from anlan.intake.models import Intake, RingEvent
from anlan.intake.refusals import BadMoment, BadPoint, SeveralPlaces
from anlan.intake.types import FoundPlace, IntakeDetails
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotFound, Refusal
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right

#: Sources that a person at the desk enters, the usual ones first.
ENTERED = (
    "phone", "110", "119", "120", "122", "12345", "12350", "141", "township", "village", "department", "enterprise",
    "opinion", "military", "upper", "12379", "other",
)  # fmt: skip
_CLOCK = re.compile(r"(\d{1,2})[:：时]?(\d{2})分?")
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")


@desk
def new(request: DeskRequest) -> HttpResponse:
    """The form, and its saving. What was typed stays when something is refused."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    taken = _taken_ring(request)
    if taken is not None:
        return redirect("console:intake_record", taken)
    if request.method != "POST":
        return render(request, "console/intake/form.html", _page(request, _blank(request)))
    try:
        with transaction.atomic():
            row, incident = _save(request)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        page = _page(request, request.POST.dict()) | {"problem": sentence(refusal)}
        return render(request, "console/intake/form.html", page, status=422)
    if incident is not None:
        return redirect("console:incident", incident.pk)
    return redirect("console:intake_record", row.pk)


def _blank(request: DeskRequest) -> dict[str, Any]:
    """What is known before a word is said: that it is the phone, and who rings."""
    given: dict[str, Any] = {"source": "phone", "key": str(uuid.uuid4())}
    at = clocks.now(clocks.default_exercise_id())
    ring = _ring(request, request.GET.get("ring", ""))
    if ring is not None:
        given |= {"ring": str(ring.pk), "caller_number": ring.number}
        at = min(ring.answered_at or ring.rang_at, at)
        known = people_with_number(ring.number, at) if ring.number else []
        if len(known) == 1:
            given["caller"] = known[0].name
    given["received"] = at.isoformat()
    return given


def _taken_ring(request: DeskRequest) -> uuid.UUID | None:
    """The message of a call that somebody wrote down already: a second officer is led there, and nothing is kept twice."""
    ring = _ring(request, (request.POST or request.GET).get("ring", ""))
    if ring is None or ring.state != "taken" or ring.intake_id is None:
        return None
    return ring.intake_id


def _ring(request: DeskRequest, text: str) -> RingEvent | None:
    if not text:
        return None
    try:
        return access_ring(request.actor, uuid.UUID(text))
    except ValueError:
        raise NotFound from None


def _page(request: DeskRequest, given: dict[str, Any]) -> dict[str, Any]:
    sources = words.sources()
    return {
        "given": given,
        "sources": [(code, sources[code]) for code in ENTERED],
        "types": words.types(),
        "places": list(names_for_list(request.actor)),
        "received": _moment_of(given.get("received", ""), request.now),
        **_beside(request, given),
    }


def _save(request: DeskRequest) -> tuple[Intake, Incident | None]:
    given, by = request.POST, request.actor
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    details = read_form(given, by, at)
    ring = _ring(request, given.get("ring", ""))
    row, is_new = services.take_intake(details, by=by, at=at, exercise_id=run)
    if not is_new and row.recorder != by.ref:
        raise NotFound
    if ring is not None and ring.state != "taken":
        services.take_ring(ring, row, by=by, at=at)
    verb = given.get("verb", "")
    if verb == "open" and row.incident_id is None:
        return row, services.open_from_intake(row, by=by, at=at)
    if verb.startswith("link:"):
        _link(request, row, verb.removeprefix("link:"), at)
    return row, None


def _link(request: DeskRequest, row: Intake, target: str, at: datetime) -> None:
    """Saved as one more message of what is known already."""
    from anlan.incidents.access import access_incident
    from anlan.intake.access import access_intake

    kind, _colon, key = target.partition(":")
    try:
        pk = uuid.UUID(key)
    except ValueError:
        raise NotFound from None
    if kind == "incident":
        incident = access_incident(request.actor, pk, need=Right.TAKE_REPORTS)
        services.add_to_incident(row, incident, by=request.actor, at=at)
        return
    main = access_intake(request.actor, pk, need=Right.TAKE_REPORTS)
    services.link_duplicate(row, main, by=request.actor, at=at)


def read_form(given: QueryDict, by: Actor, at: datetime) -> IntakeDetails:
    """The nine fields as they are kept. Words that name no place stay words; a place named twice in the county is asked for."""
    typed = given.get("place", "").strip()[:200]
    place = _place(by, typed)
    name, _space, post = given.get("caller", "").strip().partition(" ")
    text, casualties = given.get("text", "").strip(), given.get("casualties", "").strip()
    received_at = min(_received(given.get("received", ""), at), at)
    lon, lat = _degrees(given.get("lon", "")), _degrees(given.get("lat", ""))
    if lon is None and lat is None and place is not None:
        lon, lat = place.lon, place.lat
    key = given.get("key", "")
    wanted = given.get("event_type", "")
    return IntakeDetails(
        source=given.get("source", ""),
        reference=f"form:{key}" if _KEY.fullmatch(key) else "",
        text=text or casualties,
        received_at=received_at,
        occurred_at=occurred(given.get("occurred", ""), received_at),
        caller_name=name,
        caller_post=post.strip(),
        caller_number=given.get("caller_number", ""),
        place_words=place.name if place is not None and place.label == typed else typed,
        division=place.division if place is not None else _own_desk(by),
        lon=lon,
        lat=lat,
        event_type=wanted if wanted in TYPES or wanted else guess_type(text),
        casualties=casualties,
        figures=read_figures(f"{casualties} {text}"),
        told=given.get("told", ""),
    )


def _place(by: Actor, typed: str) -> FoundPlace | None:
    found = resolve(by, typed)
    if len({one.division.pk for one in found}) > 1:
        raise SeveralPlaces(given=typed, choices="、".join(one.label for one in found[:6]))
    return found[0] if found else None


def _own_desk(by: Actor) -> Division | None:
    """A township's desk keeps what it hears as its own until somebody knows better; the county's keeps it without a place."""
    own = by.where(Right.TAKE_REPORTS)
    county = places.county()
    if len(own) != 1 or county is None or own[0] in ("", county.path):
        return None
    return Division.objects.filter(path=own[0]).exclude(level=DivisionLevel.COUNTY).first()


def occurred(text: str, received_at: datetime) -> datetime | None:
    """ "0215" or "02:15" is the last time it was that late; a whole date is taken as it is; nothing is not known."""
    text = text.strip()
    if not text:
        return None
    local = received_at.astimezone(SHANGHAI)
    found = _CLOCK.fullmatch(text)
    try:
        if found is not None:
            moment = local.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
            return moment - timedelta(days=1) if moment > local + timedelta(minutes=2) else moment
        moment = datetime.fromisoformat(text.replace("/", "-")[:19])
        return _possible(moment if moment.tzinfo is not None else moment.replace(tzinfo=SHANGHAI))
    except ValueError:
        raise BadMoment(given=text[:40]) from None


def _moment_of(text: str, otherwise: datetime) -> datetime:
    try:
        found = _possible(datetime.fromisoformat(text))
    except ValueError:
        return otherwise
    return found if found.tzinfo is not None else otherwise


def _received(text: str, at: datetime) -> datetime:
    """When it was heard, which is when we knew; nothing is now. Raises `BadMoment` for what is no time of the calendar."""
    if not text.strip():
        return at
    try:
        found = _possible(datetime.fromisoformat(text.strip()))
    except ValueError:
        raise BadMoment(given=text.strip()[:40]) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=SHANGHAI)


def _possible(moment: datetime) -> datetime:
    """Raises ValueError for a year that no page can step around."""
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(moment.year)
    return moment


def _degrees(text: str) -> float | None:
    text = text.strip()
    try:
        return float(text) if text else None
    except ValueError:
        raise BadPoint from None


@desk
@require_POST
def beside(request: DeskRequest) -> HttpResponse:
    """What stands beside the form while somebody types. Sent as a form: a caller's number belongs into no address."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    return render(request, "console/intake/_beside.html", _beside(request, request.POST.dict()))


def _beside(request: DeskRequest, given: dict[str, Any]) -> dict[str, Any]:
    actor = request.actor
    received_at = min(_moment_of(given.get("received", ""), request.now), request.now)
    number, typed, text = given.get("caller_number", ""), given.get("place", ""), given.get("text", "")
    found = resolve(actor, typed) if typed.strip() else []
    place = found[0] if len({one.division.pk for one in found}) == 1 else None
    try:
        happened = occurred(given.get("occurred", ""), received_at)
    except BadMoment:
        happened = None
    event_type = given.get("event_type", "") or guess_type(text)
    told = queries.Described(
        f"{typed} {text}",
        place.division.path if place is not None else "",
        place.lon if place is not None else None,
        place.lat if place is not None else None,
        happened or received_at,
        number.strip(),
        event_type,
    )
    is_telling = place is not None or len(text.strip()) >= 4 or len(number.strip()) >= 5
    county = places.county()
    return {
        "people": people_with_number(number, request.now)[:3] if len(number.strip()) >= 5 else [],
        "history": queries.of_caller(actor, number),
        "likely": queries.likely_duplicates(actor, told) if is_telling else [],
        "meant": place,
        "choices": found[:6] if place is None else [],
        "guessed": words.types().get(event_type, ""),
        "clocks": clocks_for(event_type, happened, received_at, county.path if county is not None else ""),
        "states": words.states(),
        "chips": words.state_chips(),
        "sources_words": words.sources(),
        "masked": mask(number) if number else "",
        "read_at": request.now,
    }


@desk
@require_GET
def places_fragment(request: DeskRequest) -> HttpResponse:
    """Names that fit what is being typed, as options of a list."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    found = find_places(request.actor, request.GET.get("place", ""))
    return render(request, "console/intake/_places.html", {"places": [one.label for one in found]})
