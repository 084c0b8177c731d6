"""From a warning to loudspeakers, displays, groups and partners: which of them by hazard, kind and level is a table in data.

What was told is told again when it changes, and hears the all-clear when it is lifted: exactly the same outlets.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from anlan.dissemination.channels import manifests
from anlan.dissemination.models import Broadcast, Callout, Outlet
from anlan.dissemination.services import broadcast, end_broadcast, outlets_told
from anlan.dissemination.services.broadcasting import running
from anlan.dissemination.services.outlets import outlets_in
from anlan.kernel.actor import Actor, system
from anlan.warning.models import HazardWarning
from anlan.warning.services.common import speaker_of, village_rows
from anlan.warning.services.ending import all_clear_of

PUBLISHER = system("publisher")
FILE = Path(__file__).parent.parent / "data" / "broadcast.json"


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hazards` may hold "*"; the first row that fits is the one."""

    hazards: tuple[str, ...]
    kinds: tuple[str, ...]
    levels: tuple[int, ...]
    channels: tuple[str, ...]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    verified: bool
    is_assumption: bool
    rows: tuple[Row, ...]


@cache
def table() -> Table:
    """Raises ValueError for a channel that does not exist, so that a wrong table stops the start."""
    found = msgspec.json.decode(FILE.read_bytes(), type=Table)
    unknown = {code for row in found.rows for code in row.channels} - set(manifests())
    if unknown:
        raise ValueError(f"{FILE.name} names unknown channels: {', '.join(sorted(unknown))}")
    return found


def channels_for(*, hazard_type: str, kind: str, level: int) -> tuple[str, ...]:
    """Channels by the table; none where no row fits."""
    for row in table().rows:
        if kind in row.kinds and level in row.levels and ("*" in row.hazards or hazard_type in row.hazards):
            return row.channels
    return ()


def outlets_for(warning: HazardWarning) -> list[Outlet]:
    """Outlets that a warning would go to: those of its villages, and inside its area."""
    channels = channels_for(hazard_type=warning.hazard_type, kind=str(warning.kind), level=warning.level)
    if not channels:
        return []
    return outlets_in([row.division for row in village_rows(warning)], channels=channels, area=warning.area)


def publish(warning: HazardWarning, *, at: datetime, by: Actor = PUBLISHER) -> Broadcast | None:
    """Queue the text of a warning in force for its outlets, once; what it replaces ends and its outlets are told the new text.

    None when it is no longer in force, was published before, or reaches no outlet.
    """
    if warning.state != "issued" or _of(warning):
        return None
    former = _of(warning.replaces) if warning.replaces is not None else []
    outlets = outlets_for(warning)
    if not outlets and not any(outlets_told(one) for one in former):
        for one in former:
            end_broadcast(one, reason="replaced", by=by, at=at)
        return None
    return broadcast(
        subject=f"warning:{warning.pk}",
        callout=Callout.objects.filter(pk=warning.callout_id).first() if warning.callout_id else None,
        outlets=outlets,
        text=warning.body,
        voice_text=warning.voice_text,
        issuer=speaker_of(warning),
        title=warning.headline,
        level=warning.level,
        hazard_type=warning.hazard_type,
        division=warning.division,
        expires_at=warning.expires_at,
        replaces=former[0] if former else None,
        exercise_id=warning.exercise_id,
        by=by,
        at=at,
        cause=f"warning:{warning.pk}",
    )


def unpublish(warning: HazardWarning, *, at: datetime, by: Actor = PUBLISHER) -> None:
    """A lifted warning gives its all-clear to exactly the outlets that had it; one that ran out only leaves the displays.

    A replaced one is ended by what replaces it, so that no display stands empty in between.
    """
    if warning.state == "replaced":
        return
    said = all_clear_of(warning) if warning.state == "lifted" else None
    for one in _of(warning):
        end_broadcast(
            one,
            all_clear=said.body if said is not None else "",
            title=said.headline if said is not None else "",
            reason=str(warning.state),
            by=by,
            at=at,
        )


def _of(warning: HazardWarning) -> list[Broadcast]:
    return running(f"warning:{warning.pk}", exercise_id=warning.exercise_id)
