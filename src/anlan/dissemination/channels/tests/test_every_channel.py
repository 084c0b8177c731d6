"""The conformance kit: what every channel promises, whatever it speaks. A new channel adds one `Case`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from anlan.dissemination import channels
from anlan.dissemination.channels import (
    Channel,
    ChannelDown,
    ChannelKind,
    ChannelRefused,
    ChannelUncertain,
    Message,
    Occasion,
    Proof,
    Trace,
    manifests,
    register,
)
from anlan.dissemination.channels.addressed import AddressedChannel
from anlan.dissemination.channels.dingtalk import DINGTALK, DingTalk
from anlan.dissemination.channels.feishu import FEISHU, Feishu
from anlan.dissemination.channels.loudspeaker import LOUDSPEAKER
from anlan.dissemination.channels.loudspeaker.messages import Parties
from anlan.dissemination.channels.loudspeaker.platform import BroadcastPlatform, PlatformSettings
from anlan.dissemination.channels.loudspeaker.signing import KnownKeys, SoftSigner
from anlan.dissemination.channels.partner import PARTNERS
from anlan.dissemination.channels.phone import SMS, VOICE
from anlan.dissemination.channels.robots import Robot, Service, parameters
from anlan.dissemination.channels.routing import RoutedChannel
from anlan.dissemination.channels.sms_voice.gateway import PhoneGateway
from anlan.dissemination.channels.smtp import MailChannel, parse_url
from anlan.dissemination.channels.tests.peers import (
    ACCEPT,
    CUT,
    DOWN,
    REFUSE,
    MailPeer,
    PhonePeer,
    free_port,
)
from anlan.dissemination.channels.twin import TwinChannel
from anlan.dissemination.channels.wecom import WECOM, WeCom
from anlan.kernel.refusals import BadSetting
from simulator.bots.service import ChatService
from simulator.ebd.platform import Platform, public_of

MESSAGE = Message("key-1", "10000000001", "请立即转移。", "山洪叫应", {"1": "answered"})
LETTER = Message("key-1", "zhao@example.invalid", "请立即转移。", "山洪叫应")


class TwinPeer:
    """Lets the twin pass the same kit as the channels that it stands for."""

    def __init__(self) -> None:
        self.channel = TwinChannel(SMS)
        self.url = ""

    @property
    def attempts(self) -> int:
        return len(self.channel.taken)

    def __setattr__(self, name: str, value: object) -> None:
        if name != "mood":
            object.__setattr__(self, name, value)
            return
        self.channel.is_down = value == DOWN
        faults = {REFUSE: ChannelRefused("bad_number"), CUT: ChannelUncertain("cut")}
        if value in faults:
            self.channel.failures.append(faults[value])

    def stop(self) -> None:
        """Nothing to stop."""


class Loudspeakers(Platform):
    """The broadcast platform of the simulator under the names of the kit; it knows our key."""

    def __init__(self) -> None:
        super().__init__(peers={"0000000001": public_of(_KEY)})

    def opened(self, http: httpx.Client) -> RoutedChannel:
        keys = KnownKeys({self.certificate: self.public})
        signer = SoftSigner("0000000001", f"{_KEY:064x}", public_of(_KEY))
        parties = Parties("530000000000000001", "888888888888888888")
        route = BroadcastPlatform(PlatformSettings(self.url, parties, signer, keys), http)
        return RoutedChannel(LOUDSPEAKER, {"county": route})


_KEY = 987654321
Peer = PhonePeer | MailPeer | TwinPeer | ChatService | Loudspeakers


def robot(service: Service, manifest: channels.Manifest) -> Callable[[Any, httpx.Client], Channel]:
    limits = parameters().robots[service.code]

    def make(peer: Any, http: httpx.Client) -> Channel:
        one = Robot(service, http, f"{peer.url}/{service.code}", "", limits)
        return AddressedChannel(manifest, {"group": one})

    return make


@dataclass(frozen=True)
class Case:
    peer: Callable[[], Peer]
    channel: Callable[[Peer, httpx.Client], Channel]
    message: Message
    #: False where a question is answered only by what this very process did; the channel's own tests show it.
    is_asked: bool = True


TO_GROUP = Message("key-1", "group", "请立即转移。", "山洪叫应")
ALOUD = Message(
    "key-1",
    "terminal-1",
    "请立即转移。",
    "山洪叫应",
    occasion=Occasion(issuer="云岭县", division_code="999901101201", number="530000000000000001202607010001"),
)

CASES = {
    "wecom": Case(ChatService, robot(WeCom(), WECOM), TO_GROUP),
    "dingtalk": Case(ChatService, robot(DingTalk(), DINGTALK), TO_GROUP),
    "feishu": Case(ChatService, robot(Feishu(), FEISHU), TO_GROUP),
    "loudspeaker": Case(Loudspeakers, lambda peer, http: peer.opened(http), ALOUD, is_asked=False),  # type: ignore[union-attr]
    "sms": Case(PhonePeer, lambda peer, http: PhoneGateway(SMS, http, peer.url, "t"), MESSAGE),
    "voice": Case(PhonePeer, lambda peer, http: PhoneGateway(VOICE, http, peer.url, "t"), MESSAGE),
    "email": Case(MailPeer, lambda peer, _http: MailChannel(parse_url(peer.url)), LETTER),
    "twin": Case(TwinPeer, lambda peer, _http: peer.channel, MESSAGE),  # type: ignore[union-attr]
}


@dataclass
class Line:
    """A channel with its other end."""

    channel: Channel
    peer: Peer
    message: Message
    is_asked: bool


@pytest.fixture(params=sorted(CASES))
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    case = CASES[request.param]
    peer = case.peer()
    with httpx.Client(trust_env=False) as http:
        yield Line(case.channel(peer, http), peer, case.message, case.is_asked)
    peer.stop()


def test_every_registered_channel_is_in_the_kit() -> None:
    assert set(manifests()) <= set(CASES) | set(INDOORS)


#: Channels whose text stays in the house: a task for a person, our own page, a sheet of paper.
INDOORS = {
    code: where
    for where, codes in {
        "tasks": ("gong", "whistle", "door", "radio_set", "desk_phone", "siren", "video"),
        "page": ("display", "portal"),
        "paper": PARTNERS,
    }.items()
    for code in codes
}


@pytest.mark.parametrize("code", sorted(INDOORS))
def test_a_text_that_stays_in_the_house_is_handed_once_and_cannot_be_asked_about(code: str) -> None:
    with httpx.Client(trust_env=False) as http:
        channel = channels.open_channels(http)[code]
        handed = channel.send(Message("key-1", "somewhere", "请立即转移。"))
        assert (handed.route, handed.provider_ref) == (INDOORS[code], "key-1")
        assert not channel.manifest.can_be_asked
        assert channel.ask("key-1").trace is Trace.CANNOT_TELL
        assert Proof.READ not in channel.manifest.proofs
        assert Proof.ANSWERED not in channel.manifest.proofs


def test_a_taken_message_is_handed_once_and_named(line: Line) -> None:
    handed = line.channel.send(line.message)
    assert handed.provider_ref
    assert handed.wall > 1_700_000_000
    assert line.peer.attempts == 1


def test_a_message_that_the_provider_refuses_is_refused_for_good(line: Line) -> None:
    line.peer.mood = REFUSE
    with pytest.raises(ChannelRefused):
        line.channel.send(line.message)


def test_a_provider_that_says_later_is_down_and_not_tried_again_inside(line: Line) -> None:
    line.peer.mood = DOWN
    with pytest.raises(ChannelDown):
        line.channel.send(line.message)
    assert line.peer.attempts <= 1


def test_a_connection_that_breaks_after_the_message_left_is_uncertain_and_not_tried_again(line: Line) -> None:
    line.peer.mood = CUT
    with pytest.raises(ChannelUncertain):
        line.channel.send(line.message)
    assert line.peer.attempts == 1


def test_asking_says_what_the_manifest_promises(line: Line) -> None:
    if not line.is_asked:
        pytest.skip("asked about what this process did: see the channel's own tests")
    assert line.channel.ask("key-2").trace is (
        Trace.NEVER_SEEN if line.channel.manifest.can_be_asked else Trace.CANNOT_TELL
    )
    line.channel.send(line.message)
    assert line.channel.ask("key-1").trace is (
        Trace.KNOWN if line.channel.manifest.can_be_asked else Trace.CANNOT_TELL
    )


def test_a_channel_works_again_after_a_fault(line: Line) -> None:
    line.peer.mood = CUT
    with pytest.raises(ChannelUncertain):
        line.channel.send(line.message)
    line.peer.mood = ACCEPT
    assert line.channel.send(line.message).provider_ref


def test_errors_carry_a_short_code_and_neither_number_nor_text(line: Line) -> None:
    line.peer.mood = REFUSE
    with pytest.raises(ChannelRefused) as refused:
        line.channel.send(line.message)
    assert 0 < len(str(refused.value)) <= 60
    assert line.message.address not in str(refused.value)
    assert line.message.text not in str(refused.value)


@pytest.mark.parametrize("manifest", manifests().values(), ids=lambda one: one.code)
def test_a_manifest_is_complete_and_its_folder_has_a_readme(manifest: channels.Manifest) -> None:
    assert manifest.zh
    assert manifest.en
    assert manifest.contact_kinds or manifest.nature is not channels.Nature.PERSONAL
    assert Proof.SENT in manifest.proofs
    hands = dict.fromkeys(("gong", "whistle", "door", "radio_set", "desk_phone"), "hand")
    folders = {"sms": "sms_voice", "voice": "sms_voice", "email": "smtp"} | hands
    folder = (folders | dict.fromkeys(PARTNERS, "partner")).get(manifest.code, manifest.code)
    readme = Path(channels.__file__).parent / folder / "README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= 12


def test_two_channels_with_one_code_stop_the_start() -> None:
    with pytest.raises(ValueError, match="sms"):
        register(ChannelKind(SMS, lambda http: PhoneGateway(SMS, http, "", "")))


def test_a_channel_without_settings_is_down_and_says_why() -> None:
    with httpx.Client() as http:
        for channel in (PhoneGateway(SMS, http, "", ""), MailChannel(None)):
            with pytest.raises(ChannelDown, match="not_configured"):
                channel.send(MESSAGE)


def test_nobody_listening_is_down_on_every_channel() -> None:
    port = free_port()
    with httpx.Client(trust_env=False) as http:
        phone = PhoneGateway(VOICE, http, f"http://127.0.0.1:{port}", "t")
        with pytest.raises(ChannelDown):
            phone.send(MESSAGE)
        with pytest.raises(ChannelDown):
            phone.ask("key-1")
    with pytest.raises(ChannelDown):
        MailChannel(parse_url(f"smtp://127.0.0.1:{port}?from=a@b.invalid")).send(LETTER)


def test_the_gateway_is_told_key_kind_number_text_and_keys_with_the_token() -> None:
    peer = PhonePeer()
    with httpx.Client(trust_env=False) as http:
        PhoneGateway(VOICE, http, peer.url, "secret").send(MESSAGE)
    peer.stop()
    assert peer.headers == ["Bearer secret"]
    assert peer.seen == [
        {
            "client_ref": "key-1",
            "kind": "voice",
            "to": "10000000001",
            "text": "请立即转移。",
            "keys": {"1": "answered"},
        }
    ]


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, ChannelRefused), (422, ChannelRefused), (401, ChannelDown), (404, ChannelDown), (429, ChannelDown),
     (500, ChannelDown), (503, ChannelDown), (302, ChannelDown)],
)  # fmt: skip
def test_each_status_has_one_meaning(status: int, error: type[Exception]) -> None:
    http = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status)))
    with pytest.raises(error):
        PhoneGateway(SMS, http, "http://gateway.invalid", "t").send(MESSAGE)


def test_a_gateway_that_does_not_answer_questions_cannot_tell() -> None:
    peer = PhonePeer()
    peer.can_be_asked = False
    with httpx.Client(trust_env=False) as http:
        assert PhoneGateway(SMS, http, peer.url, "t").ask("key-1").trace is Trace.CANNOT_TELL
    peer.stop()


def test_a_letter_carries_its_send_key_so_that_a_mailbox_can_drop_a_repeat() -> None:
    peer = MailPeer()
    MailChannel(parse_url(peer.url)).send(LETTER)
    peer.stop()
    assert "Message-ID: <key-1@example.invalid>" in peer.letters[0]


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://host", "smtp://host?from=nobody"])
def test_a_bad_mail_setting_stops_the_start_and_names_the_variable(url: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        parse_url(url)
    assert "ANLAN_SMTP_URL" in refusal.value.sentence()
