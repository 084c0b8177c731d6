"""Messages from a broker that goes down, and a store that cannot store."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from anlan.gateway.connect import mqtt
from anlan.gateway.connect.tests.conftest import (
    NOW,
    Broker,
    House,
    Tell,
    broker_in,
    connector,
    county,
    free_port,
    pond,
    publish,
)


def line(port: int, **more: object) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": port, "tls": False, "topics": ["pond/+/up"], **more}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "_FIRST_DELAY_S", 0.05)
    monkeypatch.setattr(mqtt, "_LONGEST_DELAY_S", 0.2)


def test_a_message_is_stored_and_the_line_says_since_when_it_stands(tell: Tell, broker: Broker) -> None:
    async def story(house: House) -> None:
        await house.until(lambda: house.state().is_up)
        await asyncio.to_thread(
            publish, broker.port, "pond/1/up", pond(512), b"no json", pond(513, NOW + timedelta(minutes=1))
        )
        await house.until(lambda: len(house.stored()) == 2)
        assert house.state().since
        assert dict(house.state().refused) == {"document.malformed": 1}

    tell(county(connector("mqtt", line(broker.port))), story)


def test_nothing_is_lost_while_the_broker_is_down_and_while_the_gateway_is(
    tell: Tell, broker: Broker
) -> None:
    described = county(connector("mqtt", line(broker.port)))

    async def first(house: House) -> None:
        await house.until(lambda: house.state().is_up)
        await asyncio.to_thread(publish, broker.port, "pond/1/up", pond(1))
        await house.until(lambda: house.stored() == ["1.000"])
        broker.kill()
        await house.until(lambda: not house.state().is_up)
        assert house.state().problem
        broker.start()
        await house.until(lambda: house.state().is_up)
        await asyncio.to_thread(publish, broker.port, "pond/1/up", pond(2, NOW + timedelta(minutes=1)))
        await house.until(lambda: len(house.stored()) == 2)

    async def second(house: House) -> None:
        await house.until(lambda: len(house.stored()) == 4)
        assert house.stored() == ["1.000", "2.000", "3.000", "4.000"]

    tell(described, first)
    publish(broker.port, "pond/1/up", *(pond(3 + n, NOW + timedelta(minutes=2 + n)) for n in range(2)))
    tell(described, second)


def test_a_message_that_could_not_be_stored_is_not_acknowledged_and_comes_again(
    tell: Tell, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(house: House) -> None:
        await house.until(lambda: house.state().is_up)
        mend = house.fill_the_disk(monkeypatch)
        await asyncio.to_thread(publish, broker.port, "pond/1/up", pond(7))
        await house.until(lambda: house.state().not_stored > 0)
        assert house.stored() == []
        mend()
        await house.until(lambda: house.stored() == ["7.000"])

    tell(county(connector("mqtt", line(broker.port))), story)


def test_a_broker_that_is_not_there_is_told_and_costs_nobody_anything(tell: Tell) -> None:
    push = connector("http_push", {}, name="other")

    async def story(house: House) -> None:
        await house.until(lambda: bool(house.state().problem) and house.state().problem != "connecting")
        assert (await house.push(pond(5), name="other"))[0] == 200

    tell(county(connector("mqtt", line(free_port())), push), story)


def _certificates(folder: Path) -> None:
    """An authority, a server and a client, made for this test alone."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")

    def run(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run(
        "req",
        "-x509",
        *curve,
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-days",
        "2",
        "-subj",
        "/CN=test authority",
    )
    for name in ("server", "client"):
        (folder / f"{name}.ext").write_text("subjectAltName=IP:127.0.0.1\n")
        run("req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        run(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", f"{name}.pem", "-days", "2", "-extfile", f"{name}.ext",
        )  # fmt: skip


def test_a_broker_that_asks_for_a_certificate_gets_the_one_that_the_environment_names(
    tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "certificates"
    folder.mkdir()
    _certificates(folder)
    lines = f"cafile {folder}/ca.pem\ncertfile {folder}/server.pem\nkeyfile {folder}/server.key\nrequire_certificate true\n"
    names = {"ca_file_env": "CA", "cert_file_env": "CERT", "key_file_env": "KEY"}
    settings = {key: f"ANLAN_CONNECT_{name}" for key, name in names.items()}
    for name, file in (("CA", "ca.pem"), ("CERT", "client.pem")):
        monkeypatch.setenv(f"ANLAN_CONNECT_{name}", str(folder / file))

    async def without_a_key(house: House) -> None:
        await house.until(lambda: "ANLAN_CONNECT_KEY" in house.state().problem)

    async def with_all(house: House) -> None:
        await house.until(lambda: house.state().is_up)

    with broker_in(tmp_path, lines) as guarded:
        described = county(connector("mqtt", line(guarded.port, **{**settings, "tls": True})))
        tell(described, without_a_key)
        monkeypatch.setenv("ANLAN_CONNECT_KEY", str(folder / "client.key"))
        tell(described, with_all)


def test_two_gateways_of_a_shared_subscription_take_each_message_once(tell: Tell, broker: Broker) -> None:
    two = [
        connector("mqtt", line(broker.port, share="county", client_id=f"c{n}"), name=f"c{n}")
        for n in range(2)
    ]

    async def story(house: House) -> None:
        await house.until(lambda: all(house.state(f"c{n}").is_up for n in range(2)))
        documents = [pond(n, NOW + timedelta(seconds=n)) for n in range(6)]
        await asyncio.to_thread(publish, broker.port, "pond/1/up", *documents)
        await house.until(lambda: len(house.stored()) == 6)
        assert [house.state(f"c{n}").duplicates for n in range(2)] == [0, 0]
        await house.until(lambda: house.counters.accepted == 6)

    tell(county(*two), story)
