"""The library of texts and the table of issuing rights: the county's rows over the package's, by version."""

from __future__ import annotations

import pytest

from anlan.dissemination.models import Callout, Delivery
from anlan.kernel.refusals import Refusal
from anlan.vocab.hazards import HazardType
from anlan.vocab.levels import Level
from anlan.warning import texts
from anlan.warning.authority import issuing_tier
from anlan.warning.models import ActionText
from anlan.warning.refusals import OnlyRelay
from anlan.warning.services import (
    approve_issuing_right,
    approve_text,
    cancel_as_mistake,
    draft_relay,
    lift_warning,
    propose_issuing_right,
    propose_text,
    sign_off,
    update_warning,
)
from anlan.warning.tests.storm import ORANGE, RED, YELLOW, Storm

OFFICE = "云岭县防汛抗旱指挥部办公室"


def in_force(storm: Storm, form: str, text: str, hazard: str = "flash_flood", level: int = RED) -> ActionText:
    row = propose_text(
        hazard_type=hazard, level=level, audience="post", form=form, text=text, source="县里决定",
        division=storm.county.division, by=storm.county.actor("Chen"), at=storm.now,
    )  # fmt: skip
    return approve_text(row, by=storm.county.actor("Wang"), at=storm.now)


def test_a_text_of_the_county_replaces_the_packages_and_the_old_one_retires(storm: Storm) -> None:
    first = in_force(storm, "plain", "{because}请马上离开{place}。")
    assert first.text_version == 2
    assert storm.drafted_by_chen(RED).body.endswith("请马上离开上柳村。")
    second = in_force(storm, "plain", "{because}请立刻离开。")
    in_force(storm, "action", "往高处走。")
    first.refresh_from_db()
    assert (first.state, second.text_version) == ("retired", 3)
    draft = storm.drafted_by_chen(RED)
    assert draft.body.endswith("请立刻离开。")
    assert draft.voice_text.endswith("请立刻离开。")
    assert draft.recommended_action == "往高处走。"
    assert "请立刻离开" not in storm.drafted_by_chen(ORANGE).body


def test_a_text_for_the_hazard_comes_before_one_for_all_hazards(storm: Storm) -> None:
    in_force(storm, "plain", "这是通用的。", hazard="*")
    assert storm.drafted_by_chen(RED).body.endswith("这是通用的。")
    in_force(storm, "plain", "这是山洪的。")
    assert storm.drafted_by_chen(RED).body.endswith("这是山洪的。")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("请到{where}集合。", "text.bad_placeholder"),
        ("请到{place集合。", "text.bad_placeholder"),
        ("{0}", "text.bad_placeholder"),
        ("{place.__class__}", "text.bad_placeholder"),
        ("山洪红色预警。", "text.claims_to_be_a_warning"),
        ("转移" * 80, "warning.text_too_long"),
    ],
)
def test_a_text_that_would_fail_later_is_refused_now(storm: Storm, text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        in_force(storm, "plain", text)
    assert refused.value.code == code
    assert not ActionText.objects.exists()


def test_a_corrected_issuing_right_decides_from_its_approval_on(storm: Storm) -> None:
    by, at = storm.county.actor("Feng"), storm.now
    row = propose_issuing_right(
        hazard="flash_flood",
        level=RED,
        tier="province",
        source="省预案",
        division=storm.county.division,
        by=by,
        at=at,
    )
    assert issuing_tier("flash_flood", RED) == "county"
    approve_issuing_right(row, by=storm.county.actor("Wang"), at=at)
    assert issuing_tier("flash_flood", RED) == "province"
    assert issuing_tier("flash_flood", ORANGE) == "county"
    with pytest.raises(OnlyRelay):
        storm.drafted_by_chen(RED)


def test_the_longest_name_of_a_signal_decides(storm: Storm) -> None:
    by, at = storm.county.actor("Feng"), storm.now
    for hazard, tier in (("11B", "city"), ("11B03", "country")):
        row = propose_issuing_right(
            hazard=hazard, level=RED, tier=tier, source="省里", division=storm.county.division, by=by, at=at
        )
        approve_issuing_right(row, by=storm.county.actor("Wang"), at=at)
    assert issuing_tier("11B03", RED) == "country"
    assert issuing_tier("11B04", RED) == "city"
    assert issuing_tier("11B04", ORANGE) == "province"


@pytest.mark.django_db
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("hazard", [*HazardType, "11B03"])
@pytest.mark.parametrize("audience", list(texts.AUDIENCES))
def test_every_text_of_every_audience_can_be_filled_in(hazard: str, level: Level, audience: str) -> None:
    template = texts.packaged(str(hazard), int(level), audience)
    for part in (template.sms, template.action):
        assert texts.check_template(part, form="action")


def test_the_issuers_name_is_in_every_message_of_every_channel(storm: Storm) -> None:
    own = sign_off(storm.drafted_by_chen(RED), by=storm.county.actor("Wang"), at=storm.now)
    relay = sign_off(
        draft_relay(
            event_code="11B03", level=RED, issuer="省气象台",
            villages=[storm.county.divisions["Lower Willow"].code], by=storm.county.actor("Chen"), at=storm.now,
        ),
        by=storm.county.actor("Wang"), at=storm.now,
    )  # fmt: skip
    for _ in range(6):
        storm.later(minutes=4)
    lift_warning(own, reason="雨停", by=storm.county.actor("Wang"), at=storm.now)
    cancel_as_mistake(relay, reason="发错村", by=storm.county.actor("Wang"), at=storm.now)
    for warning, names in ((own, (OFFICE,)), (relay, ("省气象台", "云岭县应急管理局"))):
        callout = Callout.objects.get(subject=f"warning:{warning.pk}")
        sent = Delivery.objects.filter(seat__callout=callout)
        assert sent.exists()
        for delivery in sent:
            assert any(name in delivery.text for name in names), (
                delivery.channel,
                delivery.purpose,
                delivery.text,
            )
        assert callout.issuer in names


def test_an_all_clear_does_not_say_go_home_and_a_mistake_is_no_all_clear(storm: Storm) -> None:
    wang, at = storm.county.actor("Wang"), storm.now
    lifted = sign_off(storm.drafted_by_chen(RED), by=wang, at=at)
    lift_warning(lifted, reason="雨停", by=wang, at=at)
    said = Delivery.objects.filter(seat__callout__subject=f"warning:{lifted.pk}", text__contains="解除")
    wrong = sign_off(storm.drafted_by_chen(RED), by=wang, at=at)
    waiting = update_warning(wrong, level=RED, body="请马上走。", by=storm.county.actor("Chen"), at=at)
    cancel_as_mistake(wrong, reason="选错了村", by=wang, at=at)
    wrong.refresh_from_db()
    waiting.refresh_from_db()
    assert (wrong.state, wrong.was_mistake, waiting.state) == ("lifted", True, "withdrawn")
    assert "不等于可以返回" in texts.book().all_clear.sms
    assert all("不等于可以返回" in one.text for one in said)
    assert "误发" in texts.book().mistake.sms
    assert "解除" not in texts.book().mistake.sms


def test_a_milder_update_says_from_which_level_it_came_down(storm: Storm) -> None:
    issued = sign_off(storm.drafted_by_chen(RED), by=storm.county.actor("Wang"), at=storm.now)
    milder = update_warning(issued, level=YELLOW, by=storm.county.actor("Chen"), at=storm.now)
    assert "由红色降为黄色" in milder.body
    worse = storm.drafted_by_chen(ORANGE)
    assert "降为" not in worse.body
