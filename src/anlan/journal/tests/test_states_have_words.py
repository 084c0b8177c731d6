"""A refusal names states in the words of the reader, never by their codes."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.utils import translation

from anlan.journal.models import Advancing
from anlan.journal.refusals import NoSuchTransition
from anlan.journal.statewords import STATES, StateWord
from anlan.kernel.refusals import fill


def test_every_state_of_every_row_has_a_word() -> None:
    states = {
        state
        for model in apps.get_models()
        if issubclass(model, Advancing)
        for state in {*model.transitions, *(one for some in model.transitions.values() for one in some)}
    }
    assert states
    assert states - STATES.keys() == set()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "“已办结”"), ("en", "“finished”")])
def test_a_refusal_says_the_states_in_the_readers_language(language: str, words: str) -> None:
    refused = NoSuchTransition(old="finished", new="started")
    with translation.override(language):
        said = fill(translation.gettext(refused.text), refused.data)
    assert words in said
    if language == "en":
        return
    assert "started" not in said
    assert "finished" not in said


def test_a_state_is_still_compared_by_its_code() -> None:
    assert StateWord("finished") == "finished"
    assert StateWord("finished") in {"finished"}
    with translation.override("zh-hans"):
        assert f"{StateWord('never_heard_of')}" == "never_heard_of"
