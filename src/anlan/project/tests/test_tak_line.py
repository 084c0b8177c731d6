"""TAK clients keep a line open: real sockets on loopback, real rows behind them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import json
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from anlan.command import takline
from anlan.command.models import PlotMark, TakClient
from anlan.command.services import add_tak_client, revoke_tak_client
from anlan.command.tests.test_cot import event, landslide, sent_team
from anlan.dispatch.models import PositionFix
from anlan.documents.cot import CotEvent, decode, encode, split
from anlan.incidents.models import Incident
from anlan.journal.models import ExerciseRun
from anlan.kernel.refusals import BadSetting
from anlan.project.parent import Parent
from anlan.project.tak.desk import RowDesk
from anlan.project.tak.listener import Bounds, Known, Listener
from anlan.project.tak.options import options
from anlan.testing import County

QUICK = Bounds(look_s=0.05, auth_s=0.4, drain_s=0.4, ping_s=30.0, lines=4, per_address=4, unread=4096)
VECTORS = Path(__file__).resolve().parents[5] / "shared" / "vectors" / "cot.json"


class TwinDesk:
    """A desk without rows: one picture, a list of what was taken."""

    def __init__(self, picture: dict[str, CotEvent] | None = None) -> None:
        self.picture = picture or {}
        self.is_new = True
        self.taken: list[CotEvent] = []
        self.revoked: set[str] = set()

    def by_certificate(self, sha256: str) -> Known | None:
        return Known(sha256, "by-certificate", "all", True) if sha256 == self.seal else None

    seal = "none"

    def by_key(self, name: str, key: str) -> Known | None:
        return Known(name, name, "all", True) if key == "right" else None

    def look(self, scopes: Any, keys: set[str]) -> tuple[dict[Any, dict[str, CotEvent]], set[str]]:
        is_new, self.is_new = self.is_new, False
        found = {scope: dict(self.picture) for scope, is_made in scopes.items() if is_new or not is_made}
        return found, keys - self.revoked

    def take(self, key: str, events: list[CotEvent]) -> None:
        self.taken += events

    def close(self) -> None:
        self.is_new = False


class Phone:
    """The other end of a line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self._rest = reader, writer, b""
        self.heard: list[CotEvent] = []

    async def says(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def hears(self, count: int) -> list[CotEvent]:
        """The next `count` events; fails after five seconds."""
        found: list[CotEvent] = []
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                data = await self.reader.read(65536)
                assert data, "the line was closed"
                parts, self._rest = split(self._rest + data)
                self.heard += [decode(part) for part in parts]
        found, self.heard = self.heard[:count], self.heard[count:]
        return found

    async def is_closed(self) -> bool:
        async with asyncio.timeout(5):
            try:
                while await self.reader.read(65536):
                    pass
            except (ConnectionError, ssl.SSLError):
                pass
        return True


def auth(name: str = "tablet-1", key: str = "right") -> bytes:
    return f"<auth><cot username='{name}' password='{key}' uid='ANDROID-7'/></auth>".encode()


async def dial(port: int, *first: bytes, tls: ssl.SSLContext | None = None) -> Phone:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None
    )
    phone = Phone(reader, writer)
    await phone.says(*first)
    return phone


def on_a_line(
    desk: Any,
    act: Callable[[Listener, int], Awaitable[Any]],
    bounds: Bounds = QUICK,
    tls: ssl.SSLContext | None = None,
) -> Any:
    async def run() -> Any:
        listener = Listener(desk, bounds)
        port = await listener.open("127.0.0.1", 0, tls)
        try:
            async with asyncio.timeout(20):
                return await act(listener, port)
        finally:
            await listener.close()

    return asyncio.run(run())


def point(uid: str = "anlan.incident.1", **fields: Any) -> CotEvent:
    at = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    given = {"uid": uid, "type": "b-m-p-s-m", "time": at, "start": at, "stale": at + dt.timedelta(hours=1), "lon": 102.9,
             "lat": 27.4, "callsign": "滑坡"}  # fmt: skip
    return CotEvent(**{**given, **fields})


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0.01)


def test_a_client_with_its_key_sees_the_picture_then_changes_then_what_is_gone() -> None:
    desk = TwinDesk({"a": point("a"), "b": point("b")})

    async def act(_listener: Listener, port: int) -> None:
        phone = await dial(port, auth())
        assert [one.uid for one in await phone.hears(2)] == ["a", "b"]
        desk.picture, desk.is_new = {"a": point("a", callsign="滑坡扩大"), "b": point("b")}, True
        [changed] = await phone.hears(1)
        assert (changed.uid, changed.callsign) == ("a", "滑坡扩大")
        desk.picture, desk.is_new = {"a": point("a", callsign="滑坡扩大")}, True
        [gone] = await phone.hears(1)
        assert (gone.type, gone.removes) == ("t-x-d-d", "b")

    on_a_line(desk, act)


def test_what_did_not_change_is_sent_again_only_before_it_would_go_stale() -> None:
    desk = TwinDesk({"a": point("a")})

    async def act(_listener: Listener, port: int) -> None:
        phone = await dial(port, auth())
        [first] = await phone.hears(1)
        later = first.time + dt.timedelta(minutes=2)
        desk.picture = {"a": point("a", time=later, start=later, stale=later + dt.timedelta(hours=1))}
        desk.is_new = True
        await asyncio.sleep(0.2)
        far = first.time + dt.timedelta(minutes=25)
        desk.picture = {"a": point("a", time=far, start=far, stale=far + dt.timedelta(hours=1))}
        desk.is_new = True
        [again] = await phone.hears(1)
        assert again.stale == far + dt.timedelta(hours=1)

    on_a_line(desk, act)


def test_a_ping_is_answered_and_silence_is_allowed_to_a_known_client() -> None:
    async def act(_listener: Listener, port: int) -> None:
        phone = await dial(port, auth())
        await asyncio.sleep(QUICK.auth_s + 0.2)
        await phone.says(encode(point("x", type="t-x-c-t")))
        [answer] = await phone.hears(1)
        assert answer.type == "t-x-c-t-r"

    on_a_line(TwinDesk(), act)


def test_half_an_event_waits_and_two_in_a_segment_are_two() -> None:
    desk = TwinDesk()

    async def act(_listener: Listener, port: int) -> None:
        whole = encode(point("one")) + b"\n<?xml version='1.0'?>" + encode(point("two"))
        phone = await dial(port, auth() + whole[:70])
        for start in range(70, len(whole), 97):
            await phone.says(whole[start : start + 97])
            await asyncio.sleep(0.002)
        await until(lambda: len(desk.taken) == 2)
        assert [one.uid for one in desk.taken] == ["one", "two"]

    on_a_line(desk, act)


STRANGERS = {
    "garbage": b"\x00\xff" * 4_000,
    "an event before the auth message": encode(point("x")),
    "a wrong key": auth(key="wrong"),
    "a key with quotes": b"<auth><cot username='\"' password=''/></auth>",
    "no cot": b"<auth></auth>",
    "a bomb": b"<!DOCTYPE a [<!ENTITY b 'right'>]><auth><cot username='x' password='&b;'/></auth>",
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"x" * 5_000,
    "silence": b"",
}


@pytest.mark.parametrize("first", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_is_told_nothing_and_closed(first: bytes) -> None:
    desk = TwinDesk({"a": point("a")})

    async def act(listener: Listener, port: int) -> None:
        phone = await dial(port, first)
        assert await phone.is_closed()
        assert phone.heard == []
        await until(lambda: not listener.lines)

    on_a_line(desk, act)
    assert desk.taken == []


BAD = {
    "ten megabytes that never end": b"<event " + b"a" * 10_000_000,
    "ten megabytes of garbage": b">" * 10_000_000,
    "events that are none": b"<event></event>" * 60,
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_a_known_client_that_sends_what_is_no_event_is_closed_and_others_go_on(data: bytes) -> None:
    desk = TwinDesk({"a": point("a")})

    async def act(listener: Listener, port: int) -> None:
        good = await dial(port, auth("good"))
        bad = await dial(port, auth("bad"))
        await good.hears(1)
        with contextlib.suppress(ConnectionError):
            await bad.says(data)
        assert await bad.is_closed()
        await good.says(encode(point("still")))
        await until(lambda: [one.uid for one in desk.taken] == ["still"])

    on_a_line(desk, act)


def test_a_broken_event_between_good_ones_is_left_out_and_an_entity_is_no_event() -> None:
    desk = TwinDesk()
    bomb = (
        b"<!DOCTYPE event [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
        b"<event version='2.0' uid='&b;' type='a-f-G' time='2026-07-01T00:00:00Z'><point lat='1' lon='1'/></event>"
    )

    async def act(_listener: Listener, port: int) -> None:
        parts = [encode(point("one")), b"<event <<< ></event>", bomb, b"\x00\x01junk", encode(point("two"))]
        phone = await dial(port, auth(), b"\n".join(parts))
        await until(lambda: len(desk.taken) >= 2)
        await phone.says(encode(point("ping", type="t-x-c-t")))
        await phone.hears(1)
        assert [one.uid for one in desk.taken] == ["one", "two"]

    on_a_line(desk, act)


def test_a_client_that_does_not_read_is_closed_and_nothing_piles_up_for_it() -> None:
    corners = tuple((102.0 + n / 10_000, 27.0) for n in range(1_500))
    big = {str(n): point(str(n), type="u-d-f", corners=corners) for n in range(300)}

    async def act(listener: Listener, port: int) -> None:
        phone = await dial(port, auth())
        await until(lambda: listener.counters.slow == 1 and not listener.lines)
        assert listener.counters.events_out < len(big)
        assert phone.heard == []

    on_a_line(TwinDesk(big), act)


def test_a_line_too_many_is_refused_and_one_that_leaves_makes_room() -> None:
    async def act(listener: Listener, port: int) -> None:
        phones = [await dial(port, auth(f"t-{n}")) for n in range(QUICK.lines)]
        await until(lambda: len(listener.lines) == QUICK.lines)
        late = await dial(port)
        assert await late.is_closed()
        assert listener.counters.refused == 1
        phones[0].writer.close()
        await until(lambda: len(listener.lines) == QUICK.lines - 1)
        again = await dial(port, auth(), encode(point("p", type="t-x-c-t")))
        await again.hears(1)

    on_a_line(TwinDesk(), act)


def test_a_client_that_is_revoked_loses_its_line_at_the_next_look() -> None:
    desk = TwinDesk({"a": point("a")})

    async def act(listener: Listener, port: int) -> None:
        phone = await dial(port, auth())
        await phone.hears(1)
        desk.revoked = {"tablet-1"}
        assert await phone.is_closed()

    on_a_line(desk, act)


def _certificates(folder: Path) -> dict[str, Path]:
    """An authority, a server and a client of it, as files."""
    made: dict[str, Path] = {}
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ca", "server", "client")}
    for name, key in keys.items():
        common = "localhost" if name == "server" else name
        start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=36_500))
            .add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(common)]), critical=False)
            .sign(keys["ca"], hashes.SHA256())
        )
        made[name] = folder / f"{name}.pem"
        made[name].write_bytes(built.public_bytes(serialization.Encoding.PEM))
        made[f"{name}.key"] = folder / f"{name}.key"
        made[f"{name}.key"].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return made


def test_over_tls_a_registered_certificate_is_enough_and_without_one_the_key_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = _certificates(tmp_path)
    for name, value in (("PORT", "8089"), ("BIND", "0.0.0.0"), ("CERT_FILE", files["server"]),  # noqa: S104
                        ("KEY_FILE", files["server.key"]), ("CA_FILE", files["ca"])):  # fmt: skip
        monkeypatch.setenv(f"ANLAN_COT_{name}", str(value))
    chosen = options()
    own = x509.load_pem_x509_certificate(files["client"].read_bytes())
    desk = TwinDesk({"a": point("a")})
    desk.seal = hashlib.sha256(own.public_bytes(serialization.Encoding.DER)).hexdigest()

    async def act(_listener: Listener, port: int) -> None:
        known = ssl.create_default_context(cafile=str(files["ca"]))
        known.load_cert_chain(files["client"], files["client.key"])
        phone = await dial(port, tls=known)
        assert [one.uid for one in await phone.hears(1)] == ["a"]
        nameless = ssl.create_default_context(cafile=str(files["ca"]))
        other = await dial(port, tls=nameless)
        assert await other.is_closed()
        with_key = await dial(port, auth(), tls=nameless)
        assert [one.uid for one in await with_key.hears(1)] == ["a"]

    on_a_line(desk, act, tls=chosen.tls)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"PORT": "abc"}, "ANLAN_COT_PORT"),
        ({"PORT": "8087", "BIND": "0.0.0.0"}, "ANLAN_COT_BIND"),  # noqa: S104
        ({"PORT": "8089", "CERT_FILE": "nowhere.pem"}, "ANLAN_COT_CERT_FILE"),
        ({"PORT": "8089", "CA_FILE": __file__}, "ANLAN_COT_CERT_FILE"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_names_the_variable(
    given: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"ANLAN_COT_{name}", value)
    with pytest.raises(BadSetting) as refused:
        options()
    assert refused.value.data["name"] == named


def test_the_line_is_a_process_of_the_platform_only_where_a_port_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANLAN_COT_PORT", raising=False)
    assert "tak" not in [child.name for child in Parent(tmp_path).children]
    monkeypatch.setenv("ANLAN_COT_PORT", "8087")
    assert "tak" in [child.name for child in Parent(tmp_path).children]


@pytest.mark.skipif(not VECTORS.exists(), reason="no vectors beside this checkout")
def test_what_open_tak_clients_send_passes_over_a_line_whole() -> None:
    rows = [row for row in json.loads(VECTORS.read_text()) if row.get("valid") and "text" in row]
    wanted = []
    for row in rows:
        try:
            wanted.append(decode(row["text"].encode()))
        except ValueError:
            continue
    wanted = [one for one in wanted if not one.type.startswith("t-x-c-t")]
    assert wanted
    desk = TwinDesk()

    async def act(_listener: Listener, port: int) -> None:
        phone = await dial(port, auth())
        for row in rows:
            await phone.says(row["text"].encode())
        await until(lambda: len(desk.taken) >= len(wanted))

    on_a_line(desk, act)
    assert desk.taken == wanted


# With rows -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_line_shows_the_running_incidents_of_its_place_and_takes_positions_and_marks(
    county: County,
) -> None:
    row = landslide(county)
    sent_team(county, row)
    client, _key = add_tak_client(
        "tablet-1", division=county.division, may_send=True, by=county.actor("Chen"), by_name="陈静", at=county.now
    )  # fmt: skip
    assert [one.callsign for one in takline.picture(takline.scope_of(client))] == ["上柳村滑坡"]
    said = [
        event(county),
        event(county, uid="7e1c", type="b-m-p-s-m", callsign="积水"),
        event(county, uid="who"),
    ]
    assert takline.take(client, said) == takline.TakenLine(taken=2, unknown=1)
    assert PositionFix.objects.get().tracker == "ANDROID-7"
    assert PlotMark.objects.get().label == "积水"
    assert sorted(one.callsign for one in takline.picture(takline.scope_of(client))) == [
        "上柳村滑坡",
        "柳河民兵应急排",
        "积水",
    ]
    reader, _key = add_tak_client(
        "watch-1", division=county.division, by=county.actor("Chen"), by_name="陈静", at=county.now
    )
    assert takline.take(reader, [event(county, uid="7f", type="b-m-p-s-m")]).unknown == 1
    assert PlotMark.objects.count() == 1


@pytest.mark.django_db
def test_with_two_incidents_a_new_mark_belongs_to_none_and_one_of_the_neighbour_is_not_seen(
    county: County,
) -> None:
    row = landslide(county)
    other = landslide(county)
    far, _key = add_tak_client(
        "far-1", division=county.divisions["Stone Bridge"], may_send=True, by=county.by, by_name="", at=county.now
    )  # fmt: skip
    near, _key = add_tak_client(
        "near-1", division=county.division, may_send=True, by=county.by, by_name="", at=county.now
    )
    assert takline.picture(takline.scope_of(far)) == []
    mark = event(county, uid="7e1c", type="b-m-p-s-m")
    assert takline.take(near, [mark]).unknown == 1
    Incident.objects.filter(pk=other.pk).update(state="closed")
    assert takline.take(near, [mark]).taken == 1
    Incident.objects.filter(pk=other.pk).update(state="verified")
    assert takline.take(near, [mark]).known == 1
    assert PlotMark.objects.get().incident_id == row.pk


@pytest.mark.django_db
def test_a_restricted_incident_never_leaves_over_a_line(county: County) -> None:
    row = landslide(county)
    client, _key = add_tak_client("t-1", division=county.division, by=county.by, by_name="", at=county.now)
    Incident.objects.filter(pk=row.pk).update(is_restricted=True)
    assert takline.picture(takline.scope_of(client)) == []


@pytest.mark.django_db
def test_a_drill_stays_indoors_unless_the_clients_key_belongs_to_that_run(county: County) -> None:
    real = landslide(county)
    run = ExerciseRun.objects.create(scenario="x", clock_start=county.now, wall_start=county.now)
    played = landslide(county)
    Incident.objects.filter(pk=played.pk).update(exercise_id=run.pk, title="演练滑坡")
    outside, key = add_tak_client("out", division=county.division, by=county.by, by_name="", at=county.now)
    inside, inner = add_tak_client(
        "in", division=county.division, exercise_id=run.pk, by=county.by, by_name="", at=county.now
    )
    assert [one.callsign for one in takline.picture(takline.scope_of(outside))] == [real.title]
    assert [one.callsign for one in takline.picture(takline.scope_of(inside))] == ["演练滑坡"]
    desk = RowDesk()
    assert desk.by_key("in", inner) is not None
    ExerciseRun.objects.filter(pk=run.pk).update(ended_at=county.now)
    assert desk.by_key("in", inner) is None
    _pictures, kept = desk.look({}, {outside.pk, inside.pk})
    assert kept == {outside.pk}
    revoke_tak_client(outside, by=county.by, at=county.now)
    assert desk.by_key("out", key) is None
    assert not TakClient.objects.filter(key_sha256=key).exists()


@pytest.mark.django_db
def test_a_picture_is_made_again_only_after_something_was_written(county: County) -> None:
    landslide(county)
    client, _key = add_tak_client("t-1", division=county.division, by=county.by, by_name="", at=county.now)
    desk, scope = RowDesk(), takline.scope_of(client)
    pictures, _kept = desk.look({scope: False}, {client.pk})
    assert len(pictures[scope]) == 1
    assert desk.look({scope: True}, {client.pk})[0] == {}
    landslide(county)
    assert len(desk.look({scope: True}, {client.pk})[0][scope]) == 2


def test_from_the_socket_to_the_row_and_back(transactional_db: None, county: County) -> None:
    row = landslide(county)
    sent_team(county, row)
    _client, key = add_tak_client(
        "tablet-1", division=county.division, may_send=True, by=county.by, by_name="", at=county.now
    )

    async def act(_listener: Listener, port: int) -> None:
        phone = await dial(port, auth("tablet-1", key))
        assert [one.callsign for one in await phone.hears(1)] == ["上柳村滑坡"]
        await phone.says(
            encode(event(county)), encode(event(county, uid="7e1c", type="b-m-p-s-m", callsign="积水"))
        )
        assert {one.callsign for one in await phone.hears(2)} == {"柳河民兵应急排", "积水"}

    on_a_line(RowDesk(), act)
    assert PositionFix.objects.get().source == "cot"
    assert PlotMark.objects.get().uid == "7e1c"
