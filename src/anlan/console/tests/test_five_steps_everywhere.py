"""Every incident shows the five steps: on its record, in the list, on the leader's sheet; a longer list asks no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.command.tests import room
from anlan.dispatch.fivesteps import times_of, times_of_many
from anlan.incidents import services as incidents
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def queries(client: Client, address: str) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_record_the_leaders_sheet_and_the_list_show_how_far_it_came(county: County) -> None:
    row = room.incident(county)
    room.orders(county, row, 1)
    chen = county.client("Chen", language="zh-hans")
    for address in (f"/incidents/{row.pk}/", f"/incidents/{row.pk}/leader/"):
        page = text(chen, address)
        assert all(word in page for word in ("接报", "研判", "指令", "调度", "到达")), address
        assert page.count('<li class="is-done">') == 2, (
            address
        )  # received and ordered; the rules found no grade, so nobody judged it
        assert 'class="is-skipped"' in page, address
    assert "2/5" in text(chen, "/incidents/")
    room.job(county, row, arrived_at=county.now + timedelta(minutes=20), state="arrived")
    cache.clear()
    shown = text(chen, "/incidents/")
    assert "4/5" in shown
    assert "到达" in shown


def test_a_page_of_incidents_has_the_times_that_each_has_alone(county: County) -> None:
    rows = [room.incident(county), room.incident(county, title="柳河镇客车侧翻", event_type="road_traffic")]
    room.orders(county, rows[1], 2)
    assert times_of_many(rows) == {one.pk: times_of(one) for one in rows}
    assert times_of(rows[0]).ordered is None
    assert times_of(rows[1]).ordered == county.now


def test_a_grade_or_a_verification_is_the_judgement(county: County) -> None:
    graded, verified = room.incident(county), room.incident(county, title="柳河漫堤", event_type="flood")
    assert times_of(graded).judged is None
    county.clock.advance(minutes=5)
    room.counted(county, graded, "deaths", 3)
    assert times_of(graded).judged == county.now
    incidents.set_grade(verified, 4, reason="会商意见", by=county.actor("Chen"), at=county.now)
    assert times_of(verified).judged == county.now


def test_a_restricted_incident_shows_no_steps(county: County) -> None:
    row = room.incident(
        county, event_type="public_health", title="某校疑似聚集性疫情", reference="卫健委电话"
    )
    page = text(county.client("Chen"), f"/incidents/{row.pk}/")
    assert "The five steps" not in page
    assert "/5</span>" not in text(county.client("Chen"), "/incidents/")


def test_a_longer_list_asks_no_more(county: County) -> None:
    room.incident(county)
    chen = county.client("Chen")
    text(chen, "/incidents/")
    few = queries(chen, "/incidents/")
    for number in range(8):
        one = room.incident(county, title=f"滑坡{number}")
        room.orders(county, one, 1, number=f"令9{number}")
    assert queries(chen, "/incidents/") <= few
