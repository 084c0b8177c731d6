"""Incidents on the desk: enter, count, merge, order; and what is kept from whom."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from anlan.console.moments import input_moment
from anlan.incidents import services
from anlan.incidents.models import ChaseOrder, Figure, Incident
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.intake.services import take_intake
from anlan.intake.services.senders import list_sender
from anlan.intake.types import IntakeDetails
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.journal.models import Entry
from anlan.journal.sealer import seal_everything
from anlan.kernel.actor import Actor
from anlan.kernel.ids import uuid7
from anlan.testing import County

pytestmark = pytest.mark.django_db


def made(county: County, by: str = "Chen", **fields: Any) -> Incident:
    details = {
        "title": "上柳村后山滑坡",
        "event_type": "landslide",
        "division": county.divisions["Upper Willow"],
        "informant": "village",
        "known_at": county.now,
        **fields,
    }
    return services.open_incident(IncidentDetails(**details), by=county.actor(by), at=county.now)


def form(county: County, **fields: str) -> dict[str, str]:
    return {
        "key": str(uuid7()),
        "title": "柳河镇客车侧翻",
        "event_type": "road_traffic",
        "division": county.divisions["Willow River"].code,
        "known_at": input_moment(county.now),
        "informant": "122",
        **fields,
    }


def act(county: County, row: Incident, verb: str, who: str = "Chen", **fields: Any) -> Any:
    return county.client(who).post(f"/incidents/{row.pk}/act/", {"verb": verb, **fields})


def test_an_incident_is_entered_once_however_often_the_form_is_sent(county: County) -> None:
    typed = form(county, deaths="2", injured="1", source="122 现场")
    chen = county.client("Chen")
    for _time in range(2):
        answer = chen.post("/incidents/new/", typed)
        assert answer["Location"] == f"/incidents/{typed['key']}/"
    row = Incident.objects.get()
    assert (row.title, row.informant) == ("柳河镇客车侧翻", "122")
    assert {(one.code, int(one.value)) for one in row.figures.all()} == {("deaths", 2), ("injured", 1)}


def test_a_refused_form_keeps_every_word(county: County) -> None:
    later = input_moment(county.now + timedelta(hours=2))
    answer = county.client("Chen").post("/incidents/new/", form(county, occurred_at=later, course="翻入河谷"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "lies in the future" in page
    assert "翻入河谷" in page
    assert "柳河镇客车侧翻" in page
    assert not Incident.objects.exists()


def test_a_number_that_is_none_and_a_place_outside_are_refused(county: County) -> None:
    chen = county.client("Chen")
    assert "is not a number" in chen.post("/incidents/new/", form(county, deaths="两人")).content.decode()
    assert (
        county.client("Li").post("/incidents/new/", form(county, division="999901102000")).status_code == 404
    )
    assert county.client("Zhao").get("/incidents/new/").status_code == 403
    assert not Incident.objects.exists()


def test_the_list_pages_by_the_last_row_and_filters(county: County) -> None:
    for number in range(53):
        county.clock.advance(minutes=1)
        made(county, title=f"滑坡{number:02d}", event_type="fire" if number == 7 else "landslide")
    chen = county.client("Chen")
    first = chen.get("/incidents/").content.decode()
    assert "滑坡52" in first
    assert "滑坡02" not in first
    older = re.search(r'href="(\?after=[^"]+)">Older', first)
    assert older is not None
    second = chen.get("/incidents/" + older[1].replace("&amp;", "&")).content.decode()
    assert [f"滑坡{number:02d}" in second for number in (0, 1, 2, 3)] == [True, True, True, False]
    fires = chen.get("/incidents/?type=fire").content.decode()
    assert "滑坡07" in fires
    assert "滑坡08" not in fires
    for query in ("state=open", "class=1", "grade=0", "place=999901101000", "from=2026-07-01", "q=滑坡33"):
        assert "滑坡33" in chen.get(f"/incidents/?{query}").content.decode(), query
    for query in ("state=closed", "class=4", "grade=1", "place=999901102000", "to=2020-01-01", "tag=school"):
        assert "滑坡33" not in chen.get(f"/incidents/?{query}").content.decode(), query


def test_a_workbook_of_the_list_is_journaled(county: County) -> None:
    made(county, title="=1+1")
    answer = county.client("Chen").post("/incidents/export/", {"state": "open"})
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)  # type: ignore[union-attr]
    assert rows[1][1] == "'=1+1"
    assert Entry.objects.filter(kind="incident.exported").count() == 1
    assert county.client("Zhao").post("/incidents/export/").status_code == 403


def test_deaths_do_not_fall_silently_and_the_words_stay(county: County) -> None:
    row = made(county)
    act(county, row, "figure", code="deaths", value="3", source="柳河镇")
    county.clock.advance(minutes=5)
    answer = act(county, row, "figure", code="deaths", value="2", source="柳河镇")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "deaths falls from 3 to 2 and nobody said why" in page
    assert 'value="柳河镇"' in page
    act(county, row, "figure", code="deaths", value="2", source="柳河镇", why="一人重复统计")
    assert [one.value for one in row.figures.order_by("as_of")] == [3, 2]
    page = county.client("Chen").get(f"/incidents/{row.pk}/").content.decode()
    assert "一人重复统计" in page


def test_a_figure_is_verified_and_withdrawn_with_a_reason(county: County) -> None:
    row = made(county)
    act(county, row, "figure", code="trapped", value="4", source="119")
    figure = Figure.objects.get()
    act(county, row, "verify_figure", figure=figure.pk)
    figure.refresh_from_db()
    assert figure.state == "verified"
    assert act(county, row, "withdraw_figure", figure=figure.pk).status_code == 409
    act(county, row, "withdraw_figure", figure=figure.pk, reason="听错")
    figure.refresh_from_db()
    assert (figure.state, figure.withdrawn_why) == ("withdrawn", "听错")
    other = made(county, title="石桥镇", division=county.divisions["North Slope"])
    assert act(county, other, "verify_figure", figure=figure.pk).status_code == 404


def test_a_grade_by_hand_shows_who_and_why(county: County) -> None:
    row = made(county)
    assert act(county, row, "grade", grade="3").status_code == 409
    act(county, row, "grade", grade="3", reason="专家研判")
    row.refresh_from_db()
    assert row.grade == 3
    page = county.client("Chen").get(f"/incidents/{row.pk}/").content.decode()
    assert "Set by 陈静: 专家研判" in page
    act(county, row, "verify")
    row.refresh_from_db()
    assert row.state == "verified"
    assert act(county, row, "close").status_code == 409
    act(county, row, "close", reason="处置完毕")
    act(county, row, "reopen", reason="又滑了")
    row.refresh_from_db()
    assert row.state == "verified"


def test_what_an_edit_changed_is_shown_word_by_word(county: County) -> None:
    row = made(county, course="后山滑坡约300方")
    chen = county.client("Chen")
    typed = {
        "title": row.title, "event_type": "landslide", "division": row.division_id, "known_at": input_moment(row.known_at),
        "kind": "impact", "course": "后山滑坡约500方",
    }  # fmt: skip
    assert chen.post(f"/incidents/{row.pk}/edit/", typed).status_code == 302
    seal_everything()
    page = chen.get(f"/incidents/{row.pk}/").content.decode()
    assert "<del>300</del><ins>500</ins>" in page
    assert Entry.objects.filter(kind="incident.described").count() == 1
    typed["known_at"] = input_moment(county.now + timedelta(days=1))
    typed["course"] = "后山滑坡约700方"
    refused = chen.post(f"/incidents/{row.pk}/edit/", typed)
    assert refused.status_code == 409
    assert "约700方" in refused.content.decode()


def test_two_reports_of_one_event_are_found_merged_and_split(county: County) -> None:
    first = made(county, title="上柳村后山滑坡，房屋被埋")
    second = made(county, title="柳河镇上柳村滑坡埋房")
    chen = county.client("Chen")
    assert "柳河镇上柳村滑坡埋房" in chen.get(f"/incidents/{first.pk}/").content.decode()
    page = chen.get(f"/incidents/{second.pk}/merge/?main={first.pk}").content.decode()
    assert first.number in page
    assert "same type" in page
    assert act(county, second, "merge", main=first.pk).status_code == 409
    act(county, second, "merge", main=first.pk, reason="同一处")
    second.refresh_from_db()
    assert second.merged_into_id == first.pk
    assert second.number in chen.get(f"/incidents/{first.pk}/").content.decode()
    act(county, second, "split", reason="相距三公里")
    second.refresh_from_db()
    assert second.state == "received"


def test_an_officer_records_a_remark_and_orders_what_it_asks_for(county: County) -> None:
    row = made(county)
    order = {
        "division": "999901101000",
        "task": "两小时内报排查结果",
        "due_at": input_moment(county.now + timedelta(hours=2)),
    }
    assert act(county, row, "chase", **order).status_code == 403  # without a leader's word
    act(county, row, "remark", leader="王建国", leader_post="县长", words="全力搜救", way="phone")
    remark = row.remarks.get()
    act(county, row, "chase", remark=remark.pk, **order)
    chase = ChaseOrder.objects.get()
    assert chase.remark_id == remark.pk
    li = county.client("Li")
    assert li.post(f"/chases/{chase.pk}/act/", {"verb": "acknowledge"}).status_code == 302
    assert li.post(f"/chases/{chase.pk}/act/", {"verb": "close"}).status_code == 403
    assert li.post(f"/chases/{chase.pk}/act/", {"verb": "answer"}).status_code == 409
    assert li.post(f"/chases/{chase.pk}/act/", {"verb": "answer", "answer": "已排查12户"}).status_code == 302
    assert county.client("Liu").get(f"/chases/{chase.pk}/").status_code == 404
    assert county.client("Chen").post(f"/chases/{chase.pk}/act/", {"verb": "close"}).status_code == 302
    chase.refresh_from_db()
    assert (chase.state, chase.is_late) == ("closed", False)


def test_an_overdue_order_rings_until_it_is_answered(county: County) -> None:
    row = made(county)
    chase = services.issue_chase(
        incident=row, addressee="柳河镇政府", division=county.divisions["Willow River"], task="报排查结果",
        due_at=county.now + timedelta(minutes=30), by=county.actor("Feng"), at=county.now,
    )  # fmt: skip
    county.clock.advance(minutes=31)
    run_deadlines(owner="test")
    while run_reactions(owner="test"):
        pass
    from anlan.duty.queries import ringing

    alarm = next(one for one in ringing(county.actor("Chen")) if one.kind == "chase_overdue")
    assert alarm.subject == f"chase:{chase.pk}"
    assert chase.number in alarm.text_zh
    chase.refresh_from_db()
    services.answer_chase(chase, answer="已报", by=county.actor("Li"), at=county.now)
    while run_reactions(owner="test"):
        pass
    assert not [one for one in ringing(county.actor("Chen")) if one.kind == "chase_overdue"]
    assert chase.is_late


def test_a_sensitive_incident_rings_until_somebody_takes_it_over(county: County) -> None:
    row = made(county, is_sensitive=True, sensitive_why="涉校")
    while run_reactions(owner="test"):
        pass
    page = county.client("Chen").get("/").content.decode()
    assert f"Serious incident: {row.number}" in page
    assert f"/incidents/{row.pk}/" in page


def restricted(county: County, by: str = "Chen") -> Incident:
    return made(
        county, by=by, title="某校疑似聚集性疫情", event_type="public_health", reference="卫健〔2026〕7号",
        figures=(FigureDetails("persons", Decimal(7), "县卫健局", county.now),),
    )  # fmt: skip


def test_of_a_restricted_incident_only_class_place_count_and_reference_are_kept(county: County) -> None:
    row = restricted(county)
    assert row.title == "公共卫生事件"
    page = county.client("Chen").get(f"/incidents/{row.pk}/").content.decode()
    for word in ("public-health event", "上柳村", "7", "卫健〔2026〕7号"):
        assert word in page
    assert "某校" not in page
    for verb, fields in (
        ("figure", {"code": "deaths", "value": "1", "source": "x"}),
        ("tags", {"tag": "school"}),
        ("remark", {"leader": "王", "words": "速查"}),
        ("attach", {"file": SimpleUploadedFile("a.jpg", b"\xff\xd8\xff")}),
    ):
        answer = act(county, row, verb, **fields)
        assert answer.status_code == 409, verb
        assert "only class, place, count and reference are kept" in answer.content.decode()


def test_a_restricted_incident_is_unknown_to_those_without_the_right(county: County) -> None:
    row = restricted(county)
    open_one = made(county)
    while run_reactions(owner="test"):
        pass
    seal_everything()
    assert "公共卫生事件" in county.client("Chen").get("/incidents/").content.decode()
    for who in ("Li", "Liu", "Zhao", "He", "Guo"):
        reader = county.client(who)
        assert reader.get(f"/incidents/{row.pk}/").status_code == 404
        for address in (
            "/incidents/",
            "/log/",
            "/find/?q=公共",
            "/map/incidents.json",
            f"/find/?q={row.number}",
            "/",
        ):
            text = (
                reader.get(address)
                .content.decode()
                .replace(f"q={row.number}", "")
                .replace(f": {row.number}", "")
            )
            assert "公共卫生事件" not in text, (who, address)
            assert str(row.pk) not in text, (who, address)
            assert "卫健〔2026〕7号" not in text, (who, address)
    assert open_one.title in county.client("Li").get("/incidents/").content.decode()


def test_the_journal_hides_what_a_restricted_incident_says(county: County) -> None:
    restricted(county)
    seal_everything()
    for who, sees in (("Chen", True), ("Li", False), ("He", False)):
        page = county.client(who).get("/journal/?kind=incident").content.decode()
        assert ("卫健〔2026〕7号" in page) is sees, who
        assert ("restricted reading" in page) is not sees, who
        figures = county.client(who).get("/journal/?kind=figure").content.decode()
        assert ("县卫健局" in figures) is sees, who


def test_the_journal_does_not_name_who_sent_a_message_that_it_hides(county: County) -> None:
    upper = county.divisions["Upper Willow"]
    told = {"kind": "mail", "value": "ward@example.org", "name": "柳河传染病医院", "source": "department"}
    sender, _token = list_sender(**told, division=upper, by=county.by, at=county.now)
    details = IntakeDetails(
        source="department", reference="r1", text="发现聚集性病例", received_at=county.now, event_type="public_health",
        division=upper,
    )  # fmt: skip
    by = Actor(ref=f"sender:{sender.pk}", name=sender.name)
    take_intake(details, sender=sender, by=by, at=county.now)
    seal_everything()
    for who, sees in (("Chen", True), ("Li", False)):
        page = county.client(who).get("/journal/?kind=intake.").content.decode()
        assert ("柳河传染病医院" in page) is sees, who


def test_the_map_names_open_incidents_with_sign_and_words(county: County) -> None:
    row = made(county, lon=102.92, lat=27.41)
    features = county.client("Li").get("/map/incidents.json").json()["features"]
    assert [one["properties"]["id"] for one in features] == [str(row.pk)]
    assert features[0]["properties"]["sign"] == "natural"
    assert county.client("Liu").get("/map/incidents.json").json()["features"] == []
    assert county.client("Chen").get(f"/map/incidents.json?incident={row.pk}").json()["features"]
    assert county.client("Liu").get(f"/map/incidents.json?incident={row.pk}").status_code == 404


def test_a_guessed_id_and_an_unknown_verb_open_nothing(county: County) -> None:
    row = made(county)
    chen = county.client("Chen")
    assert chen.get(f"/incidents/{uuid.UUID(int=5)}/").status_code == 404
    assert act(county, row, "explode").status_code == 404
    assert act(county, row, "verify", who="Zhao").status_code == 403
    assert act(county, row, "verify", who="Liu").status_code == 404


def test_a_threat_that_struck_becomes_an_impact_on_its_form(county: County) -> None:
    row = made(county, kind="threat")
    typed = {
        "title": row.title, "event_type": "landslide", "division": row.division_id, "known_at": input_moment(row.known_at),
        "kind": "impact",
    }  # fmt: skip
    assert county.client("Chen").post(f"/incidents/{row.pk}/edit/", typed).status_code == 302
    row.refresh_from_db()
    assert row.kind == "impact"
