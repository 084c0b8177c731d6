"""The sentence that goes with a crossing."""

from __future__ import annotations

from decimal import Decimal

from anlan.ruleset import StageMarks, bindings_for_rain, bindings_for_stage
from anlan.ruleset.explain import Change, explain
from anlan.vocab.levels import Level

(RAIN,) = bindings_for_rain("S")
(RIVER,) = bindings_for_stage("S", StageMarks(10, 11, 12))


def test_rising_rain_names_window_sum_threshold_stage_and_gap() -> None:
    sentence = explain(Change(RAIN, Level.ORANGE, None, 3600, Decimal("60.5"), Decimal("60.0"), 3))
    assert sentence.zh == (
        "1小时雨量60.5毫米，达到橙色阈值60毫米，相当于准备转移（对应关系待县里确认）；依据R12第1版；"
        "窗口内缺3个5分钟时段，实际雨量只会更大。"
    )
    assert sentence.en == (
        '1-hour rain of 60.5 mm has reached the orange threshold of 60 mm, shown as "prepare to evacuate" (relation to be '
        "confirmed by the county); rule R12 version 1; 3 five-minute slots of the window are missing, so the true sum can "
        "only be larger."
    )


def test_a_falling_stage_names_the_edge_it_fell_below() -> None:
    sentence = explain(Change(RIVER, Level.YELLOW, Level.ORANGE, 0, Decimal("10.850"), Decimal("10.900"), 0))
    assert sentence.zh == "水位10.85米，低于橙色回落线10.9米（须保持30分钟），由橙色降为黄色；依据R13第1版。"
    assert sentence.en == (
        "Stage of 10.85 m is under the orange fall edge of 10.9 m (held for 30 min): from orange down to yellow; "
        "rule R13 version 1."
    )


def test_leaving_the_last_level_does_not_say_safe() -> None:
    sentence = explain(Change(RAIN, None, Level.BLUE, 3600, Decimal("0.0"), Decimal("31.5"), 0))
    assert "回到各级阈值以下" in sentence.zh
    assert "below every threshold" in sentence.en
    assert "安全" not in sentence.zh
