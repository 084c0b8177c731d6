"""The one place that keeps an exercise indoors: in a live county's folder only telephones of named people ring for it.

Loudspeakers, displays, chat groups, partners and hand tools speak to the public, who cannot know that it is a drill. In a
folder that belongs to an exercise as a whole (`ANLAN_EXERCISE`) everything stands behind simulators, so it may go.
"""

from __future__ import annotations

import time
import uuid

from anlan.dissemination.channels import Handed, Manifest, Nature
from anlan.journal import clocks

#: Where such a message "went": it stands as the route on the delivery.
EXERCISE = "exercise"


def held_back(manifest: Manifest, exercise_id: uuid.UUID | None) -> Handed | None:
    """What to record instead of sending, or None when the message may leave."""
    if not clocks.stays_indoors(exercise_id):
        return None
    if manifest.nature is Nature.PERSONAL and not clocks.is_silent(exercise_id):
        return None
    return Handed(EXERCISE, time.time(), route=EXERCISE)
