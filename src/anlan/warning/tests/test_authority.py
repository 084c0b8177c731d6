"""Who may issue what, and what the texts say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anlan.directory.models import Organisation
from anlan.dissemination import texts as sent_texts
from anlan.dissemination.models import Callout
from anlan.kernel.refusals import BadSetting, NotAllowed
from anlan.vocab.hazards import HazardType
from anlan.vocab.levels import Level
from anlan.warning import texts
from anlan.warning.authority import authority, check_may_issue, issuing_tier, kind_for, may_issue
from anlan.warning.models import WarningKind
from anlan.warning.refusals import IssuerMissing, NoVillages, OnlyRelay, TextTooLong, UnknownVillage
from anlan.warning.services import draft_by_hand, draft_relay, sign_off
from anlan.warning.tests.storm import BLUE, ORANGE, RED, YELLOW, Storm

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("hazard_type", "level", "tier"),
    [
        ("flash_flood", RED, "county"),
        ("river_flood", BLUE, "county"),
        ("11B03", RED, "province"),
        ("11B03", ORANGE, "province"),
        ("11B03", YELLOW, "city"),
        ("11B03", BLUE, "county"),
        ("11C01", BLUE, ""),
        ("silent_station", RED, ""),
    ],
)
def test_each_hazard_and_level_has_its_issuing_tier(hazard_type: str, level: int, tier: str) -> None:
    assert issuing_tier(hazard_type, level) == tier
    assert may_issue(hazard_type, level) == (tier == "county")


def test_what_the_county_may_not_issue_it_may_always_relay() -> None:
    for level in Level:
        check_may_issue(WarningKind.RELAY, "11B03", level)
    with pytest.raises(OnlyRelay):
        check_may_issue(WarningKind.CALLOUT, "11B03", RED)


def test_a_county_corrects_single_entries_in_its_data_folder(settings: object, tmp_path: Path) -> None:
    settings.ANLAN_DATA = tmp_path  # type: ignore[attr-defined]  # pytest-django's settings
    own = {"review_within_s": {"value": 60, "source": "县里规定", "is_verified": True}}
    (tmp_path / "authority.json").write_text(json.dumps(own), encoding="utf-8")
    assert authority().review_within.total_seconds() == 60
    assert "review_within_s" not in authority().unverified()
    assert issuing_tier("11B03", RED) == "province"


def test_a_broken_table_stops_with_the_name_of_the_file(settings: object, tmp_path: Path) -> None:
    settings.ANLAN_DATA = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "authority.json").write_text('{"review_within_s": 5}', encoding="utf-8")
    with pytest.raises(BadSetting, match=r"authority\.json"):
        authority()


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("hazard_type", ["flash_flood", "river_flood", "geohazard", "forest_fire"])
def test_every_text_fits_two_segments_and_never_claims_to_be_a_public_warning(
    hazard_type: str, level: Level
) -> None:
    matter = texts.Matter(
        kind=kind_for(level),
        hazard_type=hazard_type,
        level=level,
        issuer="云岭县森林草原防灭火指挥部办公室",
        villages=["花石坡彝族村"] * 139,
        because="08:14花石坡雨量站24小时雨量182.5毫米，",
        signature="欧阳建国",
        is_drill=True,
    )
    said = texts.compose(matter)
    texts.check_length(matter.issuer, said.body)
    for text in (said.headline, said.body, said.voice):
        assert "预警" not in text
        assert "{" not in text


def test_the_measured_length_leaves_room_for_what_the_call_out_really_adds() -> None:
    sent = sent_texts.compose("call.sms", issuer="云岭县", text="", village="花石坡彝族村")
    assert len(sent) <= texts.sent_length("云岭县", "")


def test_a_message_longer_than_two_segments_is_refused_with_its_length() -> None:
    with pytest.raises(TextTooLong) as refused:
        texts.check_length("云岭县", "雨" * 120)
    assert refused.value.data == {"characters": 153, "limit": 134}


def test_the_office_is_the_one_the_directory_names(storm: Storm) -> None:
    name = "云岭县人民政府防汛抗旱指挥部办公室"
    Organisation(name=name, division=storm.county.division).record(by=storm.county.by, at=storm.now)
    storm.falls(ORANGE)
    assert storm.only_warning().issuer == name


def test_a_relay_carries_the_headline_and_name_of_its_issuer_and_who_passes_it_on(storm: Storm) -> None:
    draft = draft_relay(
        event_code="11B03",
        level=RED,
        issuer="云南省气象台",
        villages=[storm.county.divisions["Upper Willow"].code],
        original_text="预计未来3小时降雨量将达100毫米以上。",
        by=storm.county.actor("Chen"),
        at=storm.now,
    )
    assert draft.headline == "云南省气象台发布暴雨红色预警[Ⅰ级/特别严重]"
    assert (draft.issuer, draft.relayed_by) == ("云南省气象台", "云岭县应急管理局")
    warning = sign_off(draft, by=storm.county.actor("Feng"), at=storm.now)
    callout = Callout.objects.get(subject=f"warning:{warning.pk}")
    assert callout.issuer == "云岭县应急管理局"
    assert callout.text.startswith("转发：云南省气象台发布暴雨红色预警")


def test_a_relay_without_an_issuer_is_refused(storm: Storm) -> None:
    with pytest.raises(IssuerMissing):
        draft_relay(
            event_code="11B03",
            level=RED,
            issuer=" ",
            villages=[storm.county.divisions["Upper Willow"].code],
            by=storm.county.actor("Chen"),
            at=storm.now,
        )


def test_a_red_rain_signal_cannot_be_drafted_as_the_countys_own(storm: Storm) -> None:
    with pytest.raises(OnlyRelay, match="province"):
        draft_by_hand(
            hazard_type="11B03",
            level=RED,
            villages=[storm.county.divisions["Upper Willow"].code],
            by=storm.county.actor("Chen"),
            at=storm.now,
        )


def test_own_words_are_what_is_sent_and_spoken(storm: Storm) -> None:
    draft = storm.drafted_by_chen(body="上柳村请到村小学集合。")
    assert (draft.body, draft.voice_text) == ("上柳村请到村小学集合。",) * 2


def test_a_draft_by_hand_needs_villages_that_exist_in_the_drafters_jurisdiction(storm: Storm) -> None:
    chen = storm.county.actor("Chen")
    with pytest.raises(NoVillages):
        draft_by_hand(hazard_type=HazardType.FLASH_FLOOD, level=RED, villages=[], by=chen, at=storm.now)
    for code in ("999901101999", storm.county.divisions["Willow River"].code):
        with pytest.raises(UnknownVillage):
            draft_by_hand(
                hazard_type=HazardType.FLASH_FLOOD, level=RED, villages=[code], by=chen, at=storm.now
            )


@pytest.mark.parametrize("who", ["Li", "Zhao", "He", "Guo"])
def test_only_the_desk_of_the_county_drafts(storm: Storm, who: str) -> None:
    actor = storm.county.actor(who)
    with pytest.raises((NotAllowed, UnknownVillage)):
        draft_by_hand(
            hazard_type=HazardType.FLASH_FLOOD,
            level=YELLOW,
            villages=[storm.county.divisions["Upper Willow"].code],
            by=actor,
            at=storm.now,
        )
