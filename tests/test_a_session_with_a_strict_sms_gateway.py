"""CMPP and SMPP sessions against strict gateways that misbehave; the gateways share no code with the client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from anlan.dissemination.channels import ChannelDown, ChannelRefused, ChannelUncertain, Message, Trace
from anlan.dissemination.channels.cmpp import dialect_of as cmpp_dialect
from anlan.dissemination.channels.phone import SMS
from anlan.dissemination.channels.routing import RouteSettings
from anlan.dissemination.channels.segments import header, plan
from anlan.dissemination.channels.smpp import dialect_of as smpp_dialect
from anlan.dissemination.channels.texting.book import Book
from anlan.dissemination.channels.texting.opening import line_of
from anlan.dissemination.channels.texting.session import TextRoute
from anlan.dissemination.types import PhoneEvent
from simulator.smsc.centre import Moods, Parcel
from simulator.smsc.serve import Gateway, opener

SHORT = "【云岭县应急管理局】上柳村：请立即转移。"
LONG = SHORT + "柳河上游一小时降雨五十二毫米，水位上涨很快。" * 8
TO = "10000000007"
Make = Callable[..., TextRoute]


class Stage:
    """One gateway and one route to it, of one protocol."""

    def __init__(self, protocol: str, version: str, folder: Path) -> None:
        self.protocol = protocol
        user = "901234" if protocol == "cmpp" else "anlan"
        self.gateway = Gateway(opener(protocol, user=user, secret="secret", version=version))
        self.gateway.start()
        self.centre = self.gateway.centre
        self.values: dict[str, Any] = {
            "host": "127.0.0.1", "port": self.gateway.port, "user": user, "secret": "secret", "version": version,
            "src_id": "106900001", "source": "106900001", "response_s": 1.0, "rate_per_s": 5000, "patience_s": 2.0,
            "receipt_hold_s": 0.3,
        }  # fmt: skip
        self.path = folder / "book.sqlite"
        self.routes: list[TextRoute] = []

    def route(self, **changes: Any) -> TextRoute:
        entry = RouteSettings("sms", "mobile", self.protocol, self.values | changes)
        make = cmpp_dialect if self.protocol == "cmpp" else smpp_dialect
        route = TextRoute("mobile", line_of(entry, SMS), make(entry), Book(self.path))
        self.routes.append(route)
        return route

    def stop(self) -> None:
        for route in self.routes:
            route.close()
        self.gateway.stop()


@pytest.fixture(params=["cmpp 2.0", "cmpp 3.0", "smpp 3.4"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    protocol, version = request.param.split()
    made = Stage(protocol, version, tmp_path)
    yield made
    made.stop()


def until(true: Callable[[], Any], *, within_s: float = 5.0) -> Any:
    """Wait for the other side over a real socket; a condition, not a pause."""
    end = time.monotonic() + within_s
    while True:
        found = true()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.005)


def events(route: TextRoute, count: int = 1) -> list[PhoneEvent]:
    found = until(lambda: route.collect() if len(route.collect()) >= count else None)
    return list(found or route.collect())


def message(key: str = "key-1", text: str = SHORT) -> Message:
    return Message(key, TO, text)


def test_a_message_goes_out_once_and_its_receipt_comes_back_under_our_key(stage: Stage) -> None:
    route = stage.route()
    handed = route.send(message())
    assert [(one.to, one.text) for one in stage.centre.taken] == [(TO, SHORT)]
    assert handed.provider_ref
    [receipt] = events(route)
    assert (receipt.type, receipt.status, receipt.client_ref) == ("receipt", "delivered", "key-1")
    assert stage.centre.confirmed == []
    route.stored([receipt.event_id])
    assert until(lambda: stage.centre.confirmed)
    assert route.collect() == []
    assert stage.centre.faults == []


def test_a_long_text_is_delivered_only_when_every_part_is(stage: Stage) -> None:
    stage.centre.moods.no_receipts = True
    route = stage.route()
    handed = route.send(message(text=LONG))
    parts = stage.centre.taken
    assert "".join(one.text for one in sorted(parts, key=lambda one: one.number)) == LONG
    assert len(parts) == plan(LONG).segments > 1
    assert handed.provider_ref.endswith(f"+{len(parts) - 1}")
    for part in reversed(parts[1:]):
        stage.gateway.say(Parcel(f"r{part.message_id}", "receipt", part.message_id, "DELIVRD", TO))
    assert until(lambda: len(stage.centre.confirmed) == len(parts) - 1)
    assert route.collect() == []
    stage.gateway.say(Parcel("last", "receipt", parts[0].message_id, "DELIVRD", TO))
    [receipt] = events(route)
    assert (receipt.status, receipt.client_ref) == ("delivered", "key-1")


def test_one_part_that_failed_makes_the_whole_message_failed(stage: Stage) -> None:
    stage.centre.moods.no_receipts = True
    route = stage.route()
    route.send(message(text=LONG))
    stage.gateway.say(Parcel("bad", "receipt", stage.centre.taken[1].message_id, "UNDELIV", TO))
    [receipt] = events(route)
    assert (receipt.status, receipt.client_ref) == ("failed", "key-1")


def test_a_receipt_before_its_response_waits_for_it(stage: Stage) -> None:
    stage.centre.moods.receipts_first = True
    route = stage.route()
    route.send(message())
    [receipt] = events(route)
    assert (receipt.status, receipt.client_ref) == ("delivered", "key-1")


def test_a_receipt_that_comes_twice_is_one_event_and_both_are_confirmed(stage: Stage) -> None:
    stage.centre.moods.double_receipts = True
    route = stage.route()
    route.send(message())
    until(lambda: route.state().receipts == 2)
    [receipt] = events(route)
    names: set[str] = set()

    def store() -> bool:
        """The second may come in after the first was stored; it then has the same name and is stored again."""
        names.update(one.event_id for one in route.collect())
        route.stored(sorted(names))
        return len(stage.centre.confirmed) == 2

    assert until(store)
    assert names == {receipt.event_id}


def test_a_receipt_about_an_unknown_message_is_told_as_such_and_counted(stage: Stage) -> None:
    stage.centre.moods.unknown_receipts = True
    route = stage.route()
    route.send(message())
    found = events(route, 2)
    assert sorted(one.client_ref for one in found) == ["", "key-1"]
    assert route.state().unknown_receipts == 1
    route.stored([one.event_id for one in found])
    assert until(lambda: len(stage.centre.confirmed) == 2)


def test_receipts_are_understood_after_a_restart(stage: Stage) -> None:
    stage.centre.moods.no_receipts = True
    first = stage.route()
    first.send(message(text=LONG))
    first.close()
    second = stage.route()
    second.collect()
    assert until(lambda: second.state().state == "up")
    for part in stage.centre.taken:
        stage.gateway.say(Parcel(f"r{part.message_id}", "receipt", part.message_id, "DELIVRD", TO))
    [receipt] = events(second)
    assert (receipt.status, receipt.client_ref) == ("delivered", "key-1")


def test_a_reply_is_an_answer_and_is_confirmed_only_when_it_is_stored(stage: Stage) -> None:
    stage.centre.moods.no_receipts = True
    stage.centre.moods.reply = "1"
    route = stage.route()
    route.send(message())
    [reply] = events(route)
    assert (reply.type, reply.sender, reply.text) == ("reply", TO, "1")
    stage.gateway.cut()
    assert until(lambda: stage.centre.logins == 2)

    def store() -> bool:
        """As the worker does, round after round: the gateway sends it again over the new line at a time of its own."""
        route.stored([one.event_id for one in route.collect()])
        return bool(stage.centre.confirmed) and stage.centre.waiting == {}

    assert until(store)


def test_the_number_in_a_reply_is_the_one_in_the_directory(stage: Stage) -> None:
    route = stage.route()
    route.collect()
    assert until(lambda: route.state().state == "up")
    stage.gateway.say(Parcel("w1", "words", sender=f"86{TO}", text="收到"))
    [reply] = events(route)
    assert (reply.sender, reply.text) == (TO, "收到")


def test_a_long_reply_comes_together_out_of_order(stage: Stage) -> None:
    route = stage.route()
    route.collect()
    assert until(lambda: route.state().state == "up")
    text = "已转移三十五人，还有两户不愿意走，正在劝说。" * 5
    parts = plan(text).parts
    for number in reversed(range(1, len(parts) + 1)):
        head = header(7, len(parts), number)
        stage.gateway.say(Parcel(f"w{number}", "words", sender=TO, text=parts[number - 1], header=head))
    [reply] = events(route)
    assert reply.text == text
    route.stored([reply.event_id])
    assert until(lambda: len(stage.centre.confirmed) == len(parts))


def test_a_lost_response_is_uncertain_and_nothing_is_sent_again(stage: Stage) -> None:
    stage.centre.moods.drops_responses = True
    route = stage.route(response_s=0.2)
    with pytest.raises(ChannelUncertain) as caught:
        route.send(message())
    assert caught.value.route == "mobile"
    assert len(stage.centre.taken) == 1
    assert route.ask("key-1").trace is Trace.CANNOT_TELL


def test_a_response_that_comes_too_late_still_settles_the_attempt(stage: Stage) -> None:
    stage.centre.moods.responds_after_s = 0.3
    stage.centre.moods.no_receipts = True
    route = stage.route(response_s=0.1)
    with pytest.raises(ChannelUncertain):
        route.send(message())
    [late] = events(route)
    assert (late.status, late.client_ref) == ("sent", "key-1")
    assert route.ask("key-1").trace is Trace.KNOWN


def test_a_gateway_that_closes_after_taking_leaves_an_uncertain_attempt(stage: Stage) -> None:
    stage.centre.moods.closes_after_taking = 1
    route = stage.route()
    with pytest.raises(ChannelUncertain):
        route.send(message())
    assert until(lambda: stage.centre.logins == 2)
    assert len(stage.centre.taken) == 1
    assert route.send(message("key-2")).provider_ref


def test_too_fast_is_a_rest_and_not_a_refusal(stage: Stage) -> None:
    stage.centre.moods.throttles = 1
    route = stage.route(patience_s=0.2)
    with pytest.raises(ChannelDown, match="throttled"):
        route.send(message())
    with pytest.raises(ChannelDown, match="throttled"):
        route.send(message())
    assert stage.centre.taken == []
    assert route.ask("key-1").trace is not Trace.KNOWN
    assert until(lambda: route.pace.rests_s == 0)
    route.send(message())
    assert len(stage.centre.taken) == 1


def test_a_later_part_that_was_too_fast_is_tried_again_because_it_was_not_taken(stage: Stage) -> None:
    stage.centre.moods.throttles_later_parts = 1
    route = stage.route()
    route.send(message(text=LONG))
    assert [one.number for one in stage.centre.taken] == list(range(1, plan(LONG).segments + 1))


def test_a_refused_number_is_refused_and_never_tried_again(stage: Stage) -> None:
    stage.centre.moods.refuses = True
    route = stage.route()
    with pytest.raises(ChannelRefused):
        route.send(message())
    assert stage.centre.taken == []


def test_a_message_refused_half_way_says_that_earlier_parts_left(stage: Stage) -> None:
    stage.centre.moods.refuses_later_parts = True
    route = stage.route()
    with pytest.raises(ChannelRefused, match=r"part_2_of_\d.*earlier_parts_left"):
        route.send(message(text=LONG))
    assert [one.number for one in stage.centre.taken] == [1]
    assert route.ask("key-1").trace is Trace.CANNOT_TELL


def test_a_message_that_stays_too_fast_half_way_is_uncertain(stage: Stage) -> None:
    stage.centre.moods.throttles_later_parts = 99
    route = stage.route(patience_s=0.1)
    with pytest.raises(ChannelUncertain, match="part_2"):
        route.send(message(text=LONG))
    assert [one.number for one in stage.centre.taken] == [1]


def test_a_gateway_that_is_not_there_is_down_at_once_for_the_next_route(stage: Stage) -> None:
    stage.gateway.stop()
    route = stage.route(patience_s=0.5)
    with pytest.raises(ChannelDown):
        route.send(message())
    assert stage.route().ask("key-1").trace is Trace.NEVER_SEEN


def test_a_wrong_secret_is_named_and_nothing_leaves(stage: Stage) -> None:
    route = stage.route(secret="wrong", patience_s=0.5)
    with pytest.raises(ChannelDown, match="login_refused"):
        route.send(message())
    assert stage.centre.taken == []


def test_a_gateway_that_hangs_is_given_up(stage: Stage) -> None:
    stage.centre.moods.hangs = True
    route = stage.route(response_s=0.2, patience_s=1.0)
    with pytest.raises(ChannelDown, match=r"no_answer_to_login|not_connected"):
        route.send(message())


def test_three_lost_tests_of_the_link_bring_a_new_one(stage: Stage) -> None:
    stage.centre.moods.ignores_tests = True
    route = stage.route(test_after_s=0.05)
    route.collect()
    assert until(lambda: stage.centre.logins >= 2)
    assert stage.centre.tests_seen >= 3
    stage.centre.moods.ignores_tests = False
    assert until(lambda: route.state().state == "up")


def test_a_link_that_is_idle_is_tested_and_kept(stage: Stage) -> None:
    route = stage.route(test_after_s=0.05)
    route.collect()
    assert until(lambda: stage.centre.tests_seen >= 6)
    assert stage.centre.logins == 1


def test_frames_that_come_in_single_bytes_or_make_no_sense_end_nothing(stage: Stage) -> None:
    stage.centre.moods.torn = True
    stage.centre.moods.bad_frames = True
    route = stage.route()
    route.send(message())
    [receipt] = events(route)
    assert receipt.status == "delivered"
    assert route.state().unreadable >= 1
    assert stage.centre.logins == 1


def test_a_length_that_cannot_be_drops_the_link_and_the_receipt_comes_over_the_next(stage: Stage) -> None:
    stage.centre.moods.bad_length = True
    route = stage.route()
    route.send(message())
    [receipt] = events(route)
    assert receipt.status == "delivered"
    assert stage.centre.logins == 2


def test_many_at_once_stay_in_the_window_and_each_goes_out_once(stage: Stage) -> None:
    route = stage.route(window=4)
    with ThreadPoolExecutor(16) as pool:
        handed = list(pool.map(lambda n: route.send(message(f"key-{n}")), range(100)))
    assert len({one.provider_ref for one in handed}) == len(stage.centre.taken) == 100
    found = events(route, 100)
    assert {one.client_ref for one in found} == {f"key-{n}" for n in range(100)}
    assert stage.centre.faults == []


def test_no_more_than_the_quota_leaves(stage: Stage) -> None:
    route = stage.route(rate_per_s=20)
    began = time.monotonic()
    for number in range(6):
        route.send(message(f"key-{number}"))
    assert time.monotonic() - began >= 5 / 20


def test_a_carrier_that_signs_itself_gets_the_text_without_and_room_is_left(stage: Stage) -> None:
    route = stage.route(signature="云岭县应急管理局", signature_by="carrier")
    route.send(message(text="【云岭县应急管理局】" + "字" * 61))
    assert [len(one.text) for one in stage.centre.taken] == [57, 4]
    assert stage.centre.taken[0].text[0] == "字"


def test_numbers_that_are_hexadecimal_in_the_response_and_decimal_in_the_receipt(tmp_path: Path) -> None:
    stage = Stage("smpp", "3.4", tmp_path)
    stage.centre.moods = Moods(mixed_ids=True)
    try:
        route = stage.route(receipt_ids="decimal")
        route.send(message())
        [receipt] = events(route)
        assert (receipt.status, receipt.client_ref) == ("delivered", "key-1")
    finally:
        stage.stop()
