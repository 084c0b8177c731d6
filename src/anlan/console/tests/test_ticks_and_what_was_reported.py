"""The desk enters an answer that came by telephone or radio, with measures and numbers, and sees what was reported."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from anlan.attachments.services import keep
from anlan.dissemination import services
from anlan.dissemination.models import Callout, CalloutSeat
from anlan.testing import County


@pytest.fixture
def callout(county: County, tmp_path: Path, settings: Any) -> Callout:
    settings.ANLAN_DATA = tmp_path
    return services.open_callout(
        subject=f"warning:{uuid.uuid4()}",
        title="山洪橙色叫应",
        text="请立即转移。",
        voice_text="",
        issuer="云岭县应急指挥部",
        level=2,
        hazard_type="flash_flood",
        division=county.division,
        villages=[county.divisions["Upper Willow"]],
        ladder_name="anlan_default",
        needs_feedback=True,
        by=county.by,
        at=county.now,
    )


def seat(callout: Callout) -> CalloutSeat:
    return callout.seats.select_related("callout", "division").get()


def test_a_tick_carries_measures_numbers_and_the_place(county: County, callout: Callout) -> None:
    where = reverse("console:act_on_seat", args=[seat(callout).pk])
    form = {
        "verb": "done", "text": "对讲机，02:14", "did": ["told", "closed"], "households": "12", "people": "35",
        "refused": "1", "missing": "0", "place": "村小学",
    }  # fmt: skip
    assert county.client("Chen").post(where, form).status_code == 302
    found = seat(callout)
    assert (found.state, found.answered_by_name) == ("done", "陈静")
    assert found.measures == ["told", "closed", "people_moved"]
    text = county.client("Chen").get(reverse("console:seat", args=[found.pk])).content.decode()
    assert "村小学" in text
    assert "road or place closed" in text


def test_done_without_measures_is_shown_as_owed_on_the_board(county: County, callout: Callout) -> None:
    services.tick(seat(callout), meaning="done", words="电台", by=county.actor("Chen"), at=county.now)
    text = county.client("Chen").get(reverse("console:callout", args=[callout.pk])).content.decode()
    assert "measures asked for" in text


def test_a_measure_that_nobody_offers_is_refused(county: County, callout: Callout) -> None:
    where = reverse("console:act_on_seat", args=[seat(callout).pk])
    answer = county.client("Chen").post(where, {"verb": "done", "text": "电台", "did": "prayed"})
    assert answer.status_code == 422
    assert seat(callout).state == "waiting"


def test_a_photo_from_the_village_is_opened_by_its_township_and_not_by_the_neighbour(
    county: County, callout: Callout
) -> None:
    village = seat(callout).division
    row = keep(
        [b"\xff\xd8\xff x"], subject=f"seat:{seat(callout).pk}", division=village, by=county.by, at=county.now
    )
    where = reverse("console:file", args=[row.pk])
    assert where in county.client("Li").get(reverse("console:seat", args=[seat(callout).pk])).content.decode()
    answer = county.client("Li").get(where)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (
        200,
        "image/jpeg",
        b"\xff\xd8\xff x",
    )
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert county.client("Liu").get(where).status_code == 404


def test_replies_from_unknown_numbers_are_read_at_the_desk(county: County, callout: Callout) -> None:
    from anlan.dissemination.types import PhoneEvent
    from anlan.kernel.actor import Actor

    event = PhoneEvent("u-1", "reply", county.now, sender="10000009999", text="桥上有车")
    services.take_events("phone", [event], by=Actor("channel:phone"), at=county.now)
    text = county.client("Chen").get(reverse("console:replies")).content.decode()
    assert "桥上有车" in text
    assert "10000009999" in text
    assert (
        reverse("console:replies") in county.client("Chen").get(reverse("console:callouts")).content.decode()
    )
    assert county.client("Zhao").get(reverse("console:replies")).status_code == 403
