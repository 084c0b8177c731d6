"""Teams, vehicles, experts, stock, jobs and requests on the desk."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from anlan.console.moments import input_moment
from anlan.dispatch.models import SupplyRequest, TeamJob
from anlan.dispatch.tests.forcescenes import flood, sent, team
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.kernel.clock import ManualClock
from anlan.resources.models import Asset, Expert, StockReport, Team
from anlan.testing import County

pytestmark = pytest.mark.django_db


def _text(county: County, url: str, who: str = "Chen", language: str = "en") -> str:
    answer = county.client(who, language=language).get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def _act(county: County, job: TeamJob, verb: str, by: str = "Chen", **fields: Any) -> Any:
    return county.client(by).post(f"/forces/jobs/{job.pk}/act/", {"verb": verb, **fields})


def test_a_team_is_registered_changed_set_unready_and_struck(county: County) -> None:
    chen, place = county.client("Chen"), county.divisions["Willow River"]
    typed = {
        "name": "柳河镇抢险队", "division": place.code, "kind": "township", "strength": "20", "skill": ["dike", "boat"],
        "leader": str(county.people["Zhao"].pk), "lon": "102.91", "lat": "27.40",
    }  # fmt: skip
    assert chen.post("/forces/teams/new/", typed).status_code == 302
    row = Team.objects.get()
    assert (row.skills, row.leader_id, row.lon) == (["dike", "boat"], county.people["Zhao"].pk, 102.91)
    assert "柳河镇抢险队" in _text(county, "/forces/?skill=dike")
    assert "柳河镇抢险队" not in _text(county, "/forces/?skill=hazmat")
    refused = chen.post(
        f"/forces/teams/{row.pk}/act/", {"verb": "readiness", "readiness": "not_ready", "why": ""}
    )
    assert refused.status_code == 409
    assert "Say why" in refused.content.decode()
    chen.post(f"/forces/teams/{row.pk}/act/", {"verb": "readiness", "readiness": "not_ready", "why": "集训"})
    assert "集训" in _text(county, f"/forces/teams/{row.pk}/")
    assert (
        chen.post(
            f"/forces/teams/{row.pk}/edit/", {**typed, "name": "柳河镇应急队", "skill": ["dike"]}
        ).status_code
        == 302
    )
    chen.post(f"/forces/teams/{row.pk}/act/", {"verb": "retire"})
    assert "柳河镇应急队" not in _text(county, "/forces/")
    assert "struck" in _text(county, f"/forces/teams/{row.pk}/")


def test_a_refused_form_keeps_what_was_typed(county: County) -> None:
    typed = {"name": " ", "division": county.division.code, "kind": "fire", "owner_words": "县消防"}
    answer = county.client("Chen").post("/forces/teams/new/", typed)
    assert answer.status_code == 409
    assert "县消防" in answer.content.decode()
    assert not Team.objects.exists()


def test_vehicles_experts_and_stock_are_entered_and_corrected(county: County) -> None:
    chen, code = county.client("Chen"), county.division.code
    made = chen.post(
        "/forces/assets/",
        {
            "name": "冲锋舟",
            "kind": "equipment",
            "category": "boat",
            "count": "4",
            "unit": "艘",
            "division": code,
        },
    )
    assert made.status_code == 302
    row = Asset.objects.get()
    chen.post(f"/forces/assets/{row.pk}/", {"verb": "state", "state": "repair", "why": "漏水"})
    assert "漏水" in _text(county, "/forces/assets/")
    assert (
        chen.post(
            "/forces/experts/",
            {"person": str(county.people["Wu"].pk), "title": "高工", "fields": "堤防、水库"},
        ).status_code
        == 302
    )
    assert Expert.objects.get().fields == ["堤防", "水库"]
    assert (
        "already" in chen.post("/forces/experts/", {"person": str(county.people["Wu"].pk)}).content.decode()
    )
    assert "吴军" in _text(county, "/forces/experts/")
    assert (
        chen.post(
            "/forces/stock/", {"item": "tent", "quantity": "120", "depot": "县级库", "division": code}
        ).status_code
        == 302
    )
    assert (
        chen.post(
            "/forces/stock/", {"item": "tent", "quantity": "-1", "depot": "县级库", "division": code}
        ).status_code
        == 409
    )
    assert StockReport.objects.count() == 1
    assert "120" in _text(county, "/forces/stock/")


def test_the_desk_sends_the_proposed_team_and_sees_why(county: County) -> None:
    team(county, "近处水上队", lon=102.93, lat=27.42)
    team(county, "远处水上队", lon=103.30, lat=27.70)
    incident = flood(county)
    assert f"/incidents/{incident.pk}/send/" in _text(county, f"/incidents/{incident.pk}/")
    page = _text(county, f"/incidents/{incident.pk}/send/?skill=boat")
    assert page.index("近处水上队") < page.index("远处水上队")
    assert "roads not considered" in page
    near = Team.objects.get(name="近处水上队")
    typed = {
        "team": str(near.pk), "skill": "boat", "words": "转移群众", "division": county.divisions["Upper Willow"].code,
        "check_every_min": "30", "arrive_by": input_moment(county.now + timedelta(minutes=40)),
    }  # fmt: skip
    chen = county.client("Chen")
    assert chen.post(f"/incidents/{incident.pk}/send/", typed).status_code == 302
    job = TeamJob.objects.get()
    assert "roads not considered" in _text(county, f"/forces/jobs/{job.pk}/")
    again = chen.post(f"/incidents/{incident.pk}/send/", typed)
    assert again.status_code == 409
    assert "is out already" in again.content.decode()
    assert "转移群众" in again.content.decode()
    assert TeamJob.objects.count() == 1
    record = _text(county, f"/incidents/{incident.pk}/")
    assert "近处水上队" in record


def test_steps_are_written_down_at_the_desk_with_the_time_that_was_told(
    county: County, clock: ManualClock
) -> None:
    job = sent(county, check_every_min=30)
    clock.advance(minutes=60)
    _act(county, job, "left", is_earlier="1", happened_at=input_moment(county.now - timedelta(minutes=50)))
    _act(
        county,
        job,
        "arrived",
        is_earlier="1",
        happened_at=input_moment(county.now - timedelta(minutes=20)),
        who="钱进",
    )
    job.refresh_from_db()
    assert job.arrived_at == county.now - timedelta(minutes=20)
    refused = _act(
        county, job, "done", is_earlier="1", happened_at=input_moment(county.now - timedelta(minutes=40))
    )
    assert refused.status_code == 409
    assert _act(county, job, "well", people="12").status_code == 302
    assert "all well" in _text(county, f"/forces/jobs/{job.pk}/")
    assert "全员平安" in _text(county, f"/forces/jobs/{job.pk}/", language="zh-hans")
    assert _act(county, job, "cancelled", "Zhao").status_code in (302, 403)


def test_a_silent_team_is_red_on_every_list_and_in_mine_now(county: County, clock: ManualClock) -> None:
    job = sent(county, check_every_min=30)
    _act(county, job, "left")
    clock.advance(minutes=31)
    run_deadlines(owner="test")
    run_reactions(owner="test")
    for url in (
        "/forces/",
        "/forces/jobs/",
        f"/forces/jobs/{job.pk}/",
        f"/incidents/{job.incident_id}/",
        "/",
    ):
        assert "check-in missed" in _text(county, url), url
    banner = _text(county, "/banner/")
    assert "A team did not check in" in banner
    assert f"/forces/jobs/{job.pk}/" in banner


def test_a_team_that_turned_up_is_registered_at_the_scene(county: County) -> None:
    incident = flood(county)
    typed = {
        "name": "蓝天救援队", "kind": "social", "strength": "8", "skill": ["boat"], "words": "搜寻下游",
        "division": county.divisions["Upper Willow"].code,
    }  # fmt: skip
    assert county.client("Chen").post(f"/incidents/{incident.pk}/arrivals/", typed).status_code == 302
    job = TeamJob.objects.select_related("team").get()
    assert (job.state, job.team.kind) == ("arrived", "social")


def test_supplies_go_from_asked_to_received_on_pages(county: County) -> None:
    incident = flood(county)
    li, chen = county.client("Li"), county.client("Chen")
    upper = county.divisions["Upper Willow"].code
    typed = {"division": upper, "item-0": "tent", "quantity-0": "50", "why": "安置点"}
    assert li.post(f"/incidents/{incident.pk}/requests/new/", {"division": upper}).status_code == 409
    assert li.post(f"/incidents/{incident.pk}/requests/new/", typed).status_code == 302
    row = SupplyRequest.objects.get()
    [line] = row.lines.all()
    act = f"/forces/requests/{row.pk}/act/"
    assert "to be approved" in _text(county, "/forces/requests/")
    too_many = chen.post(act, {"verb": "approve", f"q-{line.pk}": "70"})
    assert too_many.status_code == 409
    assert 'value="70"' in too_many.content.decode()
    for verb, amount in (("approve", "30"), ("send", "30"), ("receive", "28")):
        assert chen.post(act, {"verb": verb, f"q-{line.pk}": amount}).status_code == 302
    page = _text(county, f"/forces/requests/{row.pk}/")
    assert "2 missing" in page
    assert "缺2" in _text(county, f"/forces/requests/{row.pk}/", language="zh-hans")


def test_a_neighbour_sees_neither_team_nor_job_nor_request(county: County) -> None:
    crew = team(county, "柳河队", place="Willow River")
    job = sent(county, crew)
    for url in (f"/forces/teams/{crew.pk}/", f"/forces/jobs/{job.pk}/"):
        assert county.client("Liu").get(url).status_code == 404
    for url in ("/forces/", "/forces/jobs/"):
        assert "柳" not in _text(county, url, "Liu")
    assert _act(county, job, "left", "Liu").status_code == 404
    assert TeamJob.objects.get().state == "told"


def test_the_owner_of_a_team_sees_its_job_elsewhere_and_says_its_steps(county: County) -> None:
    crew = team(county, "石桥队", place="Stone Bridge", leader=county.people["Wu"], deputy=None)
    job = sent(county, crew)
    page = _text(county, f"/forces/jobs/{job.pk}/", "Liu")
    assert job.incident.title not in page
    assert _act(county, job, "left", "Liu").status_code == 302
    assert _act(county, job, "cancelled", "Liu", words="不去了").status_code == 403


def test_chinese_pages_say_no_code_and_no_english(county: County) -> None:
    crew = team(county, lon=102.93, lat=27.42)
    incident = flood(county)
    job = sent(county, crew, incident, check_every_min=30)
    urls = ("/forces/", f"/forces/teams/{crew.pk}/", f"/incidents/{incident.pk}/send/?skill=boat", f"/forces/jobs/{job.pk}/", "/forces/assets/", "/forces/experts/", "/forces/stock/", "/forces/requests/")  # fmt: skip
    for url in urls:
        page = _text(county, url, language="zh-hans")
        main = re.sub(r"<[^>]*>", "|", page.split('<main id="page"')[1].split("</main>")[0])
        for word in (
            "flood_rescue",
            "professional",
            "|told|",
            "|ready|",
            "Readiness",
            "Skills",
            "Teams",
            "min",
        ):
            assert word not in main, (url, word)
