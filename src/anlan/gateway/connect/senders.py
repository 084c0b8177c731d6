"""The other end of a receiver: how bytes get there, and what counts as acknowledged."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from anlan.gateway.connect.pulling import PullFailed
from anlan.gateway.connect.secrets import read_secret
from anlan.sensing.connect.settings import HttpJson, MqttJson, SensorThingsMqtt, TcpRaw

if TYPE_CHECKING:
    import httpx
    from paho.mqtt.client import Client, MQTTMessageInfo


_TOPIC_ENDS = b"\0"


class TcpSender:
    """Frames over one TCP line, one after another: the next leaves when the answer to the last is there.

    With a protocol named, the answer has to be the acknowledgement that our own driver would give to that frame, but for its
    time: equal length and equal first bytes. Without one, anything that comes back counts, or the silence of `wait_s`.
    """

    def __init__(self, settings: TcpRaw) -> None:
        self._settings = settings
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, items: list[bytes]) -> None:
        for item in items:
            await self._send_one(item)

    async def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line[1].close()
            with suppress(OSError):
                await line[1].wait_closed()

    async def _send_one(self, item: bytes) -> None:
        settings = self._settings
        if self._line is None:
            async with asyncio.timeout(settings.wait_s):
                self._line = await asyncio.open_connection(settings.host, settings.port)
        reader, writer = self._line
        writer.write(item)
        await writer.drain()
        wanted = _expected(settings.protocol, item) if settings.protocol else b""
        try:
            async with asyncio.timeout(settings.wait_s):
                if wanted:
                    answer = await reader.readexactly(len(wanted))
                else:
                    answer = await reader.read(4096)
        except TimeoutError:
            if settings.needs_answer:
                raise PullFailed(f"No answer within {settings.wait_s:g} s.") from None
            return
        except asyncio.IncompleteReadError:
            answer = b""
        if not answer:
            raise PullFailed("The other side closed the line without an answer.")
        if wanted and answer[:8] != wanted[:8]:
            raise PullFailed("The answer is not the acknowledgement of the frame.")


def _expected(protocol: str, item: bytes) -> bytes:
    """The acknowledgement that our own driver gives to this frame; empty where it gives none."""
    from datetime import UTC, datetime

    from anlan.drivers.registry import DRIVERS
    from anlan.drivers.types import FrameAccepted, no_settings

    session = DRIVERS.get(protocol).new_session(no_settings)
    for outcome in session.feed(item, datetime.now(UTC)):
        if isinstance(outcome, FrameAccepted):
            return outcome.ack or b""
    return b""


class HttpSender:
    """Batches by POST; any 2xx confirms, anything else is tried again."""

    def __init__(self, settings: HttpJson, secret_name: str) -> None:
        self._settings, self._secret_name = settings, secret_name
        self._client: httpx.AsyncClient | None = None

    async def send(self, items: list[bytes]) -> None:
        import httpx

        settings = self._settings
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=settings.timeout_s, follow_redirects=False, trust_env=False
            )
        headers = {"Content-Type": "application/json"}
        if self._secret_name:
            headers[settings.secret_header] = settings.secret_prefix + read_secret(self._secret_name)
        for item in items:
            try:
                answer = await self._client.post(settings.url, content=item, headers=headers)
            except httpx.HTTPError as error:
                raise PullFailed(f"The receiver does not answer: {type(error).__name__}.") from None
            if not answer.is_success:
                raise PullFailed(f"The receiver answered {answer.status_code}.")

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


class _MqttLine:
    """A line to a broker that is opened when something is to be sent; the broker's PUBACK confirms."""

    def __init__(self, settings: MqttJson | SensorThingsMqtt, secret_name: str, client_id: str) -> None:
        self._settings, self._secret_name, self._client_id = settings, secret_name, client_id
        self._client: Client | None = None

    async def send(self, items: list[bytes]) -> None:
        await asyncio.to_thread(self._send, items)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(self._end, client)

    def _end(self, client: Client) -> None:
        client.disconnect()
        client.loop_stop()

    def _send(self, items: list[bytes]) -> None:
        raise NotImplementedError

    def _await(self, info: MQTTMessageInfo) -> None:
        try:
            info.wait_for_publish(self._settings.wait_s)
        except (RuntimeError, ValueError) as error:
            raise PullFailed(f"The broker is not connected: {error}") from None
        if not info.is_published():
            raise PullFailed(f"The broker did not confirm within {self._settings.wait_s:g} s.")

    def _open(self) -> Client:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

        from anlan.gateway.connect.mqtt import dress

        client = Client(
            CallbackAPIVersion.VERSION2, client_id=self._client_id, protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )  # fmt: skip
        dress(client, self._settings, self._secret_name)
        ready = threading.Event()
        reasons: list[Any] = []  # Any: paho's reason codes

        def on_connect(*args: Any) -> None:  # Any: (client, data, flags, reason, properties) of paho
            reasons.append(args[3])
            ready.set()

        client.on_connect = on_connect
        client.connect(self._settings.host, self._settings.port)
        client.loop_start()
        if not ready.wait(self._settings.wait_s) or reasons[0].is_failure:
            self._end(client)
            raise PullFailed(
                f"The broker refuses: {reasons[0]}" if reasons else "The broker does not answer."
            )
        self._client = client
        return client


class MqttSender(_MqttLine):
    """Batches to one topic, one after another."""

    def __init__(self, settings: MqttJson, secret_name: str, client_id: str) -> None:
        super().__init__(settings, secret_name, client_id)
        self._topic = settings.topic

    def _send(self, items: list[bytes]) -> None:
        client = self._client or self._open()
        for item in items:
            self._await(client.publish(self._topic, item, qos=1))


class TopicSender(_MqttLine):
    """Many small messages, each with its own topic before it (see `addressed`); all leave, then all confirmations are awaited."""

    def _send(self, items: list[bytes]) -> None:
        client = self._client or self._open()
        sent = []
        for item in items:
            topic, _, body = item.partition(_TOPIC_ENDS)
            sent.append(client.publish(topic.decode(), body, qos=1))
        for info in sent:
            self._await(info)


def addressed(topic: str, body: str) -> bytes:
    """An item for `TopicSender`. No topic holds the byte that ends it."""
    return topic.encode() + _TOPIC_ENDS + body.encode()
