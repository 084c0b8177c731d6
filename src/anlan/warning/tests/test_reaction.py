"""The reaction to a crossing beside somebody who is faster."""

from __future__ import annotations

import pytest

from anlan.journal.models import Announcement
from anlan.journal.refusals import StaleRow
from anlan.warning.models import HazardWarning
from anlan.warning.services import draft_from_crossing
from anlan.warning.tests.storm import ORANGE, Storm


def test_when_a_person_was_faster_the_new_state_is_judged_again_at_once(
    storm: Storm, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []

    def first_time_stale(*args: object, **kwargs: object) -> object:
        calls.append(args)
        result = draft_from_crossing(*args, **kwargs)  # type: ignore[arg-type]  # handed through
        if len(calls) == 1:
            raise StaleRow
        return result

    monkeypatch.setattr("anlan.warning.reactions.draft_from_crossing", first_time_stale)
    storm.falls(ORANGE)
    assert len(calls) == 2
    assert HazardWarning.objects.count() == 1
    assert not Announcement.objects.filter(done_at=None).exists()
