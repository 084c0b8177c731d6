"""A stored reading as an Observation of OGC SensorThings 1.1: what the web gives on request and the gateway publishes. No Django.

Ids are stable: a datastream is `STATION:QUANTITY`, an observation `STATION:QUANTITY:SECONDS` (phenomenon time since 1970 UTC).
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from anlan.vocab.quality import UNUSABLE, QualityFlag

#: Of an observation; `components` of a data array.
OBSERVATION_PROPERTIES = ("phenomenonTime", "resultTime", "result", "resultQuality")


def datastream_id(station: str, quantity: str) -> str:
    return f"{station}:{quantity}"


def observation_id(datastream: str, t: int) -> str:
    return f"{datastream}:{t}"


def split_observation_id(given: str) -> tuple[str, int] | None:
    """Datastream and phenomenon time; None for what cannot be an id."""
    datastream, _, seconds = given.rpartition(":")
    if (
        not datastream
        or not seconds.lstrip("-").isascii()
        or not seconds.lstrip("-").isdigit()
        or len(seconds) > 12
    ):
        return None
    return datastream, int(seconds)


def address(collection: str, id_: str) -> str:
    """`Things('0099')` as it stands in a link: quotes inside doubled, odd characters percent-encoded."""
    return f"{collection}('{quote(id_.replace(chr(39), chr(39) * 2), safe=':@~')}')"


def iso(moment: datetime) -> str:
    """UTC with a Z; microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment_of(t: int) -> datetime:
    """Also far outside what `fromtimestamp` takes; the last second of the year 9999 stands for all later ones."""
    try:
        return datetime.fromtimestamp(t, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def quality(flag: int) -> dict[str, Any]:  # Any: JSON
    """`usable` is false for what triggers no warning; `names` are those of `vocab.quality`."""
    known = QualityFlag(flag)
    names = [one.name for one in QualityFlag if one and one in known]
    return {"flag": flag, "names": names, "usable": not flag & int(UNUSABLE)}


def observation(  # Any: JSON
    datastream: str, t: int, value: Decimal | None, flag: int, *, base: str
) -> dict[str, Any]:
    """The whole entity. `base` is the address of the service with a slash at its end, or "" for links relative to it.

    A station measures and tells at once: the result time is the phenomenon time. No reading is a result of null.
    """
    own = base + address("Observations", observation_id(datastream, t))
    at = iso(moment_of(t))
    return {
        "@iot.id": observation_id(datastream, t),
        "@iot.selfLink": own,
        "phenomenonTime": at,
        "resultTime": at,
        "result": None if value is None else float(value),
        "resultQuality": quality(flag),
        "Datastream@iot.navigationLink": f"{own}/Datastream",
        "FeatureOfInterest@iot.navigationLink": f"{own}/FeatureOfInterest",
    }
