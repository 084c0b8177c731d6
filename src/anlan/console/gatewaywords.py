"""What the gateway says about itself, in words for people: troubles that concern everybody, and what it refused."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import parse_instant
from anlan.sensing.queries.overview import hot_reader

#: The gateway writes its counters once a second; after this it is either dead or cannot write.
QUIET = timedelta(seconds=15)
#: Below this the desk is told, bytes. SQLite needs room for its journal even to free some.
LOW_DISK = 500 * 2**20
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Refusals:
    """Counts since the gateway started, and the newest refused frames."""

    since: datetime | None
    counts: list[tuple[str, int]]
    frames: list[dict[str, Any]]


def troubles(actor: Actor) -> list[str]:
    """What keeps readings from being stored, one sentence each, for whoever holds a post."""
    found: list[str] = []
    if not actor.where():
        return found
    state = hot_reader().gateway_counters()
    if state:
        found += _of_the_gateway(state)
    free = shutil.disk_usage(settings.ANLAN_DATA).free
    if free < LOW_DISK:
        found.append(
            _("Only %(megabytes)s MB are free on the disk of the data folder.") % {"megabytes": free // 2**20}
        )
    return found


def _of_the_gateway(state: dict[str, Any]) -> list[str]:
    told_at = parse_instant(state["at"])
    if clocks.wall_now() - told_at > QUIET:
        return [
            _(
                "The gateway does not report. Readings may not be arriving; stations keep theirs and send them again."
            )
        ]
    found = []
    if state.get("store_problem"):
        found.append(_("Readings cannot be stored. Stations keep theirs and send them again."))
    found += [
        _("The port of %(listener)s is not open: %(why)s. Stations that speak it cannot report.")
        % {"listener": listener, "why": why}
        for listener, why in state.get("port_problems", {}).items()
    ]
    if state.get("catalogue_problem"):
        found.append(
            _("The gateway works with older stations and thresholds, because it cannot read the new ones.")
        )
    return found


def refusals() -> Refusals | None:
    """For whoever looks for a broken station; None before the first start of a gateway."""
    reader = hot_reader()
    state = reader.gateway_counters()
    if not state:
        return None
    codes = {
        **state.get("refused_by_code", {}),
        **state.get("rows_refused_by_code", {}),
        **state.get("http_refused_by_code", {}),
    }
    counts = [(words, state.get(name, 0)) for name, words in _count_words().items()]
    counts += [(code, number) for code, number in sorted(codes.items())]
    frames = [
        {**row, "at": datetime.fromtimestamp(row["received"] / 1000, UTC)} for row in reader.refused(SHOWN)
    ]
    return Refusals(parse_instant(state["started_at"]), [one for one in counts if one[1]], frames)


def _count_words() -> dict[str, str]:
    return {
        "frames": _("good frames"),
        "duplicates": _("repeated readings"),
        "frames_unknown_station": _("frames of unknown stations"),
        "happenings": _("reports beside numbers"),
        "attachments": _("pictures and files"),
        "address_conflicts": _("connections that share a station"),
        "commands_sent": _("commands sent"),
        "garbage_bytes": _("bytes between frames"),
        "connections_refused": _("connections above the limit"),
        "connections_cut_idle": _("connections cut: said nothing"),
        "connections_cut_no_frame": _("connections cut: sent no frame"),
        "connections_cut_not_reading": _("connections cut: read no answers"),
        "not_stored": _("readings not stored, to be sent again"),
    }
