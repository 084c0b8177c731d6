"""A fictional county for the reader: four townships, two villages of one name."""

from __future__ import annotations

from datetime import UTC, datetime

from anlan.warning.incoming.gazetteer import Gazetteer, Place

COUNTY = "530990000000"
TOWNSHIPS = (
    ("花石坡乡", ("上柳村", "下柳村", "东风村")),
    ("柳河镇", ("青石村", "东风村", "柳林村")),
    ("石桥镇", ("北坡村", "南坡村")),
    ("云台街道", ("云台社区", "河口社区")),
)
#: 08:20 in Beijing.
RECEIVED = datetime(2026, 7, 1, 0, 20, tzinfo=UTC)


def gazetteer() -> Gazetteer:
    below = []
    for number, (name, villages) in enumerate(TOWNSHIPS, start=101):
        code = f"530990{number}000"
        below.append(Place(code, name, "township", (COUNTY,)))
        below += [
            Place(f"530990{number}{200 + n}", village, "village", (COUNTY, code))
            for n, village in enumerate(villages, start=1)
        ]
    return Gazetteer(Place(COUNTY, "云岭县", "county"), below)


def names(codes: tuple[str, ...]) -> list[str]:
    places = gazetteer()
    return ["全县" if code == COUNTY else places.by_code[code].name for code in codes]
