"""Whoever wrote something does not approve it: every verb of the warning floor is walked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from anlan.journal.refusals import NoSuchTransition
from anlan.kernel.actor import Actor, grants
from anlan.vocab.posts import Right
from anlan.warning import services
from anlan.warning.models import ActionText, IssuingRight
from anlan.warning.refusals import DrafterCannotSign, NotYourOwn
from anlan.warning.services import (
    approve_issuing_right,
    approve_text,
    draft_relay,
    propose_issuing_right,
    propose_text,
    reject_text,
    retire_text,
    sign_off,
    update_warning,
)
from anlan.warning.tests.storm import ORANGE, RED, Storm

#: Verbs that put something into force, and what shows that its author cannot press them.
APPROVING = {"sign_off", "approve_text", "approve_issuing_right", "retire_text"}
#: Verbs that decide by one person and why that is right.
ALONE = {
    "lift_warning": "a person with the right to sign off ends what is in force; there is no draft of it",
    "cancel_as_mistake": "the same, for a mistake: waiting for a second person would leave it standing",
    "return_draft": "sends back, puts nothing into force",
    "reject_text": "declines, puts nothing into force",
    "reject_issuing_right": "declines, puts nothing into force",
    "sign_pre_authorisation": "is itself the signature; what it covers is drafted by a rule",
    "revoke_pre_authorisation": "takes a permission away",
}


def everything(storm: Storm, name: str) -> Actor:
    """This member of the cast with every right in the county: only the second person is missing."""
    return dataclasses.replace(
        storm.county.actor(name), grants=grants(list(Right), storm.county.division.path)
    )


def drafted(storm: Storm, by: Actor) -> Callable[[Actor], object]:
    draft = services.draft_by_hand(
        hazard_type="flash_flood", level=RED, villages=[storm.county.divisions["Upper Willow"].code], by=by, at=storm.now,
    )  # fmt: skip
    return lambda who: sign_off(draft, by=who, at=storm.now)


def relayed(storm: Storm, by: Actor) -> Callable[[Actor], object]:
    draft = draft_relay(
        event_code="11B03", level=RED, issuer="省气象台", villages=[storm.county.divisions["Upper Willow"].code],
        by=by, at=storm.now,
    )  # fmt: skip
    return lambda who: sign_off(draft, by=who, at=storm.now)


def updated(storm: Storm, by: Actor) -> Callable[[Actor], object]:
    issued = sign_off(storm.drafted_by_chen(ORANGE), by=storm.county.actor("Wang"), at=storm.now)
    draft = update_warning(issued, level=RED, by=by, at=storm.now)
    return lambda who: sign_off(draft, by=who, at=storm.now)


def text(storm: Storm, by: Actor) -> Callable[[Actor], object]:
    row = proposed_text(storm, by)
    return lambda who: approve_text(row, by=who, at=storm.now)


def text_in_force(storm: Storm, by: Actor) -> Callable[[Actor], object]:
    row = approve_text(proposed_text(storm, by), by=storm.county.actor("Wang"), at=storm.now)
    return lambda who: retire_text(row, reason="过时", by=who, at=storm.now)


def right(storm: Storm, by: Actor) -> Callable[[Actor], object]:
    row = propose_issuing_right(
        hazard="11B",
        level=3,
        tier="county",
        source="省里新规定",
        division=storm.county.division,
        by=by,
        at=storm.now,
    )
    return lambda who: approve_issuing_right(row, by=who, at=storm.now)


def proposed_text(storm: Storm, by: Actor) -> ActionText:
    return propose_text(
        hazard_type="flash_flood", level=RED, audience="post", form="plain", text="{because}请马上走。",
        source="县里决定", division=storm.county.division, by=by, at=storm.now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (drafted, DrafterCannotSign),
        (relayed, DrafterCannotSign),
        (updated, DrafterCannotSign),
        (text, NotYourOwn),
        (text_in_force, NotYourOwn),
        (right, NotYourOwn),
    ],
)
def test_the_author_cannot_approve_whatever_rights_he_has_and_a_second_person_can(
    storm: Storm, make: Callable[[Storm, Actor], Callable[[Actor], object]], refusal: type[Exception]
) -> None:
    approve = make(storm, everything(storm, "Chen"))
    with pytest.raises(refusal):
        approve(everything(storm, "Chen"))
    approve(everything(storm, "Feng"))


def test_every_verb_that_decides_is_in_one_of_the_two_lists() -> None:
    deciding = {
        name
        for name in services.__all__
        if name.split("_")[0]
        in {"sign", "approve", "lift", "cancel", "retire", "reject", "return", "revoke", "issue"}
    }
    assert deciding == APPROVING | set(ALONE)


def test_a_rejected_text_cannot_be_approved_later(storm: Storm) -> None:
    row = proposed_text(storm, storm.county.actor("Chen"))
    reject_text(row, reason="不清楚", by=storm.county.actor("Feng"), at=storm.now)
    with pytest.raises(NoSuchTransition):
        approve_text(row, by=storm.county.actor("Wang"), at=storm.now)
    assert not IssuingRight.objects.exists()
