"""Whatever is counted, verified, withdrawn, merged and split, in whatever order: nothing is lost and the sums are right.

The reference is slow and simple: it looks at every figure for every code, source and place, without grouping.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from anlan.incidents import services
from anlan.incidents.models import Figure, Incident, MergeLink
from anlan.incidents.queries import figures_of, rolling_of
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.journal.models import Entry, journaled_models
from anlan.journal.services import projection
from anlan.kernel.refusals import Refusal
from anlan.testing import County

pytestmark = pytest.mark.django_db

CODES = ("deaths", "missing", "affected", "trapped")
SOURCES = ("乡镇", "119", "县应急局")
PLACES = ("Yunling", "Willow River", "Upper Willow", "Stone Bridge")


def members(main: Incident, everyone: Iterable[Incident]) -> list[Incident]:
    """Who counts in `main` now, by links alone: merged into it, or into one that is."""
    found, new = {main.pk}, {main.pk}
    open_links = list(MergeLink.objects.filter(undone_at=None))
    while new:
        new = {link.incident_id for link in open_links if link.main_id in found} - found
        found |= new
    return [one for one in everyone if one.pk in found]


def slow_rolling(figures: list[Figure]) -> dict[str, Decimal]:
    """The rules of `rolling`, said again as plainly as possible."""
    found = {}
    for code in {one.code for one in figures if one.state != "withdrawn"}:
        alive = [one for one in figures if one.code == code and one.state != "withdrawn"]

        def rank(one: Figure) -> tuple[object, ...]:
            return (one.state == "verified", one.as_of, one.recorded_at, one.pk)

        newest = [
            one
            for one in alive
            if not any(
                (other.source, other.scope_id) == (one.source, one.scope_id) and rank(other) > rank(one)
                for other in alive
            )
        ]
        best = [
            one
            for one in newest
            if not any(other.scope_id == one.scope_id and rank(other) > rank(one) for other in newest)
        ]
        left = {one.scope.path: one for one in best}
        for path in sorted(left, key=len, reverse=True):
            inside = [other for other in left if other.startswith(path + "/")]
            if inside and rank(left[path]) >= max(rank(left[other]) for other in inside):
                for other in inside:
                    del left[other]
            elif inside:
                del left[path]
        found[code] = sum((one.value for one in left.values()), Decimal(0))
    return found


class Night:
    """One random night: what was done, so that it can be compared."""

    def __init__(self, county: County, seed: int) -> None:
        self.county, self.dice = county, random.Random(seed)
        self.by = county.actor("Chen")
        self.given: list[tuple[object, str, Decimal]] = []
        self.incidents = [self._open(number) for number in range(4)]

    def _open(self, number: int) -> Incident:
        details = IncidentDetails(
            title=f"事件{number}", event_type="landslide", division=self.county.division, informant="110",
            known_at=self.county.now,
        )  # fmt: skip
        return services.open_incident(details, by=self.by, at=self.county.now)

    def step(self) -> None:
        self.county.clock.advance(minutes=1)
        verb = self.dice.choice(
            [self.count] * 5 + [self.verify] * 3 + [self.withdraw, self.merge, self.merge, self.split]
        )
        try:
            with transaction.atomic():
                verb()
        except Refusal:
            return

    def any(self) -> Incident:
        return Incident.objects.get(pk=self.dice.choice(self.incidents).pk)

    def count(self) -> None:
        incident, code = self.any(), self.dice.choice(CODES)
        as_of = self.county.now - timedelta(minutes=self.dice.randrange(6))
        scope = self.county.divisions[self.dice.choice(PLACES)]
        value = Decimal(self.dice.randrange(9))
        why = self.dice.choice(["", "重复统计"])
        details = FigureDetails(code, value, self.dice.choice(SOURCES), as_of, scope=scope, why=why)
        before = Figure.objects.count()
        figure = services.add_figure(incident, details, by=self.by, at=self.county.now)
        if Figure.objects.count() > before:
            self.given.append((figure.pk, code, value))

    def verify(self) -> None:
        figure = Figure.objects.filter(state="claimed").order_by("?").first()
        if figure is not None:
            services.verify_figure(figure, by=self.by, at=self.county.now)

    def withdraw(self) -> None:
        figure = Figure.objects.exclude(state="withdrawn").order_by("?").first()
        if figure is not None:
            services.withdraw_figure(figure, reason="听错", by=self.by, at=self.county.now)

    def merge(self) -> None:
        services.merge_incident(self.any(), self.any(), reason="同一处", by=self.by, at=self.county.now)

    def split(self) -> None:
        services.split_incident(self.any(), reason="两处", by=self.by, at=self.county.now)


@pytest.mark.parametrize("seed", range(8))
def test_every_figure_is_kept_and_the_sums_equal_a_slow_reference(county: County, seed: int) -> None:
    night = Night(county, seed)
    for _step in range(40):
        night.step()
        everyone = list(Incident.objects.all())
        for one in everyone:
            if one.state == "merged":
                assert one.merged_into is not None
                assert one.merged_into.state != "merged", "a merged incident leads to one that stands"
                continue
            counted = [
                figure for part in members(one, everyone) for figure in part.figures.select_related("scope")
            ]
            assert {figure.pk for figure in figures_of(one)} == {figure.pk for figure in counted}
            assert {code: now.value for code, now in rolling_of(one).items()} == slow_rolling(counted)
    assert {(pk, code, value) for pk, code, value in night.given} == set(
        Figure.objects.values_list("pk", "code", "value")
    )


def folded() -> dict[tuple[str, str], dict[str, object]]:
    """What the journal alone says of every row."""
    import json

    rows: dict[tuple[str, str], dict[str, object]] = {}
    for entry in Entry.objects.order_by("at", "id"):
        payload = json.loads(entry.payload)
        if "set" in payload:
            rows.setdefault((entry.subject_type, entry.subject_id), {}).update(payload["set"])
    return rows


def test_folding_the_journal_gives_every_row_of_incidents(county: County) -> None:
    night = Night(county, 77)
    for _step in range(60):
        night.step()
    incident = next(one for one in Incident.objects.all() if one.state != "merged")
    services.set_grade(incident, 2, reason="研判", by=night.by, at=county.now)
    services.tag_incident(incident, ["school"], by=night.by, at=county.now)
    remark = services.record_remark(
        incident,
        leader="王建国",
        leader_post="县长",
        words="速查",
        said_at=county.now,
        by=night.by,
        at=county.now,
    )
    chase = services.issue_chase(
        incident=incident, addressee="柳河镇", division=county.divisions["Willow River"], task="排查", remark=remark,
        due_at=county.now + timedelta(hours=1), by=night.by, at=county.now,
    )  # fmt: skip
    services.answer_chase(chase, answer="已查", by=night.by, at=county.now)
    said = folded()
    seen = 0
    for model in journaled_models():
        if model._meta.app_label != "incidents":
            continue
        for row in model._default_manager.all():
            told = said[row.journal_type, str(row.pk)]
            expected = projection(row)
            assert {name: told.get(name) for name in expected} == expected, row
            seen += 1
    assert seen > 20
