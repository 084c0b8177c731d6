"""Every form of the desk and of the field pages, sent from inside a running drill about things of reality: nothing real changes.

Whoever sends them has every right everywhere, so that only the drill itself can be in the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.accounts import middleware
from anlan.accounts.middleware import ENTERED
from anlan.console.tests.test_data_calls import FORM as DATA_CALL
from anlan.datacalls.models import FigureDefinition
from anlan.dissemination.models import CalloutSeat
from anlan.drills import services as drills
from anlan.drills.script import Script, ScriptLine
from anlan.incidents import services as incidents
from anlan.incidents.types import IncidentDetails
from anlan.journal import clocks
from anlan.journal.models import Announcement, Entry, ExerciseRun
from anlan.kernel.actor import Actor, grants
from anlan.project.tests.test_every_route import DOORS, PUBLIC, Scene, scene
from anlan.review.models import Lesson, Review
from anlan.testing import County
from anlan.vocab.posts import Right

__all__ = ["scene"]  # a fixture

pytestmark = pytest.mark.django_db

#: Written in reality also from inside a drill, and why.
OF_REALITY_ON_PURPOSE = {
    "history.exported": "who took readings of the county with him; the readings are the real ones",
    "drill.": "the plan and the script of another drill: drills are planned, started and cancelled in reality",
    "inject.": "laid out when that other drill starts, in its own run",
}
#: Would end the walk itself: they change which run the session has entered.
NOT_WALKED = ("drills/<uuid:drill_id>/enter/", "drills/<uuid:drill_id>/act/")


def enter(client: Client, run: ExerciseRun) -> Client:
    session = client.session
    session[ENTERED] = str(run.pk)
    session.save()
    return client


@pytest.fixture
def run(county: County) -> ExerciseRun:
    by: dict[str, Any] = {"by": county.actor("Wang"), "at": county.now}
    details = drills.DrillDetails(title="县里的演练", kind="functional", division=county.division)
    drill = drills.plan_drill(details, by_name="王建国", **by)
    drills.write_script(
        drill, Script(lines=(ScriptLine(key="L1", at_min=600, kind="note", title="停电"),)), **by
    )
    drills.start_drill(drill, **by)
    return ExerciseRun.objects.get()


@pytest.fixture
def almighty(county: County, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Wang with every right everywhere."""
    wang = county.actor("Wang")
    mighty = Actor(wang.ref, wang.name, wang.person_id, grants(Right, county.division.path))
    monkeypatch.setattr(middleware, "actor_for", lambda _user, at: mighty)
    return county.client("Wang")


def walk(client: Client, scene: Scene) -> Iterator[tuple[str, Entry]]:
    """What each form wrote."""
    known = set(Entry.objects.values_list("pk", flat=True))
    for route, door in DOORS.items():
        if door.kind == PUBLIC or "post" not in door.methods or route in NOT_WALKED:
            continue
        answer = client.post(scene.address(route), door.form)
        assert answer.status_code < 500, route
        for entry in Entry.objects.exclude(pk__in=known):
            known.add(entry.pk)
            yield route, entry


def test_whoever_plays_a_drill_changes_nothing_real_through_any_form(
    scene: Scene, run: ExerciseRun, almighty: Client
) -> None:
    waiting = Announcement.objects.filter(exercise_id=None).count()
    found = {
        (route, entry.kind)
        for route, entry in walk(enter(almighty, run), scene)
        if entry.exercise_id != run.pk and not entry.kind.startswith(tuple(OF_REALITY_ON_PURPOSE))
    }
    assert found == set()
    assert Announcement.objects.filter(exercise_id=None).count() == waiting


def test_everything_real_can_still_be_read_inside_a_drill(
    scene: Scene, run: ExerciseRun, almighty: Client
) -> None:
    """Nothing is written by looking, nor refused because something would be."""
    client, wrong = enter(almighty, run), []
    for route, door in DOORS.items():
        if door.kind == PUBLIC or "get" not in door.methods:
            continue
        answer = client.get(scene.address(route))
        if answer.status_code >= 500 or b"journal.of_another_run" in getattr(answer, "content", b""):
            wrong.append((route, answer.status_code))
    assert wrong == []


def test_a_figure_that_a_drill_asks_for_is_never_offered_in_reality(county: County, run: ExerciseRun) -> None:
    chen = enter(county.client("Chen"), run)
    assert chen.post("/data-calls/new/", DATA_CALL).status_code == 302
    assert {one.exercise_id for one in FigureDefinition.objects.all()} == {run.pk}
    assert "被困人数" in chen.get("/data-calls/figures/").content.decode()
    assert "被困人数" not in county.client("Chen").get("/data-calls/figures/").content.decode()


def test_the_same_forms_do_change_reality_from_outside(scene: Scene, almighty: Client) -> None:
    """Else the walk above would also pass with every door bricked up."""
    written = {route.partition("/")[0] for route, entry in walk(almighty, scene) if entry.exercise_id is None}
    assert written >= {
        "alarms", "chases", "consultations", "duty", "f", "forces", "incidents", "losses", "orders", "papers", "plans",
        "reports", "responses", "reviews", "seats", "situation", "tak", "warnings",
    }  # fmt: skip


def test_the_player_reads_why_and_what_to_do(scene: Scene, run: ExerciseRun) -> None:
    wang = enter(scene.county.client("Wang", language="en"), run)
    answer = wang.post(f"/reviews/{scene.keys['review_id']}/act/", {"verb": "reopen"})
    assert answer.status_code == 403
    assert "you are inside a drill" in answer.content.decode()
    assert "Leave the drill" in answer.content.decode()


def test_a_real_review_and_its_lesson_are_read_inside_a_drill_and_offer_no_form(
    scene: Scene, run: ExerciseRun
) -> None:
    review, lesson = Review.objects.get(pk=scene.keys["review_id"]), Lesson.objects.get()
    wang = enter(scene.county.client("Wang", language="en"), run)
    pages = [
        wang.get(f"/reviews/{review.pk}/").content.decode(),
        wang.get(f"/reviews/lessons/{lesson.pk}/").content.decode(),
    ]
    assert "上柳漫水" in pages[0]
    assert [word in page for page in pages for word in ('value="reopen"', 'value="mended"')] == [False] * 4
    assert wang.post(f"/reviews/lessons/{lesson.pk}/", {"verb": "mended", "words": "已装"}).status_code == 403
    lesson.refresh_from_db()
    assert lesson.state == "open"


def test_the_review_of_an_incident_of_the_drill_is_written_from_outside(
    county: County, run: ExerciseRun
) -> None:
    with clocks.entered(run.pk):
        details = IncidentDetails(
            "演练山洪", "flash_flood", county.divisions["Upper Willow"], "township", county.now
        )
        played = incidents.open_incident(details, by=county.actor("Chen"), at=county.now, exercise_id=run.pk)
    wang = county.client("Wang")
    wang.post(f"/incidents/{played.pk}/review/")
    row = Review.objects.get()
    assert wang.post(f"/reviews/{row.pk}/act/", {"verb": "finish"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.exercise_id) == ("final", run.pk)


def test_inside_a_drill_its_own_incident_is_worked_on(county: County, run: ExerciseRun) -> None:
    details = IncidentDetails(
        "演练山洪", "flash_flood", county.divisions["Upper Willow"], "township", county.now
    )
    played = incidents.open_incident(details, by=county.actor("Chen"), at=county.now, exercise_id=run.pk)
    chen = enter(county.client("Chen"), run)
    address, said = f"/incidents/{played.pk}/room/act/", {"verb": "make_decision", "words": "转移两岸群众"}
    assert chen.post(address, said).status_code == 302
    assert Entry.objects.get(kind="decision.made").exercise_id == run.pk


def test_a_client_of_reality_is_no_client_inside_a_drill(scene: Scene, run: ExerciseRun) -> None:
    address = reverse("console:revoke_tak_client", args=[scene.keys["tak_client_id"]])
    assert enter(scene.county.client("Wang"), run).post(address).status_code == 404
    assert scene.county.client("Wang").post(address).status_code == 302


def test_a_village_answers_a_real_call_by_its_link_also_in_a_browser_that_plays_a_drill(
    scene: Scene, run: ExerciseRun
) -> None:
    seat = CalloutSeat.objects.get(pk=scene.keys["seat_id"])
    before = seat.state
    zhao = enter(scene.county.client("Zhao"), run)
    assert zhao.post(f"/a/{scene.token}/", {"meaning": "answered"}).status_code == 303
    seat.refresh_from_db()
    assert seat.state != before
