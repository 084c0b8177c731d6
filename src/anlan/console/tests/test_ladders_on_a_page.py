"""Ladders on the desk: read, changed without script, approved by a second person, tried on tonight's roster; and the roster."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from anlan.directory.models import Absence, Shift
from anlan.dissemination import services
from anlan.dissemination.ladders import ladder_named
from anlan.dissemination.ladders.county import choose
from anlan.dissemination.models import Callout, LadderAssignment, LadderVersion
from anlan.dissemination.refusals import LadderNeedsSecondPerson, LadderStillUsed
from anlan.dissemination.services import ladders as verbs
from anlan.journal.verify import verify
from anlan.testing import County
from anlan.vocab.posts import PostKind

ROW = {"to-0": "A", "channels-0": "voice", "wait_s-0": "240"}


def form(**more: Any) -> dict[str, Any]:
    """The edit form of the default ladder with one rung, as a browser sends it."""
    head = {
        "rows": "1", "name": "anlan_default", "zh": "本县阶梯", "en": "Ours", "source": "县防汛预案第5.2节",
        "verified": "on", "requires_feedback": "on", "chain-0": "outlets", "chain-1": "township_duty", "reason": "按新预案",
    }  # fmt: skip
    return head | ROW | more


def proposed(county: County, **more: Any) -> LadderVersion:
    feng = county.client("Feng")
    answer = feng.post("/ladders/named/anlan_default/edit/", form(**more))
    assert answer.status_code == 302, answer.content.decode()
    return LadderVersion.objects.latest("number")


def act(client: Client, row: LadderVersion, verb: str, reason: str = "") -> int:
    return client.post(f"/ladders/versions/{row.pk}/act/", {"verb": verb, "reason": reason}).status_code


def test_the_list_shows_every_ladder_with_its_source_and_whether_it_is_an_assumption(county: County) -> None:
    text = county.client("Chen").get("/ladders/").content.decode()
    for name in (
        "anlan_default",
        "anlan_night",
        "changzhi_5min",
        "mianxian_3min",
        "r30_135_minutes",
        "r30_135_tiers",
    ):
        assert name in text
    assert "assumption" in text
    assert "22:00–06:00" in text


def test_a_ladder_is_read_step_by_step_with_the_time_from_the_beginning(county: County) -> None:
    text = county.client("Chen").get("/ladders/named/mianxian_3min/").content.decode()
    assert [mark in text for mark in ("T+00:00", "T+03:00", "T+04:40", "T+06:20", "T+08:00")] == [True] * 5
    assert county.client("Chen").get("/ladders/named/nothing/").status_code == 404


def test_a_row_is_added_moved_and_taken_out_by_buttons_and_nothing_is_stored(county: County) -> None:
    feng, address = county.client("Feng"), "/ladders/named/anlan_default/edit/"
    text = feng.post(address, form(add="1")).content.decode()
    assert 'name="wait_s-1"' in text
    two = {"rows": "2", "to-1": "B", "channels-1": "sms", "wait_s-1": "60"}
    moved = feng.post(address, form(**two, up="1")).content.decode()
    assert moved.index('value="60"') < moved.index('value="240"')
    less = feng.post(address, form(**two, remove="0")).content.decode()
    assert 'value="240"' not in less
    assert not LadderVersion.objects.exists()


def test_what_cannot_be_a_ladder_is_refused_with_what_was_typed(county: County) -> None:
    answer = county.client("Feng").post(
        "/ladders/named/anlan_default/edit/", form(**{"wait_s-0": "five minutes"})
    )
    text = answer.content.decode()
    assert answer.status_code >= 400
    assert "five minutes" in text
    assert "县防汛预案第5.2节" in text
    assert not LadderVersion.objects.exists()


def test_a_changed_ladder_counts_only_after_a_second_person_and_a_running_call_out_keeps_its_own(
    county: County,
) -> None:
    running = open_one(county)
    row = proposed(county)
    assert ladder_named("", county.now, county.division).zh != "本县阶梯"
    assert act(county.client("Chen"), row, "approve") == 403
    assert act(county.client("Zheng"), row, "approve") == 302
    assert ladder_named("", county.now, county.division).zh == "本县阶梯"
    running.refresh_from_db()
    assert running.ladder["zh"] != "本县阶梯"
    assert open_one(county).ladder["zh"] == "本县阶梯"
    assert verify().problems == []


def open_one(county: County) -> Callout:
    return services.open_callout(
        subject="warning:x", title="t", text="t", voice_text="", issuer="县", level=2, hazard_type="flash_flood",
        division=county.division, villages=[county.divisions["Upper Willow"]], ladder_name="", by=county.by, at=county.now,
    )  # fmt: skip


def test_nobody_approves_what_he_proposed_not_even_by_calling_the_service(county: County) -> None:
    row = proposed(county)
    with pytest.raises(LadderNeedsSecondPerson):
        verbs.approve_ladder(row, by=county.actor("Feng"), at=county.now)
    row.refresh_from_db()
    assert row.state == "proposed"


def test_a_version_that_begins_tomorrow_leaves_tonight_as_it_is(county: County) -> None:
    row = proposed(county)
    verbs.approve_ladder(
        row, effective_from=county.now + timedelta(days=1), by=county.actor("Zheng"), at=county.now
    )
    assert ladder_named("", county.now, county.division).zh != "本县阶梯"
    assert ladder_named("", county.now + timedelta(days=1), county.division).zh == "本县阶梯"


def test_a_newer_version_retires_the_one_before_and_ending_it_brings_the_shipped_one_back(
    county: County,
) -> None:
    first, zheng = proposed(county), county.actor("Zheng")
    verbs.approve_ladder(first, by=zheng, at=county.now)
    second = proposed(county, zh="本县阶梯二")
    page = county.client("Zheng").get(f"/ladders/versions/{second.pk}/").content.decode()
    assert "本县阶梯二" in page
    verbs.approve_ladder(second, by=zheng, at=county.now)
    first.refresh_from_db()
    assert (first.state, ladder_named("", county.now, county.division).zh) == ("retired", "本县阶梯二")
    assert act(county.client("Zheng"), second, "retire", "预案撤销") == 302
    assert ladder_named("", county.now, county.division) == ladder_named("")


def test_a_ladder_that_is_still_assigned_and_has_no_shipped_form_does_not_end(county: County) -> None:
    zheng, feng = county.actor("Zheng"), county.actor("Feng")
    own = proposed(county, name="county_own")
    verbs.approve_ladder(own, by=zheng, at=county.now)
    use = verbs.propose_assignment(
        division=county.division, ladder_name="county_own", reason="预案", by=feng, at=county.now
    )
    verbs.approve_assignment(use, by=zheng, at=county.now)
    with pytest.raises(LadderStillUsed):
        verbs.retire_ladder(own, reason="停用", by=zheng, at=county.now)


def test_the_county_says_which_ladder_is_used_when_and_the_most_exact_line_counts(county: County) -> None:
    day, night, zheng = county.now, county.now + timedelta(hours=15), county.actor("Zheng")
    assert choose("callout", 2, "flash_flood", day, division=county.division).name == "anlan_default"
    assert choose("callout", 2, "flash_flood", night, division=county.division).name == "anlan_night"
    feng = county.client("Feng")
    for line in (
        {"ladder": "changzhi_5min", "hazard_type": "flash_flood"},
        {"ladder": "mianxian_3min", "level": "1"},
    ):
        assert feng.post("/ladders/uses/propose/", {**line, "reason": "县预案"}).status_code == 302
    assert choose("callout", 1, "flash_flood", day, division=county.division).name == "anlan_default"
    for row in LadderAssignment.objects.all():
        verbs.approve_assignment(row, by=zheng, at=county.now)
    assert choose("callout", 2, "flash_flood", night, division=county.division).name == "changzhi_5min"
    assert choose("callout", 1, "flash_flood", night, division=county.division).name == "mianxian_3min"
    assert choose("callout", 2, "geological", day, division=county.division).name == "anlan_default"
    assert verify().problems == []


def test_the_page_foretells_who_is_called_when_with_tonights_roster_and_masked_numbers(
    county: County,
) -> None:
    post = county.posts[PostKind.TOWNSHIP_DUTY, "Willow River"]
    hours: dict[str, Any] = {"starts_at": county.now, "ends_at": county.now + timedelta(hours=12)}
    from anlan.directory.rostering import plan_shift, record_absence

    plan_shift(post, county.people["Zhou"], **hours, by=county.by, at=county.now)
    record_absence(
        county.people["Qian"],
        away_from=county.now,
        away_to=county.now + timedelta(days=1),
        by=county.by,
        at=county.now,
    )
    address = "/ladders/named/anlan_default/simulate/?village=999901101201&at=2026-07-01T08:00"
    before = Callout.objects.count()
    text = county.client("Zhao").get(address).content.decode()
    assert "赵春兰" in text
    assert "100****0008" in text
    assert "off duty" in text
    assert "周平 has the silence" in text
    assert Callout.objects.count() == before
    full = county.client("Chen").get(address).content.decode()
    assert "10000000008" in full


def test_a_neighbour_simulates_only_his_own_villages(county: County) -> None:
    address = "/ladders/named/anlan_default/simulate/?village=999901101201&village=999901102201"
    text = county.client("Liu").get(address).content.decode()
    assert "吴军" in text
    assert "赵春兰" not in text


def test_a_version_that_waits_can_be_tried_before_it_is_approved(county: County) -> None:
    row = proposed(county)
    address = f"/ladders/named/anlan_default/simulate/?version={row.pk}&village=999901101201"
    text = county.client("Zheng").get(address).content.decode()
    assert "T+04:00" in text
    assert "no such device or tool in the place" in text


def test_a_shift_and_an_absence_are_entered_seen_and_taken_back_on_the_page(county: County) -> None:
    li = county.client("Li")
    post = county.posts[PostKind.TOWNSHIP_DUTY, "Willow River"]
    hours = {"from": "2026-07-01T08:00", "to": "2026-07-01T20:00"}
    person = str(county.people["Zhou"].pk)
    assert li.post("/roster/shifts/", {"post": str(post.pk), "person": person, **hours}).status_code == 302
    away = {"person": str(county.people["Zhao"].pk), "deputy": person, "reason": "病假", **hours}
    assert li.post("/roster/absences/", away).status_code == 302
    text = li.get("/roster/?day=2026-07-01").content.decode()
    assert "病假" in text
    assert "周平" in text
    assert "病假" not in li.get("/roster/?day=2026-07-02").content.decode()
    assert li.post(f"/roster/shifts/{Shift.objects.get().pk}/cancel/").status_code == 302
    assert li.post(f"/roster/absences/{Absence.objects.get().pk}/cancel/").status_code == 302
    assert "病假" not in li.get("/roster/?day=2026-07-01").content.decode()
    assert verify().problems == []


def test_a_township_plans_nobody_for_its_neighbours_post(county: County) -> None:
    post = county.posts[PostKind.TOWNSHIP_DUTY, "Stone Bridge"]
    hours = {"from": "2026-07-01T08:00", "to": "2026-07-01T20:00"}
    given = {"post": str(post.pk), "person": str(county.people["Zhou"].pk), **hours}
    assert county.client("Li").post("/roster/shifts/", given).status_code == 404
    assert not Shift.objects.exists()
