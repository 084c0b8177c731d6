"""Warnings as people pass them on; offices, places and figures are made up."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.warning.incoming.digits import number, plain
from anlan.warning.incoming.gazetteer import Gazetteer
from anlan.warning.incoming.sentence import READ_MOST, ReadWarning, read
from anlan.warning.incoming.sure import Confidence
from anlan.warning.incoming.tests.places import RECEIVED, gazetteer, names

BEIJING = ZoneInfo("Asia/Shanghai")
RED, ORANGE, YELLOW, BLUE = 1, 2, 3, 4
MET = "云岭县气象台"
PLACES = gazetteer()

#: text, issuer, hazard code, level, action, issued, expires, places ("?" where none was understood)
SENTENCES: tuple[tuple[str, str, str | None, int | None, str, str, str, str], ...] = (
    (
        "云岭县气象台2026年7月1日08时15分发布暴雨橙色预警信号：预计未来3小时内我县花石坡乡、柳河镇降雨量将达50毫米以上，请有关单位和人员做好防范准备。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:15",
        "07-01 11:15",
        "花石坡乡 柳河镇",
    ),
    (
        "云岭县气象台7月1日06:40发布冰雹橙色预警信号，预计未来6小时内石桥、柳河等地可能出现冰雹天气。",
        MET,
        "11B15",
        ORANGE,
        "issue",
        "07-01 06:40",
        "07-01 12:40",
        "石桥镇 柳河镇",
    ),
    (
        "【云岭县气象台】云岭县气象台7月1日8时继续发布雷电黄色预警信号：预计未来6小时，我县大部地区将出现雷电天气，局部地区伴有短时强降水，请注意防范。",
        MET,
        "11B14",
        YELLOW,
        "continue",
        "07-01 08:00",
        "07-01 14:00",
        "?",
    ),
    (
        "云岭县气象台2026年7月1日7时30分将暴雨黄色预警信号升级为暴雨橙色预警信号：过去3小时柳河镇出现42毫米降雨，预计未来3小时柳河镇、石桥镇仍将持续。",
        MET,
        "11B03",
        ORANGE,
        "upgrade",
        "07-01 07:30",
        "07-01 10:30",
        "柳河镇 石桥镇",
    ),
    (
        "云岭县气象台于7月1日8时将暴雨红色预警信号降级为暴雨橙色预警信号，石桥镇未来3小时仍有降雨。",
        MET,
        "11B03",
        ORANGE,
        "downgrade",
        "07-01 08:00",
        "07-01 11:00",
        "石桥镇",
    ),
    (
        "云岭县气象台2026年7月1日08时15分变更发布雷雨大风橙色预警信号：预计未来2小时，石桥镇将出现9级以上雷雨大风。",
        MET,
        "11B20",
        ORANGE,
        "change",
        "07-01 08:15",
        "07-01 10:15",
        "石桥镇",
    ),
    (
        "云岭县气象台7月1日8时15分发布暴雨橙色预警信号，原暴雨黄色预警信号同时解除。柳河镇未来3小时。",
        MET,
        "11B03",
        ORANGE,
        "upgrade",
        "07-01 08:15",
        "07-01 11:15",
        "柳河镇",
    ),
    (
        "云岭县气象台2026年7月1日8时解除暴雨橙色预警信号。",
        MET,
        "11B03",
        ORANGE,
        "lift",
        "07-01 08:00",
        "",
        "全县",
    ),
    (
        "转：云岭县气象局7月1日8:05取消大雾黄色预警信号",
        "云岭县气象局",
        "11B17",
        YELLOW,
        "lift",
        "07-01 08:05",
        "",
        "全县",
    ),
    (
        "云岭县气象台发布的暴雨黄色预警信号于2026年7月1日8时解除。",
        MET,
        "11B03",
        YELLOW,
        "lift",
        "07-01 08:00",
        "",
        "全县",
    ),
    (
        "云岭县自然资源局7月1日8时解除地质灾害气象风险橙色预警。",
        "云岭县自然资源局",
        "11B37",
        ORANGE,
        "lift",
        "07-01 08:00",
        "",
        "全县",
    ),
    (
        "转发：云岭县水文中心2026年7月1日6时发布洪水蓝色预警：预计柳河青石站水位将于12时前后超过警戒水位0.5米，请柳河镇沿河群众注意防范。",
        "云岭县水文中心",
        "11A01",
        BLUE,
        "issue",
        "07-01 06:00",
        "",
        "柳河镇",
    ),
    (
        "云岭县气象台2026年7月1日8时15分发布暴雨橙色预警信号：预计未来3小时花石坡乡、柳河镇降雨量将达50毫米以上。有效期6小时。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:15",
        "07-01 14:15",
        "花石坡乡 柳河镇",
    ),
    (
        "云岭县水文水资源勘测中心7月1日6时30分发布水情红色预警，柳河洪峰将于10时前后通过柳河镇，有效期12小时。",
        "云岭县水文水资源勘测中心",
        "river_flood",
        RED,
        "issue",
        "07-01 06:30",
        "07-01 18:30",
        "柳河镇",
    ),
    (
        "云岭县水利局、云岭县气象局2026年7月1日7时联合发布山洪灾害气象橙色预警：7月1日8时至7月2日8时，花石坡乡发生山洪灾害可能性大。",
        "云岭县水利局、云岭县气象局",
        "flash_flood",
        ORANGE,
        "issue",
        "07-01 07:00",
        "07-02 08:00",
        "花石坡乡",
    ),
    (
        "【云岭县防汛抗旱指挥部办公室】受强降雨影响，7月1日8时升级发布山洪灾害气象红色预警，花石坡乡、柳河镇发生山洪灾害可能性很大，请立即转移危险区人员。",
        "云岭县防汛抗旱指挥部办公室",
        "flash_flood",
        RED,
        "upgrade",
        "07-01 08:00",
        "",
        "花石坡乡 柳河镇",
    ),
    (
        "云岭县防汛抗旱指挥部：石桥镇群众请注意，7月1日8时发布山洪红色预警，请立即转移！",
        "云岭县防汛抗旱指挥部",
        "flash_flood",
        RED,
        "issue",
        "07-01 08:00",
        "",
        "石桥镇",
    ),
    (
        "云岭县自然资源局与云岭县气象局2026年6月30日18时联合发布地质灾害气象风险橙色预警（Ⅱ级）：预计7月1日20时至2日20时，花石坡乡、石桥镇发生地质灾害的风险高。",
        "云岭县自然资源局、云岭县气象局",
        "11B37",
        ORANGE,
        "issue",
        "06-30 18:00",
        "07-02 20:00",
        "花石坡乡 石桥镇",
    ),
    (
        "云岭县林业局、云岭县气象局3月15日联合发布森林火险红色预警：全县森林火险气象等级为五级，有效期至3月18日20时。",
        "云岭县林业局、云岭县气象局",
        "11B25",
        RED,
        "issue",
        "03-15 00:00",
        "03-18 20:00",
        "全县",
    ),
    (
        "云岭县森林草原防灭火指挥部办公室2026年3月15日9时发布森林火险橙色预警信号，有效期至3月18日20时，石桥镇、花石坡乡严禁野外用火。",
        "云岭县森林草原防灭火指挥部办公室",
        "11B25",
        ORANGE,
        "issue",
        "03-15 09:00",
        "03-18 20:00",
        "石桥镇 花石坡乡",
    ),
    (
        "雲嶺縣氣象臺２０２６年７月１日０８時１５分發布暴雨橙色預警信號：預計未來３小時內花石坡鄉將達５０毫米以上。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:15",
        "07-01 11:15",
        "花石坡乡",
    ),
    (
        "东江市气象台2026年7月1日8时发布大风蓝色预警：云岭县、石门县24小时内将出现8级阵风。",
        "东江市气象台",
        "11B06",
        BLUE,
        "issue",
        "07-01 08:00",
        "07-02 08:00",
        "全县",
    ),
    (
        "东江市气象台7月1日5时发布台风黄色预警信号，云岭县24小时内可能受台风影响。",
        "东江市气象台",
        "11B01",
        YELLOW,
        "issue",
        "07-01 05:00",
        "07-02 05:00",
        "全县",
    ),
    (
        "东江省防汛抗旱指挥部办公室7月1日9时发布洪水橙色预警：石门县柳河镇、云岭县石桥镇沿河群众请于7月2日8时前转移，预警有效期至7月3日8时。",
        "东江省防汛抗旱指挥部办公室",
        "11A01",
        ORANGE,
        "issue",
        "07-01 09:00",
        "07-03 08:00",
        "石桥镇",
    ),
    (
        "中央气象台7月1日06时发布强对流天气蓝色预警：预计今天白天，东江省部分地区有短时强降水。",
        "中央气象台",
        "11B31",
        BLUE,
        "issue",
        "07-01 06:00",
        "",
        "?",
    ),
    (
        "石门县气象台2026年7月1日8时发布暴雨红色预警信号：预计未来3小时我县城关镇将达100毫米以上。",
        "石门县气象台",
        "11B03",
        RED,
        "issue",
        "07-01 08:00",
        "07-01 11:00",
        "?",
    ),
    (
        "FW: FW: 二〇二六年七月一日八时十五分，云岭县气象台发布暴雨红色预警信号[Ⅰ级/特别严重]，预计花石坡乡上柳村、东风村及北部部分村三小时内降雨将超过一百毫米。",
        MET,
        "11B03",
        RED,
        "issue",
        "07-01 08:15",
        "07-01 11:15",
        "花石坡乡 上柳村 东风村",
    ),
    (
        "云岭县气象台8时15分发布暴雨橙色预警信号：预计未来3小时，东风村将有强降雨。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:15",
        "07-01 11:15",
        "?",
    ),
    (
        "云岭县气象台2026年7月1日8时发布龙卷灾害橙色预警。",
        MET,
        None,
        ORANGE,
        "issue",
        "07-01 08:00",
        "",
        "全县",
    ),
    (
        "云岭县应急管理局7月1日8时发布水库泄洪红色预警，柳林村沿河群众立即转移。",
        "云岭县应急管理局",
        None,
        RED,
        "issue",
        "07-01 08:00",
        "",
        "柳林村",
    ),
    (
        "云岭县气象台2026年7月1日8时15分发布暴雨橙色预警信号Ⅲ级：柳河镇。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:15",
        "",
        "柳河镇",
    ),
    (
        "云岭县气象台2026年7月1日8时15分发布暴雨橙色预警信号：云台、柳河、石桥等地3小时内降雨量将达50毫米以上，柳河水位上涨。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:15",
        "07-01 11:15",
        "云台街道 柳河镇 石桥镇",
    ),
    (
        "云岭县气象台2026年7月1日8时15分发布暴雨橙色预警信号\n预计未来3小时内花石坡\n乡将有暴雨。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:15",
        "07-01 11:15",
        "花石坡乡",
    ),
    (
        "云岭县气象台2026年12月20日16时发布道路结冰黄色预警信号：预计未来12小时内云台街道、石桥镇将出现道路结冰。",
        MET,
        "11B21",
        YELLOW,
        "issue",
        "12-20 16:00",
        "12-21 04:00",
        "云台街道 石桥镇",
    ),
    (
        "云岭县气象台2026年1月5日16时10分发布寒潮蓝色预警信号，预计未来48小时全县最低气温将下降8℃以上。",
        MET,
        "11B05",
        BLUE,
        "issue",
        "01-05 16:10",
        "01-07 16:10",
        "全县",
    ),
    ("云岭县气象台发布暴雨红色预警！柳河镇！立即撤离！", MET, "11B03", RED, "issue", "", "", "柳河镇"),
    (
        "【云岭气象】云岭县气象台7月1日8时发布暴雨蓝色预警[Ⅳ级/一般]，预计未来12小时内石桥镇降雨量将达50毫米以上。",
        MET,
        "11B03",
        BLUE,
        "issue",
        "07-01 08:00",
        "07-01 20:00",
        "石桥镇",
    ),
    (
        "预警内容：云岭县气象台7月1日8时发布高温橙色预警信号，预计今天白天全县最高气温将升至37℃以上。",
        MET,
        "11B09",
        ORANGE,
        "issue",
        "07-01 08:00",
        "",
        "全县",
    ),
    (
        "云岭县气象台7月1日8时00分发布橙色暴雨预警信号，上柳村、下柳村未来三小时内雨量将达五十毫米以上。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:00",
        "07-01 11:00",
        "上柳村 下柳村",
    ),
    (
        "云岭县气象台2026年7月1日08时15分发布大风蓝色预警信号：预计未来24小时内我县北部将出现7级阵风。",
        MET,
        "11B06",
        BLUE,
        "issue",
        "07-01 08:15",
        "07-02 08:15",
        "?",
    ),
    (
        "云岭县气象台7月1日8时发布暴雨Ⅱ级预警，东风村、柳河镇3小时内降雨50毫米以上。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:00",
        "07-01 11:00",
        "柳河镇",
    ),
    (
        "云岭县气象台7月1日8时发布暴雨橙色预警信号：金沙镇、石桥镇未来3小时有强降雨。",
        MET,
        "11B03",
        ORANGE,
        "issue",
        "07-01 08:00",
        "07-01 11:00",
        "石桥镇",
    ),
    (
        "云岭县气象台７月１日２０时至２日２０时，石桥镇有暴雨，发布暴雨黄色预警。",
        MET,
        "11B03",
        YELLOW,
        "issue",
        "",
        "07-02 20:00",
        "石桥镇",
    ),
    (
        "云岭县气象台7月1日25时70分发布暴雨黄色预警信号，石桥镇未来6小时。",
        MET,
        "11B03",
        YELLOW,
        "issue",
        "",
        "07-01 14:20",
        "石桥镇",
    ),
    (
        "云岭县气象台6月30日23时50分发布暴雨黄色预警信号：预计未来6小时柳河镇花石坡乡将有50毫米以上降雨。",
        MET,
        "11B03",
        YELLOW,
        "issue",
        "06-30 23:50",
        "07-01 05:50",
        "柳河镇 花石坡乡",
    ),
)


def shown(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(BEIJING).strftime("%m-%d %H:%M")


def only(text: str, received: datetime = RECEIVED) -> ReadWarning:
    (found,) = read(text, gazetteer=PLACES, received_at=received).warnings
    return found


def doubtful(text: str) -> list[str]:
    """What the page underlines."""
    return [text[a:b] for a, b in read(text, gazetteer=PLACES, received_at=RECEIVED).not_understood]


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: case[0][:40])
def test_a_sentence_is_read_as_a_duty_officer_reads_it(
    case: tuple[str, str, str | None, int | None, str, str, str, str],
) -> None:
    text, issuer, hazard, level, action, issued, expires, places = case
    found = only(text)
    assert (found.issuer.value, found.hazard.value[0], found.level.value) == (issuer, hazard, level)
    assert (found.action.value, shown(found.issued_at.value)) == (action, issued)
    assert shown(found.expires_at.value) == expires
    assert (" ".join(names(found.area.value.codes)) or "?") == places


def test_two_warnings_of_one_sentence_are_two() -> None:
    text = "云岭县气象台7月1日8时发布暴雨橙色、雷电黄色预警信号，请各乡镇做好防范。"
    first, second = read(text, gazetteer=PLACES, received_at=RECEIVED).warnings
    assert (first.hazard.value[0], first.level.value) == ("11B03", ORANGE)
    assert (second.hazard.value[0], second.level.value) == ("11B14", YELLOW)
    assert first.issuer.value == second.issuer.value == MET


def test_one_lifted_and_one_issued_in_a_breath_keep_their_own_verbs() -> None:
    text = "解除暴雨黄色预警，同时发布大雾橙色预警。云岭县气象台 2026-07-01 06:30"
    first, second = read(text, gazetteer=PLACES, received_at=RECEIVED).warnings
    assert (first.action.value, second.action.value) == ("lift", "issue")
    assert shown(first.issued_at.value) == shown(second.issued_at.value) == "07-01 06:30"


def test_a_bulletin_with_numbers_gives_each_warning_its_own_place_and_time() -> None:
    text = (
        "1.云岭县气象台7月1日7时发布暴雨黄色预警，柳河镇6小时内有暴雨。\n"
        "2.云岭县水利局7月1日7时30分发布洪水蓝色预警，石桥镇未来12小时。"
    )
    first, second = read(text, gazetteer=PLACES, received_at=RECEIVED).warnings
    assert (names(first.area.value.codes), names(second.area.value.codes)) == (["柳河镇"], ["石桥镇"])
    assert second.issuer.value == "云岭县水利局"


def test_an_excepted_township_is_left_out() -> None:
    found = only("云岭县气象台7月1日8时发布暴雨橙色预警信号：除石桥镇外全县3小时内降雨量将达50毫米以上。")
    assert "北坡村" not in names(found.area.value.villages)
    assert "青石村" in names(found.area.value.villages)
    assert found.area.confidence is Confidence.LIKELY


def test_parts_of_a_county_that_no_list_follows_from_are_underlined() -> None:
    assert doubtful("云岭县气象台7月1日8时发布大风蓝色预警：我县北部将出现7级阵风。") == ["我县北部"]


def test_a_place_that_the_county_does_not_have_is_underlined() -> None:
    assert doubtful("云岭县气象台7月1日8时发布暴雨橙色预警：金沙镇、石桥镇未来3小时有强降雨。") == ["金沙镇"]


def test_a_name_of_two_villages_is_told_and_not_chosen() -> None:
    text = "云岭县气象台7月1日8时发布暴雨橙色预警信号：预计未来3小时，东风村将有强降雨。"
    assert only(text).area.value.ambiguous == ("东风村",)
    assert doubtful(text) == ["东风村"]


def test_colour_and_rank_that_disagree_are_a_contradiction() -> None:
    found = only("云岭县气象台2026年7月1日8时15分发布暴雨橙色预警信号Ⅲ级：柳河镇。")
    assert found.level.confidence is Confidence.CONFLICT


def test_a_missing_year_is_completed_and_said_to_be() -> None:
    found = only("云岭县气象台12月31日23时发布大雾黄色预警。", datetime(2026, 12, 31, 16, 5, tzinfo=UTC))
    assert found.issued_at.value == datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    assert found.issued_at.confidence is Confidence.LIKELY


def test_a_drill_says_that_it_is_one() -> None:
    assert only("【演练】云岭县气象台2026年7月1日8时15分发布暴雨橙色预警信号，柳河镇。").is_drill
    assert not only("云岭县气象台2026年7月1日8时15分发布暴雨橙色预警信号，柳河镇。").is_drill


def test_what_is_no_warning_gives_none_and_says_what_it_did_not_understand() -> None:
    text = "各位领导：县里今天下午三点在礼堂开会。"
    found = read(text, gazetteer=PLACES, received_at=RECEIVED)
    assert not found.warnings
    assert found.not_understood


def test_a_megabyte_of_text_is_cut_and_says_so() -> None:
    text = "云岭县气象台7月1日8时发布暴雨橙色预警，石桥镇。" * 40_000
    found = read(text, gazetteer=PLACES, received_at=RECEIVED)
    assert found.is_cut
    assert found.not_understood[-1] == (READ_MOST, len(text))


def test_numbers_in_chinese() -> None:
    assert [number(one) for one in ("十五", "二十四", "〇八", "二〇二六", "廿三", "十十", "x")] == [
        15,
        24,
        8,
        2026,
        23,
        None,
        None,
    ]


#: Pieces of which warnings are made, so that strange ones are met soon.
PIECES = st.lists(
    st.sampled_from(
        [
            "云岭县气象台",
            "发布",
            "解除",
            "升级为",
            "将",
            "原",
            "暴雨",
            "雷电",
            "洪水",
            "橙色",
            "黄色",
            "Ⅱ级",
            "预警",
            "信号",
            "：",
            "，",
            "。",
            "；",
            "\n",
            "、",
            "及",
            "除",
            "外",
            "石桥镇",
            "柳河",
            "东风村",
            "全县",
            "北部",
            "我县",
            "未来",
            "三",
            "十",
            "二十",
            "小时内",
            "7月1日",
            "2026年",
            "25",
            "99",
            "时",
            "分",
            "至",
            "24时",
            "【",
            "】",
            "(",
            ")",
            "[",
            "/",
            "严重",
            "ⅡⅡ",
            "\u3000",
            "１",
            "转发：",
            "演练",
            "同时",
            "二〇二六年",
            "13月32日",
            "\x00",
            "😀",
        ]
    )
).map("".join)


@given(PIECES | st.text())
def test_no_text_makes_it_raise_and_every_span_lies_inside_the_text(text: str) -> None:
    found = read(text, gazetteer=PLACES, received_at=RECEIVED)
    spans = list(found.not_understood)
    for one in found.warnings:
        spans += [*one.not_understood, (one.start, one.end)]
        for field in (one.issuer, one.hazard, one.level, one.action, one.issued_at, one.expires_at, one.area):
            spans += field.spans
        if one.level.confidence is Confidence.SURE:
            assert one.level.spans
        if one.issued_at.value is not None:
            assert one.issued_at.spans
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(st.text())
def test_spelling_alike_moves_no_character(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_a_county_without_places_still_reads_the_rest() -> None:
    found = read(SENTENCES[0][0], gazetteer=Gazetteer(None, ()), received_at=RECEIVED)
    assert found.warnings[0].level.value == ORANGE
    assert found.warnings[0].area.confidence is Confidence.MISSING
