from __future__ import annotations

from decimal import Decimal

from anlan.vocab import hazards, levels, posts, quantities, stages
from anlan.vocab.event_codes import CODES, event_code
from anlan.vocab.levels import Level


def test_every_level_has_a_colour_a_word_and_a_numeral() -> None:
    assert {level.face.roman for level in Level} == {"Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"}
    assert len({face.token for face in levels.FACES.values()}) == 4


def test_red_is_worse_than_orange_and_anything_is_worse_than_nothing() -> None:
    assert Level.RED.is_worse_than(Level.ORANGE)
    assert not Level.BLUE.is_worse_than(Level.YELLOW)
    assert Level.BLUE.is_worse_than(None)


def test_the_stage_of_a_level_agrees_with_the_labelled_relation() -> None:
    for stage, level in stages.LEVEL_BY_STAGE.items():
        assert stages.stage_of(level) is stage
    assert stages.stage_of(Level.YELLOW) is None
    assert stages.STAGE_RELATION_IS_VERIFIED is False


def test_the_verified_list_of_event_codes_is_whole() -> None:
    assert len([row for row in CODES if row.code.startswith("11B")]) == 57
    assert len({row.code for row in CODES}) == len(CODES)
    assert event_code("11B03").zh == "暴雨"


def test_an_unknown_event_code_is_shown_with_the_senders_words() -> None:
    assert event_code("99Z99", sender_text="蝗灾").zh == "蝗灾"


def test_rain_is_stored_as_tenths_of_a_millimetre_and_comes_back_exactly() -> None:
    rain = quantities.quantity_of("rain_5min")
    assert rain.to_stored(Decimal("12.3")) == 123
    assert rain.from_stored(123) == Decimal("12.3")


def test_every_post_and_every_right_has_its_words_in_both_languages() -> None:
    assert set(posts.FACES) == set(posts.PostKind)
    assert set(posts.RIGHT_LABELS) == set(posts.Right)
    assert set(hazards.FACES) == set(hazards.HazardType)
