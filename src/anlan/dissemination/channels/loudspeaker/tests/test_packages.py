"""Packages against a platform that was written apart, with its own SM2 and SM3."""

from __future__ import annotations

import contextlib
import io
import socket
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.dissemination import inbox
from anlan.dissemination.channels import (
    ChannelDown,
    ChannelRefused,
    ChannelUncertain,
    Message,
    Occasion,
    Trace,
    speech,
)
from anlan.dissemination.channels.loudspeaker import LOUDSPEAKER, messages, platform
from anlan.dissemination.channels.loudspeaker.messages import Parties
from anlan.dissemination.channels.loudspeaker.numbers import checked_platform
from anlan.dissemination.channels.loudspeaker.package import PACKAGE_MAX, BadPackage, pack, unpack
from anlan.dissemination.channels.loudspeaker.platform import BroadcastPlatform, PlatformSettings
from anlan.dissemination.channels.loudspeaker.signing import KnownKeys, SoftSigner
from anlan.dissemination.channels.routing import RoutedChannel, RouteSettings
from anlan.dissemination.channels.texting.state import DOWN, IDLE, UP
from anlan.kernel.refusals import BadSetting
from simulator.ebd import platform as peer
from simulator.ebd.platform import Platform, public_of, tar_of

PRIVATE = f"{987654321:064x}"
PUBLIC = public_of(987654321)
OURS = "530000000000000001"
NUMBER = f"{OURS}202607010001"
AT = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
SIGNER = SoftSigner("0000000001", PRIVATE, PUBLIC)


def occasion(**fields: object) -> Occasion:
    given: dict[str, object] = {
        "issuer": "云岭县应急指挥部", "title": "山洪红色", "level": 1, "hazard_type": "river_flood", "division_code": "999901101201",
        "started_at": AT, "number": NUMBER,
    } | fields  # fmt: skip
    return Occasion(**given)  # type: ignore[arg-type]


def message(**fields: object) -> Message:
    return Message("key-1", "terminal-1", "请立即转移。", "山洪红色", None, occasion(**fields))


class Line:
    def __init__(self) -> None:
        self.peer = Platform(peers={"0000000001": PUBLIC})
        self.http = httpx.Client(trust_env=False)
        keys = KnownKeys({self.peer.certificate: self.peer.public})
        self.route = BroadcastPlatform(
            PlatformSettings(self.peer.url, Parties(OURS, "888888888888888888"), SIGNER, keys), self.http
        )


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setattr(speech, "engine", lambda: None)
    here = Line()
    yield here
    here.peer.stop()
    here.http.close()


def test_a_message_is_read_out_in_its_village_and_named_by_its_number(line: Line) -> None:
    handed = line.route.send(message())
    assert line.peer.faults == []
    assert handed.provider_ref == NUMBER
    assert line.peer.played == [
        {"id": NUMBER, "type": "1", "related": "", "severity": "1", "event": "11A01", "text": "请立即转移。",
         "area": "999901101201", "to": "terminal-1", "sender": "云岭县应急指挥部"}
    ]  # fmt: skip


def test_an_all_clear_takes_back_exactly_the_message_that_went_out(line: Line) -> None:
    line.route.send(message(number=f"{OURS}202607010002", cancels=NUMBER, is_all_clear=True))
    assert (line.peer.played[0]["type"], line.peer.played[0]["related"]) == ("2", NUMBER)


def test_an_update_names_the_former_message_and_is_read_out(line: Line) -> None:
    line.route.send(message(number=f"{OURS}202607010002", cancels=NUMBER))
    assert (line.peer.played[0]["type"], line.peer.played[0]["related"]) == ("1", NUMBER)


def test_a_voice_goes_along_where_there_is_one(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "for_message", lambda _message: b"RIFF....WAVE")
    line.route.send(message())
    assert line.peer.audio == [b"RIFF....WAVE"]
    assert line.peer.faults == []


def test_without_a_voice_engine_the_text_goes_alone_and_no_silence(line: Line) -> None:
    line.route.send(message())
    assert line.peer.audio == []


def test_a_hazard_without_a_verified_code_has_no_event_type_and_none_is_made_up(line: Line) -> None:
    line.route.send(message(hazard_type="flash_flood"))
    assert line.peer.played[0]["event"] == ""


@pytest.mark.parametrize(
    ("mood", "error"),
    [(peer.REFUSE, ChannelRefused), (peer.DOWN, ChannelDown), (peer.CUT, ChannelUncertain),
     (peer.UNSIGNED, ChannelUncertain), (peer.NONSENSE, ChannelUncertain), (peer.OTHER, ChannelUncertain)],
)  # fmt: skip
def test_http_200_alone_is_never_sent(line: Line, mood: str, error: type[Exception]) -> None:
    line.peer.mood = mood
    with pytest.raises(error):
        line.route.send(message())


def test_a_message_without_a_number_is_refused_and_nothing_leaves(line: Line) -> None:
    with pytest.raises(ChannelRefused, match="no_message_number"):
        line.route.send(message(number=""))
    assert line.peer.posts == 0


def test_the_platform_is_asked_by_number(line: Line) -> None:
    assert line.route.ask("key-1").trace is Trace.CANNOT_TELL
    line.route.send(message())
    assert line.route.ask("key-1").trace is Trace.KNOWN
    assert line.route.ask_about(f"{OURS}202607019999").trace is Trace.NEVER_SEEN


def test_the_platform_is_asked_at_intervals_whether_it_lives_and_the_desk_sees_it(
    line: Line, tmp_path: Path
) -> None:
    channel = RoutedChannel(LOUDSPEAKER, {"county": line.route})

    def look() -> dict[str, object]:
        inbox.take_in({"loudspeaker": channel})
        assert line.route.beating is not None
        line.route.beating.join(timeout=10)
        inbox.write_states({"loudspeaker": channel}, tmp_path)
        return dict(inbox.read_states(tmp_path).routes["loudspeaker"]["county"])

    assert line.route.state().state == IDLE
    assert look()["state"] == UP
    assert look()["since"] == line.route.state().since
    assert line.peer.heartbeats == 1  # the second look came too early for another one
    line.peer.mood = peer.DOWN
    line.route._beat_at = 0.0
    down = look()
    assert (down["state"], down["last_error"]) == (DOWN, "http_503")
    line.peer.mood = peer.ACCEPT
    line.route._beat_at = 0.0
    assert look()["state"] == UP
    assert line.route.state().last_error == ""


def test_a_platform_that_hangs_holds_up_nobody_and_is_asked_by_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "TIMEOUT", httpx.Timeout(5.0))
    keys = KnownKeys({})
    with socket.create_server(("127.0.0.1", 0)) as deaf, httpx.Client(trust_env=False) as http:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/ebd"
        parties = Parties(OURS, "888888888888888888")
        route = BroadcastPlatform(PlatformSettings(url, parties, SIGNER, keys, 0.001), http)
        route.collect()
        first = route.beating
        route._beat_at = 0.0
        assert route.collect() == []
        assert route.beating is first
        assert route.state().state == IDLE
        deaf.accept()[0].close()
        assert first is not None
        first.join(timeout=10)
        assert route.state().state == DOWN


def test_a_heartbeat_may_be_switched_off(line: Line) -> None:
    route = BroadcastPlatform(replace(line.route._settings, heartbeat_s=0.0), line.http)
    route.collect()
    assert (route.beating, line.peer.heartbeats) == (None, 0)


def test_the_heartbeat_needs_no_signature(line: Line) -> None:
    line.route.check()
    assert (line.peer.heartbeats, line.peer.faults) == (1, [])


def test_a_repeat_keeps_its_package_id() -> None:
    one = messages.broadcast(message(), Parties(OURS, "8"), at=AT)
    assert f"<EBDID>{NUMBER}0000</EBDID>".encode() in one
    assert b"<EBDTime>2026-07-01 08:00:00</EBDTime>" in one


@pytest.mark.parametrize("given", ["", "53", "53000000000000000x", "5300000000000000011"])
def test_a_platform_number_is_never_made_up(given: str) -> None:
    with pytest.raises(BadSetting):
        checked_platform(RouteSettings("loudspeaker", "county", "ebd", {"platform_id": given}))


# --- what others send ---


def signed(message_bytes: bytes, name: str = "A1") -> dict[str, bytes]:
    package = pack(name, message_bytes, signer=SIGNER)
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]


KEYS = KnownKeys({"0000000001": PUBLIC})
BODY = b"<EBD><EBDID>A1</EBDID><EBDType>EBMBrdLog</EBDType></EBD>"


def test_a_good_package_is_read_and_its_signature_believed() -> None:
    found = unpack(tar_of(signed(BODY) | {"log.wav": b"x"}), KEYS)
    assert (found.kind, found.is_signed, found.certificate, dict(found.files)) == (
        "EBMBrdLog",
        True,
        "0000000001",
        {"log.wav": b"x"},
    )


def test_a_changed_byte_makes_the_signature_bad() -> None:
    files = signed(BODY)
    files["EBDB_A1.xml"] = BODY.replace(b"EBMBrdLog", b"EBMBrdLoh")
    assert not unpack(tar_of(files), KEYS).is_signed


def test_a_signature_of_another_package_or_of_a_stranger_is_none() -> None:
    files = signed(BODY.replace(b"A1", b"A2"), "A2")
    moved = {"EBDB_A1.xml": BODY, "EBDS_EBDB_A1.xml": files["EBDS_EBDB_A2.xml"]}
    assert not unpack(tar_of(moved), KEYS).is_signed
    assert not unpack(tar_of(signed(BODY)), KnownKeys({})).is_signed


@pytest.mark.parametrize(
    "name", ["../EBDB_A1.xml", "/etc/passwd", "a/b.xml", "a\\b", "..", "."]
)  # fmt: skip
def test_members_with_paths_are_refused(name: str) -> None:
    with pytest.raises(BadPackage, match="unsafe_member"):
        unpack(tar_of({"EBDB_A1.xml": BODY, name: b"x"}), KEYS)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_links_and_devices_are_refused(kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("EBDB_A1.xml")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(BadPackage, match="unsafe_member"):
        unpack(out.getvalue(), KEYS)


def test_bombs_and_odd_documents_are_refused_by_name() -> None:
    bomb = b'<!DOCTYPE EBD [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><EBD><EBDID>A1</EBDID>&b;</EBD>'
    for body, why in [
        (bomb, "doctype"),
        (b"<EBD><EBDID>A2</EBDID></EBD>", "other_id_inside"),
        (b"<a/>", "other_document"),
        (b"<EBD", "bad_xml"),
    ]:
        with pytest.raises(BadPackage, match=why):
            unpack(tar_of({"EBDB_A1.xml": body}), KEYS)
    with pytest.raises(BadPackage, match="too_large"):
        unpack(b"\0" * (PACKAGE_MAX + 1), KEYS)
    with pytest.raises(BadPackage, match="too_many_members"):
        unpack(tar_of({f"f{n}": b"" for n in range(40)}), KEYS)
    with pytest.raises(BadPackage, match="two_messages"):
        unpack(tar_of({"EBDB_A1.xml": BODY, "EBDB_A2.xml": BODY}), KEYS)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_are_a_package_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(BadPackage):
        unpack(data, KEYS)


def test_signatures_agree_with_an_implementation_in_whole_numbers() -> None:
    import base64

    raw = base64.b64decode(SIGNER.sign(b"abc"))
    assert peer.verify(PUBLIC, b"abc", raw)
    assert not peer.verify(PUBLIC, b"abd", raw)
    theirs = base64.b64encode(peer.sign(987654321, PUBLIC, b"abc")).decode()
    assert KEYS.verify(b"abc", theirs, "0000000001")
    assert not KEYS.verify(b"abc", base64.b64encode(bytes(64)).decode(), "0000000001")


def test_a_key_that_begins_with_04_works() -> None:
    private = next(d for d in range(1, 4000) if public_of(d).startswith("04"))
    signer = SoftSigner("1", f"{private:064x}", public_of(private))
    assert KnownKeys({"1": public_of(private)}).verify(b"x", signer.sign(b"x"), "1")


def test_code_values_are_labelled_assumptions() -> None:
    from anlan.dissemination.channels.loudspeaker.codes import codes

    assert codes().is_assumption
    assert Path(messages.__file__).with_name("codes.json").exists()
