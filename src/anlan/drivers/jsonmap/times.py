"""When a row was measured. Inside it is aware UTC; a time without a zone is the zone of the rule, Asia/Shanghai unless told."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from anlan.drivers.jsonmap.mapping import TimeRule, ZMeaning
from anlan.drivers.jsonmap.paths import plain

_YEARS = (1990, 2200)
_BEIJING_AHEAD = timedelta(hours=8)
#: A reading that comes this soon after it was taken is live, and only live readings decide what a device means by Z
#: (engineering choice: clocks of devices are off by minutes, live reports come within two hours).
_EARLY, _LIVE = timedelta(minutes=10), timedelta(hours=2)


class BadTime(ValueError):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def read_time(
    value: object, rule: TimeRule, *, arrival: datetime, device: str, zones: MutableMapping[str, str]
) -> datetime:
    """The end of the period, or the instant, in UTC. `zones` remembers by device what its Z means. Raises BadTime."""
    text = plain(value)
    if not text:
        raise BadTime("time.missing", "The row has no time.")
    moment, says_utc = _parse(text, rule)
    if says_utc and rule.z_is is not ZMeaning.UTC:
        moment = _unmask(moment, rule.z_is, arrival, device, zones)
    if rule.label == "start":
        moment += timedelta(seconds=rule.period_s)
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise BadTime("time.impossible", f"The year lies outside {_YEARS[0]} to {_YEARS[1]}.")
    return moment


def _parse(text: str, rule: TimeRule) -> tuple[datetime, bool]:
    """The moment in UTC and whether the text itself said UTC."""
    try:
        if rule.format in ("epoch_s", "epoch_ms"):
            seconds = Decimal(text) / (1000 if rule.format == "epoch_ms" else 1)
            return datetime.fromtimestamp(float(seconds), UTC), False
        if rule.format == "iso":
            found = datetime.fromisoformat(text.replace("/", "-"))
        else:
            found = datetime.strptime(text, rule.format)  # noqa: DTZ007 - the zone is given below
    except (ValueError, OverflowError, OSError, InvalidOperation):
        raise BadTime(
            "time.unreadable", f"{text[:40]!r} is not a time as the mapping describes it."
        ) from None
    says_utc = found.utcoffset() == timedelta(0)
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(rule.zone))
    try:
        return found.astimezone(UTC), says_utc
    except OverflowError:
        raise BadTime("time.impossible", "The year cannot be.") from None


def _unmask(
    moment: datetime, means: ZMeaning, arrival: datetime, device: str, zones: MutableMapping[str, str]
) -> datetime:
    """Some firmware writes Beijing time and puts a Z behind it; against the arrival a live reading shows which it is."""
    if means is ZMeaning.BEIJING:
        return moment - _BEIJING_AHEAD
    late_if_utc = arrival - moment
    late_if_beijing = late_if_utc + _BEIJING_AHEAD
    if -_EARLY <= late_if_utc <= _LIVE:
        zones[device] = "utc"
    elif -_EARLY <= late_if_beijing <= _LIVE:
        zones[device] = "beijing"
    known = zones.get(device)
    if known is None:
        raise BadTime(
            "time.zone_undecided",
            "Whether its Z means UTC or Beijing time shows only with a live reading, and this device sent none yet.",
        )
    return moment if known == "utc" else moment - _BEIJING_AHEAD
