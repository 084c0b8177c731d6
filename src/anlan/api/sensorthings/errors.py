"""What this surface declines, with the status that the standard gives it. `SensorThings` clients show the sentence as it is."""

from __future__ import annotations


class StaError(Exception):
    """`status` is the HTTP status; the sentence is for the person at the other program."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def bad(sentence: str) -> StaError:
    """A request that cannot be understood."""
    return StaError(400, sentence)


def missing(sentence: str = "There is no such entity or property, or you may not see it.") -> StaError:
    """What does not exist and what one may not see look the same from outside."""
    return StaError(404, sentence)
