"""One text in several forms: said by a loudspeaker, cut for an SMS, in plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.warning.spoken import (
    derive,
    instruction,
    loudspeaker,
    plain,
    seconds,
    short,
    spoken,
    spoken_number,
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0", "零"),
        ("10", "十"),
        ("15", "十五"),
        ("110", "一百一十"),
        ("101", "一百零一"),
        ("1008", "一千零八"),
        ("1010", "一千零一十"),
        ("20000", "二万"),
        ("12345", "一万二千三百四十五"),
        ("10005", "一万零五"),
        ("82.5", "八十二点五"),
        ("0.05", "零点零五"),
        ("10000000008", "幺零零零零零零零零零八"),
        ("007", "零零七"),
    ],
)
def test_numbers_are_said_as_people_say_them(written: str, said: str) -> None:
    assert spoken_number(written) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("08:14花石坡站1小时雨量82.5mm", "八点十四分花石坡站一小时雨量八十二点五毫米"),
        ("12:00前", "十二点前"),
        ("12:05前", "十二点零五分前"),
        ("流量300m³/s", "流量三百立方米每秒"),
        ("概率60%", "概率百分之六十"),
        ("2户5人", "两户五人"),
        ("12户", "十二户"),
        ("3-5小时", "三至五小时"),
        ("【云岭县】Ⅰ级", "一级"),
    ],
)
def test_times_units_and_marks_are_spoken_or_gone(text: str, said: str) -> None:
    assert spoken(text) == said


def test_a_loudspeaker_says_short_sentences_twice() -> None:
    said = loudspeaker("08:14花石坡站1小时雨量82.5毫米，请立即组织危险区群众转移，逐户清点，不漏一人。")
    assert said.count("请立即组织危险区群众转移") == 2
    assert not any(character.isdigit() for character in said)
    assert max(len(sentence) for sentence in said.split("。")) <= 24
    assert 15 < seconds(said) < 60


def test_an_exercise_says_so_first_and_last() -> None:
    said = loudspeaker("请转移。", is_drill=True)
    assert said.startswith("演练，演练。")
    assert said.endswith("演练，演练。")


def test_an_sms_is_never_cut_within_a_sentence() -> None:
    text = "请立即转移。带好药品。不要返回。"
    assert short(text, 12) == "请立即转移。带好药品。"
    assert short(text, 100) == text


@given(st.text(max_size=200), st.text(max_size=80), st.booleans())
def test_whatever_is_written_has_forms(body: str, action: str, is_drill: bool) -> None:
    forms = derive(body, action, fits=90, is_drill=is_drill)
    assert forms.seconds >= 0
    if is_drill and body:
        assert "演练" in forms.sms


def test_plain_words_and_the_instruction_of_cap() -> None:
    assert plain("请责任人在岗，加强巡查。") == "请负责的人不要离开岗位，多去看看。"
    assert instruction("水位上涨。请远离河道。", "") == "请远离河道。"
    assert instruction("水位上涨。", "向高处走。") == "向高处走。"
