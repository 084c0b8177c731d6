"""What others warn of comes in, is compared, and becomes a draft or a call-out by rule."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from anlan.events.published import InboundTextReceived
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.warning import services
from anlan.warning.models import BackReport, HazardWarning, IncomingMessage, IncomingWarning
from anlan.warning.refusals import MessageTooLarge
from anlan.warning.services import incoming, incoming_person
from anlan.warning.services.incoming_sources import list_sender
from anlan.warning.tests.storm import ORANGE, RED, YELLOW, Storm

FEED = Actor(ref="source:feed", name="feed")
RAIN = "云岭县气象台2026年7月1日07时55分发布暴雨橙色预警信号：预计未来3小时内我县柳河镇降雨量将达50毫米以上，请注意防范。"
WORSE = "云岭县气象台2026年7月1日08时40分将暴雨橙色预警信号升级为暴雨红色预警信号：预计未来3小时柳河镇、石桥镇降雨量将达100毫米以上。"
LIFTED = "云岭县气象台2026年7月1日11时解除暴雨橙色预警信号。"
FOG = "云岭县气象台2026年7月1日07时50分发布大雾黄色预警信号：预计未来6小时内石桥镇有浓雾。"


def take(storm: Storm, text: str | bytes, **more: object) -> IncomingWarning:
    fields: dict[str, object] = {
        "source": "sms",
        "source_name": "县气象台",
        "by": FEED,
        "at": storm.now,
    } | more
    message = incoming.take(text, **fields)  # type: ignore[arg-type]  # the arguments of `take`
    return message.warnings.select_related("message", "draft", "callout_draft").get()


def cap(
    identifier: str = "53999900600000_20260701075500",
    *,
    severity: str = "Severe",
    colour: str = "Orange",
    sent: str = "2026-07-01T07:55:00+08:00",
    msg_type: str = "Alert",
    references: str = "",
    status: str = "Actual",
    description: str = "预计未来3小时内柳河镇降雨量将达50毫米以上。",
    area: str = "<areaDesc>柳河镇</areaDesc><geocode><valueName>CN_DIVISION</valueName><value>999901101000</value></geocode>",
    event: str = "暴雨",
) -> bytes:
    named = f"<references>{references}</references>" if references else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier><sender>53999900600000</sender>
<sent>{sent}</sent><status>{status}</status><msgType>{msg_type}</msgType><scope>Public</scope>{named}
<info><language>zh-CN</language><category>Met</category><event>{event}</event><urgency>Expected</urgency><severity>{severity}</severity>
<certainty>Likely</certainty><expires>2026-07-01T10:55:00+08:00</expires><senderName>云岭县气象台</senderName>
<headline>云岭县气象台发布暴雨预警</headline><description>{description}</description>
<area>{area}</area></info></alert>""".encode()


def test_an_orange_rain_warning_becomes_a_relay_and_a_call_out_of_the_county(storm: Storm) -> None:
    row = take(storm, RAIN)
    assert row.state == "called_out"
    relay, callout = row.draft, row.callout_draft
    assert relay is not None
    assert callout is not None
    assert (relay.kind, relay.issuer, relay.hazard_type, relay.level) == (
        "relay",
        "云岭县气象台",
        "11B03",
        ORANGE,
    )
    assert (callout.kind, callout.hazard_type, callout.level) == ("callout", "flash_flood", ORANGE)
    assert "云岭县气象台" in callout.body
    names = {one.division.name for one in relay.villages.all()}
    assert names == {"上柳村", "下柳村"}
    assert relay.state == callout.state == "draft"
    assert relay.expires_at == datetime.fromisoformat("2026-07-01T10:55:00+08:00")


def test_a_milder_warning_becomes_a_relay_only(storm: Storm) -> None:
    row = take(storm, FOG)
    assert (row.state, row.callout_draft) == ("drafted", None)
    assert row.draft is not None
    assert row.draft.headline == "云岭县气象台发布大雾黄色预警[Ⅲ级/较重]"


def test_the_same_warning_by_sms_mail_and_feed_is_one_affair_with_three_sources(storm: Storm) -> None:
    first = take(storm, RAIN)
    mail = take(storm, f"转发：【云岭县气象台】{RAIN}", source="mail", source_name="warning@example.com")
    feed = take(storm, cap(), source="cap_feed", source_name="省级平台")
    assert (mail.state, mail.same_as) == ("duplicate", first)
    assert (feed.state, feed.same_as) == ("duplicate", first)
    assert HazardWarning.objects.filter(kind="relay").count() == 1
    assert IncomingMessage.objects.count() == 3


def test_a_fuller_copy_takes_the_place_of_one_that_waits_for_a_person(storm: Storm) -> None:
    bare = take(storm, "云岭县气象台2026年7月1日07时55分发布暴雨橙色预警信号，我县北部有强降雨。")
    assert bare.state == "needs_person"
    full = take(storm, cap(), source="cap_feed")
    bare.refresh_from_db()
    assert (bare.state, bare.same_as, full.state) == ("duplicate", full, "called_out")


def test_a_cap_message_is_read_like_a_sentence(storm: Storm) -> None:
    row = take(storm, cap(), source="cap_feed")
    assert (row.issuer, row.hazard, row.level, row.state) == ("云岭县气象台", "11B03", ORANGE, "called_out")
    assert row.identifier == "53999900600000_20260701075500"


def test_a_polygon_names_the_villages_that_lie_in_it(storm: Storm) -> None:
    area = "<areaDesc>强降雨区</areaDesc><polygon>27.44,102.94 27.44,102.98 27.48,102.98 27.48,102.94 27.44,102.94</polygon>"
    row = take(storm, cap(area=area, description="强降雨。"), source="cap_feed")
    assert row.villages == [storm.county.divisions["North Slope"].code]


def test_the_national_json_is_taken(storm: Storm) -> None:
    message = {
        "identifier": "53999900600000_20260701075500",
        "ISSUETIME": "2026-07-01 07:55:00",
        "SIGNALTYPE": "暴雨",
        "SIGNALLEVEL": "橙色",
        "ISSUECONTENT": RAIN,
        "msgType": "Alert",
        "references": "53999900600000_20260701075500",
        "RELIEVETIME": "2026-07-01 19:55:00",
    }
    row = take(storm, f"var alarminfo={json.dumps(message, ensure_ascii=False)};", source="national_json")
    assert (row.state, row.issuer, row.hazard, row.level) == ("called_out", "云岭县气象台", "11B03", ORANGE)
    assert row.expires_at == datetime.fromisoformat("2026-07-01T19:55:00+08:00")


def test_an_identifier_with_other_content_is_kept_and_waits_for_a_person(storm: Storm) -> None:
    take(storm, cap(), source="cap_feed")
    again = take(storm, cap(description="内容被改动。", severity="Extreme"), source="cap_feed")
    assert again.state == "needs_person"
    assert "已用于另一内容" in again.reason
    assert HazardWarning.objects.filter(kind="relay").count() == 1


def test_the_same_cap_message_again_is_a_duplicate(storm: Storm) -> None:
    first = take(storm, cap(), source="cap_feed")
    assert take(storm, cap(), source="push").same_as == first


def test_an_update_drafts_an_update_of_what_was_relayed(storm: Storm) -> None:
    first = take(storm, RAIN)
    assert first.draft is not None
    services.sign_off(first.draft, by=storm.county.actor("Wang"), at=storm.now)
    storm.county.clock.advance(minutes=45)
    second = take(storm, WORSE)
    first.refresh_from_db()
    assert (second.follows, first.state) == (first, "superseded")
    assert second.draft is not None
    assert (second.draft.replaces, second.draft.level) == (first.draft, RED)
    assert {one.division.name for one in second.draft.villages.all()} == {"上柳村", "下柳村", "北坡村"}


def test_an_update_of_what_nobody_signed_yet_takes_its_place(storm: Storm) -> None:
    first = take(storm, RAIN)
    storm.county.clock.advance(minutes=45)
    second = take(storm, WORSE)
    assert first.draft is not None
    first.draft.refresh_from_db()
    assert first.draft.state == "replaced"
    assert second.draft is not None
    assert second.draft.replaces is None
    assert HazardWarning.objects.filter(state="draft", kind="relay").count() == 1


def test_an_update_without_a_known_reference_is_new_and_marked(storm: Storm) -> None:
    update = cap(
        "53999900600000_20260701075501", msg_type="Update", references="x,unknown,2026-07-01T05:00:00+08:00"
    )
    row = take(storm, update, source="cap_feed")
    assert (row.state, row.follows) == ("called_out", None)
    assert "未找到它所更新的预警" in row.reason


def test_a_cancel_proposes_lifting_and_a_person_lifts(storm: Storm) -> None:
    first = take(storm, RAIN)
    assert first.draft is not None
    services.sign_off(first.draft, by=storm.county.actor("Wang"), at=storm.now)
    storm.county.clock.advance(hours=3)
    row = take(storm, LIFTED)
    first.draft.refresh_from_db()
    assert (row.state, row.follows, first.draft.state) == ("lift_proposed", first, "issued")
    assert first.draft.fell_at is not None
    services.lift_warning(first.draft, reason="发布单位已解除", by=storm.county.actor("Wang"), at=storm.now)
    storm.work()
    row.refresh_from_db()
    first.refresh_from_db()
    assert row.state == first.state == "ended"


def test_a_cancel_takes_back_what_nobody_signed(storm: Storm) -> None:
    first = take(storm, RAIN)
    storm.county.clock.advance(hours=3)
    row = take(storm, LIFTED)
    assert first.draft is not None
    first.draft.refresh_from_db()
    assert (row.state, first.draft.state) == ("ended", "withdrawn")


def test_a_cancel_of_something_unknown_waits_for_a_person(storm: Storm) -> None:
    storm.county.clock.advance(hours=3)
    row = take(storm, LIFTED)
    assert row.state == "needs_person"
    assert "未找到" in row.reason


def test_a_signature_in_advance_issues_the_call_out_at_once_but_never_the_relay(storm: Storm) -> None:
    storm.pre_authorised_by_wang()
    row = take(storm, RAIN, may_act=True)
    assert row.callout_draft is not None
    assert row.draft is not None
    assert (row.callout_draft.state, row.draft.state) == ("issued", "draft")
    assert row.callout_draft.callout_id is not None


def test_a_source_that_may_not_act_waits_for_a_second_person(storm: Storm) -> None:
    storm.pre_authorised_by_wang()
    row = take(storm, RAIN)
    assert row.callout_draft is not None
    assert row.callout_draft.state == "draft"


def test_an_assumed_area_is_never_issued_without_a_person(storm: Storm) -> None:
    storm.pre_authorised_by_wang()
    row = take(storm, "云岭县气象台2026年7月1日07时55分发布暴雨橙色预警信号，请注意防范。", may_act=True)
    assert row.callout_draft is not None
    assert row.callout_draft.state == "draft"
    assert "按发布单位辖区" in row.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("云岭县气象台2026年7月1日07时55分发布暴雨橙色预警信号，我县北部有强降雨。", "区域"),
        ("云岭县气象台2026年7月1日07时55分发布暴雨橙色预警信号Ⅲ级，柳河镇。", "级别"),
        ("2026年7月1日07时55分发布暴雨橙色预警信号，柳河镇。", "发布单位"),
        ("云岭县气象台2026年7月1日07时55分发布暴雨预警，柳河镇。", "级别"),
        ("云岭县气象台2026年7月1日19时55分发布暴雨橙色预警信号，柳河镇。", "时钟"),
        ("云岭县气象台2026年6月20日19时55分发布暴雨橙色预警信号，柳河镇。", "小时且未写有效期"),
        ("请各单位今天下午三点开会。", "未能从原文"),
        ("<alert><broken", "无法解析"),
        ('{"identifier": "x"}', "无法解析"),
    ],
)
def test_what_is_doubtful_waits_for_a_person_with_the_reason(storm: Storm, text: str, reason: str) -> None:
    row = take(storm, text)
    assert row.state == "needs_person"
    assert reason in row.reason
    assert not HazardWarning.objects.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("【演练】云岭县气象台2026年7月1日07时55分发布暴雨红色预警信号，柳河镇。", "演练"),
        (cap(status="Exercise").decode(), "演练"),
        ("石门县气象台2026年7月1日07时55分发布暴雨红色预警信号：我县城关镇。", "外县"),
        ("云岭县气象台2026年7月1日02时发布暴雨橙色预警信号：预计未来3小时柳河镇。", "已过有效期"),
        ("云岭县卫生健康委员会、云岭县应急管理局2026年7月1日07时发布流感橙色预警：柳河镇。", "仅告知"),
    ],
)
def test_what_only_informs_opens_nothing(storm: Storm, text: str, reason: str) -> None:
    row = take(storm, text)
    assert row.state == "informed"
    assert reason in row.reason
    assert not HazardWarning.objects.exists()


def test_an_unlisted_sender_never_acts(storm: Storm) -> None:
    row = take(storm, RAIN, is_listed=False, sender="10000000088", may_act=True)
    assert row.state == "needs_person"
    assert "不在登记名单" in row.reason


def test_a_text_message_of_a_listed_number_is_taken_and_other_chat_is_not(storm: Storm) -> None:
    list_sender(
        kind="sms", value="+86 100 0000 0077", name="县气象台", may_act=False, division=storm.county.division,
        by=administrator(storm), at=storm.now,
    )  # fmt: skip
    for number, text in (("10000000077", RAIN), ("10000000012", "收到，马上去看"), ("10000000013", FOG)):
        news = InboundTextReceived(
            number, text=text, received_at=storm.now.isoformat(), provider="phone", event_id=number
        )
        announce(news, at=storm.now)
    storm.work()
    states = dict(IncomingWarning.objects.values_list("message__sender", "state"))
    assert states == {"10000000077": "called_out", "10000000013": "needs_person"}


def administrator(storm: Storm) -> Actor:
    from anlan.kernel.actor import grants

    person = storm.county.people["Chen"]
    return Actor(
        ref="user:admin",
        person_id=person.pk,
        grants=grants(["see", "administer"], storm.county.division.path),
    )


def test_a_message_with_a_known_reference_is_taken_once(storm: Storm) -> None:
    first = incoming.take(RAIN, source="mail", reference="<a@example.com>", by=FEED, at=storm.now)
    assert incoming.take(RAIN, source="mail", reference="<a@example.com>", by=FEED, at=storm.now) == first
    assert IncomingWarning.objects.count() == 1


def test_a_megabyte_is_kept_whole_and_read_in_part(storm: Storm) -> None:
    row = take(storm, RAIN + "无" * 300_000)
    assert row.message.raw_bytes > 900_000
    with pytest.raises(MessageTooLarge):
        take(storm, "无" * 1_000_000)


def test_bytes_that_are_no_text_are_kept(storm: Storm) -> None:
    row = take(storm, b"\xff\xfe\x00\x01" * 10)
    assert row.message.is_binary
    assert row.state == "needs_person"


def test_old_systems_send_gb18030(storm: Storm) -> None:
    row = take(storm, RAIN.encode("gb18030"))
    assert (row.state, row.issuer) == ("called_out", "云岭县气象台")


def test_two_warnings_in_one_message_are_two_rows(storm: Storm) -> None:
    message = incoming.take(
        "云岭县气象台7月1日7时50分发布暴雨橙色、雷电黄色预警信号，柳河镇注意防范。",
        source="sms",
        by=FEED,
        at=storm.now,
    )
    assert sorted(message.warnings.values_list("hazard", "state")) == [
        ("11B03", "called_out"),
        ("11B14", "drafted"),
    ]


def test_a_person_completes_what_was_not_understood_and_counts_as_its_drafter(storm: Storm) -> None:
    row = take(storm, "云岭县气象台2026年7月1日07时55分发布暴雨橙色预警信号，我县北部有强降雨。")
    township = storm.county.divisions["Stone Bridge"].code
    incoming_person.make_draft(row, villages=[township], by=storm.county.actor("Chen"), at=storm.now)
    assert row.draft is not None
    assert row.draft.drafted_by_person_id == storm.county.people["Chen"].pk
    assert [one.division.name for one in row.draft.villages.all()] == ["北坡村"]


def test_a_person_sets_one_aside_with_a_reason(storm: Storm) -> None:
    row = take(storm, "请各单位今天下午三点开会。")
    incoming_person.ignore(row, reason="会议通知", by=storm.county.actor("Chen"), at=storm.now)
    assert (row.state, row.reason) == ("ignored", "会议通知")


def test_the_room_rings_for_what_needs_a_person(storm: Storm) -> None:
    from anlan.duty.models import Alarm

    take(storm, "云岭县气象台2026年7月1日07时55分发布暴雨红色预警信号，我县北部有强降雨。")
    storm.work()
    assert Alarm.objects.filter(kind="incoming_needs_person", level=RED).count() == 1


def test_a_relayed_warning_owes_a_report_to_its_issuer(storm: Storm) -> None:
    row = take(storm, RAIN)
    assert row.draft is not None
    services.sign_off(row.draft, by=storm.county.actor("Wang"), at=storm.now)
    storm.work()
    report = BackReport.objects.get()
    assert (report.state, report.told_to, report.stage) == ("due", "云岭县气象台", "first")
    assert report.due_at == storm.now + timedelta(minutes=30)


def test_yellow_after_orange_of_one_station_follows_it(storm: Storm) -> None:
    first = take(storm, RAIN)
    storm.county.clock.advance(hours=1)
    text = "云岭县气象台2026年7月1日08时50分将暴雨橙色预警信号降级为暴雨黄色预警信号：预计未来6小时柳河镇仍有降雨。"
    second = take(storm, text)
    assert (second.follows, second.level, second.state) == (first, YELLOW, "drafted")


def test_the_room_falls_silent_once_a_person_dealt_with_it(storm: Storm) -> None:
    from anlan.duty.models import Alarm

    row = take(storm, "云岭县气象台2026年7月1日07时55分发布暴雨红色预警信号，我县北部有强降雨。")
    storm.work()
    incoming_person.ignore(row, reason="已电话核实为误发", by=storm.county.actor("Chen"), at=storm.now)
    storm.work()
    assert [one.state for one in Alarm.objects.filter(kind="incoming_needs_person")] == ["cleared"]


def test_a_hazard_without_a_code_is_relayed_in_its_senders_words(storm: Storm) -> None:
    row = take(storm, "云岭县应急管理局2026年7月1日07时55分发布水库泄洪红色预警：上柳村沿河群众注意。")
    assert row.state == "informed"
    incoming_person.make_draft(row, by=storm.county.actor("Chen"), at=storm.now)
    assert row.draft is not None
    services.sign_off(row.draft, by=storm.county.actor("Wang"), at=storm.now)
    storm.work()
    assert "水库泄洪红色预警" in row.draft.headline


def test_zero_bytes_in_json_reach_no_database(storm: Storm) -> None:
    row = take(storm, json.dumps({"text": RAIN + "\x00"}))
    assert row.state == "called_out"


def test_everything_that_came_in_can_be_folded_from_the_journal(storm: Storm) -> None:
    from anlan.journal.sealer import seal_everything
    from anlan.journal.verify import verify

    first = take(storm, RAIN)
    take(storm, cap(), source="cap_feed")
    assert first.draft is not None
    services.sign_off(first.draft, by=storm.county.actor("Wang"), at=storm.now)
    storm.county.clock.advance(minutes=45)
    take(storm, WORSE)
    take(storm, "请各单位今天下午三点开会。")
    storm.later(minutes=1)
    seal_everything()
    assert verify().problems == []


def test_a_drill_before_the_real_thing_does_not_swallow_it(storm: Storm) -> None:
    take(storm, f"【演练】{RAIN}")
    assert take(storm, RAIN).state == "called_out"


def test_an_unknown_number_cannot_hold_the_real_warning_back(storm: Storm) -> None:
    fake = take(storm, RAIN, is_listed=False, sender="10000000088")
    real = take(storm, RAIN)
    fake.refresh_from_db()
    assert (real.state, fake.state, fake.same_as) == ("called_out", "duplicate", real)


def test_a_copy_of_what_was_set_aside_is_looked_at_anew(storm: Storm) -> None:
    fake = take(storm, RAIN, is_listed=False, sender="10000000088")
    incoming_person.ignore(fake, reason="号码不明", by=storm.county.actor("Chen"), at=storm.now)
    assert take(storm, RAIN).state == "called_out"


def test_two_platforms_that_name_one_warning_differently_are_both_kept(storm: Storm) -> None:
    take(storm, cap(), source="cap_feed")
    second = take(storm, cap("53000000600000_20260701075500"), source="push")
    assert second.state == "called_out"
    assert HazardWarning.objects.filter(kind="relay", state="draft").count() == 1
