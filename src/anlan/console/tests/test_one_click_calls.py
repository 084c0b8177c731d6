"""From a person, a team and a scene one click calls; who was called and who answered stands in the timeline."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache

from anlan.command import services
from anlan.command.models import RoomCall
from anlan.command.services.calling import record_outcome
from anlan.command.tests import room
from anlan.incidents.models import Incident
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def commanded(county: County) -> Incident:
    row, by, at = room.incident(county), county.actor("Chen"), county.now
    scene = services.open_scene(row, name="后山沟口", by=by, at=at)
    for role, who, where in (("commander", "Wang", None), ("scene_commander", "Zhou", scene)):
        services.transfer_command(
            row, role=role, name=county.people[who].name, person=county.people[who], scene=where, why="到场", by=by,
            at=at,
        )  # fmt: skip
    room.job(county, row)
    return row


def board(county: County, row: Incident, tab: str) -> str:
    return county.client("Chen").get(f"/incidents/{row.pk}/room/board/{tab}/").content.decode()


def forms(page: str, verb: str) -> list[dict[str, str]]:
    """What the forms with this button would send."""
    found = []
    for form in re.findall(r"<form.*?</form>", page, flags=re.S):
        if f'value="{verb}"' in form:
            fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', form))
            fields.pop("csrfmiddlewaretoken", None)
            found.append({**fields, "verb": verb})
    return found


@pytest.mark.parametrize(
    ("tab", "verb", "names"),
    [
        ("groups", "call_person", {"王建国", "周平"}),
        ("teams", "call_team", {"周平"}),
        ("scenes", "call_scene", {"周平"}),
    ],
)
def test_one_click_calls_from_each_board_and_the_timeline_says_who_answered(
    county: County, tab: str, verb: str, names: set[str]
) -> None:
    row = commanded(county)
    clicks = forms(board(county, row, tab), verb)
    assert clicks
    for fields in clicks:
        answer = county.client("Chen").post(f"/incidents/{row.pk}/room/act/", fields)
        assert answer.status_code == 302
        assert f"tab={tab}" in answer["Location"]
    calls = list(RoomCall.objects.all())
    assert {one.name for one in calls} == names
    assert {one.way for one in calls} == {"voice"}
    record_outcome(calls[0], "answered", by=county.actor("Chen"), at=county.now)
    timeline = county.client("Chen").get(f"/incidents/{row.pk}/room/timeline/?kind=calls").content.decode()
    for one in calls:
        assert one.name in timeline
    assert "answered" in timeline


def test_whoever_only_reads_has_no_button_and_calls_nobody(county: County) -> None:
    row = commanded(county)
    zhao = county.client("Zhao")
    page = zhao.get(f"/incidents/{row.pk}/room/board/groups/").content.decode()
    assert "call_person" not in page
    form: dict[str, Any] = {"verb": "call_person", "person": str(county.people["Wang"].pk)}
    assert zhao.post(f"/incidents/{row.pk}/room/act/", form).status_code == 403
    assert not RoomCall.objects.exists()


def test_a_video_meeting_stands_in_the_head_of_the_room_until_it_is_removed(county: County) -> None:
    row, by, at = commanded(county), county.actor("Chen"), county.now
    link = services.add_link(
        row, kind="meeting", title="指挥会商", address="https://meet.example/1", by=by, at=at
    )
    head = county.client("Chen").get(f"/incidents/{row.pk}/room/head/").content.decode()
    assert 'href="https://meet.example/1"' in head
    services.remove_link(link, by=by, at=at)
    cache.clear()
    head = county.client("Chen").get(f"/incidents/{row.pk}/room/head/").content.decode()
    assert "meet.example" not in head
