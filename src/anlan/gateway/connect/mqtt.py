"""A line to a broker: MQTT 5, QoS 1, and the PUBACK only after the commit.

paho-mqtt is used directly, because acknowledging by hand is what matters and aiomqtt does not offer it. The network part runs in
a thread of its own; messages are handed to the event loop, and the acknowledgement goes back when the writer has stored them.
The broker keeps the session while this side is away (session expiry) and while its own process is down (its persistence). A
message that could not be stored is not acknowledged: the line is dropped, and the broker sends it again on the next one.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

from anlan.gateway.connect.secrets import path_of, read_secret
from anlan.gateway.connect.taking import Taker
from anlan.sensing.connect.settings import Mqtt, MqttJson, SensorThingsMqtt

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

_log = logging.getLogger(__name__)
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.5, 60.0
_CONNECT_S = 10
#: The largest message that the broker may send, bytes.
_LARGEST = 4 << 20


class MqttLine:
    """One connector's line. `start` and `stop` belong to the event loop."""

    def __init__(self, taker: Taker, settings: Mqtt, node: str) -> None:
        self._taker, self._settings = taker, settings
        self._client_id = settings.client_id or f"anlan-{node}-{taker.entry.name}"
        self._stopping = threading.Event()
        self._client: Client | None = None
        #: Counts the connections: an acknowledgement belongs to the connection that brought the message.
        self._generation = 0
        self._is_connected = False
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name=f"mqtt {taker.entry.name}", daemon=True)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._taker.state.down(self._taker.now(), "connecting")
        self._thread.start()

    async def stop(self) -> None:
        self._stopping.set()
        if self._client is not None:
            self._client.disconnect()
        await asyncio.to_thread(self._thread.join, 15)

    # -- in the line's own thread

    def _run(self) -> None:
        delay_s = _FIRST_DELAY_S
        while not self._stopping.is_set():
            self._is_connected, self._problem = False, ""
            try:
                self._client = client = self._new_client()
                client.connect(
                    self._settings.host,
                    self._settings.port,
                    self._settings.keepalive_s,
                    clean_start=False,
                    properties=self._connect_properties(),
                )
                client.loop_forever()
                problem = self._problem or "the broker closed the line"
            except (OSError, ValueError) as error:  # NoSecret and bad certificates are among them
                problem = str(error) or type(error).__name__
            self._tell(lambda words=problem: self._taker.state.down(self._taker.now(), words))
            delay_s = _FIRST_DELAY_S if self._is_connected else min(delay_s * 2, _LONGEST_DELAY_S)
            self._stopping.wait(delay_s)

    def _new_client(self) -> Client:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

        self._generation += 1
        generation = self._generation
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.connect_timeout = _CONNECT_S
        settings = self._settings
        dress(client, settings, self._taker.entry.secret_name)
        client.on_connect = lambda *args: self._on_connect(client, *args)
        client.on_subscribe = self._on_subscribe
        client.on_message = lambda _client, _data, message: self._on_message(client, generation, message)
        return client

    def _connect_properties(self) -> Any:  # Any: paho's Properties take attributes by name
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        found: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        found.SessionExpiryInterval = self._settings.session_expiry_s
        found.ReceiveMaximum = self._settings.inflight
        found.MaximumPacketSize = _LARGEST
        return found

    def _on_connect(
        self, client: Client, *args: Any
    ) -> None:  # Any: (client, data, flags, reason, properties) of paho
        reason = args[3]
        if reason.is_failure:
            self._problem = f"the broker refuses: {reason}"
            client.disconnect()
            return
        self._is_connected = True
        share = f"$share/{self._settings.share}/" if self._settings.share else ""
        client.subscribe([(share + topic, 1) for topic in self._settings.topics])

    def _on_subscribe(
        self, client: Client, _data: Any, _mid: int, reasons: Any, _properties: Any
    ) -> None:  # Any: paho's
        failures = [str(reason) for reason in reasons if reason.is_failure]
        if failures:
            self._problem = f"the broker refuses the topic: {failures[0]}"
            client.disconnect()
            return
        self._tell(lambda: self._taker.state.up(self._taker.now()))

    def _on_message(self, client: Client, generation: int, message: MQTTMessage) -> None:
        self._tell(lambda: self._take_soon(client, generation, message))

    def _tell(self, what: Any) -> None:  # Any: a callable without arguments
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:
            _log.info("connect.mqtt_after_close")

    # -- in the event loop

    def _take_soon(self, client: Client, generation: int, message: MQTTMessage) -> None:
        task = self._loop.create_task(self._take(client, generation, message))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)

    async def _take(self, client: Client, generation: int, message: MQTTMessage) -> None:
        taken = await self._taker.take(bytes(message.payload), topic=message.topic)
        if generation != self._generation:
            return  # the line was lost meanwhile; the broker sends it again, and it will be a duplicate
        if taken.stored:
            client.ack(message.mid, message.qos)
        else:
            self._problem = "not stored; the broker keeps the messages"
            client.disconnect()


_tasks: set[asyncio.Task[None]] = set()


def dress(client: Client, settings: Mqtt | MqttJson | SensorThingsMqtt, secret_name: str) -> None:
    """Name, password and certificates. Raises NoSecret and OSError."""
    if settings.username:
        client.username_pw_set(settings.username, read_secret(secret_name))
    if settings.tls:
        client.tls_set(
            ca_certs=path_of(settings.ca_file_env),
            certfile=path_of(settings.cert_file_env),
            keyfile=path_of(settings.key_file_env),
        )
