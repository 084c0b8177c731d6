"""Reply words, "Z 12 35" and pressed keys: understood for certain, or a note."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.dissemination.grammar import (
    HOUSEHOLDS_MAX,
    PEOPLE_MAX,
    Said,
    chinese_number,
    read_key,
    read_reply,
    spell,
)
from anlan.dissemination.types import Meaning

ACTING, ANSWERED, DONE, NOTE = Meaning.ACTING, Meaning.ANSWERED, Meaning.DONE, Meaning.NOTE


@pytest.mark.parametrize(
    "text",
    [
        "Z 12 35", "z12 35", "Z12，35", "z12,35", "Ｚ１２　３５", "Z:12/35".replace("/", " "), "转移12户35人", "转移 12 户、35 人",
        "已转移十二户三十五人", "转移35人12户", "撤离了12户，35人。", "Z 十二户 三十五人", "z-12-35", "Z 12户35口",
    ],
)  # fmt: skip
def test_moved_households_and_people_are_read_however_they_are_typed(text: str) -> None:
    assert read_reply(text) == Said(ACTING, households=12, people=35)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Z 12", Said(ACTING, households=12)),
        ("转移35人", Said(ACTING, people=35)),
        ("Z 0 0", Said(ACTING, households=0, people=0)),
        ("拒 2", Said(ACTING, refused=2)),
        ("拒绝两户", Said(ACTING, refused=2)),
        ("未找到 1 户", Said(ACTING, missing=1)),
        ("Z 12 35 拒 2 失联 1", Said(ACTING, households=12, people=35, refused=2, missing=1)),
        ("3 Z 12 35", Said(DONE, households=12, people=35)),
        ("3 12 35", Said(DONE, households=12, people=35)),
        ("完成，转移12户35人", Said(DONE, households=12, people=35)),
        ("1 Z 12 35", Said(ACTING, households=12, people=35)),
        ("转移12户35人到村小学", Said(ACTING, households=12, people=35, moved_to="村小学")),
        ("Z 12 35 谢谢", Said(ACTING, households=12, people=35)),
        ("Z 12 35 还有几户没走", Said(ACTING, households=12, people=35, is_open_ended=True)),
        ("Z 12 35，剩2户", Said(ACTING, households=12, people=35, is_open_ended=True)),
    ],
)
def test_feedback_in_words(text: str, said: Said) -> None:
    assert read_reply(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "11", "4", "没收到", "好的马上", "好的", "收到吗", "1 2", "Z", "z", "Z 12 35 40", "Z1235", "Z 35 12", "没转移12户35人",
        "转移不了12户", "还有12户没转移", "三五户", "Z 三五 四十", "转移一百五户", "Z 1,200 3,500", "Z 12.5 35", "Z 1e3 5", "Z 12a 35", "Z 1十 35", "Z 十二a", "拒", "拒绝",
        "无险情", "误", "误报", "Z 9999999 35", "Zhang 12 35", "12 35", "拒 2 拒 3", "½", "Z １２³ 5 7", "不需要求助", "未被困", "不用支援",
    ],
)  # fmt: skip
def test_what_could_mean_something_else_is_a_note(text: str) -> None:
    assert read_reply(text) == Said(NOTE)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("1", ANSWERED), ("收到。", ANSWERED), ("１", ANSWERED), ("1 收到", ANSWERED), ("收到，谢谢", ANSWERED), ("OK!", ANSWERED),
     ("2 正在转移", ACTING), ("3。", DONE), ("已完成", DONE)],
)  # fmt: skip
def test_words_of_one_meaning_are_an_answer(text: str, meaning: Meaning) -> None:
    assert read_reply(text) == Said(meaning)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("求助 桥断了", ANSWERED), ("SOS", ANSWERED), ("请求支援！", ANSWERED), ("路断了，我们被困", NOTE)],
)
def test_a_cry_for_help_is_heard_and_only_one_that_begins_with_it_answers(
    text: str, meaning: Meaning
) -> None:
    assert read_reply(text) == Said(meaning, asks_for_help=True)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("1", Said(ANSWERED)), ("2", Said(ACTING)), ("3", Said(DONE)), ("3#", Said(DONE)), (" 3 ", Said(DONE)),
        ("3*12#", Said(DONE, households=12)), ("3*12*35#", Said(DONE, households=12, people=35)), ("3*12", Said(DONE, households=12)),
        ("7", Said(NOTE)), ("#", Said(NOTE)), ("", Said(NOTE)), ("33", Said(NOTE)), ("3*35*12#", Said(NOTE)), ("4*12#", Said(NOTE)),
    ],
)  # fmt: skip
def test_pressed_keys_and_the_numbers_collected_after_them(key: str, said: Said) -> None:
    assert read_key(key) == said


@given(st.integers(0, 9999))
def test_chinese_numbers_read_back_as_they_are_spelled(value: int) -> None:
    assert chinese_number(spell(value)) == value


@given(st.text("零一二两三四五六七八九十百千", max_size=8))
def test_a_chinese_number_has_one_reading_or_none(text: str) -> None:
    value = chinese_number(text)
    assert value is None or chinese_number(spell(value)) == value


@given(
    st.integers(0, HOUSEHOLDS_MAX),
    st.integers(0, PEOPLE_MAX),
    st.sampled_from([" ", ",", "，", "、", "  ", "。"]),
)
def test_every_pair_of_numbers_is_read_as_sent_or_not_at_all(
    households: int, people: int, between: str
) -> None:
    said = read_reply(f"Z {households}{between}{people}")
    wanted = Said(ACTING, households=households, people=people) if people >= households else Said(NOTE)
    assert said == wanted


@given(st.text(max_size=400))
def test_no_text_at_all_breaks_the_reader_or_invents_an_end(text: str) -> None:
    said = read_reply(text)
    if said.meaning is DONE and not said.has_numbers:
        assert (
            any(word in text or "３" in text or "3" in text for word in ("完成", "3")) or not text.isascii()
        )


@given(st.text("zZ123 转移户人拒12一二十到没还,，", max_size=24))
def test_numbers_that_were_not_written_never_appear(text: str) -> None:
    said = read_reply(text)
    for number in (said.households, said.people, said.refused, said.missing):
        if number is not None:
            assert str(number) in text or any(one in text for one in ("一", "二", "十"))
