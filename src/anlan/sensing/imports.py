"""The workbooks of stations and of the villages they speak for."""

from __future__ import annotations

from anlan.documents import cells
from anlan.documents.cells import Cell
from anlan.documents.imports import ImportKind, register
from anlan.documents.problems import BadCell
from anlan.documents.workbook import Column
from anlan.places import coordinates
from anlan.sensing import refusals, rights
from anlan.sensing.sheets.links import apply_links
from anlan.sensing.sheets.stations import apply_stations
from anlan.sensing.sheets.thresholds import threshold_headers
from anlan.vocab.kinds import BY_ZH

_WIRE_DIGITS = 10
_code = cells.code(
    r"[0-9A-Za-z][0-9A-Za-z_.-]{0,19}",
    expected=("站码（1 到 20 位字母或数字）", "a station code (1 to 20 letters or digits)"),
)
_protocol = cells.code(
    r"[a-z][a-z0-9_]{1,19}", expected=("协议代码（小写字母和数字）", "the code of a protocol")
)
_metres = cells.decimal(places=3, low="-100", high="9000")
_millimetres = cells.decimal(places=1, low=None)
#: Wide, so that swapped columns reach the check that names them.
_degrees = cells.decimal(places=8, low="-180", high="180")


def station_code(cell: Cell) -> str:
    """A code kept as a number has lost its leading zeros, and nobody can tell how many."""
    if isinstance(cell, int | float) and len(str(int(cell))) < _WIRE_DIGITS:
        raise BadCell("station.zeros_lost", value=str(int(cell)))
    return str(_code(cell))


STATIONS = register(
    ImportKind(
        name="stations",
        title=("测站", "Stations"),
        need=rights.MANAGE_STATIONS,
        columns=(
            Column("站码", True, station_code, "测站在线路上的地址；SL 651 为 10 位十六进制，设为文本", example="00999A0001"),
            Column("站名", True, cells.text(80), "测站名称", example="上柳雨量站"),
            Column("类别", True, cells.choice(BY_ZH), "测什么", tuple(BY_ZH), "雨量站"),
            Column("区划代码", True, cells.place_code, "测站所在的村、乡镇、县，或企业代码", example="530521100201"),
            Column("经度", True, _degrees, "WGS84 或 CGCS2000，十进制度", example="99.1234"),
            Column("纬度", True, _degrees, "WGS84 或 CGCS2000，十进制度", example="24.7321"),
            Column("主管单位", False, cells.text(120), "谁维护它", example="县水务局"),
            Column("离线时限(分钟)", False, cells.integer(1, 10_080), "多久收不到就算失联；留空用该类别的默认值", example="30"),
            Column("警戒水位(m)", False, _metres, "水位站填写", example=""),
            Column("保证水位(m)", False, _metres, "水位站填写", example=""),
            Column("历史最高水位(m)", False, _metres, "水位站填写", example=""),
            Column("协议", False, _protocol, "通信协议代码；留空为不限", example="sl651"),
            Column("线路地址", False, cells.text(40), "与站码不同时填写", example=""),
            Column("属性", False, cells.text(400), "该类别的属性，“名称=值”，用分号隔开", example=""),
        ),
        apply=apply_stations,
        examples=(
            {"站码": "00999A0001", "站名": "上柳雨量站", "类别": "雨量站", "区划代码": "530521100201", "经度": "99.1234", "纬度": "24.7321", "主管单位": "县水务局", "离线时限(分钟)": "30"},
            {"站码": "0099020001", "站名": "柳河水位站", "类别": "水位站", "区划代码": "530521100201", "经度": "99.1301", "纬度": "24.7288", "警戒水位(m)": "10.00", "保证水位(m)": "11.00", "历史最高水位(m)": "12.35"},
            {"站码": "WKK-0001", "站名": "青石尾矿库", "类别": "尾矿库", "区划代码": "530521100201-Q01", "经度": "99.1322", "纬度": "24.7299", "属性": "尾矿库等别=四等；坝高=42；筑坝方式=上游式"},
        ),
        notes=("站码已登记的测站按本表修改；表中没有的测站不变。",),
        sentences={
            "station.zeros_lost": ("“%(value)s”按数字存放，前面的 0 已丢失；请把单元格设为文本后重新填写。", "“%(value)s” was kept as a number and lost its leading zeros; format the cell as text and type it again."),
            "station.elsewhere": ("站码 %(code)s 已登记在您不能维护的区划。", "Station %(code)s is registered in a division that you may not edit."),
            "station.no_marks": ("没有填写任何特征水位，这个水位站不会触发预警。", "No mark is given; this river station will never trigger a warning."),
            refusals.BadStationCode.code: ("“%(code)s”不能作站码。", refusals.BadStationCode.text),
            refusals.UnknownStationKind.code: ("没有“%(kind)s”这一类测站。", refusals.UnknownStationKind.text),
            refusals.UnknownAttribute.code: ("这一类测站没有“%(name)s”这个属性，可用：%(known)s。", refusals.UnknownAttribute.text),
            refusals.BadAttribute.code: ("“%(name)s”不能填“%(value)s”，应为：%(expected)s。", refusals.BadAttribute.text),
            refusals.AddressTaken.code: ("线路地址 %(address)s 已属于测站 %(code)s。", refusals.AddressTaken.text),
            refusals.NoStationName.code: ("没有站名。", refusals.NoStationName.text),
            refusals.BadSilenceLimit.code: ("离线时限 %(minutes)s 分钟不可用，请填 1 分钟到 7 天。", refusals.BadSilenceLimit.text),
            refusals.MarksOutOfOrder.code: ("特征水位次序不对：警戒 %(warning)s、保证 %(guaranteed)s、历史最高 %(historic)s 米。", refusals.MarksOutOfOrder.text),
            coordinates.SwappedCoordinates.code: ("经度 %(lon)s 与纬度 %(lat)s 似乎填反了。", coordinates.SwappedCoordinates.text),
            coordinates.FarFromCounty.code: ("%(lon)s, %(lat)s 在本县范围 1° 以外，请核对。", coordinates.FarFromCounty.text),
        },
    )
)  # fmt: skip

LINKS = register(
    ImportKind(
        name="links",
        title=("测站与村庄的关联", "Villages that stations speak for"),
        need=rights.MANAGE_STATIONS,
        columns=(
            Column("站码", True, station_code, "已登记的测站", example="00999A0001"),
            Column("区划代码", True, cells.place_code, "村或村以下的 12 位代码", example="530521100201"),
            *(
                Column(header, False, _millimetres, "本村阈值；一行全空则用规则包的默认表", example="")
                for header in threshold_headers()
            ),
        ),
        apply=apply_links,
        examples=(
            {"站码": "00999A0001", "区划代码": "530521100201", "1小时准备转移(mm)": "40", "1小时立即转移(mm)": "55"},
            {"站码": "0099020001", "区划代码": "530521100201"},
        ),
        notes=("已关联的村按本表改阈值；表中没有的关联不变。准备转移不高于立即转移，时段越长阈值不低于短时段。",),
        sentences={
            "link.unknown_station": ("没有登记测站 %(code)s。", "Station %(code)s is not registered."),
            "link.thresholds_without_rain": ("这个站不测雨，填写的雨量阈值不起作用。", "This station measures no rain; the thresholds have no effect."),
            refusals.NotAVillage.code: ("%(name)s 不是村，测站只能关联村或村以下。", refusals.NotAVillage.text),
            refusals.RetiredStation.code: ("测站 %(code)s 已停用。", refusals.RetiredStation.text),
            refusals.ThresholdOutOfRange.code: ("%(hours)s 小时 %(value)s 毫米不可用，请填大于 0、不超过 2000。", refusals.ThresholdOutOfRange.text),
            refusals.PrepareAboveEvacuate.code: ("%(hours)s 小时准备转移（%(prepare)s 毫米）高于立即转移（%(evacuate)s 毫米）。", refusals.PrepareAboveEvacuate.text),
            refusals.ThresholdsShrink.code: ("%(long)s 小时阈值（%(more)s 毫米）低于 %(short)s 小时（%(less)s 毫米）。", refusals.ThresholdsShrink.text),
        },
    )
)  # fmt: skip
