"""Says to the plan check when each plan was last practised."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date

from django.db.models import Max

from anlan.drills.models import Drill
from anlan.plans.lastdrills import last_drills


@last_drills("drills")
def held(plans: Iterable[uuid.UUID]) -> dict[uuid.UUID, date]:
    """The local day of the last drill of each of these plans, here or outside the system."""
    rows = Drill.objects.filter(plan__in=list(plans), state="held", held_on__isnull=False)
    return dict(rows.values_list("plan").annotate(last=Max("held_on")).values_list("plan", "last"))
