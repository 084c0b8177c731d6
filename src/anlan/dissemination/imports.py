"""The workbook of outlets: loudspeakers, displays, sirens, groups, partners and hand tools."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anlan.directory.models import Person
from anlan.dissemination import refusals
from anlan.dissemination.channels import manifests
from anlan.dissemination.models import Outlet
from anlan.dissemination.services.outlets import (
    OutletDetails,
    change_outlet,
    check_outlet,
    define_outlet,
    outlet_channels,
)
from anlan.documents import cells
from anlan.documents.imports import ImportKind, ImportReport, refuse_repeats, register
from anlan.documents.problems import Problem
from anlan.documents.workbook import Column, SheetRow
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places import coordinates
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.vocab.posts import Right

_degrees = cells.decimal(places=8, low="-180", high="180")


def _channel_names() -> dict[str, str]:
    return {manifests()[code].zh: code for code in outlet_channels()}


def apply_outlets(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Register or change the outlets of these rows by channel and address; a row that is wrong is reported and left out."""
    rows, problems = refuse_repeats(rows, lambda row: f"{row.text('渠道')} {row.text('地址')}", "地址")
    report = ImportReport(problems=problems)
    places: dict[str, Division] = {place.code: place for place in visible(by, Right.EDIT_DIRECTORY)}
    known = {(one.channel, one.address): one for one in Outlet.objects.select_related("division", "keeper")}
    for row in rows:
        details = _details(row, places, report)
        if details is not None:
            _apply(row, details, known.get((details.channel, details.address)), report, by, at, dry_run)
    return report


def _details(row: SheetRow, places: dict[str, Division], report: ImportReport) -> OutletDetails | None:
    division = places.get(row.text("区划代码"))
    if division is None:
        report.problems.append(
            Problem(row.number, "区划代码", "row.unknown_division", {"code": row.text("区划代码")})
        )
        return None
    keeper, name = None, row.text("责任人")
    if name:
        keeper = Person.objects.filter(
            name=name, division__path__startswith=division.path.split("/")[0]
        ).first()
        if keeper is None:
            report.problems.append(Problem(row.number, "责任人", "outlet.unknown_keeper", {"name": name}))
            return None
    lon, lat = row.values.get("经度"), row.values.get("纬度")
    return OutletDetails(
        channel=row.text("渠道"),
        name=row.text("名称"),
        division=division,
        address=row.text("地址"),
        keeper_id=keeper.pk if keeper is not None else None,
        lon=float(lon) if lon is not None else None,
        lat=float(lat) if lat is not None else None,
        note=row.text("备注"),
    )


def _apply(
    row: SheetRow,
    details: OutletDetails,
    known: Outlet | None,
    report: ImportReport,
    by: Actor,
    at: datetime,
    dry_run: bool,
) -> None:
    try:
        check_outlet(details)
        if known is not None and not by.can(Right.EDIT_DIRECTORY, known.division.path):
            raise refusals.OutletExists(address=details.address)
        if known is None:
            report.created += 1
            if not dry_run:
                define_outlet(details, by=by, at=at)
        elif any(getattr(known, name) != value for name, value in details.fields().items()):
            report.changed += 1
            if not dry_run:
                change_outlet(known, details, by=by, at=at)
        else:
            report.unchanged += 1
    except Refusal as refusal:
        report.problems.append(Problem(row.number, "地址", refusal.code, refusal.data))


OUTLETS = register(
    ImportKind(
        name="outlets",
        title=("播发终端", "Outlets"),
        need=Right.EDIT_DIRECTORY,
        columns=(
            Column("渠道", True, cells.choice(_channel_names()), "用什么播发", tuple(_channel_names()), "应急广播大喇叭"),
            Column("名称", True, cells.text(120), "当地人用的名称", example="上柳村村委会喇叭"),
            Column("区划代码", True, cells.place_code, "它所在的地方", example="530521100201"),
            Column("地址", True, cells.text(120), "渠道所需：喇叭资源编码、机器人或合作方的路由名，人工的写名称", example="喇叭-上柳-1"),
            Column("责任人", False, cells.name(60), "已登记的人员：谁敲、谁开、谁接稿", example="赵春兰"),
            Column("经度", False, _degrees, "WGS84 或 CGCS2000", example="99.1012"),
            Column("纬度", False, _degrees, "WGS84 或 CGCS2000", example="24.7034"),
            Column("备注", False, cells.text(200), "", example=""),
        ),
        apply=apply_outlets,
        examples=({"渠道": "应急广播大喇叭", "名称": "上柳村村委会喇叭", "区划代码": "530521100201", "地址": "喇叭-上柳-1", "责任人": "赵春兰"},),
        notes=("渠道与地址相同的终端按本表修改；表中没有的终端不变。",),
        sentences={
            "outlet.unknown_keeper": ("没有登记名为 %(name)s 的人员。", "Nobody called %(name)s is in the directory."),
            refusals.OutletExists.code: ("地址 %(address)s 已被您不能维护的终端使用。", refusals.OutletExists.text),
            refusals.NoName.code: ("终端需要名称和地址。", refusals.NoName.text),
            refusals.HalfAPoint.code: ("经度和纬度要么都填，要么都不填。", refusals.HalfAPoint.text),
            coordinates.SwappedCoordinates.code: ("经度 %(lon)s 与纬度 %(lat)s 似乎填反了。", coordinates.SwappedCoordinates.text),
            coordinates.FarFromCounty.code: ("%(lon)s, %(lat)s 在本县范围 1° 以外，请核对。", coordinates.FarFromCounty.text),
        },
    )
)  # fmt: skip
