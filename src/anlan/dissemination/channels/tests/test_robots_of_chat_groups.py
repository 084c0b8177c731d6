"""Robots of chat groups: signatures that the other side checks by itself, codes inside an answer, silence, and a secret address."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from anlan.dissemination import digest
from anlan.dissemination.channels import (
    Asked,
    Channel,
    ChannelDown,
    ChannelError,
    ChannelRefused,
    ChannelUncertain,
    Manifest,
    Message,
    Trace,
    robots,
    use_twins,
)
from anlan.dissemination.channels.addressed import AddressedChannel
from anlan.dissemination.channels.dingtalk import DINGTALK, DingTalk
from anlan.dissemination.channels.feishu import FEISHU, Feishu
from anlan.dissemination.channels.robots import Limits, Robot, Service, Window, fitting, parameters
from anlan.dissemination.channels.wecom import WECOM, WeCom
from anlan.dissemination.models import Delivery
from anlan.dissemination.outbox import deliver_due
from anlan.dissemination.services import broadcast
from anlan.dissemination.services.outlets import OutletDetails, define_outlet
from anlan.dissemination.tests.night import make_twins
from anlan.journal.models import Entry
from anlan.testing import County
from simulator.bots.service import BUSY, CUT, DOWN, ERROR_INSIDE, NONSENSE, REFUSE, ChatService

SECRET = "SEC-fictional-of-the-test"
TOKEN = "token-that-nobody-may-read"
TEXT = "【云岭县】请立即转移。"
SERVICES: dict[str, tuple[Service, Manifest]] = {
    "wecom": (WeCom(), WECOM),
    "dingtalk": (DingTalk(), DINGTALK),
    "feishu": (Feishu(), FEISHU),
}
EVERY = pytest.mark.parametrize("code", sorted(SERVICES))
SIGNED = pytest.mark.parametrize("code", ["dingtalk", "feishu"])


@pytest.fixture
def chat() -> Iterator[ChatService]:
    """It knows the secret and computes every signature by itself."""
    peer = ChatService(secret=SECRET)
    yield peer
    peer.stop()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def robot(code: str, url: str, http: httpx.Client, secret: str = SECRET) -> Robot:
    return Robot(
        SERVICES[code][0],
        http,
        f"{url}/{code}?access_token={TOKEN}",
        secret,
        parameters().robots[code],
    )


def message(text: str = TEXT) -> Message:
    return Message("key-1", "group", text, "山洪")


# --- signatures ---


@SIGNED
def test_a_signed_message_is_read_by_a_group_that_checks_signatures(
    code: str, chat: ChatService, http: httpx.Client
) -> None:
    robot(code, chat.url, http).send(message())
    assert chat.faults == []
    assert chat.texts == [TEXT]


@SIGNED
@pytest.mark.parametrize("secret", ["", "SEC-of-another-group"])
def test_without_the_right_secret_nobody_reads_it_and_it_is_not_sent(
    code: str, secret: str, chat: ChatService, http: httpx.Client
) -> None:
    with pytest.raises(ChannelDown):
        robot(code, chat.url, http, secret).send(message())
    assert len(chat.faults) == 1
    assert chat.texts == []


@SIGNED
def test_a_signature_of_yesterday_is_refused(code: str, chat: ChatService, http: httpx.Client) -> None:
    service, yesterday = SERVICES[code][0], time.time() - 86_400
    address = service.address(f"{chat.url}/{code}", SECRET, now=yesterday)
    assert http.post(address, json=service.body(TEXT, SECRET, now=yesterday)).status_code == 200
    assert chat.faults == ["timestamp"]


def test_a_signature_in_an_address_survives_plus_slash_and_equals(
    chat: ChatService, http: httpx.Client
) -> None:
    """Base64 has characters that mean something in an address; over many moments all of them occur."""
    seen = set()
    for second in range(200):
        address = DingTalk().address("http://x.invalid/?access_token=1", SECRET, now=1_800_000_000.0 + second)
        seen |= {"%2B", "%2F", "%3D"} & {address[i : i + 3] for i in range(len(address))}
        assert "+" not in address
        assert "/" not in address.split("sign=")[1]
    assert seen == {"%2B", "%2F", "%3D"}


# --- what an answer means ---


@EVERY
@pytest.mark.parametrize(
    ("mood", "error"),
    [
        (REFUSE, ChannelRefused),
        (BUSY, ChannelDown),
        (ERROR_INSIDE, ChannelDown),
        (DOWN, ChannelDown),
        (NONSENSE, ChannelUncertain),
        (CUT, ChannelUncertain),
    ],
)
def test_only_the_code_inside_says_that_it_was_sent(
    code: str, mood: str, error: type[Exception], chat: ChatService, http: httpx.Client
) -> None:
    chat.mood = mood
    with pytest.raises(error):
        robot(code, chat.url, http).send(message())
    assert chat.posts == 1
    assert chat.texts == []


@EVERY
@pytest.mark.parametrize(
    "inside", [b"{}", b'{"errcode": "0", "code": "0"}', b'{"errcode": true, "code": true}', b"[]"]
)
def test_an_answer_without_a_code_is_uncertain_however_good_its_status(code: str, inside: bytes) -> None:
    with (
        httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=inside))) as http,
        pytest.raises(ChannelUncertain),
    ):
        robot(code, "http://chat.invalid", http).send(message())


@EVERY
def test_a_service_that_takes_it_and_hangs_leaves_it_uncertain(
    code: str, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots, "READ_S", 0.1)
    with socket.create_server(
        ("127.0.0.1", 0)
    ) as deaf:  # the connection stands in the queue; nobody ever answers
        one = robot(code, f"http://127.0.0.1:{deaf.getsockname()[1]}", http)
        with pytest.raises(ChannelUncertain, match="ReadTimeout"):
            one.send(message())
        assert one.ask("key-1") == Asked(Trace.CANNOT_TELL)


# --- limits ---


def test_a_text_that_is_too_long_ends_with_a_remark_and_never_in_half_a_character() -> None:
    for most in range(200, 260):
        cut = fitting("山洪" * 400, most)
        assert len(cut.encode()) <= most
        assert cut.endswith("（未完，请登录平台查看全文）")
    assert fitting(TEXT, 2048) == TEXT


def test_a_robot_says_no_more_in_a_second_and_a_minute_than_its_limits() -> None:
    now = [0.0]
    window = Window(Limits(per_min=4, per_s=2, text_bytes=100, avoids_half_hours=False), lambda: now[0])
    assert [window.take() for _ in range(3)] == [True, True, False]
    now[0] = 1.0
    assert [window.take() for _ in range(3)] == [True, True, False]
    now[0] = 59.9
    assert not window.take()
    now[0] = 60.0
    assert window.take()


@pytest.mark.parametrize(
    ("minute", "second", "waits_s"),
    [(0, 0, 60), (0, 59, 1), (1, 0, None), (29, 59, None), (30, 10, 50), (31, 0, None)],
)
def test_the_first_minute_of_a_full_and_half_hour_is_crowded(
    minute: int, second: int, waits_s: int | None
) -> None:
    wall = datetime(2026, 7, 1, 3, minute, second, tzinfo=UTC)
    until = digest.after_half_hour(wall)
    assert (None if until is None else (until - wall).total_seconds()) == waits_s


# --- through the outbox ---

pytest_db = pytest.mark.django_db


def groups(county: County, url: str, http: httpx.Client) -> dict[str, Channel]:
    """Real robots in front of the simulated services; everything else is a twin."""
    here: dict[str, Channel] = dict(make_twins())
    for code, (_, manifest) in SERVICES.items():
        here[code] = AddressedChannel(manifest, {"group": robot(code, url, http)})
    use_twins(here)
    return here


def say(county: County, code: str, *, level: int = 1) -> Delivery:
    details = OutletDetails(code, f"{code}·县群", county.division, "group")
    outlet = define_outlet(details, by=county.actor("He"), at=county.now)
    row = broadcast(
        subject="warning:1",
        outlets=[outlet],
        text="请立即转移。",
        issuer="云岭县",
        title="山洪",
        level=level,
        division=county.division,
        by=county.by,
        at=county.now,
    )
    deliver_due(owner="w")
    return Delivery.objects.get(broadcast=row)


@pytest.fixture
def real(county: County, chat: ChatService, http: httpx.Client) -> Iterator[County]:
    groups(county, chat.url, http)
    yield county
    use_twins(None)


@pytest_db
@EVERY
@pytest.mark.parametrize("mood", [REFUSE, BUSY, ERROR_INSIDE, DOWN, NONSENSE, CUT])
def test_the_secret_address_stands_in_no_row_no_log_and_no_journal(
    code: str, mood: str, real: County, chat: ChatService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "anlan")
    chat.mood = mood
    delivery = say(real, code)
    assert chat.posts == 1
    assert delivery.state != "sent"
    assert delivery.last_error or delivery.is_uncertain or delivery.state == "refused"
    stored = [json.dumps(one, default=str) for one in Delivery.objects.values()]
    stored += [json.dumps(one, default=str) for one in Entry.objects.values()]
    told = [record.getMessage() + str(record.__dict__) + str(record.exc_text) for record in caplog.records]
    for where in [*stored, *told]:
        assert TOKEN not in where
        assert SECRET not in where


def test_no_error_of_a_robot_carries_its_address_even_in_what_caused_it(
    http: httpx.Client,
) -> None:
    def seen(error: BaseException | None) -> str:
        return "" if error is None else repr(error) + seen(error.__cause__)

    for url in ("http://127.0.0.1:1", "ftp://x.invalid", "http://[bad"):
        with pytest.raises(ChannelError) as caught:
            robot("dingtalk", url, http).send(message())
        assert TOKEN not in seen(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_libraries_that_write_whole_addresses_are_silent_in_our_logs(settings: Any) -> None:
    for name in ("httpx", "httpcore"):
        assert settings.LOGGING["loggers"][name] == {"level": "WARNING"}


@pytest_db
def test_feishu_waits_for_the_end_of_the_first_minute_of_an_hour(real: County, chat: ChatService) -> None:
    assert (real.now.minute, real.now.second) == (0, 0)
    blue = say(real, "feishu", level=4)
    assert (blue.state, chat.posts) == ("queued", 0)
    assert blue.due_at is not None
    assert (blue.due_at - real.now).total_seconds() == parameters().half_hour_window_s
    real.clock.advance(seconds=61)
    deliver_due(owner="w")
    blue.refresh_from_db()
    assert (blue.state, chat.posts) == ("sent", 1)


@pytest_db
def test_danger_and_other_groups_do_not_wait_for_the_end_of_a_crowded_minute(
    real: County, chat: ChatService
) -> None:
    assert say(real, "feishu", level=1).state == "sent"
    assert say(real, "wecom", level=4).state == "sent"
    assert chat.posts == 2
