"""Both ends of SMPP against code of others: our client with the server of smppy, our simulated centre with the client of smpplib."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anlan.dissemination.channels import Message
from anlan.dissemination.channels.phone import SMS
from anlan.dissemination.channels.routing import RouteSettings
from anlan.dissemination.channels.smpp import dialect_of
from anlan.dissemination.channels.texting.book import Book
from anlan.dissemination.channels.texting.opening import line_of
from anlan.dissemination.channels.texting.session import TextRoute
from simulator.smsc.serve import Gateway, opener


def _with_namespaces() -> None:
    """smpppdu declares a namespace by a module that setuptools no longer brings; the declaration does nothing for us."""
    if importlib.util.find_spec("pkg_resources") is None and "pkg_resources" not in sys.modules:
        stand_in = types.ModuleType("pkg_resources")
        stand_in.declare_namespace = lambda name: None  # type: ignore[attr-defined]  # made here
        sys.modules["pkg_resources"] = stand_in


_with_namespaces()
smppy = pytest.importorskip("smppy", reason="smppy is not installed")
if getattr(sys.modules.get("pkg_resources"), "__file__", None) is None:
    sys.modules.pop("pkg_resources", None)
smpplib_client = pytest.importorskip("smpplib.client", reason="smpplib is not installed")

TEXT = "【云岭县应急管理局】上柳村：请立即转移。"
TO = "10000000007"


class Others(smppy.Application):  # type: ignore[misc, name-defined]  # comes without types
    """An SMPP server that we did not write: it decodes with its own codec."""

    def __init__(self) -> None:
        super().__init__("others", logging.getLogger("others"))
        self.got: list[tuple[str, str]] = []
        self.clients: list[Any] = []  # Any: smppy has no types
        self.port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(5)

    async def handle_bound_client(self, client: Any) -> Any:
        self.clients.append(client)
        return client if client.password == "secret" else None

    async def handle_unbound_client(self, client: Any) -> None:
        self.clients.clear()

    async def handle_sms_received(self, client: Any, source_number: Any, dest_number: Any, text: Any) -> None:
        number = dest_number.decode() if isinstance(dest_number, bytes) else dest_number
        self.got.append((number, text))

    def reply(self, sender: str, text: str) -> None:
        going = self.clients[0].send_sms(source=sender, dest="106900001", text=text)
        asyncio.run_coroutine_threadsafe(going, self._loop).result(5)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self.create_server(loop=self._loop, host="127.0.0.1", port=0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(server.wait_closed())
        self._loop.close()


def until(true: Callable[[], Any]) -> Any:
    """A condition over a real socket."""
    end = time.monotonic() + 5
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.005)
    return found


@pytest.fixture
def others() -> Iterator[Others]:
    made = Others()
    yield made
    made.stop()


@pytest.fixture
def route(others: Others, tmp_path: Path) -> Iterator[TextRoute]:
    values = {
        "host": "127.0.0.1", "port": others.port, "user": "anlan", "secret": "secret", "source": "106900001",
        "test_after_s": 0.2,
    }  # fmt: skip
    entry = RouteSettings("sms", "others", "smpp", values)
    made = TextRoute("others", line_of(entry, SMS), dialect_of(entry), Book(tmp_path / "book.sqlite"))
    yield made
    made.close()


def test_another_server_reads_what_we_send_in_chinese_and_in_english(
    others: Others, route: TextRoute
) -> None:
    route.send(Message("key-1", TO, TEXT))
    route.send(Message("key-2", TO, "Move to high ground now."))
    assert until(lambda: len(others.got) == 2)
    assert others.got == [(TO, TEXT), (TO, "Move to high ground now.")]


def test_another_server_reads_the_parts_of_a_long_text(others: Others, route: TextRoute) -> None:
    text = TEXT + "柳河上游一小时降雨五十二毫米，水位上涨很快。" * 6
    route.send(Message("key-1", TO, text))
    assert until(lambda: "".join(part for _, part in others.got) == text)


def test_we_read_what_another_server_delivers_short_and_in_parts(others: Others, route: TextRoute) -> None:
    route.send(Message("key-1", TO, TEXT))
    others.reply(TO, "1")
    long_text = "已转移三十五人，还有两户不愿意走，正在劝说。" * 6
    others.reply(TO, long_text)
    found = until(lambda: route.collect() if len(route.collect()) == 2 else None)
    assert [event.text for event in found] == ["1", long_text]
    route.stored([event.event_id for event in found])
    assert route.state().state == "up"


def test_an_idle_link_to_another_server_is_kept_by_tests(others: Others, route: TextRoute) -> None:
    route.collect()
    assert until(lambda: route.state().state == "up")
    began = time.monotonic()
    assert until(lambda: time.monotonic() - began > 1.0)
    assert (route.state().state, len(others.clients)) == ("up", 1)


# --- our simulated centre with a client that we did not write ------------------------------------------------------------


@pytest.fixture
def centre() -> Iterator[Gateway]:
    made = Gateway(opener("smpp", user="anlan", secret="secret", version=""))
    made.start()
    yield made
    made.stop()


def test_a_client_of_others_binds_submits_and_gets_its_receipt_from_our_centre(centre: Gateway) -> None:
    client = smpplib_client.Client("127.0.0.1", centre.port, timeout=5, allow_unknown_opt_params=True)
    sent, received = [], []
    client.set_message_sent_handler(lambda pdu: sent.append(pdu.message_id))

    def take(pdu: Any) -> int:
        received.append(pdu.short_message)
        return 0

    client.set_message_received_handler(take)
    client.connect()
    client.bind_transceiver(system_id="anlan", password="secret")
    client.send_message(
        source_addr_ton=0, source_addr_npi=1, source_addr="106900001", dest_addr_ton=1, dest_addr_npi=1,
        destination_addr=TO, short_message=TEXT.encode("utf-16-be"), data_coding=8, esm_class=0,
        registered_delivery=True,
    )  # fmt: skip
    while not (sent and received):
        client.read_once()
    assert until(lambda: centre.centre.confirmed)
    assert [(one.to, one.text) for one in centre.centre.taken] == [(TO, TEXT)]
    assert b"stat:DELIVRD" in received[0]
    assert int(sent[0]) == int(centre.centre.taken[0].message_id)
    client.unbind()
    client.disconnect()
    assert centre.centre.faults == []


def test_our_centre_refuses_a_client_of_others_with_a_wrong_password(centre: Gateway) -> None:
    client = smpplib_client.Client("127.0.0.1", centre.port, timeout=5)
    client.connect()
    with pytest.raises(Exception, match="Bind Failed"):
        client.bind_transceiver(system_id="anlan", password="wrong")
    client.disconnect()
