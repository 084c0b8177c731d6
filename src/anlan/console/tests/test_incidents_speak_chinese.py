"""Pages of incidents, chase orders and the first page in Chinese, refusals included."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from anlan.console.moments import input_moment
from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.console.tests.test_incidents_on_a_page import form, made, restricted
from anlan.incidents import services
from anlan.journal.sealer import seal_everything
from anlan.testing import County

pytestmark = pytest.mark.django_db


def read(client: Client, *addresses: str) -> dict[str, list[str]]:
    found = {address: english_in(client.get(address).content.decode()) for address in addresses}
    return {address: words for address, words in found.items() if words}


def test_incidents_speak_chinese(county: County) -> None:
    chen = county.actor("Chen")
    row = made(
        county, course="后山滑坡约300方", lon=102.92, lat=27.41, is_sensitive=True, sensitive_why="涉校"
    )
    other = made(county, title="上柳村滑坡埋房")
    closed = restricted(county)
    services.change_incident(row, course="后山滑坡约500方", by=chen, at=county.now)
    services.set_grade(row, 3, reason="研判", by=chen, at=county.now)
    remark = services.record_remark(
        row,
        leader="王建国",
        leader_post="县长",
        words="速查",
        said_at=county.now,
        way="phone",
        by=chen,
        at=county.now,
    )
    chase = services.issue_chase(
        incident=row, addressee="柳河镇", division=county.divisions["Willow River"], task="排查", remark=remark,
        due_at=county.now + timedelta(hours=1), by=county.actor("Feng"), at=county.now,
    )  # fmt: skip
    services.merge_incident(other, row, reason="同一处", by=chen, at=county.now)
    seal_everything()
    client = county.client("Chen", language="zh-hans")
    pages = [
        "/",
        "/incidents/",
        "/incidents/new/",
        "/chases/",
        "/chases/?show=all",
        f"/chases/{chase.pk}/",
        "/journal/",
        "/log/",
    ]
    pages += [f"/incidents/{one.pk}/" for one in (row, other, closed)]
    pages += [f"/incidents/{row.pk}/edit/", f"/incidents/{closed.pk}/merge/?main={row.pk}", "/find/?q=滑坡"]
    assert read(client, *pages) == {}
    later = input_moment(county.now + timedelta(hours=2))
    refused = client.post("/incidents/new/", form(county, occurred_at=later))
    assert english_in(refused.content.decode()) == []
    for verb in ("figure", "grade", "close", "remark", "chase", "merge", "tags", "attach"):
        answer = client.post(
            f"/incidents/{row.pk}/act/",
            {"verb": verb, "remark": remark.pk, "tag": "x", "division": "999901101000"},
        )
        assert english_in(answer.content.decode()) == [], verb
    li = county.client("Li", language="zh-hans")
    assert read(li, f"/chases/{chase.pk}/", "/", "/journal/") == {}
