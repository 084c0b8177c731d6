"""Restricted messages are closed to whoever may not read them, wherever the journal is shown."""

from __future__ import annotations

from anlan.intake.access import visible_intakes
from anlan.intake.models import Intake
from anlan.kernel.actor import Actor
from anlan.kernel.restricted import keeps_closed


@keeps_closed("intake")
def closed_messages(actor: Actor) -> list[str]:
    """Restricted messages that this actor may not read, whether or not they are an incident yet."""
    seen = visible_intakes(actor).filter(is_restricted=True).values_list("pk", flat=True)
    every = Intake.objects.filter(is_restricted=True).values_list("pk", flat=True)
    return [str(pk) for pk in set(every) - set(seen)]
