"""What a person decided about one stored reading: its flags change, the row as it stood is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from anlan.kernel.ids import uuid7
from anlan.ruleset.quality import LIFTABLE
from anlan.sensing.engine.types import Amendment
from anlan.sensing.hot.opening import AnyStore
from anlan.sensing.hot.types import DAY_S, Signal
from anlan.vocab.quality import QualityFlag


class Outcome(NamedTuple):
    """`word`: applied, missing (no such reading here), changed (another value stands there now), refused (cannot be lifted)."""

    word: str
    before: int = 0
    after: int = 0
    received: int = 0

    @property
    def is_applied(self) -> bool:
        return self.word == "applied"


def reflag_amended(store: AnyStore, stream: int | None, one: Amendment) -> Outcome:
    """Put the decision into the open transaction. Accepting lifts what may be lifted; a rejected reading keeps its flags beside."""
    day = one.t // DAY_S
    if stream is None or day not in store.days():
        return Outcome("missing")
    file = store.file_in_transaction(day)
    found = file.find(one.t, stream)
    if found is None:
        return Outcome("missing")
    value, before, received = found
    if value != one.v:
        return Outcome("changed", before, before, received)
    decided = QualityFlag.ACCEPTED | QualityFlag.REJECTED | QualityFlag.CONFIRMED
    after = before & ~int(LIFTABLE | decided)
    after |= int(QualityFlag.ACCEPTED if one.is_accepted else QualityFlag.REJECTED)
    if after & int(QualityFlag.MISSING):
        return Outcome("refused", before, before, received)
    if after != before:
        file.reflag(one.t, stream, after)
    return Outcome("applied", before, after, received)


def amended_signal(one: Amendment, outcome: Outcome, exercise: str, now: datetime) -> Signal:
    """Tells the county side that the decision is in force, or why not."""
    body = {
        "amendment": one.id,
        "outcome": outcome.word,
        "station": one.station,
        "quantity": one.quantity,
        "phenomenon_time": datetime.fromtimestamp(one.t, UTC).isoformat().replace("+00:00", "Z"),
        "flag_before": outcome.before,
        "flag": outcome.after,
        "exercise": exercise,
    }
    return Signal(str(uuid7()), "amended", now, body)
