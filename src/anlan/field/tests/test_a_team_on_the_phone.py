"""A team leader's page by link and by account."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client

from anlan.dispatch.joblinks import token_of
from anlan.dispatch.models import PositionFix, TeamCheck, TeamJob
from anlan.dispatch.services import move_job
from anlan.dispatch.tests.forcescenes import sent, team
from anlan.field import limits
from anlan.journal.models import Entry
from anlan.kernel.clock import ManualClock
from anlan.testing import County

pytestmark = pytest.mark.django_db


def _url(job: TeamJob) -> str:
    return f"/t/{token_of(job.pk)}/"


def _page(url: str) -> str:
    answer = Client(HTTP_ACCEPT_LANGUAGE="zh-hans").get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_leader_goes_through_the_whole_job_by_the_link_without_an_account(county: County) -> None:
    job = sent(county, check_every_min=30)
    page = _page(_url(job))
    for word in ("转移沿河群众", "上柳村河口", "已出发", "已到达", "陈静"):
        assert word in page, word
    assert len(page.encode()) < 30_000
    assert "onclick" not in page
    for step in ("left", "arrived", "working", "done", "back"):
        assert Client().post(_url(job), {"verb": step, "key": f"key-{step}-1"}).status_code == 303
    job.refresh_from_db()
    assert (job.state, job.step_via, job.step_by_name) == ("back", "link", "赵春兰")
    assert "不再发送" in _page(_url(job))


def test_a_form_that_arrives_twice_counts_once(county: County) -> None:
    job = sent(county)
    for _time in range(2):
        Client().post(_url(job), {"verb": "well", "people": "12", "key": "abcdefgh-1"})
    assert TeamCheck.objects.count() == 1


def test_a_call_for_help_carries_the_words_and_the_name(county: County) -> None:
    job = sent(county)
    Client().post(_url(job), {"verb": "help", "words": "断桥", "who": "孙某", "key": "abcdefgh-2"})
    check = TeamCheck.objects.get()
    assert (check.is_well, check.words, check.by_name) == (False, "断桥", "孙某")


def test_a_guessed_link_opens_nothing_and_writes_nothing(county: County) -> None:
    sent(county)
    before = Entry.objects.count()
    for url in (f"/t/{'B' * 32}/", f"/t/{'B' * 32}/positions/"):
        assert Client().post(url, {"verb": "left"}).status_code == 404
    assert Client().get(f"/t/{'B' * 32}/").status_code == 404
    assert Entry.objects.count() == before


def test_an_old_link_opens_nothing_any_more(county: County, clock: ManualClock) -> None:
    job = sent(county)
    move_job(job, "refused", words="路断", by=county.actor("Chen"), by_name="", via="desk", at=county.now)
    assert Client().get(_url(job)).status_code == 200
    clock.advance(hours=13)
    assert Client().get(_url(job)).status_code == 404


def test_a_link_is_not_used_faster_than_a_thumb(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    job = sent(county)
    monkeypatch.setattr(limits, "looks", limits.PerLink(3))
    codes = [Client().get(_url(job)).status_code for _n in range(5)]
    assert codes == [200, 200, 200, 429, 429]


def test_positions_wait_in_the_phone_and_stop_with_the_job(county: County, clock: ManualClock) -> None:
    job = sent(county)
    clock.advance(minutes=10)
    batch = [
        {"lon": 102.9, "lat": 27.4, "accuracy": 8, "at": (county.now - timedelta(minutes=m)).isoformat()}
        for m in (3, 2, 1)
    ]
    url = _url(job) + "positions/"
    for kept in (3, 0):
        answer = Client().post(url, json.dumps(batch), content_type="application/json")
        assert answer.json() == {"kept": kept, "goes_on": True}
    for bad in ("nonsense", "{}", json.dumps([{"lon": "x"}])):
        assert Client().post(url, bad, content_type="application/json").status_code in (200, 400)
    for step in ("left", "arrived", "done", "back"):
        Client().post(_url(job), {"verb": step, "key": f"key-{step}-9"})
    clock.advance(minutes=5)
    late = [{"lon": 102.9, "lat": 27.4, "at": county.now.isoformat()}]
    assert Client().post(url, json.dumps(late), content_type="application/json").status_code == 410
    assert PositionFix.objects.count() == 3


def test_a_step_pressed_without_a_network_keeps_its_own_time(county: County, clock: ManualClock) -> None:
    job = sent(county)
    clock.advance(minutes=30)
    pressed = county.now - timedelta(minutes=20)
    Client().post(_url(job), {"verb": "left", "key": "abcdefgh-3", "written": pressed.isoformat()})
    job.refresh_from_db()
    assert (job.left_at, job.heard_at) == (pressed, county.now)


def test_whoever_leads_a_team_finds_its_job_after_signing_in(county: County) -> None:
    job = sent(county, team(county, place="Yunling"))
    zhao = county.client("Zhao")
    assert "转移沿河群众" in zhao.get("/f/jobs/").content.decode()
    assert zhao.post(f"/f/jobs/{job.pk}/", {"verb": "left", "key": "abcdefgh-4"}).status_code == 303
    assert TeamJob.objects.get().step_via == "phone"
    wu = county.client("Wu")
    assert "转移沿河群众" not in wu.get("/f/jobs/").content.decode()
    assert wu.post(f"/f/jobs/{job.pk}/", {"verb": "arrived"}).status_code == 404


def test_the_link_of_the_message_is_the_link_of_the_page(county: County) -> None:
    from anlan.dissemination.models import Delivery

    job = sent(county)
    [text] = Delivery.objects.filter(subject=f"team_job:{job.pk}").values_list("text", flat=True)
    found = re.search(r"/t/[\w-]+/", text)
    assert found is not None
    assert found[0] == _url(job)
