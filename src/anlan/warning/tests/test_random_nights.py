"""Random nights: whatever order things happen in, states follow their table and the journal folds to the rows."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import Count

from anlan.dissemination.models import Callout
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.refusals import Refusal
from anlan.warning import services
from anlan.warning.models import HazardWarning, PreAuthorisation
from anlan.warning.tests.storm import BLUE, ORANGE, RED, YELLOW, Storm

STEPS = 35


class Night:
    """One random sequence of readings and decisions; refusals are part of life."""

    def __init__(self, storm: Storm, seed: int) -> None:
        self.storm = storm
        self.dice = random.Random(seed)
        self.refused = 0

    def play(self) -> None:
        verbs: list[Callable[[], object]] = [self.rise, self.rise, self.sink, self.time, self.time]
        verbs += [self.sign, self.sign, self.give_back, self.resubmit, self.withdraw, self.lift, self.update]
        verbs += [self.permit, self.revoke]
        for _ in range(STEPS):
            try:
                with transaction.atomic():
                    self.dice.choice(verbs)()
            except Refusal:
                self.refused += 1
            check_invariants()

    def any_warning(self) -> HazardWarning:
        rows = list(HazardWarning.objects.order_by("drafted_at", "id"))
        return self.dice.choice(rows) if rows else self.storm.drafted_by_chen()

    def rise(self) -> None:
        self.storm.falls(self.dice.choice([RED, ORANGE, YELLOW, BLUE]), river=self.dice.random() < 0.3)

    def sink(self) -> None:
        self.storm.falls(self.dice.choice([None, ORANGE, YELLOW]), direction="down")

    def time(self) -> None:
        self.storm.later(minutes=self.dice.choice([1, 3, 20, 200]))

    def sign(self) -> None:
        who = self.dice.choice(["Chen", "Feng", "Wang", "Li"])
        services.sign_off(self.any_warning(), by=self.storm.county.actor(who), at=self.storm.now)

    def give_back(self) -> None:
        feng = self.storm.county.actor("Feng")
        services.return_draft(self.any_warning(), reason="重写", by=feng, at=self.storm.now)

    def resubmit(self) -> None:
        services.resubmit(self.any_warning(), by=self.storm.county.actor("Chen"), at=self.storm.now)

    def withdraw(self) -> None:
        chen = self.storm.county.actor("Chen")
        services.withdraw(self.any_warning(), reason="误报", by=chen, at=self.storm.now)

    def lift(self) -> None:
        feng = self.storm.county.actor("Feng")
        services.lift_warning(self.any_warning(), reason="雨停", by=feng, at=self.storm.now)

    def update(self) -> None:
        level = self.dice.choice([RED, ORANGE])
        chen = self.storm.county.actor("Chen")
        services.update_warning(self.any_warning(), level=level, by=chen, at=self.storm.now)

    def permit(self) -> None:
        self.storm.pre_authorised_by_wang()

    def revoke(self) -> None:
        permission = PreAuthorisation.objects.order_by("-signed_at").first()
        if permission is not None:
            wang = self.storm.county.actor("Wang")
            services.revoke_pre_authorisation(permission, by=wang, at=self.storm.now)


def check_invariants() -> None:
    """At most one waiting draft and one warning in force an affair; everything in force has its own call-out."""
    for states in (["draft", "returned"], ["issued"]):
        rows = HazardWarning.objects.filter(state__in=states).exclude(affair="")
        assert not rows.values("affair").annotate(n=Count("id")).filter(n__gt=1).exists()
    for warning in HazardWarning.objects.exclude(issued_at=None):
        assert Callout.objects.filter(subject=f"warning:{warning.pk}").count() == 1
        assert warning.pre_authorisation_id or warning.signed_by_person_id != warning.drafted_by_person_id
    assert not HazardWarning.objects.filter(state="draft", review_due_at=None).exists()
    assert not HazardWarning.objects.filter(state="issued", expires_at=None).exists()


def states_told() -> list[list[str]]:
    """The states of each warning in order, as the journal tells them."""
    told: dict[str, list[tuple[int, str]]] = {}
    for entry in Entry.objects.filter(subject_type="warning"):
        fields = json.loads(entry.payload).get("set", {})
        if "state" in fields:
            told.setdefault(entry.subject_id, []).append((fields["version"], fields["state"]))
    return [[state for _, state in sorted(steps)] for steps in told.values()]


@pytest.mark.parametrize("seed", range(5))
def test_on_a_random_night_states_follow_their_table_and_the_journal_folds(storm: Storm, seed: int) -> None:
    night = Night(storm, seed)
    night.play()
    for states in states_told():
        assert states[0] == "draft"
        for old, new in pairwise(states):
            assert new in HazardWarning.transitions[old]
    assert verify().problems == []
    assert HazardWarning.objects.count() > 1
    assert night.refused > 0
