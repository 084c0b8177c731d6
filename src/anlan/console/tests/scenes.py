"""What the tests of the desk's pages share: stations with readings, a call-out, workbooks, in the tiny county."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from anlan.dissemination import services as dissemination
from anlan.dissemination.models import Callout
from anlan.sensing import services as sensing
from anlan.sensing.hot.opening import open_store
from anlan.sensing.hot.reading import open_reader
from anlan.sensing.hot.rows import Rows
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import RawAttachment, RawFrame
from anlan.sensing.models import Crossing, Station
from anlan.testing import County
from anlan.vocab.kinds import StationKind
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of

RAIN, RIVER, FAR = "00999A0001", "0099020001", "00999A0009"
Reading = tuple[datetime, str, QualityFlag]


def build_stations(county: County) -> dict[str, Station]:
    """A rain and a river station in Upper Willow, which both speak for it, and a rain station of the neighbour's."""
    upper, north = county.divisions["Upper Willow"], county.divisions["North Slope"]
    by, at = county.by, county.now
    rain, river = StationKind.RAIN, StationKind.RIVER
    built = [
        sensing.register_station(
            code=RAIN, name="上柳雨量站", kind=rain, division=upper, lon=102.92, lat=27.41, by=by, at=at
        ),
        sensing.register_station(
            code=RIVER, name="柳河水位站", kind=river, division=upper, lon=102.93, lat=27.42, by=by, at=at,
            warning_stage=Decimal(10), guaranteed_stage=Decimal(11), historic_max_stage=Decimal(12),
        ),
        sensing.register_station(
            code=FAR, name="北坡雨量站", kind=rain, division=north, lon=102.96, lat=27.46, by=by, at=at
        ),
    ]  # fmt: skip
    for station in built:
        sensing.link_station(station, station.division, by=by, at=at)
    return {station.code: station for station in built}


def store(
    root: Path, code: str, quantity: str, readings: Sequence[Reading], *, raws: Sequence[bytes] = ()
) -> None:
    """Put readings and frames where the gateway would."""
    hot, streams, latest = open_store(root / "hot", "")
    streams.register([StreamKey(code, quantity)])
    number = streams.number_by_key[StreamKey(code, quantity)]
    latest.resize(number + 1)
    for time, value, flag in readings:
        t = int(time.timestamp())
        columns = (t, number, quantity_of(quantity).to_stored(Decimal(value)), int(flag), t * 1000)
        rows = Rows(*(np.array([column], np.int64) for column in columns))
        hot.file_in_transaction(t // 86_400).insert(rows)
        latest.note(rows)
    if raws:
        t = int(readings[-1][0].timestamp())
        frames = [RawFrame(t * 1000, "10.0.0.9:4021", code, data) for data in raws]
        hot.file_in_transaction(t // 86_400).add_raw(frames)
    hot.commit()
    latest.flush()
    for part in (hot, streams, latest):
        part.close()


def readings(values: Iterable[str], *, until: datetime) -> list[Reading]:
    """Five minutes apart, the last one at `until`."""
    listed = list(values)
    first = until - timedelta(minutes=5 * (len(listed) - 1))
    return [(first + timedelta(minutes=5 * n), value, QualityFlag.GOOD) for n, value in enumerate(listed)]


def cross(county: County, station: Station) -> Crossing:
    """The fact that the station's rain reached orange."""
    from anlan.kernel.ids import uuid7

    return Crossing(
        id=uuid7(),
        station=station,
        quantity="rain_5min",
        binding=f"R12:{station.code}",
        rule_id="R12",
        rule_version="1",
        direction="up",
        level=2,
        window_min=60,
        value=Decimal("61.500"),
        threshold=Decimal("60.000"),
        phenomenon_time=county.now,
        received_at=county.now,
        recorded_at=county.now,
        explanation_zh="1小时雨量61.5毫米，达到橙色阈值60毫米。",
        explanation_en="1-hour rain of 61.5 mm has reached the orange threshold of 60 mm.",
    ).record(by=county.by, at=county.now)


def callout(county: County, *villages: str) -> Callout:
    """An orange call-out of the county."""
    return dissemination.open_callout(
        subject="warning:test",
        title="山洪橙色叫应",
        text="上柳村附近1小时雨量已达61.5毫米，请立即通知危险区群众准备转移。",
        voice_text="",
        issuer="云岭县应急指挥部",
        level=2,
        hazard_type="flash_flood",
        division=county.division,
        villages=[county.divisions[name] for name in villages],
        ladder_name="anlan_default",
        by=county.by,
        at=county.now,
    )


def workbook(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> SimpleUploadedFile:
    """An .xlsx as a browser would send it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(headers))
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("contacts.xlsx", file.getvalue())


def keep_picture(root: Path, code: str, data: bytes, *, at: datetime, media_type: str = "image/jpeg") -> str:
    """Put a picture where the gateway would; returns its id."""
    hot, *others = open_store(root / "hot", "")
    moment = int(at.timestamp())
    attachment = RawAttachment(moment * 1000, moment, code, media_type, data)
    hot.file_in_transaction(moment // 86_400).add_attachments([attachment])
    hot.commit()
    for part in (hot, *others):
        part.close()
    return open_reader(root).attachments(code)[0].id
