"""Orders of the demo: two free ones about the newest open incident, one of them acknowledged."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.kernel.actor import Actor


def build(*, by: Actor, at: datetime, exercise_id: uuid.UUID | None) -> int:
    """Nothing where no incident is open. Returns how many orders were given."""
    from anlan.dispatch import services
    from anlan.dispatch.types import NewInstruction
    from anlan.incidents.models import Incident
    from anlan.places.models import Division

    open_ones = Incident.objects.filter(
        exercise_id=exercise_id, state__in=("received", "verified"), is_restricted=False
    )
    incident = open_ones.select_related("division").order_by("-known_at", "-pk").first()
    places = list(
        Division.objects.filter(level="township", valid_to=None).defer("geometry").order_by("code")[:2]
    )
    if incident is None or not places:
        return 0
    rows = [
        NewInstruction(
            title="核查危险区转移情况", words="（演示）逐户核对应转、已转人数。", addressee=place, limit_min=60,
            needs_proof=True,
        )
        for place in places
    ]  # fmt: skip
    made = services.issue_many(rows, incident=incident, by=by, by_name="王建国", at=at)
    services.acknowledge_instruction(made[0], by=by, by_name="值班员", via="phone", at=at)
    return len(made)
