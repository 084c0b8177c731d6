"""Giving an inject: each kind enters by the door that the real thing enters by.

* `caller`: {"source", "text", "division", "caller_name", "caller_number", "event_type"} becomes a message of intake.
* `message`: {"from", "text"} likewise, with the words of who sends it.
* `station`: {"station", "quantity", "values": "2.5 4 12.5"}: readings of the five-minute slots that end with the inject (one
  value: the reading of now), judged by the rules in force together with those of earlier lines; `sensing.services.shadow`.
* `failure`: {"what", "words"}: told to the players by the exercise control, for nothing real is broken.
* `note`: {"words"}: a word of the exercise control, in the log of the drill.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from anlan.drills.models import Inject
from anlan.drills.refusals import NoSuchStream
from anlan.intake.services import take_intake
from anlan.intake.types import IntakeDetails
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.kernel.registry import Registry
from anlan.places.models import Division
from anlan.sensing.models import Station
from anlan.sensing.services.shadow import play_readings
from anlan.vocab.quantities import QUANTITIES

#: Rain comes in slots of five minutes; other quantities are given at the same pace.
SLOT = timedelta(minutes=5)
Giver = Callable[[Inject, Actor, datetime], str]
_givers: Registry[Giver] = Registry("giver of injects")


def register_giver(kind: str, giver: Giver) -> Giver:
    """Let `giver(inject, by, at)` give the injects of a kind; it returns what came of it, in words."""
    return _givers.add(kind, giver)


def give_inject(inject: Inject, *, by: Actor, at: datetime) -> Inject:
    """Give it now; `at` is the time on the drill's clock. The drill's clock was entered by whoever calls."""
    kind = str(inject.kind)
    outcome = _givers.get(kind)(inject, by, at) if kind in _givers else ""
    return inject.advance("given", by=by, at=at, given_at=at, due_at=None, outcome=outcome[:300])


def skip_inject(inject: Inject, *, why: str, by: Actor, at: datetime) -> Inject:
    return inject.advance("skipped", by=by, at=at, due_at=None, outcome=why.strip()[:300])


def _call(inject: Inject, by: Actor, at: datetime) -> str:
    payload = inject.payload
    place = Division.objects.filter(code=payload.get("division", "")).first()
    details = IntakeDetails(
        source=payload.get("source", "phone"),
        text=str(payload.get("text") or inject.title),
        received_at=at,
        reference=f"drill:{inject.pk}",
        caller_name=str(payload.get("caller_name") or payload.get("from") or ""),
        caller_number=str(payload.get("caller_number", "")),
        division=place,
        place_words=str(payload.get("place", "")),
        event_type=str(payload.get("event_type", "")),
    )
    row, _is_new = take_intake(
        details, by=by, at=at, exercise_id=inject.exercise_id, cause=f"inject:{inject.pk}"
    )
    return row.number


def _read(inject: Inject, by: Actor, at: datetime) -> str:
    station = Station.objects.filter(code=inject.payload.get("station", "")).first()
    quantity = str(inject.payload.get("quantity", ""))
    if station is None or quantity not in QUANTITIES or inject.exercise_id is None:
        raise NoSuchStream(station=inject.payload.get("station", ""), quantity=quantity)
    same = [inject, *_earlier(inject)]
    readings = {time: value for one in same for time, value in _values(one, at)}
    changed = play_readings(station, quantity, readings.items(), exercise_id=inject.exercise_id, at=at)
    return f"{station.name}：{inject.payload.get('values', '')}；{changed}"


def _earlier(inject: Inject) -> list[Inject]:
    """Lines of the same stream that this run was given before."""
    given = Inject.objects.filter(drill=inject.drill, kind="station", state="given")
    keys = ("station", "quantity")
    return [one for one in given if all(one.payload.get(k) == inject.payload.get(k) for k in keys)]


def _values(inject: Inject, at: datetime) -> list[tuple[datetime, Decimal]]:
    """(time, value) of one line, a slot of five minutes each, the last at its own time."""
    try:
        values = [
            Decimal(word) for word in re.split(r"[\s,，;；]+", str(inject.payload.get("values", "")).strip())
        ]
    except InvalidOperation:
        raise NoSuchStream(station=inject.payload.get("values", ""), quantity="") from None
    end = inject.given_at or at
    return [(end - (len(values) - 1 - n) * SLOT, value) for n, value in enumerate(values)]


def _tell(inject: Inject, by: Actor, at: datetime) -> str:
    words = str(inject.payload.get("words") or inject.title)
    note(
        kind="drill.noted",
        subject=("inject", str(inject.pk)),
        payload={"words": words},
        by=by,
        at=at,
        path=inject.drill.division.path,
        exercise_id=inject.exercise_id,
    )
    return words


register_giver("caller", _call)
register_giver("message", _call)
register_giver("station", _read)
register_giver("note", _tell)
register_giver("failure", _tell)
