"""Rules on a page: read, proposed by one person, tried on the past, approved by another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from anlan.console import ruletables
from anlan.console.tests import scenes
from anlan.console.tests.scenes import RAIN
from anlan.journal.verify import verify
from anlan.ruleset import load_packs
from anlan.sensing import queries, services
from anlan.sensing.models import RuleDefinition
from anlan.testing import County


@pytest.fixture(autouse=True)
def stations(county: County, data: Path) -> dict[str, Any]:
    return scenes.build_stations(county)


def untouched(base: str) -> dict[str, Any]:
    """What a browser sends of the untouched table."""
    pack = load_packs()[base]
    table = ruletables.plain_table(pack.table)
    return {
        one.name: one.value
        for block in ruletables.blocks(pack.evaluator, table)
        for line in block.lines
        for one in line.inputs
        if one.kind != "check" or one.value
    }


def form(base: str = "R12", **changes: Any) -> dict[str, Any]:
    names = {
        "name_zh": "上柳沟雨量", "name_en": "Upper Willow rain", "division": "999901000000", "stations": [RAIN],
        "purpose": "warn", "hazard": "flash_flood", "source": "县山洪预案2026", "reason": "沟道缩窄，提前半小时",
    }  # fmt: skip
    return {**untouched(base), **names, "propose": "1", **changes}


def text(answer: Any) -> str:
    """The page; `Any` because the test client's answer has a type of its own."""
    content: bytes = answer.content
    return content.decode()


def proposed(county: County, **changes: Any) -> RuleDefinition:
    answer = county.client("Feng").post("/rules/shipped/R12/propose/", form(**{"rise.4.0": "25", **changes}))
    assert answer.status_code == 302, text(answer)
    return RuleDefinition.objects.get()


def act(client: Client, row: RuleDefinition, verb: str, **more: str) -> HttpResponse:
    answer = client.post(f"/rules/{row.pk}/act/", {"verb": verb, **more})
    assert isinstance(answer, HttpResponse)
    return answer


def test_the_list_names_every_shipped_rule_its_source_and_what_nobody_confirmed(county: County) -> None:
    page = text(county.client("Li").get("/rules/"))
    for pack in load_packs().values():
        assert pack.rule_id in page
    assert "LY/T 1172-95" in page
    assert "not confirmed" in page
    assert "nowhere: template" in page


@pytest.mark.parametrize("base", sorted(load_packs()))
def test_every_shipped_rule_can_be_read_and_its_form_opened(county: County, base: str) -> None:
    assert county.client("Li").get(f"/rules/shipped/{base}/").status_code == 200
    page = county.client("Feng").get(f"/rules/shipped/{base}/propose/")
    assert page.status_code == 200
    assert '"rise"' not in text(page)


def test_one_person_proposes_and_another_puts_it_into_force(county: County, stations: Any) -> None:
    row = proposed(county)
    assert (row.state, row.rule_version) == ("proposed", "1.1")
    page = text(county.client("Wang").get("/rules/"))
    assert "Waits for a second person" in page
    shown = text(county.client("Wang").get(f"/rules/{row.pk}/"))
    assert "沟道缩窄" in shown
    assert 'value="approve"' in shown
    assert act(county.client("Wang"), row, "approve").status_code == 302
    row.refresh_from_db()
    assert row.state == "in_force"
    (binding,) = queries.rules_now().bindings(stations[RAIN], [])
    assert binding.rise["4"][0] == 25
    assert "1.1" in text(county.client("Wang").get("/stations/at/" + RAIN + "/"))
    assert verify().problems == []


def test_the_proposer_may_not_approve_even_with_the_right(county: County) -> None:
    county_wide = services.propose_rule(
        "R12", division=county.division, reason="x", by=county.actor("Wang"), at=county.now
    )
    assert 'value="approve"' not in text(county.client("Wang").get(f"/rules/{county_wide.pk}/"))
    assert act(county.client("Wang"), county_wide, "approve").status_code == 403
    county_wide.refresh_from_db()
    assert county_wide.state == "proposed"
    assert act(county.client("Zheng"), county_wide, "approve").status_code == 302


@pytest.mark.parametrize("who", ["Feng", "He", "Chen"])
def test_without_the_right_nobody_approves(county: County, who: str) -> None:
    row = proposed(county)
    assert act(county.client(who), row, "approve").status_code == 403
    row.refresh_from_db()
    assert row.state == "proposed"


def test_a_future_date_leaves_the_old_numbers_until_then(county: County, stations: Any) -> None:
    row = proposed(county)
    act(county.client("Wang"), row, "approve", effective_from="2026-07-02T08:00")
    row.refresh_from_db()
    assert row.state == "approved"
    assert row.effective_from == county.now + timedelta(days=1)
    (binding,) = queries.rules_now().bindings(stations[RAIN], [])
    assert binding.rise["4"][0] == 35


def test_a_proposal_is_sent_back_with_a_remark_and_changed(county: County) -> None:
    row = proposed(county)
    assert act(county.client("Wang"), row, "return").status_code == 422
    act(county.client("Wang"), row, "return", reason="请附论证")
    assert "请附论证" in text(county.client("Feng").get(f"/rules/{row.pk}/"))
    answer = county.client("Feng").post(f"/rules/{row.pk}/change/", form(**{"rise.4.0": "28"}))
    assert answer.status_code == 302
    assert RuleDefinition.objects.filter(state="proposed").get().table["rise"]["4"][0] == 28


def test_the_end_of_a_rule_takes_two_people_too(county: County, stations: Any) -> None:
    row = proposed(county)
    act(county.client("Wang"), row, "approve")
    act(county.client("Feng"), row, "ask_end", reason="沟道已疏浚")
    row.refresh_from_db()
    assert row.state == "in_force"
    act(county.client("Zheng"), row, "end")
    row.refresh_from_db()
    assert row.state == "retired"
    (binding,) = queries.rules_now().bindings(stations[RAIN], [])
    assert binding.rise["4"][0] == 35


def test_what_the_numbers_would_have_done_is_shown_before_anything_is_stored(
    county: County, data: Path
) -> None:
    values = ["0"] * 288 + ["3"] * 12 + ["0"] * 60
    scenes.store(data, RAIN, "rain_5min", scenes.readings(values, until=county.now))
    sent = form(**{"rise.4.0": "36", "preview": "1"})
    sent.pop("propose")
    page = text(county.client("Feng").post("/rules/shipped/R12/propose/", sent))
    assert "would have fired in the last year: 1." in page
    assert "36.0 mm" in page
    assert "1 of 1 stations looked at, 360 readings" in page
    assert not RuleDefinition.objects.exists()
    milder = text(county.client("Feng").post("/rules/shipped/R12/propose/", sent | {"rise.4.0": "40"}))
    assert "would have fired in the last year: 0." in milder


def test_the_page_of_a_rule_shows_its_preview_beside_the_warnings_that_were_issued(
    county: County, data: Path, stations: Any
) -> None:
    from anlan.warning.services import draft_from_crossing, sign_off

    scenes.store(data, RAIN, "rain_5min", scenes.readings(["6"] * 12, until=county.now))
    warning = draft_from_crossing(scenes.cross(county, stations[RAIN]), at=county.now)
    assert warning is not None
    sign_off(warning, by=county.actor("Wang"), at=county.now)
    row = proposed(county)
    county.clock.advance(hours=1)
    part = text(county.client("Wang").get(f"/rules/{row.pk}/preview/"))
    assert "would have fired in the last year: 1." in part
    assert warning.headline in part
    assert "would have fired" in text(county.client("Li").get("/rules/shipped/R12/preview/"))


@pytest.mark.parametrize(
    "changes",
    [{"rise.4.0": "viel"}, {"windows_min.0": "7"}, {"parameter.hold_s": "soon"}, {"parameter.hold_s": "-5"}],
)
def test_numbers_that_cannot_be_used_are_named_and_nothing_is_lost(
    county: County, changes: dict[str, str]
) -> None:
    answer = county.client("Feng").post("/rules/shipped/R12/propose/", form(**changes))
    assert answer.status_code == 200
    assert 'role="alert"' in text(answer)
    assert "沟道缩窄" in text(answer)
    assert not RuleDefinition.objects.exists()


def test_a_township_reads_rules_and_proposes_none(county: County) -> None:
    assert county.client("Li").get("/rules/shipped/R12/propose/").status_code == 403
    assert county.client("Li").post("/rules/shipped/R12/propose/", form()).status_code == 403
    assert county.client("Wang").post("/rules/shipped/R12/propose/", form()).status_code == 403


def test_an_unknown_rule_is_not_found(county: County) -> None:
    assert county.client("Feng").get("/rules/shipped/R99/").status_code == 404


def test_a_gauge_and_its_warning_suggest_the_villages_downstream_and_add_none(
    county: County, stations: Any
) -> None:
    from anlan.sensing.models import Crossing
    from anlan.warning.services import draft_from_crossing

    gauge = stations[scenes.RIVER]  # 102.93, 27.42; North Slope lies at 102.96, 27.46
    line = [[102.92, 27.41], [102.93, 27.42], [102.96, 27.459], [102.97, 27.47]]
    feature = {"properties": {"name": "柳河"}, "geometry": {"type": "LineString", "coordinates": line}}
    services.load_network([feature], by=county.by, at=county.now)
    page = text(county.client("Wang").get(f"/stations/at/{gauge.code}/"))
    assert "Villages downstream" in page
    assert "北坡村" in page
    assert "assumption" in page
    crossing = scenes.cross(county, gauge)
    Crossing.objects.filter(pk=crossing.pk).update(
        rule_id="R13", binding=f"R13:{gauge.code}", quantity="stage"
    )
    warning = draft_from_crossing(Crossing.objects.get(pk=crossing.pk), at=county.now)
    assert warning is not None
    page = text(county.client("Wang").get(f"/warnings/{warning.pk}/"))
    assert "Suggested: villages downstream" in page
    assert "北坡村" in page
    assert list(warning.villages.values_list("division__name", flat=True)) == ["上柳村"]
    assert "北坡村" not in text(county.client("Li").get(f"/stations/at/{gauge.code}/"))
