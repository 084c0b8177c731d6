"""Settings of connectors and receivers by kind, as typed JSON. Unknown fields are refused; secrets appear by name only."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from anlan.drivers.jsonmap.mapping import SECRET_NAME

Seconds = Annotated[float, Meta(ge=0.05, le=86_400)]
Port = Annotated[int, Meta(ge=1, le=65_535)]
#: Names of secrets in the environment; "" for none. See `drivers.jsonmap.mapping.SECRET_NAME`.
SecretName = Annotated[str, Meta(pattern=r"^(ANLAN_CONNECT_[A-Z0-9_]{1,60})?$")]
CONNECTOR_KINDS = ("http_push", "mqtt", "http_pull", "file_drop", "sql_pull")
RECEIVER_KINDS = ("tcp_raw", "http_json", "mqtt_json", "sensorthings_mqtt")


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class HttpPush(_Strict, frozen=True):
    """`appid` set: the sender shows it and a secret (the connector's) in two headers instead of a token."""

    appid: str = ""
    appid_header: str = "appid"
    secret_header: str = "appsecret"  # noqa: S105 - the name of a header
    in_exercise: bool = False


class Mqtt(_Strict, frozen=True):
    """The three files are named by environment variables that hold their paths. `share` joins a shared subscription.

    The broker keeps messages for `session_expiry_s` while this side is away. `inflight` messages may wait for the disk.
    """

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    topics: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(min_length=1, max_length=50)
    ]
    port: Port = 8883
    tls: bool = True
    username: str = ""
    ca_file_env: SecretName = ""
    cert_file_env: SecretName = ""
    key_file_env: SecretName = ""
    share: str = ""
    client_id: str = ""
    session_expiry_s: Annotated[int, Meta(ge=60, le=4_000_000)] = 7 * 86_400
    keepalive_s: Annotated[int, Meta(ge=5, le=3600)] = 60
    inflight: Annotated[int, Meta(ge=1, le=2000)] = 200
    in_exercise: bool = False


class Cursor(_Strict, frozen=True, rename={"source": "from"}):
    """What the next round asks for. `from` is where the answer names it; empty: the newest time read, less `overlap_s`."""

    param: str
    source: str = ""
    start: str = ""
    format: str = "iso"
    overlap_s: Annotated[int, Meta(ge=0, le=30 * 86_400)] = 3600


class Paging(_Strict, frozen=True):
    """`page` counts pages in a parameter until one has no rows; `next` follows the link that stands at `next_from`."""

    kind: Literal["none", "page", "next"] = "none"
    page_param: str = "page"
    first: int = 1
    size_param: str = ""
    size: Annotated[int, Meta(ge=1, le=10_000)] = 500
    next_from: str = "next"
    max_pages: Annotated[int, Meta(ge=1, le=1000)] = 50


class HttpPull(_Strict, frozen=True):
    """Asks every `every_s` seconds. `secret_header` carries the connector's secret. Redirects are not followed."""

    url: Annotated[str, Meta(pattern=r"^https?://[^\s]+$", max_length=500)]
    every_s: Seconds = 300
    query: dict[str, str] = {}
    secret_header: str = ""
    cursor: Cursor | None = None
    paging: Paging = Paging()
    #: Hosts that links in the answers may lead to, besides the one of `url`.
    hosts: list[str] = []
    timeout_s: Seconds = 20
    max_bytes: Annotated[int, Meta(ge=1024, le=64 << 20)] = 8 << 20
    in_exercise: bool = False


class FileDrop(_Strict, frozen=True):
    """Files (*.csv, *.xlsx, *.json) laid into `folder`; empty: drop/NAME in the data folder. A file must rest before it is read."""

    folder: str = ""
    every_s: Seconds = 10
    rests_s: Seconds = 2
    in_exercise: bool = False


class SqlTable(_Strict, frozen=True):
    """One table with the column of its time and of its station, in the order of its key. `rows` is the key in the document."""

    table: Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_.]{0,80}$")]
    columns: Annotated[
        list[Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,60}$")]], Meta(min_length=1)
    ]
    time_column: Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,60}$")] = "TM"
    station_column: Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,60}$")] = "STCD"


#: The usual tables of SL 323 with the columns commonly published; not checked against the printed standard.
SL323_TABLES = [
    SqlTable("ST_PPTN_R", ["STCD", "TM", "DRP", "INTV", "DYP", "WTH"]),
    SqlTable("ST_RIVER_R", ["STCD", "TM", "Z", "Q", "XSAVV"]),
    SqlTable("ST_RSVR_R", ["STCD", "TM", "RZ", "W", "INQ", "OTQ", "BLRZ"]),
]


class SqlPull(_Strict, frozen=True):
    """A read-only look into another database. `pause_s` lies between two queries, `row_limit` bounds each, so that the other side
    stays at ease. Rows up to `late_s` behind the newest are read again each round; duplicates are harmless.
    """

    driver: Literal["sqlite", "postgresql", "mysql", "oracle", "odbc"]
    database: str
    host: str = ""
    port: int = 0
    user: str = ""
    tables: list[SqlTable] = msgspec.field(default_factory=lambda: list(SL323_TABLES))
    #: The table of stations, offered for registration; "" for none.
    station_table: Annotated[str, Meta(pattern=r"^([A-Za-z_][A-Za-z0-9_.]{0,80})?$")] = "ST_STBPRP_B"
    every_s: Seconds = 300
    pause_s: Seconds = 1
    statement_s: Seconds = 20
    row_limit: Annotated[int, Meta(ge=1, le=50_000)] = 2000
    #: Queries a table in one round.
    max_queries: Annotated[int, Meta(ge=1, le=1000)] = 20
    late_s: Annotated[int, Meta(ge=0, le=30 * 86_400)] = 3600
    #: Where to begin when nothing was read yet: this long ago.
    first_s: Annotated[int, Meta(ge=0, le=400 * 86_400)] = 7 * 86_400
    zone: Literal["Asia/Shanghai", "UTC"] = "Asia/Shanghai"
    in_exercise: bool = False


ConnectorSettings: TypeAlias = HttpPush | Mqtt | HttpPull | FileDrop | SqlPull
_BY_KIND: dict[str, type[ConnectorSettings]] = {
    "http_push": HttpPush,
    "mqtt": Mqtt,
    "http_pull": HttpPull,
    "file_drop": FileDrop,
    "sql_pull": SqlPull,
}


class TcpRaw(_Strict, frozen=True):
    """The bytes as they came. `protocol` names the driver whose answer confirms a frame; "" waits `wait_s` for anything to come back
    and, with `needs_answer` off, takes the silence of that time on an open line as received.
    """

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Port
    protocol: str = ""
    wait_s: Seconds = 10
    needs_answer: bool = True


class HttpJson(_Strict, frozen=True):
    """Batches of readings as POST /v1/readings takes them; any 2xx answer confirms. `secret_header` carries the receiver's secret."""

    url: Annotated[str, Meta(pattern=r"^https?://[^\s]+$", max_length=500)]
    secret_header: str = "Authorization"  # noqa: S105 - the name of a header
    secret_prefix: str = "Bearer "  # noqa: S105
    timeout_s: Seconds = 20
    rows: Annotated[int, Meta(ge=1, le=5000)] = 500


class MqttJson(_Strict, frozen=True):
    """Batches of readings to one topic with QoS 1; the broker's PUBACK confirms."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    topic: Annotated[str, Meta(pattern=r"^[^+#]{1,200}$")]
    port: Port = 8883
    tls: bool = True
    username: str = ""
    ca_file_env: SecretName = ""
    cert_file_env: SecretName = ""
    key_file_env: SecretName = ""
    wait_s: Seconds = 20
    rows: Annotated[int, Meta(ge=1, le=5000)] = 500


class SensorThingsMqtt(_Strict, frozen=True):
    """Each reading by itself as an Observation, with QoS 1, to `PREFIXv1.1/Observations` and `PREFIXv1.1/Datastreams('ID')/Observations`.

    `prefix` stands before both topics as it is ("county/"). `base` is the address of our SensorThings service for the links
    inside, with a slash at its end; "" leaves them relative to it.
    """

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    prefix: Annotated[str, Meta(pattern=r"^[^+#$]{0,100}$")] = ""
    base: Annotated[str, Meta(pattern=r"^(https?://[^\s]+/)?$", max_length=300)] = ""
    port: Port = 8883
    tls: bool = True
    username: str = ""
    ca_file_env: SecretName = ""
    cert_file_env: SecretName = ""
    key_file_env: SecretName = ""
    wait_s: Seconds = 20
    rows: Annotated[int, Meta(ge=1, le=5000)] = 200


ReceiverSettings: TypeAlias = TcpRaw | HttpJson | MqttJson | SensorThingsMqtt
_RECEIVERS: dict[str, type[ReceiverSettings]] = {
    "tcp_raw": TcpRaw,
    "http_json": HttpJson,
    "mqtt_json": MqttJson,
    "sensorthings_mqtt": SensorThingsMqtt,
}


class Wanted(_Strict, frozen=True):
    """Which stations a receiver gets; an empty list is no limit. Kinds, owners and codes all have to fit."""

    kinds: list[str] = []
    owners: list[str] = []
    stations: list[str] = []

    def fits(self, code: str, kind: str, owner: str) -> bool:
        asked = ((self.kinds, kind), (self.owners, owner), (self.stations, code))
        return all(not allowed or value in allowed for allowed, value in asked)


def connector_settings(kind: str, data: object) -> ConnectorSettings:
    """Raises ValueError with a sentence."""
    return msgspec.convert(data, _BY_KIND[kind])


def receiver_settings(kind: str, data: object) -> ReceiverSettings:
    """Raises ValueError with a sentence."""
    return msgspec.convert(data, _RECEIVERS[kind])


def is_secret_name(name: str) -> bool:
    """Only these names of the environment are within a connector's reach."""
    return SECRET_NAME.fullmatch(name) is not None


#: Names that can stand in an address and a file name.
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
